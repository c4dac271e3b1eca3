// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a schema change: names, tables, columns, keys and indexes.
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

export function indexColumnUnknown(index: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INDEX_COLUMN_UNKNOWN",
    `Index ${index} specifies key column ${column} which does not exist in the index's base table.`,
  );
}

export function duplicateKeyColumn(owner: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DUPLICATE_KEY_COLUMN",
    `${owner} specifies key column ${column} twice.`,
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
    "FAILED_PRECONDITION",
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

export function tooManyTables(limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_TABLES",
    `The database has too many tables; the limit is ${limit}.`,
  );
}

export function tooManyIndexes(owner: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_INDEXES",
    `${owner} has too many indexes; the limit is ${limit}.`,
  );
}

export function interleavedTooDeep(table: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INTERLEAVED_TOO_DEEP",
    `Table ${table} is interleaved too deep; the limit is ${limit}.`,
  );
}

export function primaryKeyMissing(table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PRIMARY_KEY_MISSING",
    `Table ${table} does not have a PRIMARY KEY clause.`,
  );
}

export function parentKeyMismatch(parent: string, child: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_MISMATCH",
    `Interleaving parent ${parent} and child ${child} differ at key column ${column} in type, length or nullability.`,
  );
}

export function indexParentMismatch(index: string, parent: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INDEX_PARENT_MISMATCH",
    `Index ${index} cannot be interleaved in table ${parent}: its key must begin with the table's ` +
      "primary key, and the table must be an ancestor of the indexed one.",
  );
}

export function storedColumnInKey(index: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "STORED_COLUMN_IN_KEY",
    `Index ${index} specifies stored column ${column} which is a key of the index or its table.`,
  );
}

export function tableHasChildren(table: string, children: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_HAS_CHILDREN",
    `Cannot drop table ${table} with interleaved tables: ${children.join(", ")}.`,
  );
}

export function tableHasIndexes(table: string, indexes: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_HAS_INDEXES",
    `Cannot drop table ${table} with indices: ${indexes.join(", ")}.`,
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

export function notNullColumnAdded(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "NOT_NULL_COLUMN_ADDED",
    `Cannot add NOT NULL column ${table}.${column} to existing table ${table}.`,
  );
}

export function uniqueIndexOnDuplicates(index: string, table: string, key: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "UNIQUE_INDEX_VIOLATION",
    `Found uniqueness violation on index ${index}, at index key ${key} of table ${table}.`,
  );
}

export function columnInUse(table: string, column: string, by: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_IN_USE",
    `Cannot drop column ${column} from table ${table} because it is used by ${by}.`,
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

export function unknownOption(name: string, owner: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "UNKNOWN_OPTION",
    `Option: ${name} is unknown for ${owner}.`,
  );
}

export function invalidOptionValue(name: string, expected: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INVALID_OPTION_VALUE",
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

export function keyColumnDropped(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "KEY_COLUMN_DROPPED",
    `Cannot drop key column ${column} from table ${table}.`,
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

export function tableAddsNoColumns(table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_ADDS_NO_COLUMNS",
    `Table ${table} adds no columns and is not a top level table.`,
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

export function notInterleaved(table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "NOT_INTERLEAVED",
    `Cannot SET ON DELETE on table ${table} that does not have an INTERLEAVE clause.`,
  );
}

export function primaryKeyOnAddedColumn(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "PRIMARY_KEY_ON_ADDED_COLUMN",
    "Unexpected PRIMARY KEY clause",
  );
}

export function nullabilityOfIndex(column: string, index: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "NULLABILITY_OF_INDEX",
    `Changing NOT NULL constraints on column ${column} is not allowed because it affects index ${index}.`,
  );
}

export function columnNeededByPolicy(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_POLICY",
    `ROW DELETION POLICY will break if drop/alter column named ${column} in table ${table}. Row Deletion Policy must be set on column of type TIMESTAMP.`,
  );
}

export function deletionPolicyColumnNotFound(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DELETION_POLICY_COLUMN",
    `Cannot create ROW DELETION POLICY because there is no column named ${column} in table ${table}.`,
  );
}

export function deletionPolicyColumnType(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DELETION_POLICY_COLUMN",
    `Cannot create ROW DELETION POLICY because column ${column} in table ${table} is not of type TIMESTAMP.`,
  );
}

export function deletionPolicyExists(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DELETION_POLICY_EXISTS",
    `Cannot create ROW DELETION POLICY because there is already one on column named ${column} in table ${table}.`,
  );
}

export function deletionPolicyMissing(table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DELETION_POLICY_MISSING",
    `ROW DELETION POLICY does not exist on table ${table}.`,
  );
}

export function deletionPolicyBelow(table: string, child: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DELETION_POLICY_CHILD",
    `Cannot create row deletion policy on ${table} because there is a descendant Table ${child} with ON DELETE NO ACTION.`,
  );
}

export function deletionPolicyAbove(table: string, ancestor: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DELETION_POLICY_PARENT",
    `Cannot create or alter table ${table} with ON DELETE NO ACTION because there is a row deletion policy on ancestor table ${ancestor}.`,
  );
}

export function synonymExists(table: string, synonym: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "SYNONYM_EXISTS",
    `Table ${table} has the synonym ${synonym} already.`,
  );
}

export function synonymNotFound(table: string, synonym: string): StatusError {
  return schemaError(
    "NOT_FOUND",
    "SYNONYM_NOT_FOUND",
    `Synonym ${synonym} not found on table ${table}.`,
  );
}

export function columnTypeChanged(column: string, from: string, to: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_TYPE_CHANGED",
    `Cannot change type of column \`${column}\` from \`${from}\` to \`${to}\``,
  );
}

export function keyColumnChanged(column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "KEY_COLUMN_CHANGED",
    `Cannot change key column ${column}.`,
  );
}

export function parentKeyColumnChanged(column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PARENT_KEY_COLUMN_CHANGED",
    `Cannot alter parent key column ${column}.`,
  );
}

export function policyColumnChanged(table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "POLICY_COLUMN_CHANGED",
    `ROW DELETION POLICY will break if drop/alter column named ${column} in table ${table}. Row Deletion Policy must be set on column of type TIMESTAMP.`,
  );
}

export function existingValueNull(table: string, column: string, key: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_VALUE_NULL",
    `Adding a NOT NULL constraint on a column ${table}.${column} is not allowed because it contains a NULL value at key: ${key}`,
  );
}

export function existingValueTooLong(
  table: string,
  column: string,
  size: number,
  limit: number,
  key: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_VALUE_TOO_LONG",
    `Column ${table}.${column} has a value of size ${size} at key ${key}, which exceeds the new limit of ${limit}.`,
  );
}

export function existingValueNotConvertible(
  table: string,
  column: string,
  key: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "EXISTING_VALUE_NOT_CONVERTIBLE",
    `Column ${table}.${column} has a value at key ${key} that is not valid UTF-8.`,
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
    "FAILED_PRECONDITION",
    "STORED_COLUMN_REPEATED",
    `Index ${index} specifies stored column ${column} twice.`,
  );
}

export function indexFilterNotSupported(index: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "INDEX_FILTER",
    `The WHERE clause of index ${index} may only say that columns are NOT NULL.`,
  );
}
