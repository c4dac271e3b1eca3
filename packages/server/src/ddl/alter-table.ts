// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE: adding and dropping columns, and how children go along with their parent.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#alter_table
import type { AlterTable, ColumnDefinition } from "@spandrel/sql";
import {
  columnInUse,
  duplicateColumn,
  keyColumnDropped,
  notNullColumnAdded,
  schemaColumnNotFound,
  schemaTableNotFound,
  statementNotSupported,
  tooManyColumns,
} from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import { findColumn, findTable, indexesOf, type Schema, type Table } from "../schema/schema.ts";

import { makeColumn } from "./column.ts";
import type { SchemaChange } from "./schema-change.ts";

/**
 * The schema with a table changed.
 *
 * @throws {StatusError} when the table, its indexes or a limit do not allow it.
 */
export function alterTable(schema: Schema, statement: AlterTable, limits: Limits): SchemaChange {
  const name = statement.name.parts.map((part) => part.name).join(".");
  const table = findTable(schema, name);
  if (table === undefined) throw schemaTableNotFound(name);
  const { action } = statement;
  switch (action.kind) {
    case "add-column":
      return addColumn(schema, table, action.column, action.ifNotExists, limits);
    case "drop-column":
      return replace(schema, dropColumn(schema, table, action.column.name));
    case "set-on-delete":
      if (table.interleave === undefined) break;
      return replace(schema, {
        ...table,
        interleave: { ...table.interleave, onDelete: action.action },
      });
    default:
      break;
  }
  throw statementNotSupported(`ALTER TABLE … ${action.kind.replaceAll("-", " ").toUpperCase()}`);
}

function addColumn(
  schema: Schema,
  table: Table,
  definition: ColumnDefinition,
  ifNotExists: boolean,
  limits: Limits,
): SchemaChange {
  if (findColumn(table, definition.name.name) !== undefined) {
    if (ifNotExists) return { schema, effects: [] };
    throw duplicateColumn(table.name, definition.name.name);
  }
  if (table.columns.length >= limits.columnsPerTableMax) {
    throw tooManyColumns(table.name, limits.columnsPerTableMax);
  }
  if (definition.primaryKey) throw statementNotSupported("ADD COLUMN … PRIMARY KEY");
  const column = makeColumn(definition, schema.nextId, limits);
  if (column.isNotNull) throw notNullColumnAdded(table.name, column.name);
  const changed = { ...table, columns: [...table.columns, column] };
  return replace({ ...schema, nextId: schema.nextId + 1 }, changed);
}

function dropColumn(schema: Schema, table: Table, name: string): Table {
  const column = findColumn(table, name);
  if (column === undefined) throw schemaColumnNotFound(table.name, name);
  if (table.primaryKey.some((part) => part.column === column)) {
    throw keyColumnDropped(table.name, column.name);
  }
  for (const index of indexesOf(schema, table)) {
    const used = [...index.key.map((part) => part.column), ...index.storing];
    if (used.some((each) => each.id === column.id)) {
      throw columnInUse(table.name, column.name, `index ${index.name}`);
    }
  }
  return { ...table, columns: table.columns.filter((each) => each !== column) };
}

function replace(schema: Schema, table: Table): SchemaChange {
  const tables = new Map(schema.tables).set(table.name.toLowerCase(), table);
  return { schema: { ...schema, version: schema.version + 1, tables }, effects: [] };
}
