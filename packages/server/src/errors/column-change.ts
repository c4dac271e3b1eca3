// SPDX-License-Identifier: Apache-2.0
// What stands in the way of a column that comes, goes or changes, in the schema and in the rows.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function notNullColumnAdded(table: string, column: string): StatusError {
  return schemaError(
    "UNIMPLEMENTED",
    "NOT_NULL_COLUMN_ADDED",
    `Cannot add NOT NULL column ${table}.${column} to existing table ${table}.`,
  );
}

export function columnInUse(table: string, column: string, by: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_IN_USE",
    `Cannot drop column ${column} from table ${table} because it is used by ${by}.`,
  );
}

export function keyColumnDropped(table: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "KEY_COLUMN_DROPPED",
    `Cannot drop key column ${column} from table ${table}.`,
  );
}

export function columnTypeChanged(column: string, from: string, to: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "COLUMN_TYPE_CHANGED",
    `Cannot change type of column \`${column}\` from \`${from}\` to \`${to}\``,
  );
}

export function keyColumnChanged(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "KEY_COLUMN_CHANGED",
    `Cannot change key column ${column}.`,
  );
}

export function keyColumnOfChildChanged(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "KEY_COLUMN_OF_CHILD_CHANGED",
    `Requested change to key column ${column} could not be made.`,
  );
}

export function parentKeyColumnChanged(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "PARENT_KEY_COLUMN_CHANGED",
    `Cannot alter parent key column ${column}.`,
  );
}

/** `column` with its table: `Users.Name`. */
export function existingValueNull(column: string, key: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_VALUE_NULL",
    `Adding a NOT NULL constraint on a column ${column} is not allowed because it has a NULL value at key: ${key}`,
  );
}

/** `column` with its table: `Users.Name`. */
export function existingValueTooLong(
  column: string,
  limit: number,
  size: number,
  key: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_VALUE_TOO_LONG",
    `Reducing the length of column ${column} to ${limit} is not allowed because it has a value of length ${size} at key: ${key}`,
  );
}

/** `column` with its table: `Users.Name`. */
export function existingValueNotConvertible(column: string, key: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_VALUE_NOT_CONVERTIBLE",
    `Alteration of column ${column} is not allowed because it has an invalid UTF-8 character at key: ${key}`,
  );
}

/** `column` with its table: `Users.At`. */
export function existingTimestampInFuture(column: string, key: string, at: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_TIMESTAMP_IN_FUTURE",
    `Setting allow_commit_timestamp option on column ${column} is not allowed because it has a timestamp in the future at key: ${key} ${at}`,
  );
}

/** How the length of a vector cannot change. */
export function vectorLengthChanged(column: string, how: "add" | "remove" | "change"): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "VECTOR_LENGTH_CHANGED",
    `Cannot change column ${column} to ${how} \`vector_length\``,
  );
}

export function vectorLengthOnWrongType(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VECTOR_LENGTH_ON_WRONG_TYPE",
    `\`vector_length\` can only be applied on ARRAY<FLOAT32> or ARRAY<FLOAT64>, but it is applied on ${column}.`,
  );
}

export function vectorLengthOnMadeUpValue(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VECTOR_LENGTH_ON_MADE_UP_VALUE",
    `\`vector_length\` cannot be applied on generated column or default column, but it is applied on ${column}.`,
  );
}
