// SPDX-License-Identifier: Apache-2.0
// CREATE TABLE.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#create_table
import type { CreateTable } from "@spandrel/sql";
import {
  duplicateColumn,
  duplicateKeyColumn,
  interleavedTooDeep,
  invalidKeyType,
  keyColumnUnknown,
  parentKeyMismatch,
  primaryKeyMissing,
  schemaTableNotFound,
  statementNotSupported,
  tooManyColumns,
  tooManyKeyColumns,
  tooManyTables,
  twoPrimaryKeys,
} from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import {
  type Column,
  findTable,
  type Interleave,
  type KeyPart,
  plainTable,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { makeColumn, requireIdentifier } from "./column.ts";

/** Types that cannot be part of a key. */
const unkeyable = new Set(["FLOAT32", "ARRAY", "JSON", "STRUCT", "INTERVAL", "PROTO"]);

/**
 * The schema with a new table in it; its name must be free.
 *
 * @throws {StatusError} when the definition contradicts itself, the schema, or a limit.
 */
export function createTable(
  schema: Schema,
  statement: CreateTable,
  name: string,
  limits: Limits,
): Schema {
  refuseUnbuilt(statement, name);
  if (schema.tables.size >= limits.tablesPerDatabaseMax) {
    throw tooManyTables(limits.tablesPerDatabaseMax);
  }
  requireIdentifier(name, limits);
  const id = schema.nextId;
  const columns = makeColumns(statement, id + 1, limits);
  const primaryKey = makePrimaryKey(statement, name, columns, limits);
  const interleave = makeInterleave(schema, statement);
  const table: Table = { id, name, columns, primaryKey, ...plainTable, interleave };
  if (interleave !== undefined) requireParentKey(schema, table, interleave, limits);
  const tables = new Map(schema.tables).set(name.toLowerCase(), table);
  return { ...schema, version: schema.version + 1, nextId: id + 1 + columns.length, tables };
}

function refuseUnbuilt(statement: CreateTable, name: string): void {
  const [constraint] = statement.constraints;
  if (constraint !== undefined) {
    throw statementNotSupported(
      `${constraint.kind.replace("-", " ").toUpperCase()} of table ${name}`,
    );
  }
  if (statement.rowDeletionPolicy)
    throw statementNotSupported(`ROW DELETION POLICY of table ${name}`);
  if (statement.synonyms.length > 0) throw statementNotSupported(`SYNONYM of table ${name}`);
  if (statement.options !== undefined) throw statementNotSupported(`OPTIONS of table ${name}`);
  if (statement.name.parts.length > 1) throw statementNotSupported(`Named schema of table ${name}`);
}

function makeColumns(statement: CreateTable, firstId: number, limits: Limits): readonly Column[] {
  const table = statement.name.parts.at(-1)?.name ?? "";
  if (statement.columns.length > limits.columnsPerTableMax) {
    throw tooManyColumns(table, limits.columnsPerTableMax);
  }
  const seen = new Set<string>();
  return statement.columns.map((definition, index) => {
    const column = makeColumn(definition, firstId + index, limits);
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
  if (statement.primaryKey !== undefined && inline.length > 0) throw twoPrimaryKeys(table);
  if (inline.length > 1) throw twoPrimaryKeys(table);
  const parts = statement.primaryKey?.parts.map((part) => ({
    name: part.column.parts.map((each) => each.name).join("."),
    isDescending: part.direction === "DESC",
  }));
  const named = parts ?? inline.map(({ name }) => ({ name: name.name, isDescending: false }));
  if (parts === undefined && inline.length === 0) throw primaryKeyMissing(table);
  return makeKey(`Table ${table}`, named, columns, limits, (column) =>
    keyColumnUnknown(table, column),
  );
}

/**
 * Makes the parts of a key, of a table or an index.
 *
 * @throws {StatusError} when a column is unknown, named twice, or of a type that no key can have.
 */
export function makeKey(
  owner: string,
  parts: readonly { readonly name: string; readonly isDescending: boolean }[],
  columns: readonly Column[],
  limits: Limits,
  unknown: (column: string) => Error,
): readonly KeyPart[] {
  if (parts.length > limits.keyColumnsMax) throw tooManyKeyColumns(owner, limits.keyColumnsMax);
  const seen = new Set<number>();
  return parts.map(({ name, isDescending }) => {
    const column = columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (column === undefined) throw unknown(name);
    if (unkeyable.has(column.type.kind)) throw invalidKeyType(owner, column.name, column.type.kind);
    if (seen.has(column.id)) throw duplicateKeyColumn(owner, column.name);
    seen.add(column.id);
    return { column, isDescending };
  });
}

function makeInterleave(schema: Schema, { interleave }: CreateTable): Interleave | undefined {
  if (interleave === undefined) return undefined;
  const name = interleave.table.parts.map((part) => part.name).join(".");
  const parent = findTable(schema, name);
  if (parent === undefined) throw schemaTableNotFound(name);
  return {
    parent: parent.name,
    kind: interleave.inParent ? "IN PARENT" : "IN",
    onDelete: interleave.onDelete ?? "NO ACTION",
  };
}

/** A child's key begins with its parent's, part by part alike. */
function requireParentKey(
  schema: Schema,
  table: Table,
  interleave: Interleave,
  limits: Limits,
): void {
  const parent = findTable(schema, interleave.parent);
  if (parent === undefined) throw schemaTableNotFound(interleave.parent);
  for (const [place, part] of parent.primaryKey.entries()) {
    const own = table.primaryKey[place];
    if (own === undefined || !isSamePart(part, own, interleave.kind)) {
      throw parentKeyMismatch(parent.name, table.name, part.column.name);
    }
  }
  if (depthOf(schema, table) > limits.interleaveDepthMax) {
    throw interleavedTooDeep(table.name, limits.interleaveDepthMax);
  }
}

function isSamePart(parent: KeyPart, own: KeyPart, kind: Interleave["kind"]): boolean {
  const [left, right] = [parent.column, own.column];
  return (
    left.name.toLowerCase() === right.name.toLowerCase() &&
    left.type.kind === right.type.kind &&
    left.lengthMax === right.lengthMax &&
    (kind === "IN" || left.isNotNull === right.isNotNull) &&
    parent.isDescending === own.isDescending
  );
}

/** How many tables there are from the root of a hierarchy down to this one. */
function depthOf(schema: Schema, table: Table): number {
  let depth = 1;
  let parent = table.interleave && findTable(schema, table.interleave.parent);
  while (parent !== undefined) {
    depth++;
    parent = parent.interleave && findTable(schema, parent.interleave.parent);
  }
  return depth;
}
