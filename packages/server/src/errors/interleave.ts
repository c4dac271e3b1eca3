// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a table that lies within another one.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function interleavedTooDeep(table: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INTERLEAVED_TOO_DEEP",
    `Table ${table} is too deeply nested; the limit is ${limit}.`,
  );
}

export function parentKeyType(
  table: string,
  column: string,
  own: string,
  wanted: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_TYPE",
    `Table ${table} references parent key column ${column} with incorrect type ${own} (should be ${wanted}).`,
  );
}

export function parentKeyLength(
  table: string,
  column: string,
  own: string,
  wanted: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_LENGTH",
    `Table ${table} references parent key column ${column} with incorrect length ${own} (should be ${wanted}).`,
  );
}

export function parentKeyNullability(
  table: string,
  column: string,
  isParentNotNull: boolean,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_NULLABILITY",
    `Table ${table} references parent key column ${column} that is ${isParentNotNull ? "not null" : "nullable"}, but child key is ${isParentNotNull ? "nullable" : "not null"}.`,
  );
}

export function parentKeyMissing(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_MISSING",
    `Table ${table} does not reference parent key column ${column}.`,
  );
}

export function parentKeyMisplaced(table: string, column: string, place: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_MISPLACED",
    `Table ${table} references parent key column ${column} at incorrect position ${place}.`,
  );
}

export function parentKeyOrder(table: string, column: string, order: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_ORDER",
    `Table ${table} references parent key column ${column} with incorrect order ${order}.`,
  );
}

export function tableHasChildren(table: string, children: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_HAS_CHILDREN",
    `Cannot drop table ${table} with interleaved tables: ${[...children].sort().join(",")}.`,
  );
}

export function tableAddsNoColumns(table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_ADDS_NO_COLUMNS",
    `Table ${table} adds no columns and is not a top level table.`,
  );
}

export function notInterleaved(table: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "NOT_INTERLEAVED",
    `Cannot SET ON DELETE on table ${table} that does not have an INTERLEAVE clause.`,
  );
}

export function onDeleteWithoutParent(table: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "ON_DELETE_WITHOUT_PARENT",
    `Cannot SET ON DELETE on an INTERLEAVE IN table ${table}.`,
  );
}

export function parentChanged(table: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "PARENT_CHANGED",
    `Cannot change the interleaving table of table ${table}.`,
  );
}

export function interleavingChanged(table: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INTERLEAVING_CHANGED",
    `Cannot change interleaving behavior of table ${table}.`,
  );
}

export function cascadeAtOnce(table: string): StatusError {
  return schemaError(
    "UNIMPLEMENTED",
    "CASCADE_AT_ONCE",
    `Altering the table ${table} from INTERLEAVE IN to INTERLEAVE IN PARENT ON DELETE CASCADE is not supported. Please migrate the table to INTERLEAVE IN PARENT ON DELETE NO ACTION first, then migrate it to ON DELETE CASCADE.`,
  );
}

export function existingRowWithoutParent(table: string, parent: string, key: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_ROW_WITHOUT_PARENT",
    `Parent-child row existence constraint validation failed for table ${table} at row key: ${key}. To migrate this table from INTERLEAVE IN to INTERLEAVE IN PARENT, all its rows must have existing parent rows in the ${parent} table.`,
  );
}
