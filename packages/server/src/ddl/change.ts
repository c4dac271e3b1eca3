// SPDX-License-Identifier: Apache-2.0
// DDL over a schema, as a pure function: a statement and a schema give a new schema, and what has to
// be done to the stored rows so that they fit it. The room `database` does it, and publishes the new
// schema when it is done; a statement that is refused changes nothing.
import type { StatusError } from "@spandrel/base";
import type { DdlStatement } from "@spandrel/sql";
import {
  duplicateName,
  schemaIndexNotFound,
  schemaTableNotFound,
  statementNotSupported,
  tableHasChildren,
  tableHasIndexes,
} from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import { childrenOf, findIndex, findTable, indexesOf, type Schema } from "../schema/schema.ts";
import { alterTable } from "./alter-table.ts";
import { createIndex } from "./create-index.ts";
import { createTable } from "./create-table.ts";
import type { SchemaChange } from "./schema-change.ts";

/** The schema as it was: for statements that find their work done. */
function unchanged(schema: Schema): SchemaChange {
  return { schema, effects: [] };
}

/**
 * What a statement makes of a schema.
 *
 * @throws {StatusError} when the schema does not allow it.
 */
export function changeSchema(
  schema: Schema,
  statement: DdlStatement,
  limits: Limits,
): SchemaChange {
  switch (statement.kind) {
    case "create-table": {
      const name = nameOf(statement.name);
      if (statement.ifNotExists && findTable(schema, name) !== undefined) return unchanged(schema);
      refuseDuplicate(schema, name);
      return { schema: createTable(schema, statement, name, limits), effects: [] };
    }
    case "create-index": {
      const name = nameOf(statement.name);
      if (statement.ifNotExists && findIndex(schema, name) !== undefined) return unchanged(schema);
      refuseDuplicate(schema, name);
      return createIndex(schema, statement, name, limits);
    }
    case "alter-table":
      return alterTable(schema, statement, limits);
    case "drop":
      return drop(schema, statement);
    case "analyze":
      return unchanged(schema);
    default:
      throw notSupported(statement);
  }
}

function notSupported(statement: DdlStatement): StatusError {
  return statementNotSupported(statement.kind.replaceAll("-", " ").toUpperCase());
}

function drop(schema: Schema, statement: Extract<DdlStatement, { kind: "drop" }>): SchemaChange {
  const name = statement.name === undefined ? "" : nameOf(statement.name);
  if (statement.type === "TABLE") return dropTable(schema, name, statement.ifExists);
  if (statement.type === "INDEX") return dropIndex(schema, name, statement.ifExists);
  throw statementNotSupported(`DROP ${statement.type}`);
}

function dropTable(schema: Schema, name: string, ifExists: boolean): SchemaChange {
  const table = findTable(schema, name);
  if (table === undefined) {
    if (ifExists) return unchanged(schema);
    throw schemaTableNotFound(name);
  }
  const children = childrenOf(schema, table).map((child) => child.name);
  if (children.length > 0) throw tableHasChildren(table.name, children);
  const indexes = indexesOf(schema, table).map((index) => index.name);
  if (indexes.length > 0) throw tableHasIndexes(table.name, indexes);
  const tables = new Map(schema.tables);
  tables.delete(table.name.toLowerCase());
  return {
    schema: { ...schema, version: schema.version + 1, tables },
    effects: [{ kind: "forget", space: table.id }],
  };
}

function dropIndex(schema: Schema, name: string, ifExists: boolean): SchemaChange {
  const index = findIndex(schema, name);
  if (index === undefined) {
    if (ifExists) return unchanged(schema);
    throw schemaIndexNotFound(name);
  }
  const indexes = new Map(schema.indexes);
  indexes.delete(index.name.toLowerCase());
  return {
    schema: { ...schema, version: schema.version + 1, indexes },
    effects: [{ kind: "forget", space: index.id }],
  };
}

/** The name of a table or index, with its named schema when it has one. */
export function nameOf(path: { readonly parts: readonly { readonly name: string }[] }): string {
  return path.parts.map((part) => part.name).join(".");
}

/** Tables and indexes share their names. */
function refuseDuplicate(schema: Schema, name: string): void {
  if (findTable(schema, name) !== undefined || findIndex(schema, name) !== undefined) {
    throw duplicateName(name);
  }
}
