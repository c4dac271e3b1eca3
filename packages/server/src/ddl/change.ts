// SPDX-License-Identifier: Apache-2.0
// DDL over a schema, as a pure function: a statement and a schema give a new schema, and what has to
// be done to the stored rows so that they fit it. The room `database` does it, and publishes the new
// schema when it is done; a statement that is refused changes nothing.
import type { AlterDatabase, DdlStatement } from "@spandrel/sql";
import { indexNeededByForeignKeys, tableNeededByForeignKeys } from "../errors/constraint.ts";
import { tableNeededByChangeStreams } from "../errors/definition.ts";
import {
  schemaIndexNotFound,
  schemaTableNotFound,
  statementNotSupported,
  tableHasChildren,
  tableHasIndexes,
} from "../errors/schema.ts";
import { childrenOf, findIndex, findTable, indexesOf, type Schema } from "../schema/schema.ts";
import { alterTable, renameTables } from "./alter-table.ts";
import { dropUnusedIndexes, foreignKeysUsing } from "./constraint.ts";
import { alterIndex, createIndex } from "./create-index.ts";
import { createTable } from "./create-table.ts";
import {
  alterChangeStream,
  createChangeStream,
  define,
  dropDefinition,
  watchersOf,
} from "./definition.ts";
import { grant, requireNoPrivileges, requireUngranted, revoke } from "./grant.ts";
import { nameOf } from "./name.ts";
import { printOptionValue } from "./print.ts";
import { removeIndex } from "./put-table.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";
import { alterSequence, createSequence, dropSequence } from "./sequence.ts";
import { createView, requireUnread } from "./view.ts";

/**
 * What a statement makes of a schema.
 *
 * @throws {StatusError} when the schema does not allow it.
 */
export function changeSchema(
  schema: Schema,
  statement: DdlStatement,
  context: ChangeContext,
): SchemaChange {
  const change = carryOut(schema, statement, context);
  const kept = new Set(spacesOf(change.schema));
  const gone = spacesOf(schema).filter((space) => !kept.has(space));
  const forgets = gone.map((space) => ({ kind: "forget" as const, space }));
  return { schema: change.schema, effects: [...change.effects, ...forgets] };
}

/** Where the rows of every table and the entries of every index lie. */
function spacesOf({ tables, indexes }: Schema): readonly number[] {
  return [...tables.values(), ...indexes.values()].map(({ id }) => id);
}

function carryOut(schema: Schema, statement: DdlStatement, context: ChangeContext): SchemaChange {
  switch (statement.kind) {
    case "create-table": {
      const name = nameOf(statement.name);
      if (statement.ifNotExists && findTable(schema, name) !== undefined) return unchanged(schema);
      return createTable(schema, statement, name, context);
    }
    case "create-index": {
      const name = nameOf(statement.name);
      if (statement.ifNotExists && findIndex(schema, name) !== undefined) return unchanged(schema);
      return createIndex(schema, statement, name, context);
    }
    case "alter-index":
      return alterIndex(schema, statement);
    case "alter-table":
      return alterTable(schema, statement, context);
    case "rename-table":
      return renameTables(schema, statement, context);
    case "create-view":
      return createView(schema, statement, context);
    case "create-sequence":
      return createSequence(schema, statement, context);
    case "alter-sequence":
      return alterSequence(schema, statement);
    case "create-change-stream":
      return createChangeStream(schema, statement, context);
    case "alter-change-stream":
      return alterChangeStream(schema, statement);
    case "create-schema": {
      const { ifNotExists, name } = statement;
      return define(schema, { kind: "SCHEMA", name: name.name, statement, ifNotExists }, context);
    }
    case "create-role": {
      const { name } = statement;
      return define(
        schema,
        { kind: "ROLE", name: name.name, statement, ifNotExists: false },
        context,
      );
    }
    case "grant":
      return grant(schema, statement);
    case "revoke":
      return revoke(schema, statement);
    case "alter-database":
      return alterDatabase(schema, statement);
    case "drop":
      return drop(schema, statement);
    case "analyze":
      return unchanged(schema);
    default:
      throw statementNotSupported(statement.kind.replaceAll("-", " ").toUpperCase());
  }
}

function alterDatabase(schema: Schema, { name, options }: AlterDatabase): SchemaChange {
  const values = new Map(schema.options?.values);
  for (const entry of options.entries) {
    if (entry.value.kind === "null") values.delete(entry.name.name);
    else values.set(entry.name.name, printOptionValue(entry.value));
  }
  const changed = { ...schema, version: schema.version + 1 };
  const kept = values.size === 0 ? undefined : { database: name.name, values };
  return { schema: { ...changed, options: kept }, effects: [] };
}

function drop(schema: Schema, statement: Extract<DdlStatement, { kind: "drop" }>): SchemaChange {
  const { type, ifExists } = statement;
  const name = statement.name === undefined ? "" : nameOf(statement.name);
  switch (type) {
    case "TABLE":
      return dropTable(schema, name, ifExists);
    case "INDEX":
      return dropIndex(schema, name, ifExists);
    case "SEQUENCE":
      requireUngranted(schema, type, name);
      return dropSequence(schema, name, ifExists);
    case "ROLE":
      requireNoPrivileges(schema, name);
      return dropDefinition(schema, type, name, ifExists);
    case "VIEW":
    case "SCHEMA":
    case "CHANGE STREAM":
      requireUngranted(schema, type, name);
      return dropDefinition(schema, type, name, ifExists);
    default:
      throw statementNotSupported(`DROP ${type}`);
  }
}

function dropTable(schema: Schema, name: string, ifExists: boolean): SchemaChange {
  const table = findTable(schema, name);
  if (table === undefined) {
    if (ifExists) return unchanged(schema);
    throw schemaTableNotFound(name);
  }
  const children = childrenOf(schema, table).map((child) => child.name);
  if (children.length > 0) throw tableHasChildren(table.name, children);
  const indexes = indexesOf(schema, table).filter(({ isManaged }) => !isManaged);
  if (indexes.length > 0) {
    throw tableHasIndexes(
      table.name,
      indexes.map((index) => index.name),
    );
  }
  const foreignKeys = [...schema.tables.values()].flatMap((each) =>
    each.id === table.id
      ? []
      : each.foreignKeys.filter((key) => key.referencedTable === table.name),
  );
  if (foreignKeys.length > 0) {
    throw tableNeededByForeignKeys(
      table.name,
      foreignKeys.map((key) => key.name),
    );
  }
  requireUnread(schema, table);
  requireUngranted(schema, "TABLE", table.name);
  const streams = watchersOf(schema, table, undefined);
  if (streams.length > 0) throw tableNeededByChangeStreams(table.name, streams);
  const tables = new Map(schema.tables);
  tables.delete(table.name.toLowerCase());
  const synonyms = new Map(schema.synonyms);
  if (table.synonym !== undefined) synonyms.delete(table.synonym.toLowerCase());
  const without = { ...schema, version: schema.version + 1, tables, synonyms };
  return { schema: dropUnusedIndexes(without), effects: [] };
}

function dropIndex(schema: Schema, name: string, ifExists: boolean): SchemaChange {
  const index = findIndex(schema, name);
  if (index === undefined) {
    if (ifExists) return unchanged(schema);
    throw schemaIndexNotFound(name);
  }
  if (index.isManaged) {
    const users = foreignKeysUsing(schema, index).map((key) => key.name);
    throw indexNeededByForeignKeys(index.name, users);
  }
  return { schema: removeIndex(schema, index), effects: [] };
}
