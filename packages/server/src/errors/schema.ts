// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a schema change.
import { Code, type CodeName, StatusError } from "@spandrel/base";

function make(code: CodeName, reason: string, message: string): StatusError {
  return new StatusError(Code[code], message, { reason });
}

export function duplicateName(name: string): StatusError {
  return make("FAILED_PRECONDITION", "DUPLICATE_NAME", `Duplicate name in schema: ${name}.`);
}

export function schemaTableNotFound(name: string): StatusError {
  return make("NOT_FOUND", "TABLE_NOT_FOUND", `Table not found: ${name}`);
}

export function schemaIndexNotFound(name: string): StatusError {
  return make("NOT_FOUND", "INDEX_NOT_FOUND", `Index not found: ${name}`);
}

export function schemaColumnNotFound(table: string, name: string): StatusError {
  return make("NOT_FOUND", "COLUMN_NOT_FOUND", `Column not found in table ${table}: ${name}`);
}

export function duplicateColumn(table: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "DUPLICATE_COLUMN",
    `Duplicate column name ${table}.${column}.`,
  );
}

export function keyColumnUnknown(table: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "KEY_COLUMN_UNKNOWN",
    `Table ${table} references nonexistent key column ${column}.`,
  );
}

export function indexColumnUnknown(index: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "INDEX_COLUMN_UNKNOWN",
    `Index ${index} specifies key column ${column} which does not exist in the index's base table.`,
  );
}

export function duplicateKeyColumn(owner: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "DUPLICATE_KEY_COLUMN",
    `${owner} specifies key column ${column} more than once.`,
  );
}

export function invalidKeyType(owner: string, column: string, type: string): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "INVALID_KEY_TYPE",
    `Cannot reference ${type} ${column} in the creation of ${owner}.`,
  );
}

export function tooManyKeyColumns(owner: string, limit: number): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "TOO_MANY_KEY_COLUMNS",
    `${owner} has too many keys; the limit is ${limit}.`,
  );
}

export function tooManyColumns(table: string, limit: number): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "TOO_MANY_COLUMNS",
    `Table ${table} has too many columns; the limit is ${limit}.`,
  );
}

export function tooManyTables(limit: number): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "TOO_MANY_TABLES",
    `The database has too many tables; the limit is ${limit}.`,
  );
}

export function tooManyIndexes(owner: string, limit: number): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "TOO_MANY_INDEXES",
    `${owner} has too many indexes; the limit is ${limit}.`,
  );
}

export function interleavedTooDeep(table: string, limit: number): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "INTERLEAVED_TOO_DEEP",
    `Table ${table} is interleaved too deep; the limit is ${limit}.`,
  );
}

export function primaryKeyMissing(table: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "PRIMARY_KEY_MISSING",
    `Table ${table} does not have a PRIMARY KEY clause.`,
  );
}

export function parentKeyMismatch(parent: string, child: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "PARENT_KEY_MISMATCH",
    `Interleaving parent ${parent} and child ${child}: the child's primary key must begin with the ` +
      `parent's; it differs at column ${column} in name, type, length, order or nullability.`,
  );
}

export function indexParentMismatch(index: string, parent: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "INDEX_PARENT_MISMATCH",
    `Index ${index} cannot be interleaved in table ${parent}: its key must begin with the table's ` +
      "primary key, and the table must be an ancestor of the indexed one.",
  );
}

export function storedColumnInKey(index: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "STORED_COLUMN_IN_KEY",
    `Index ${index} specifies stored column ${column} which is a key of the index or its table.`,
  );
}

export function tableHasChildren(table: string, children: readonly string[]): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "TABLE_HAS_CHILDREN",
    `Cannot drop table ${table} with interleaved tables: ${children.join(", ")}.`,
  );
}

export function tableHasIndexes(table: string, indexes: readonly string[]): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "TABLE_HAS_INDEXES",
    `Cannot drop table ${table} with indices: ${indexes.join(", ")}.`,
  );
}

export function statementNotSupported(what: string): StatusError {
  return make("UNIMPLEMENTED", "DDL_NOT_SUPPORTED", `${what} is not supported by this server yet.`);
}

export function invalidLength(column: string, kind: string, limit: number): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "INVALID_LENGTH",
    `Allowed length range for ${kind} column ${column} is [1, ${limit}].`,
  );
}

export function invalidIdentifier(name: string): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "INVALID_IDENTIFIER",
    `Invalid name "${name}": a name has 1 to 128 letters, digits and underscores and begins with a letter.`,
  );
}

export function commitTimestampOptionOnWrongType(column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "COMMIT_TIMESTAMP_OPTION",
    `Option allow_commit_timestamp is allowed on TIMESTAMP columns only, not on ${column}.`,
  );
}

export function notNullColumnAdded(table: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "NOT_NULL_COLUMN_ADDED",
    `Cannot add NOT NULL column ${table}.${column} to existing table ${table}.`,
  );
}

export function uniqueIndexOnDuplicates(index: string, table: string, key: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "UNIQUE_INDEX_VIOLATION",
    `Found uniqueness violation on index ${index}, at index key ${key} of table ${table}.`,
  );
}

export function columnInUse(table: string, column: string, by: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "COLUMN_IN_USE",
    `Cannot drop column ${column} from table ${table} because it is used by ${by}.`,
  );
}

export function noStatements(): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "NO_STATEMENTS",
    "UpdateDatabaseDdl needs at least one statement.",
  );
}

export function ddlSyntaxError(statement: string, message: string): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "DDL_SYNTAX_ERROR",
    `Error parsing Spanner DDL statement: ${statement} : ${message}`,
  );
}

export function lengthMissing(column: string, kind: string): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "LENGTH_MISSING",
    `Type ${kind} of column ${column} must have a length, such as ${kind}(MAX).`,
  );
}

export function typeNotStorable(column: string, type: string): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "TYPE_NOT_STORABLE",
    `Column ${column} has type ${type}, which cannot be stored in a table.`,
  );
}

export function unknownOption(name: string, owner: string): StatusError {
  return make("INVALID_ARGUMENT", "UNKNOWN_OPTION", `Option: ${name} is unknown for ${owner}.`);
}

export function invalidOptionValue(name: string, expected: string): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "INVALID_OPTION_VALUE",
    `Unexpected value for option: ${name}. Supported option values are ${expected}.`,
  );
}

export function twoPrimaryKeys(table: string): StatusError {
  return make(
    "INVALID_ARGUMENT",
    "TWO_PRIMARY_KEYS",
    `Table ${table} has its primary key both on a column and in a clause.`,
  );
}

export function keyColumnDropped(table: string, column: string): StatusError {
  return make(
    "FAILED_PRECONDITION",
    "KEY_COLUMN_DROPPED",
    `Cannot drop key column ${column} from table ${table}.`,
  );
}
