// SPDX-License-Identifier: Apache-2.0
// Named schemas, change streams and roles, and what views and sequences have in common with them: things that hold no rows, and are known by
// the statement that defines them.
import type { AlterChangeStream, CreateChangeStream, DdlStatement, Options } from "@spandrel/sql";
import {
  changeStreamColumn,
  changeStreamKeyColumn,
  changeStreamTable,
  changeStreamTableRepeated,
  changeStreamWatchMissing,
  definitionNotFound,
  schemaNotEmpty,
  tooManyChangeStreams,
  viewNeededByViews,
} from "../errors/definition.ts";
import {
  type Column,
  type Definition,
  type DefinitionKind,
  findColumn,
  findTable,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { type NamedKind, nameOf, requireNewName } from "./name.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";

const kindNames: Readonly<Record<DefinitionKind, NamedKind>> = {
  VIEW: "View",
  SEQUENCE: "Sequence",
  SCHEMA: "Schema",
  "CHANGE STREAM": "Change Stream",
  ROLE: "Role",
};

/** What a definition says if it is a view. */
export type ViewBody = Pick<Definition, "text" | "reads" | "views" | "columns">;

const noView: ViewBody = { text: "", reads: [], views: [], columns: [] };

/** What a new definition consists of. */
interface NewDefinition {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly statement: DdlStatement;
  readonly ifNotExists: boolean;
  readonly view?: ViewBody;
}

/** The schema with a definition in it. */
export function define(
  schema: Schema,
  { kind, name, statement, ifNotExists, view = noView }: NewDefinition,
  { limits }: ChangeContext,
): SchemaChange {
  const present = schema.definitions.get(name.toLowerCase());
  if (present?.kind === kind && ifNotExists) return unchanged(schema);
  requireNewName(schema, kindNames[kind], name, limits);
  const definition: Definition = { id: schema.nextId, kind, name, statement, ...view };
  return {
    schema: putDefinition({ ...schema, nextId: schema.nextId + 1 }, definition),
    effects: [],
  };
}

/** CREATE CHANGE STREAM: what it watches has to be there. */
export function createChangeStream(
  schema: Schema,
  statement: CreateChangeStream,
  context: ChangeContext,
): SchemaChange {
  const name = nameOf(statement.name);
  requireWatched(schema, name, statement.watch);
  const { ifNotExists } = statement;
  const present = [...schema.definitions.values()].filter(({ kind }) => kind === "CHANGE STREAM");
  const { changeStreamsPerDatabaseMax } = context.limits;
  if (present.length >= changeStreamsPerDatabaseMax) {
    throw tooManyChangeStreams(name, changeStreamsPerDatabaseMax);
  }
  return define(schema, { kind: "CHANGE STREAM", name, statement, ifNotExists }, context);
}

/** ALTER CHANGE STREAM. */
export function alterChangeStream(schema: Schema, statement: AlterChangeStream): SchemaChange {
  const name = nameOf(statement.name);
  const found = findDefinition(schema, "CHANGE STREAM", name, false);
  if (found?.statement.kind !== "create-change-stream") return unchanged(schema);
  const { change } = statement;
  const { watch: _, ...rest } = found.statement;
  if (change.kind === "drop-watch") {
    if (found.statement.watch === undefined) throw changeStreamWatchMissing(name);
    return replaced(schema, found, rest);
  }
  if (change.kind === "set-watch") {
    requireWatched(schema, name, change.watch);
    return replaced(schema, found, { ...rest, watch: change.watch });
  }
  const options = mergeOptions(found.statement.options, change.options);
  return replaced(schema, found, { ...found.statement, options });
}

function requireWatched(schema: Schema, stream: string, watch: CreateChangeStream["watch"]): void {
  if (watch?.kind !== "tables") return;
  const seen = new Set<string>();
  for (const { table: path, columns } of watch.tables) {
    const table = findTable(schema, nameOf(path));
    if (table === undefined) throw changeStreamTable(stream, nameOf(path));
    if (seen.has(table.name)) throw changeStreamTableRepeated(stream, table.name);
    seen.add(table.name);
    for (const { name } of columns ?? []) {
      const column = findColumn(table, name);
      if (column === undefined) throw changeStreamColumn(stream, table.name, name);
      if (table.primaryKey.some((part) => part.column.id === column.id)) {
        throw changeStreamKeyColumn(stream, table.name, column.name);
      }
    }
  }
}

/** The change streams that name a table, or a column of it. */
export function watchersOf(
  schema: Schema,
  table: Table,
  column: Column | undefined,
): readonly string[] {
  return [...schema.definitions.values()].flatMap(({ name, statement }) => {
    if (statement.kind !== "create-change-stream" || statement.watch?.kind !== "tables") return [];
    const isWatched = statement.watch.tables.some(
      (watched) =>
        findTable(schema, nameOf(watched.table))?.id === table.id &&
        (column === undefined ||
          watched.columns?.some((each) => each.name.toLowerCase() === column.name.toLowerCase())),
    );
    return isWatched ? [name] : [];
  });
}

/** The schema without a definition. */
export function dropDefinition(
  schema: Schema,
  kind: DefinitionKind,
  name: string,
  ifExists: boolean,
): SchemaChange {
  const found = findDefinition(schema, kind, name, ifExists);
  if (found === undefined) return unchanged(schema);
  const dependents = [...schema.definitions.values()].filter(({ views }) =>
    views.includes(name.toLowerCase()),
  );
  if (dependents.length > 0) {
    throw viewNeededByViews(
      found.name,
      dependents.map((view) => view.name),
    );
  }
  if (kind === "SCHEMA") {
    const prefix = `${name.toLowerCase()}.`;
    const names = [...schema.tables.keys(), ...schema.indexes.keys(), ...schema.definitions.keys()];
    if (names.some((each) => each.startsWith(prefix))) throw schemaNotEmpty(found.name);
  }
  const definitions = new Map(schema.definitions);
  definitions.delete(name.toLowerCase());
  return {
    schema: { ...schema, version: schema.version + 1, definitions },
    effects: [],
  };
}

/** Options with others set over them; an option that is set to NULL goes. */
export function mergeOptions(before: Options | undefined, set: Options): Options {
  const names = new Set(set.entries.map((entry) => entry.name.name));
  const kept = (before?.entries ?? []).filter((entry) => !names.has(entry.name.name));
  return {
    ...set,
    entries: [...kept, ...set.entries.filter(({ value }) => value.kind !== "null")],
  };
}

/** @throws {StatusError} NOT_FOUND when it is not there, unless it need not be. */
export function findDefinition(
  schema: Schema,
  kind: DefinitionKind,
  name: string,
  ifExists: boolean,
): Definition | undefined {
  const found = schema.definitions.get(name.toLowerCase());
  if (found?.kind === kind) return found;
  if (ifExists) return undefined;
  throw definitionNotFound(kindNames[kind], name);
}

/** The schema with a definition in it, new or in place of the one with its name. */
export function putDefinition(schema: Schema, definition: Definition): Schema {
  const definitions = new Map(schema.definitions).set(definition.name.toLowerCase(), definition);
  return { ...schema, version: schema.version + 1, definitions };
}

/** The schema with another statement for a definition. */
export function replaced(schema: Schema, found: Definition, statement: DdlStatement): SchemaChange {
  return { schema: putDefinition(schema, { ...found, statement }), effects: [] };
}
