// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a secondary index.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function indexColumnUnknown(index: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INDEX_COLUMN_UNKNOWN",
    `Index ${index} specifies key column ${column} which does not exist in the index's base table.`,
  );
}

/** Too many in the database, or of one table. */
export function tooManyIndexes(
  index: string,
  table: string | undefined,
  limit: number,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_INDEXES",
    table === undefined
      ? `Cannot add Index ${index} : too many indexes (limit ${limit} per database).`
      : `Cannot add index ${index} to table ${table}: too many indices (limit ${limit} per table).`,
  );
}

export function indexParentNotFound(index: string, parent: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INDEX_PARENT_NOT_FOUND",
    `Cannot interleave index ${index} within nonexistent table ${parent}.`,
  );
}

export function indexParentNotAncestor(index: string, table: string, parent: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INDEX_PARENT_NOT_ANCESTOR",
    `Cannot interleave index ${index} of table ${table} within table ${parent} because ${parent} is not an ancestor of ${table}.`,
  );
}

export function indexParentKey(index: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INDEX_PARENT_KEY",
    `Index ${index} does not reference index parent key column ${column}.`,
  );
}

export function indexWithoutKey(index: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INDEX_WITHOUT_KEY",
    `Index ${index} does not specify any key columns.`,
  );
}

export function indexInOtherSchema(index: string, table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INDEX_IN_OTHER_SCHEMA",
    `Index ${index} does not match the schema of the indexed table ${table}.`,
  );
}

/** A stored column that is in the key of the index. */
export function storedColumnInKey(index: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "STORED_COLUMN_IN_KEY",
    `Index ${index} specifies stored column ${column} already specified as primary key.`,
  );
}

/** A stored column that is in the key of the table, which every entry has. */
export function storedColumnInTableKey(index: string, column: string, table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "STORED_COLUMN_IN_KEY",
    `Index ${index} specifies stored column ${column} which is a key of table ${table}.`,
  );
}

export function storedColumnNotFound(index: string, column: string): StatusError {
  return schemaError(
    "NOT_FOUND",
    "STORED_COLUMN_NOT_FOUND",
    `Column ${column} is not a stored column of index ${index}.`,
  );
}

export function storedColumnRepeated(index: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "STORED_COLUMN_REPEATED",
    `Index ${index} specifies key column ${column} twice.`,
  );
}

export function nullabilityOfIndex(column: string, index: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "NULLABILITY_OF_INDEX",
    `Changing NOT NULL constraints on column ${column} is not allowed because it affects index ${index}.`,
  );
}

export function indexFilterNotSupported(index: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INDEX_FILTER",
    `The WHERE clause of index ${index} may only say that columns are NOT NULL.`,
  );
}
