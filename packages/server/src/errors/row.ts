// SPDX-License-Identifier: Apache-2.0
// What can be wrong with the rows, keys and columns of a read or a write. Texts are those of Cloud
// Spanner where they are known.
import { Code, StatusError } from "@spandrel/base";

const resourceDomain = "spanner.googleapis.com";

function notFound(
  reason: string,
  message: string,
  kind: string,
  name: string,
  description: string,
) {
  return new StatusError(Code.NOT_FOUND, message, {
    reason,
    details: [
      {
        kind: "ResourceInfo",
        resourceType: `${resourceDomain}/${kind}`,
        resourceName: name,
        owner: "",
        description,
      },
    ],
  });
}

export function tableNotFound(table: string): StatusError {
  const text = `Table not found: ${table}`;
  return notFound("TABLE_NOT_FOUND", text, "Table", table, "Table not found");
}

export function columnNotFound(table: string, column: string): StatusError {
  const text = `Column not found in table ${table}: ${column}`;
  return notFound("COLUMN_NOT_FOUND", text, "Column", column, "");
}

export function indexNotFound(table: string, index: string): StatusError {
  const text = `Index not found on table ${table}: ${index}`;
  return notFound("INDEX_NOT_FOUND", text, "Index", index, "");
}

export function columnNotInIndex(index: string, column: string): StatusError {
  return new StatusError(
    Code.UNIMPLEMENTED,
    "Reading non-indexed columns using an index is not supported. " +
      `Consider adding ${column} to the index using a STORING clause.`,
    { reason: "COLUMN_NOT_IN_INDEX", cause: { index } },
  );
}

export function noColumnsToRead(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Invalid read request: at least one column must be named in columns.",
    { reason: "NO_COLUMNS" },
  );
}

export function negativeLimit(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Invalid read request: limit must not be negative.",
    {
      reason: "NEGATIVE_LIMIT",
    },
  );
}

export function rowAlreadyExists(table: string, key: string): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `Row ${key} in table ${table} already exists`, {
    reason: "ROW_ALREADY_EXISTS",
  });
}

export function rowMissing(table: string, key: string): StatusError {
  const text = `Row ${key} in table ${table} is missing. Row cannot be updated.`;
  return new StatusError(Code.NOT_FOUND, text, { reason: "ROW_NOT_FOUND" });
}

export function parentMissing(table: string, key: string): StatusError {
  const text = `Parent row for row ${key} in table ${table} is missing. Row cannot be written.`;
  return new StatusError(Code.NOT_FOUND, text, { reason: "PARENT_ROW_NOT_FOUND" });
}

export function childExists(child: string, key: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Integrity constraint violation during DELETE/REPLACE. Found child row ${key} in table ${child}.`,
    { reason: "CHILD_ROW_EXISTS" },
  );
}

export function uniqueViolation(
  index: string,
  indexKey: string,
  table: string,
  rowKey: string,
): StatusError {
  return new StatusError(
    Code.ALREADY_EXISTS,
    `Unique index violation on index ${index} at index key ${indexKey}. ` +
      `It conflicts with row ${rowKey} in table ${table}.`,
    { reason: "UNIQUE_INDEX_VIOLATION" },
  );
}

export function nullNotAllowed(table: string, column: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${column} must not be NULL in table ${table}.`,
    { reason: "NOT_NULL_VIOLATION" },
  );
}

export function notNullMissing(table: string, columns: readonly string[]): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `A new row in table ${table} does not specify a non-null value for these NOT NULL columns: ` +
      columns.join(", "),
    { reason: "NOT_NULL_VIOLATION" },
  );
}

export function valueTooLong(
  table: string,
  column: string,
  size: number,
  limit: number,
): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "New value exceeds the maximum size limit for this column: " +
      `${table}.${column}, size: ${size}, limit: ${limit}.`,
    { reason: "VALUE_TOO_LONG" },
  );
}

export function valueTooLarge(limitBytes: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid commit request: maximum size for a single column value is: ${limitBytes} bytes.`,
    { reason: "CELL_TOO_LARGE" },
  );
}

export function wrongValueType(
  table: string,
  column: string,
  type: string,
  cause: unknown,
): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Invalid value for column ${column} in table ${table}: Expected ${type}.`,
    { reason: "INVALID_VALUE", cause },
  );
}

export function repeatedColumn(column: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `Multiple values for column ${column}`, {
    reason: "REPEATED_COLUMN",
  });
}

export function columnCountMismatch(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Mutation has mismatched number of columns and values.",
    { reason: "COLUMN_COUNT_MISMATCH" },
  );
}

export function keyColumnsMissing(table: string, column: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Mutation on table ${table} must give a value for key column ${column}.`,
    { reason: "KEY_COLUMN_MISSING" },
  );
}

export function wrongKeyLength(table: string, expected: number, key: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Wrong number of key parts for ${table}. Expected: ${expected}. Got: ${key}`,
    { reason: "WRONG_KEY_LENGTH" },
  );
}

export function wrongKeyValue(table: string, column: string, type: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid value for key column ${column} of ${table}: Expected ${type}.`,
    { reason: "INVALID_KEY_VALUE" },
  );
}

export function keyTooLarge(table: string, size: number, limit: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Key in table ${table} has ${size} bytes, which exceeds the maximum key size of ${limit} bytes.`,
    { reason: "KEY_TOO_LARGE" },
  );
}

export function keyRangeBoundMissing(side: "start" | "end"): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Key range must contain either ${side}_closed or ${side}_open.`,
    { reason: "KEY_RANGE_BOUND_MISSING" },
  );
}

export function deleteRangeTooWide(table: string): StatusError {
  return new StatusError(
    Code.UNIMPLEMENTED,
    `Delete on table ${table}: a key range must have bounds that are equal in all key parts but the last.`,
    { reason: "DELETE_RANGE_TOO_WIDE" },
  );
}

export function mutationWithoutOperation(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Invalid mutation: one of insert, update, insert_or_update, replace, delete must be set.",
    { reason: "EMPTY_MUTATION" },
  );
}

export function generatedColumnWritten(table: string, column: string): StatusError {
  const text = `Cannot write into generated column \`${table}.${column}\`.`;
  return new StatusError(Code.FAILED_PRECONDITION, text, { reason: "GENERATED_COLUMN_WRITTEN" });
}

export function commitTimestampNotAllowed(table: string, column: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "Cannot write commit timestamp because the allow_commit_timestamp column option is not set to " +
      `true for column ${column}, or for all corresponding shared key columns in this table's ` +
      `interleaved table hierarchy: ${table}.`,
    { reason: "COMMIT_TIMESTAMP_NOT_ALLOWED" },
  );
}

export function timestampInFuture(table: string, column: string, found: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Cannot write timestamps in the future, found: ${found} in column ${column} of table ${table}.`,
    { reason: "TIMESTAMP_IN_FUTURE" },
  );
}

export function invalidJson(table: string, column: string, cause: unknown): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Invalid value for column ${column} in table ${table}: Expected JSON.`,
    { reason: "INVALID_VALUE", cause },
  );
}

/** `key` in brackets, as `printKey` writes it. */
export function checkViolated(table: string, constraint: string, key: string): StatusError {
  const bare = key.slice(1, -1);
  return new StatusError(
    Code.OUT_OF_RANGE,
    `Check constraint \`${table}\`.\`${constraint}\` is violated for key (${bare})`,
    { reason: "CHECK_VIOLATED" },
  );
}

export function foreignKeyViolated(
  constraint: string,
  table: string,
  referencedTable: string,
  referencedColumns: readonly string[],
): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Foreign key constraint \`${constraint}\` is violated on table \`${table}\`. ` +
      `Cannot find referenced values in ${referencedTable}(${referencedColumns.join(", ")}).`,
    { reason: "FOREIGN_KEY_VIOLATED" },
  );
}

export function referencedRowGone(table: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "Foreign key constraint violation when deleting or updating referenced row(s): " +
      `referencing row(s) found in table \`${table}\`.`,
    { reason: "REFERENCED_ROW_GONE" },
  );
}

export function generatedKeyUnknown(column: string, dependency: string, key: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `For an Update, the value of a generated primary key \`${column}\` must be explicitly ` +
      `specified, or else its non-key dependent column \`${dependency}\` must be specified. ` +
      `Key: ${key}`,
    { reason: "GENERATED_KEY_UNKNOWN" },
  );
}

export function rowTooLarge(table: string, limitBytes: number): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `A row of table ${table} has more than ${limitBytes} bytes beside its key, which is the limit.`,
    { reason: "ROW_TOO_LARGE" },
  );
}
