// SPDX-License-Identifier: Apache-2.0
// A table that has changed takes its place in the schema, and whatever holds its columns holds the
// changed ones.
import type { Column, Index, KeyPart, Schema, Table } from "../schema/schema.ts";
import { indexesOf } from "../schema/schema.ts";

/** The schema with a table in it, new or in place of the one with its id. */
export function putTable(schema: Schema, table: Table): Schema {
  const before = [...schema.tables.values()].find(({ id }) => id === table.id);
  const byId = new Map(table.columns.map((column) => [column.id, column]));
  const current = (column: Column): Column => byId.get(column.id) ?? column;
  const part = ({ column, isDescending }: KeyPart): KeyPart => ({
    column: current(column),
    isDescending,
  });
  const whole: Table = { ...table, primaryKey: table.primaryKey.map(part) };
  const tables = new Map(schema.tables);
  if (before !== undefined) tables.delete(before.name.toLowerCase());
  tables.set(table.name.toLowerCase(), whole);
  const indexes = new Map(schema.indexes);
  for (const index of before === undefined ? [] : indexesOf(schema, before)) {
    const changed: Index = {
      ...index,
      table: table.name,
      key: index.key.map(part),
      storing: index.storing.map(current),
      notNullColumns: index.notNullColumns.map(current),
    };
    indexes.set(index.name.toLowerCase(), changed);
  }
  return { ...schema, version: schema.version + 1, tables, indexes };
}

/** The schema with an index in it, new or in place of the one with its name. */
export function putIndex(schema: Schema, index: Index): Schema {
  const indexes = new Map(schema.indexes).set(index.name.toLowerCase(), index);
  return { ...schema, version: schema.version + 1, indexes };
}

/** The schema without an index. */
export function removeIndex(schema: Schema, index: Index): Schema {
  const indexes = new Map(schema.indexes);
  indexes.delete(index.name.toLowerCase());
  return { ...schema, version: schema.version + 1, indexes };
}
