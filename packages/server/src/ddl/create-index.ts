// SPDX-License-Identifier: Apache-2.0
// CREATE INDEX.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#create_index
import type { CreateIndex } from "@spandrel/sql";
import {
  indexColumnUnknown,
  indexParentMismatch,
  schemaTableNotFound,
  statementNotSupported,
  storedColumnInKey,
  tooManyIndexes,
  tooManyKeyColumns,
} from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import {
  type Column,
  entryKeyOf,
  findTable,
  type Index,
  indexesOf,
  type KeyPart,
  type Schema,
  type Table,
} from "../schema/schema.ts";

import { requireIdentifier } from "./column.ts";
import { makeKey } from "./create-table.ts";
import type { SchemaChange } from "./schema-change.ts";

/**
 * The schema with a new index in it, to be filled from the rows that are there; its name must be free.
 *
 * @throws {StatusError} when the definition contradicts itself, the schema, or a limit.
 */
export function createIndex(
  schema: Schema,
  statement: CreateIndex,
  name: string,
  limits: Limits,
): SchemaChange {
  if (statement.where !== undefined) throw statementNotSupported(`WHERE of index ${name}`);
  if (statement.options !== undefined) throw statementNotSupported(`OPTIONS of index ${name}`);
  requireIdentifier(name, limits);
  const tableName = statement.table.parts.map((part) => part.name).join(".");
  const table = findTable(schema, tableName);
  if (table === undefined) throw schemaTableNotFound(tableName);
  requireRoom(schema, table, limits);
  const parts = statement.keys.map((part) => ({
    name: part.column.parts.map((each) => each.name).join("."),
    isDescending: part.direction === "DESC",
  }));
  const unknown = (column: string) => indexColumnUnknown(name, column);
  const key = makeKey(`Index ${name}`, parts, table.columns, limits, unknown);
  const index: Index = {
    id: schema.nextId,
    name,
    table: table.name,
    key,
    storing: storedColumns(name, statement, table, key),
    isUnique: statement.unique,
    isNullFiltered: statement.nullFiltered,
    notNullColumns: [],
    isManaged: false,
    interleavedIn: parentOf(schema, statement, name, table, key),
  };
  if (entryKeyOf(index, table).length > limits.keyColumnsMax) {
    throw tooManyKeyColumns(`Index ${name}`, limits.keyColumnsMax);
  }
  const indexes = new Map(schema.indexes).set(name.toLowerCase(), index);
  return {
    schema: { ...schema, version: schema.version + 1, nextId: schema.nextId + 1, indexes },
    effects: [{ kind: "backfill", index, table }],
  };
}

function requireRoom(schema: Schema, table: Table, limits: Limits): void {
  if (schema.indexes.size >= limits.indexesPerDatabaseMax) {
    throw tooManyIndexes("The database", limits.indexesPerDatabaseMax);
  }
  if (indexesOf(schema, table).length >= limits.indexesPerTableMax) {
    throw tooManyIndexes(`Table ${table.name}`, limits.indexesPerTableMax);
  }
}

function storedColumns(
  index: string,
  statement: CreateIndex,
  table: Table,
  key: readonly KeyPart[],
): readonly Column[] {
  const keys = new Set([...key, ...table.primaryKey].map((part) => part.column.id));
  return statement.storing.map(({ name }) => {
    const column = table.columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (column === undefined) throw indexColumnUnknown(index, name);
    if (keys.has(column.id)) throw storedColumnInKey(index, column.name);
    return column;
  });
}

/** The table that the entries are placed with: an ancestor whose key the index's key begins with. */
function parentOf(
  schema: Schema,
  statement: CreateIndex,
  index: string,
  table: Table,
  key: readonly KeyPart[],
): string | undefined {
  const clause = statement.interleaveIn;
  if (clause === undefined) return undefined;
  const name =
    clause.table?.parts.map((part) => part.name).join(".") ?? table.interleave?.parent ?? "";
  const parent = findTable(schema, name);
  if (parent === undefined) throw schemaTableNotFound(name);
  const begins = parent.primaryKey.every(
    ({ column, isDescending }, place) =>
      key[place]?.column.name.toLowerCase() === column.name.toLowerCase() &&
      key[place]?.isDescending === isDescending,
  );
  if (!begins || !isAncestor(schema, parent, table)) throw indexParentMismatch(index, parent.name);
  return parent.name;
}

function isAncestor(schema: Schema, ancestor: Table, table: Table): boolean {
  let each: Table | undefined = table;
  while (each !== undefined) {
    if (each === ancestor) return true;
    each = each.interleave && findTable(schema, each.interleave.parent);
  }
  return false;
}
