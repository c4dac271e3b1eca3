// SPDX-License-Identifier: Apache-2.0
// CREATE TABLE.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#create_table
import type { CreateTable } from "@spandrel/sql";
import {
  duplicateColumn,
  keyColumnType,
  keyColumnUnknown,
  primaryKeyMissing,
  tooManyColumns,
  tooManyTables,
  twoPrimaryKeyClauses,
  twoPrimaryKeyColumns,
} from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import {
  type Column,
  type KeyPart,
  plainTable,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { makeColumn, requireOnUpdate } from "./column.ts";
import { resolveTable } from "./column-expression.ts";
import { addManagedIndexes, makeCheck, makeForeignKey } from "./constraint.ts";
import { makeInterleave, requireParentKey } from "./interleave.ts";
import { makeKey, namedParts } from "./key.ts";
import { localityGroupOf } from "./locality.ts";
import { requireNewName } from "./name.ts";
import { type OptionRules, requireOptions } from "./options.ts";
import { putTable } from "./put-table.ts";
import { makeRowDeletionPolicy } from "./row-deletion-policy.ts";
import type { ChangeContext, SchemaChange } from "./schema-change.ts";

/** The options of a table. */
export const tableOptions: OptionRules = { locality_group: "string" };

/**
 * The schema with a new table in it.
 *
 * @throws {StatusError} when the definition contradicts itself, the schema, or a limit.
 */
export function createTable(
  schema: Schema,
  statement: CreateTable,
  name: string,
  context: ChangeContext,
): SchemaChange {
  const { limits } = context;
  requireOptions(statement.options, tableOptions, context);
  requireNewName(schema, "Table", name, limits);
  if (schema.tables.size >= limits.tablesPerDatabaseMax) {
    throw tooManyTables(name, limits.tablesPerDatabaseMax);
  }
  const id = schema.nextId;
  const columns = makeColumns(schema, statement, name, id + 1, context);
  const table: Table = {
    ...plainTable,
    id,
    name,
    columns,
    primaryKey: makePrimaryKey(statement, name, columns, limits),
    interleave: statement.interleave && makeInterleave(schema, statement.interleave),
    localityGroup: localityGroupOf(schema, statement.options),
  };
  requireParentKey(schema, table, limits);
  for (const column of columns) requireOnUpdate(name, column, isKey(table, column));
  const whole = withClauses(schema, table, statement, context);
  const nextId = id + 1 + columns.length;
  const added = addSynonyms(putTable({ ...schema, nextId }, whole), whole, limits);
  return addManagedIndexes(added, whole, context);
}

/** The table with its constraints, in the order written, and its other clauses. */
function withClauses(
  schema: Schema,
  table: Table,
  statement: CreateTable,
  context: ChangeContext,
): Table {
  let whole = table;
  for (const constraint of statement.constraints) {
    if (constraint.kind === "check") {
      const check = makeCheck(schema, whole, constraint, context);
      whole = { ...whole, checks: [...whole.checks, check] };
    } else {
      const foreignKey = makeForeignKey(schema, whole, constraint, context);
      whole = { ...whole, foreignKeys: [...whole.foreignKeys, foreignKey] };
    }
  }
  const policy = statement.rowDeletionPolicy;
  return resolveTable(schema, {
    ...whole,
    synonym: statement.synonyms[0]?.name,
    rowDeletionPolicy: policy && makeRowDeletionPolicy(schema, whole, policy),
  });
}

function addSynonyms(schema: Schema, table: Table, limits: Limits): Schema {
  if (table.synonym === undefined) return schema;
  requireNewName(schema, "Table", table.synonym, limits);
  const synonyms = new Map(schema.synonyms).set(table.synonym.toLowerCase(), table.name);
  return { ...schema, synonyms };
}

function makeColumns(
  schema: Schema,
  statement: CreateTable,
  table: string,
  firstId: number,
  context: ChangeContext,
): readonly Column[] {
  const { columnsPerTableMax } = context.limits;
  if (statement.columns.length > columnsPerTableMax) {
    throw tooManyColumns(table, columnsPerTableMax);
  }
  const seen = new Set<string>();
  return statement.columns.map((definition, index) => {
    const column = makeColumn(schema, table, definition, firstId + index, context);
    const lower = column.name.toLowerCase();
    if (seen.has(lower)) throw duplicateColumn(table, column.name);
    seen.add(lower);
    return column;
  });
}

function makePrimaryKey(
  statement: CreateTable,
  table: string,
  columns: readonly Column[],
  limits: Limits,
): readonly KeyPart[] {
  const inline = statement.columns.filter((definition) => definition.primaryKey);
  if (statement.primaryKey !== undefined && inline.length > 0) throw twoPrimaryKeyClauses();
  if (inline.length > 1) throw twoPrimaryKeyColumns();
  if (statement.primaryKey === undefined && inline.length === 0) throw primaryKeyMissing(table);
  const parts =
    statement.primaryKey === undefined
      ? inline.map(({ name }) => ({ name: name.name, isDescending: false }))
      : namedParts(statement.primaryKey.parts);
  // Unlike everywhere else, a column is called here as it was written.
  const misspelled = parts.find(({ name }) => !columns.some((column) => column.name === name));
  if (misspelled !== undefined) throw keyColumnUnknown(table, misspelled.name);
  const owner = {
    kind: "Table" as const,
    name: table,
    unknown: (column: string) => keyColumnUnknown(table, column),
    wrongType: (column: string, type: string) => keyColumnType(table, column, type),
  };
  return makeKey(owner, parts, columns, limits);
}

/** Whether a column is part of its table's primary key. */
export function isKey(table: Table, column: Column): boolean {
  return table.primaryKey.some((part) => part.column.id === column.id);
}
