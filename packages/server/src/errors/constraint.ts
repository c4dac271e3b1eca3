// SPDX-License-Identifier: Apache-2.0
// What can be wrong with the expressions and constraints of a table: defaults, generated columns, checks,
// foreign keys; and with what they depend on.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function notNullOnVirtualColumn(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "NOT_NULL_ON_VIRTUAL_COLUMN",
    `Generated column \`${column}\` that are not marked as STORED cannot be specified as NOT NULL.`,
  );
}

export function onUpdateOnKeyColumn(column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "ON_UPDATE_ON_KEY_COLUMN",
    `Column ${column} with ON UPDATE cannot be a part of or the whole primary key.`,
  );
}

export function onUpdateWithoutDefault(column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "ON_UPDATE_WITHOUT_OPTION",
    `Column ${column} with ON UPDATE must have the option allow_commit_timestamp set to true.`,
  );
}

export function expressionInvalid(owner: string, cause: StatusError): StatusError {
  return schemaError("INVALID_ARGUMENT", "EXPRESSION_INVALID", `${owner}: ${cause.message}`);
}

export function defaultReadsColumn(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DEFAULT_READS_COLUMN",
    `Default value expression of column \`${column}\` has a reference to another column. Default expressions referencing other columns are not supported.`,
  );
}

export function commitTimestampDefaultOnly(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "COMMIT_TIMESTAMP_DEFAULT",
    `The only default value expression permitted for commit timestamp column \`${column}\` is PENDING_COMMIT_TIMESTAMP().`,
  );
}

export function commitTimestampInCheck(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "COMMIT_TIMESTAMP_IN_CHECK",
    `Column \`${column}\` has option commit_timestamp, which is not supported in check constraint.`,
  );
}

export function commitTimestampInGenerated(column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COMMIT_TIMESTAMP_IN_GENERATED",
    `Cannot use commit timestamp column \`${column}\` as a dependency of a materialized generated column.`,
  );
}

export function nonDeterministicExpression(owner: string, name: string, kind: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "NON_DETERMINISTIC",
    `${owner}: Expression is non-deterministic due to the use of non-deterministic function \`${name}\`. Expression of ${kind} must yield the same value for the same dependent column values. Non-deterministic functions inside the expressions are not allowed.`,
  );
}

export function nonScalarExpression(kind: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "NON_SCALAR",
    `Cannot use non-scalar expressions inside ${kind}.`,
  );
}

export function generatedColumnCycle(columns: readonly string[]): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "GENERATED_COLUMN_CYCLE",
    `Cycle detected while analysing generated column, which include objects (${columns.join(",")})`,
  );
}

export function checkWithoutColumn(table: string, name: string, text: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "CHECK_WITHOUT_COLUMN",
    `Check constraint \`${table}\`.\`${name}\` does not use any non generated column. Expression: '${text}'. A check constraint expression requires at least one non-generated column as dependency.`,
  );
}

export function checkNotEnforced(): StatusError {
  return schemaError(
    "UNIMPLEMENTED",
    "CHECK_NOT_ENFORCED",
    "Check constraints cannot be NOT ENFORCED.",
  );
}

export function notEnforcedCascade(name: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "NOT_ENFORCED_CASCADE",
    `Foreign key \`${name}\` is NOT ENFORCED and cannot have ON DELETE CASCADE.`,
  );
}

export function constraintPrefixReserved(kind: string, name: string, prefix: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "RESERVED_PREFIX",
    `Invalid ${kind} name: ${name}. Prefix ${prefix} cannot be used.`,
  );
}

export function constraintNotFound(table: string, name: string): StatusError {
  return schemaError(
    "NOT_FOUND",
    "CONSTRAINT_NOT_FOUND",
    `${name} is not a constraint in ${table}`,
  );
}

export function foreignKeyColumnNotFound(key: string, table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "FOREIGN_KEY_COLUMN_NOT_FOUND",
    `Column \`${column}\` not found for table \`${table}\` in foreign key \`${key}\`.`,
  );
}

export function foreignKeyColumnRepeated(key: string, table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "FOREIGN_KEY_COLUMN_REPEATED",
    `Column \`${column}\` used more than once for table \`${table}\` in foreign key \`${key}\`.`,
  );
}

export function foreignKeyColumnsDiffer(
  key: string,
  table: string,
  referenced: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "FOREIGN_KEY_COLUMNS_DIFFER",
    `The number of columns are different for table \`${table}\` and table \`${referenced}\` in foreign key \`${key}\`.`,
  );
}

export function foreignKeyColumnType(key: string, table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "FOREIGN_KEY_COLUMN_TYPE",
    `Column \`${column}\` for foreign key \`${key}\` on table \`${table}\` has an unsupported type.`,
  );
}

export function foreignKeyOnCommitTimestamp(
  key: string,
  table: string,
  column: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "FOREIGN_KEY_ON_COMMIT_TIMESTAMP",
    `Commit timestamp column is not supported for column \`${column}\` of table \`${table}\` in foreign key \`${key}\`.`,
  );
}

export function foreignKeyTypesDiffer(
  key: string,
  table: string,
  column: string,
  referenced: string,
  other: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "FOREIGN_KEY_TYPES_DIFFER",
    `The column types are different for column \`${column}\` of table \`${table}\` and column \`${other}\` of table \`${referenced}\` in foreign key \`${key}\`.`,
  );
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

export function tableNeededByForeignKeys(table: string, keys: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_NEEDED_BY_FOREIGN_KEYS",
    `Cannot drop table \`${table}\`. It is referenced by one or more foreign keys: ${quoted(keys)}. You must drop the foreign keys before dropping the table.`,
  );
}

export function columnNeededByForeignKeys(
  table: string,
  column: string,
  keys: readonly string[],
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_FOREIGN_KEYS",
    `Cannot drop column \`${column}\` from table \`${table}\`. It is used by one or more foreign keys: ${quoted(keys)}. You must drop the foreign keys before dropping the column.`,
  );
}

export function indexNeededByForeignKeys(index: string, keys: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INDEX_NEEDED_BY_FOREIGN_KEYS",
    `Cannot drop index \`${index}\`. It is in use by foreign keys: ${quoted(keys)}.`,
  );
}

export function nullabilityOfForeignKey(
  table: string,
  column: string,
  keys: readonly string[],
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "NULLABILITY_OF_FOREIGN_KEY",
    `Cannot change the nullability for column \`${column}\` of table \`${table}\`. It is used by one or more foreign keys: ${quoted(keys)}.`,
  );
}

export function commitTimestampOnForeignKey(
  table: string,
  column: string,
  keys: readonly string[],
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COMMIT_TIMESTAMP_ON_FOREIGN_KEY",
    `Cannot set the commit_timestamp option for column \`${column}\` of table \`${table}\`. It is used by one or more foreign keys: ${quoted(keys)}.`,
  );
}

export function columnNeededByGenerated(
  table: string,
  column: string,
  generated: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_GENERATED",
    `Cannot drop column \`${column}\` from table \`${table}\` because it is referenced by generated column \`${generated}\`.`,
  );
}

export function columnNeededByCheck(table: string, column: string, check: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_CHECK",
    `Cannot drop column \`${column}\` from table \`${table}\` because it is used by check constraint \`${check}\`.`,
  );
}

export function cannotBecomeGenerated(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "CANNOT_BECOME_GENERATED",
    `Cannot convert column \`${column}\` to a generated column.`,
  );
}

export function cannotBecomeRegular(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "CANNOT_BECOME_REGULAR",
    `Cannot convert generated column \`${column}\` to a regular column.`,
  );
}

export function storedAttributeChanged(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "STORED_ATTRIBUTE_CHANGED",
    `Cannot change the STORED attribute for generated column \`${column}\`.`,
  );
}

export function generatedTypeChanged(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "GENERATED_TYPE_CHANGED",
    `Cannot change the data type of a stored generated column \`${column}\`.`,
  );
}

export function generatedExpressionChanged(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "GENERATED_EXPRESSION_CHANGED",
    `Cannot change the expression of a generated column \`${column}\` because it is stored or has other dependencies.`,
  );
}

export function typeBehindForeignKey(
  table: string,
  column: string,
  keys: readonly string[],
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TYPE_BEHIND_FOREIGN_KEY",
    `Cannot change the type for column \`${column}\` of table \`${table}\`. It is used by one or more foreign keys: ${quoted(keys)}.`,
  );
}

export function typeBehindGenerated(column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TYPE_BEHIND_GENERATED",
    `Cannot change the data type of column \`${column}\`, which has a dependent stored generated column.`,
  );
}

export function checkOnChangedType(column: string, check: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "CHECK_ON_CHANGED_TYPE",
    `Cannot change the data type of column \`${column}\`, which is used by check constraint \`${check}\`.`,
  );
}

export function defaultOnGenerated(column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DEFAULT_ON_GENERATED",
    `Column ${column} with a DEFAULT value cannot be a generated column and vice versa.`,
  );
}

export function expressionTooDeep(depth: number, limit: number): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "EXPRESSION_TOO_DEEP",
    `Expression depth of ${depth} exceeds the maximum allowed depth of ${limit}.`,
  );
}

/** A change between an identity column and another one. */
export type IdentityChange = "to identity" | "drop identity" | "to generated or default";

/** `column` with its table: `Users.Id`. */
export function identityChanged(column: string, change: IdentityChange): StatusError {
  const texts: Readonly<Record<IdentityChange, string>> = {
    "to identity": `Cannot alter column \`${column}\` to an identity column.`,
    "drop identity": `Cannot alter column \`${column}\` to drop the identity property.`,
    "to generated or default": `Cannot alter an identity column \`${column}\` to a generated or default column.`,
  };
  return schemaError("INVALID_ARGUMENT", "IDENTITY_CHANGED", texts[change]);
}

export function notAnIdentityColumn(table: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "NOT_AN_IDENTITY_COLUMN",
    `Column is not an identity column in table ${table}: ${column}`,
  );
}
