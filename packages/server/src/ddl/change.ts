// SPDX-License-Identifier: Apache-2.0
// DDL over a schema, as a pure function: a statement and a schema give a new schema, and what has to
// be done to the stored rows so that they fit it. The room `database` does it, and publishes the new
// schema when it is done; a statement that is refused changes nothing.
import type { AlterOptionsOnly, DdlStatement } from "@spandrel/sql";
import { tableNeededByChangeStreams } from "../errors/change-stream.ts";
import { indexNeededByForeignKeys, tableNeededByForeignKeys } from "../errors/constraint.ts";
import { tooManyRoles } from "../errors/definition.ts";
import { tableHasChildren } from "../errors/interleave.ts";
import {
  schemaIndexNotFound,
  schemaTableNotFound,
  statementNotSupported,
  tableHasIndexes,
} from "../errors/schema.ts";
import { childrenOf, findIndex, findTable, indexesOf, type Schema } from "../schema/schema.ts";
import { alterDatabase } from "./alter-database.ts";
import { alterTable } from "./alter-table.ts";
import { alterChangeStream, createChangeStream, watchersOf } from "./change-stream.ts";
import { dropUnusedIndexes, foreignKeysUsing } from "./constraint.ts";
import { alterIndex, createIndex } from "./create-index.ts";
import { createTable } from "./create-table.ts";
import { define, definitionsOf, dropDefinition } from "./definition.ts";
import { grant, requireNoPrivileges, requireUngranted, revoke } from "./grant.ts";
import { alterPlace, createPlace, dropLocalityGroup } from "./locality.ts";
import { alterModel, createModel } from "./model.ts";
import { nameOf } from "./name.ts";
import { requireOptions } from "./options.ts";
import { removeIndex } from "./put-table.ts";
import { renameTables } from "./rename-table.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";
import { requireSchemaSize } from "./schema-size.ts";
import {
  alterIndexOver,
  createSearchIndex,
  createVectorIndex,
  indexesOver,
} from "./search-index.ts";
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
  requireSchemaSize(schema, change.schema, context.text, context.limits);
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
    case "create-search-index":
      return createSearchIndex(schema, statement, context);
    case "create-vector-index":
      return createVectorIndex(schema, statement, context);
    case "alter-index":
      return statement.type === "INDEX"
        ? alterIndex(schema, statement, context)
        : alterIndexOver(schema, statement, context);
    case "alter-table":
      return alterTable(schema, statement, context);
    case "rename-table":
      return renameTables(schema, statement, context);
    case "create-view":
      return createView(schema, statement, context);
    case "create-sequence":
      return createSequence(schema, statement, context);
    case "alter-sequence":
      return alterSequence(schema, statement, context);
    case "create-change-stream":
      return createChangeStream(schema, statement, context);
    case "alter-change-stream":
      return alterChangeStream(schema, statement, context);
    case "create-model":
      return createModel(schema, statement, context);
    case "alter-model":
      return alterModel(schema, statement, context);
    case "create-locality-group":
    case "create-placement":
      return createPlace(schema, statement, context);
    case "alter-locality-group":
    case "alter-placement":
      return alterPlace(schema, statement, context);
    case "alter-statistics":
      return alterStatistics(schema, statement, context);
    case "create-schema": {
      const { ifNotExists, name } = statement;
      return define(schema, { kind: "SCHEMA", name: name.name, statement, ifNotExists }, context);
    }
    case "create-role": {
      const { name } = statement.name;
      const { rolesPerDatabaseMax } = context.limits;
      if (definitionsOf(schema, "ROLE").length >= rolesPerDatabaseMax) {
        throw tooManyRoles(name, rolesPerDatabaseMax);
      }
      return define(schema, { kind: "ROLE", name, statement, ifNotExists: false }, context);
    }
    case "grant":
      return grant(schema, statement);
    case "revoke":
      return revoke(schema, statement);
    case "alter-database":
      return alterDatabase(schema, statement, context);
    case "drop":
      return drop(schema, statement);
    case "analyze":
      return unchanged(schema);
    default:
      throw statementNotSupported(statement.kind.replaceAll("-", " ").toUpperCase());
  }
}

/** Statistics are never made here, so there is no package to alter. */
function alterStatistics(
  schema: Schema,
  { options }: AlterOptionsOnly,
  context: ChangeContext,
): SchemaChange {
  requireOptions(options, { allow_gc: "boolean" }, context);
  return unchanged(schema);
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
    case "LOCALITY GROUP":
      return dropLocalityGroup(schema, name, ifExists);
    case "SEARCH INDEX":
    case "VECTOR INDEX":
    case "PLACEMENT":
      return dropDefinition(schema, type, name, ifExists);
    case "VIEW":
    case "SCHEMA":
    case "MODEL":
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
  const names = [...indexes.map((index) => index.name), ...indexesOver(schema, table, undefined)];
  if (names.length > 0) throw tableHasIndexes(table.name, names);
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
