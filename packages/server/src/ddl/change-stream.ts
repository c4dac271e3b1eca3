// SPDX-License-Identifier: Apache-2.0
// Change streams: what they watch has to be there, is not watched by too many, and stays.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#change_stream_statements
import type { AlterChangeStream, CreateChangeStream, Options } from "@spandrel/sql";
import {
  changeStreamColumn,
  changeStreamColumnRepeated,
  changeStreamGeneratedColumn,
  changeStreamKeyColumn,
  changeStreamRetention,
  changeStreamTable,
  changeStreamTableRepeated,
  changeStreamValueCapture,
  changeStreamWatchMissing,
  invalidDuration,
  tooManyChangeStreams,
  tooManyWatchers,
} from "../errors/change-stream.ts";
import { duplicateName } from "../errors/schema.ts";
import { durationHours } from "../schema/database-options.ts";
import {
  type Column,
  type Definition,
  findColumn,
  findTable,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { isKey } from "./create-table.ts";
import { define, findDefinition, replaced } from "./definition.ts";
import { isTaken, nameOf, readFunctionOf } from "./name.ts";
import { mergeOptions, type OptionRules, requireOptions, textOption } from "./options.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";

const streamOptions: OptionRules = {
  retention_period: "string",
  value_capture_type: "string",
  exclude_ttl_deletes: "boolean",
  exclude_insert: "boolean",
  exclude_update: "boolean",
  exclude_delete: "boolean",
  allow_txn_exclusion: "boolean",
};

type Watch = CreateChangeStream["watch"];

/** CREATE CHANGE STREAM. */
export function createChangeStream(
  schema: Schema,
  statement: CreateChangeStream,
  context: ChangeContext,
): SchemaChange {
  requireOptions(statement.options, streamOptions, context);
  const name = nameOf(statement.name);
  const { ifNotExists } = statement;
  if (ifNotExists && schema.definitions.get(name.toLowerCase())?.kind === "CHANGE STREAM") {
    return unchanged(schema);
  }
  requireValues(statement.options);
  requireWatched(schema, name, statement.watch);
  const { changeStreamsPerDatabaseMax } = context.limits;
  if (streamsOf(schema).length >= changeStreamsPerDatabaseMax) {
    throw tooManyChangeStreams(name, changeStreamsPerDatabaseMax);
  }
  const created = define(schema, { kind: "CHANGE STREAM", name, statement, ifNotExists }, context);
  const reader = readFunctionOf(name);
  if (isTaken(schema, reader)) throw duplicateName(reader);
  requireFewWatchers(created.schema, name, context);
  return created;
}

/** ALTER CHANGE STREAM. */
export function alterChangeStream(
  schema: Schema,
  statement: AlterChangeStream,
  context: ChangeContext,
): SchemaChange {
  const { change } = statement;
  if (change.kind === "set-options") requireOptions(change.options, streamOptions, context);
  const name = nameOf(statement.name);
  const found = findDefinition(schema, "CHANGE STREAM", name, false);
  if (found?.statement.kind !== "create-change-stream") return unchanged(schema);
  const { watch: _, ...rest } = found.statement;
  switch (change.kind) {
    case "drop-watch":
      if (found.statement.watch === undefined) throw changeStreamWatchMissing(name);
      return replaced(schema, found, rest);
    case "set-watch": {
      requireWatched(schema, name, change.watch);
      const changed = replaced(schema, found, { ...rest, watch: change.watch });
      requireFewWatchers(changed.schema, name, context);
      return changed;
    }
    case "set-options": {
      requireValues(change.options);
      const options = mergeOptions(found.statement.options, change.options);
      return replaced(schema, found, { ...found.statement, options });
    }
  }
}

const captureTypes: ReadonlySet<string> = new Set([
  "OLD_AND_NEW_VALUES",
  "NEW_ROW",
  "NEW_VALUES",
  "NEW_ROW_AND_OLD_VALUES",
]);

const dayHours = 24;

function requireValues(options: Options | undefined): void {
  const retention = textOption(options, "retention_period");
  if (retention !== undefined) {
    const hours = durationHours(retention);
    if (hours === undefined) throw invalidDuration(retention);
    if (hours < dayHours || hours > 7 * dayHours) throw changeStreamRetention(retention);
  }
  const capture = textOption(options, "value_capture_type");
  if (capture !== undefined && !captureTypes.has(capture)) throw changeStreamValueCapture(capture);
}

function requireWatched(schema: Schema, stream: string, watch: Watch): void {
  if (watch?.kind !== "tables") return;
  const seen = new Set<string>();
  for (const { table: path, columns } of watch.tables) {
    const table = findTable(schema, nameOf(path));
    if (table === undefined) throw changeStreamTable(stream, nameOf(path));
    if (seen.has(table.name)) throw changeStreamTableRepeated(stream, table.name);
    seen.add(table.name);
    requireColumns(stream, table, columns ?? []);
  }
}

function requireColumns(
  stream: string,
  table: Table,
  names: readonly { readonly name: string }[],
): void {
  const seen = new Set<number>();
  for (const { name } of names) {
    const column = findColumn(table, name);
    if (column === undefined) throw changeStreamColumn(stream, table.name, name);
    if (isKey(table, column)) throw changeStreamKeyColumn(stream, table.name, column.name);
    if (column.generated !== undefined) {
      throw changeStreamGeneratedColumn(stream, `${table.name}.${column.name}`);
    }
    if (seen.has(column.id)) throw changeStreamColumnRepeated(stream, table.name, column.name);
    seen.add(column.id);
  }
}

interface Stream {
  readonly name: string;
  readonly watch: Watch;
}

function streamsOf(schema: Schema): readonly Stream[] {
  return [...schema.definitions.values()].flatMap(({ name, statement }: Definition) =>
    statement.kind === "create-change-stream" ? [{ name, watch: statement.watch }] : [],
  );
}

/** What a stream watches of a table: all of it, now and later, or some columns. */
function watchedOf(
  schema: Schema,
  table: Table,
  { watch }: Stream,
): "all" | ReadonlySet<number> | undefined {
  if (watch === undefined) return undefined;
  if (watch.kind === "all") return "all";
  const watched = watch.tables.find(
    (each) => findTable(schema, nameOf(each.table))?.id === table.id,
  );
  if (watched === undefined) return undefined;
  if (watched.columns === undefined) return "all";
  const names = new Set(watched.columns.map(({ name }) => name.toLowerCase()));
  const { columns } = table;
  return new Set(columns.filter(({ name }) => names.has(name.toLowerCase())).map(({ id }) => id));
}

/** @throws {StatusError} FAILED_PRECONDITION when a stream is one too many for what it watches. */
function requireFewWatchers(schema: Schema, name: string, { limits }: ChangeContext): void {
  const limit = limits.changeStreamsPerColumnMax;
  const streams = streamsOf(schema);
  const own = streams.find((stream) => stream.name === name);
  if (own === undefined) return;
  const ofAll = streams.filter(({ watch }) => watch?.kind === "all").length;
  if (own.watch?.kind === "all" && ofAll > limit) throw tooManyWatchers(name, limit, "ALL");
  for (const table of schema.tables.values()) {
    if (watchedOf(schema, table, own) === undefined) continue;
    const watched = streams.map((stream) => watchedOf(schema, table, stream));
    const wholes = watched.filter((each) => each === "all").length;
    if (wholes > limit) throw tooManyWatchers(name, limit, table.name);
    for (const column of table.columns) {
      const ofColumn = watched.filter((each) => each !== "all" && each?.has(column.id)).length;
      if (ofColumn > 0 && wholes + ofColumn > limit) {
        throw tooManyWatchers(name, limit, `${table.name}.${column.name}`);
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
  return streamsOf(schema).flatMap((stream) => {
    if (stream.watch?.kind !== "tables") return [];
    const watched = watchedOf(schema, table, stream);
    const isWatched =
      column === undefined
        ? watched !== undefined
        : watched !== undefined && watched !== "all" && watched.has(column.id);
    return isWatched ? [stream.name] : [];
  });
}
