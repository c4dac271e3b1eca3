// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a statement that changes a schema, with the names in it, and with the
// definition of a table: its columns, its key, its options.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function duplicateName(name: string): StatusError {
  return schemaError("FAILED_PRECONDITION", "DUPLICATE_NAME", `Duplicate name in schema: ${name}.`);
}

export function schemaTableNotFound(name: string): StatusError {
  return schemaError("NOT_FOUND", "TABLE_NOT_FOUND", `Table not found: ${name}`);
}

export function schemaIndexNotFound(name: string): StatusError {
  return schemaError("NOT_FOUND", "INDEX_NOT_FOUND", `Index not found: ${name}`);
}

export function schemaColumnNotFound(table: string, name: string): StatusError {
  return schemaError(
    "NOT_FOUND",
    "COLUMN_NOT_FOUND",
    `Column not found in table ${table}: ${name}`,
  );
}

export function duplicateColumn(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DUPLICATE_COLUMN",
    `Duplicate column name ${table}.${column}.`,
  );
}

export function keyColumnUnknown(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "KEY_COLUMN_UNKNOWN",
    `Table ${table} references nonexistent key column ${column}.`,
  );
}

export function duplicateKeyColumn(
  owner: "Table" | "Index",
  name: string,
  column: string,
): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DUPLICATE_KEY_COLUMN",
    owner === "Table"
      ? `Table ${name} references key column ${column} more than once.`
      : `Index ${name} specifies key column ${column} twice.`,
  );
}

export function invalidKeyType(owner: string, column: string, type: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INVALID_KEY_TYPE",
    `Cannot reference ${type} ${column} in the creation of ${owner}.`,
  );
}

export function tooManyKeyColumns(owner: string, limit: number, count: number): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "TOO_MANY_KEY_COLUMNS",
    `${owner} has too many keys (${count}); the limit is ${limit}.`,
  );
}

export function tooManyColumns(table: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_COLUMNS",
    `Table ${table} has too many columns; the limit is ${limit}.`,
  );
}

export function tooManyTables(table: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_TABLES",
    `Cannot add Table ${table} : too many tables (limit ${limit} per database).`,
  );
}

export function primaryKeyMissing(table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PRIMARY_KEY_MISSING",
    `Table ${table} does not have a PRIMARY KEY clause.`,
  );
}

export function tableHasIndexes(table: string, indexes: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_HAS_INDEXES",
    `Cannot drop table ${table} with indices: ${indexes.join(",")}.`,
  );
}

export function statementNotSupported(what: string): StatusError {
  return schemaError(
    "UNIMPLEMENTED",
    "DDL_NOT_SUPPORTED",
    `${what} is not supported by this server yet.`,
  );
}

/** `column` with its table: `Users.Name`. */
export function invalidLength(column: string, length: bigint, limit: number): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INVALID_LENGTH",
    `Bad length for column ${column}: ${length} : Allowed length range: [1, ${limit}].`,
  );
}

export function invalidName(kind: string, name: string): StatusError {
  return schemaError("INVALID_ARGUMENT", "INVALID_NAME", `${kind} name not valid: ${name}.`);
}

export function commitTimestampOptionOnWrongType(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COMMIT_TIMESTAMP_OPTION",
    `Column ${table}.${column} has invalid allow_commit_timestamp option.  Option only allowed on TIMESTAMP columns.`,
  );
}

export function uniqueIndexOnDuplicates(index: string, table: string, key: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "UNIQUE_INDEX_VIOLATION",
    `Found uniqueness violation on index ${index}, at index key ${key} of table ${table}.`,
  );
}

export function noStatements(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "NO_STATEMENTS",
    "UpdateDatabaseDdl needs at least one statement.",
  );
}

export function ddlSyntaxError(statement: string, message: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DDL_SYNTAX_ERROR",
    `Error parsing Spanner DDL statement: ${statement} : ${message}`,
  );
}

export function lengthMissing(column: string, kind: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "LENGTH_MISSING",
    `Type ${kind} of column ${column} must have a length, such as ${kind}(MAX).`,
  );
}

export function typeNotStorable(column: string, type: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "TYPE_NOT_STORABLE",
    `Column ${column} has type ${type}, which cannot be stored in a table.`,
  );
}

export function unknownOption(statement: string, name: string): StatusError {
  return ddlSyntaxError(statement, `Option: ${name} is unknown.`);
}

export function repeatedOption(statement: string, name: string): StatusError {
  return ddlSyntaxError(statement, `Duplicate option: ${name}.`);
}

/** `expected` is what the option may be set to: `strings and NULL`. */
export function invalidOptionValue(statement: string, name: string, expected: string): StatusError {
  return ddlSyntaxError(
    statement,
    `Unexpected value for option: ${name}. Supported option values are ${expected}.`,
  );
}

export function twoPrimaryKeyClauses(): StatusError {
  return schemaError("INVALID_ARGUMENT", "TWO_PRIMARY_KEYS", "Can only specify PRIMARY KEY once.");
}

export function twoPrimaryKeyColumns(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "TWO_PRIMARY_KEYS",
    "Multiple columns declared as PRIMARY KEY",
  );
}

export function keyColumnType(table: string, column: string, type: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INVALID_KEY_TYPE",
    `Column ${table}.${column} has type ${type}, but is part of the primary key.`,
  );
}

export function reservedName(kind: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "RESERVED_NAME",
    `Cannot use reserved name PRIMARY_KEY for ${kind}.`,
  );
}

/** A column that is added, or is of a model, cannot be a key. */
export function primaryKeyNotExpected(statement: string): StatusError {
  return ddlSyntaxError(statement, "Unexpected PRIMARY KEY clause");
}

export function typeTooDeep(limit: number): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "TYPE_TOO_DEEP",
    `DDL parser exceeded complex type nesting limit of ${limit}`,
  );
}

/** `column` with its table: `Users.Name`. */
export function unrecognizedColumnType(column: string, type: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "UNRECOGNIZED_COLUMN_TYPE",
    `Column ${column} has an unrecognized column type ${type}.`,
  );
}

export function synonymExists(table: string, synonym: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "SYNONYM_EXISTS",
    `Cannot add a synonym to table ${table} because the table already has a synonym ${synonym}.`,
  );
}

export function synonymNotFound(table: string, synonym: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "SYNONYM_NOT_FOUND",
    `SYNONYM ${synonym} does not exist on table ${table}.`,
  );
}

export function schemaChangeTooLong(limit: number): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "SCHEMA_CHANGE_TOO_LONG",
    `The statements of a schema change may have ${limit} characters together. Send them in several changes.`,
  );
}

export function schemaTooLong(limit: number): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "SCHEMA_TOO_LONG",
    `The statements of the whole schema would have more than ${limit} characters, which is the limit.`,
  );
}
