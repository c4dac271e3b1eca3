// SPDX-License-Identifier: Apache-2.0

import type {
  AlterChangeStream,
  AlterDatabase,
  AlterModel,
  AlterOptionsOnly,
  AlterProtoBundle,
  AlterSequence,
  ChangeStreamWatch,
  CreateChangeStream,
  CreateFunction,
  CreateModel,
  CreateOptionsOnly,
  CreateProtoBundle,
  CreateSequence,
  CreateView,
  FunctionParameter,
  WatchedTable,
} from "../tree/ddl.ts";
import type { ColumnDefinition } from "../tree/ddl-column.ts";
import type { Path } from "../tree/position.ts";
import {
  parseColumnDefinition,
  parseParenthesizedExpression,
  parseSequenceParameters,
} from "./column.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseIfNotExists, parseSequenceChange, parseSetOptions } from "./ddl-table.ts";
import { expectOptions, parseOptions } from "./hint.ts";
import { parseType } from "./type.ts";

/** `IF EXISTS`; true when written. */
export function parseIfExists(cursor: Cursor): boolean {
  return cursor.takeWords("IF", "EXISTS");
}

/** `DATABASE name SET OPTIONS (…)`, after ALTER. */
export function parseAlterDatabase(cursor: Cursor, start: number): AlterDatabase {
  cursor.expectWord("DATABASE");
  const name = cursor.identifier();
  cursor.expectWord("SET");
  const options = expectOptions(cursor);
  return { kind: "alter-database", name, options, position: cursor.since(start) };
}

/** `VIEW name SQL SECURITY … AS query`, after CREATE [OR REPLACE]. */
export function parseCreateView(cursor: Cursor, start: number, orReplace: boolean): CreateView {
  cursor.expectWord("VIEW");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  const security = parseSecurity(cursor);
  cursor.expectWord("AS");
  const query = cursor.query();
  return {
    kind: "create-view",
    orReplace,
    ifNotExists,
    name,
    ...present({ security }),
    query,
    position: cursor.since(start),
  };
}

function parseSecurity(cursor: Cursor): "INVOKER" | "DEFINER" | undefined {
  if (!cursor.takeWords("SQL", "SECURITY")) return undefined;
  if (cursor.takeWord("INVOKER")) return "INVOKER";
  if (cursor.takeWord("DEFINER")) return "DEFINER";
  throw cursor.expected("keyword DEFINER or keyword INVOKER");
}

/** `SEQUENCE [IF NOT EXISTS] name …`, after CREATE. */
export function parseCreateSequence(cursor: Cursor, start: number): CreateSequence {
  cursor.expectWord("SEQUENCE");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  const parameters = parseSequenceParameters(cursor);
  const options = parseOptions(cursor);
  return {
    kind: "create-sequence",
    ifNotExists,
    name,
    parameters,
    ...present({ options }),
    position: cursor.since(start),
  };
}

/** `SEQUENCE [IF EXISTS] name …`, after ALTER. */
export function parseAlterSequence(cursor: Cursor, start: number): AlterSequence {
  cursor.expectWord("SEQUENCE");
  const ifExists = parseIfExists(cursor);
  const name = cursor.path();
  const changeStart = cursor.start();
  const setsOptions = cursor.isWords("SET", "OPTIONS") && cursor.takeWord("SET");
  const change = setsOptions ? parseSetOptions(cursor, changeStart) : parseSequenceChange(cursor);
  return { kind: "alter-sequence", ifExists, name, change, position: cursor.since(start) };
}

/** `CHANGE STREAM name [FOR …] [OPTIONS (…)]`, after CREATE. */
export function parseCreateChangeStream(cursor: Cursor, start: number): CreateChangeStream {
  cursor.expectWords("CHANGE", "STREAM");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  const watch = cursor.takeWord("FOR") ? parseWatch(cursor) : undefined;
  const options = parseOptions(cursor);
  return {
    kind: "create-change-stream",
    ifNotExists,
    name,
    ...present({ watch, options }),
    position: cursor.since(start),
  };
}

function parseWatch(cursor: Cursor): ChangeStreamWatch {
  if (cursor.takeWord("ALL")) return { kind: "all" };
  return { kind: "tables", tables: cursor.list(() => parseWatchedTable(cursor)) };
}

function parseWatchedTable(cursor: Cursor): WatchedTable {
  const start = cursor.start();
  const table = cursor.path();
  const columns = cursor.isSymbol("(") ? parseWatchedColumns(cursor) : undefined;
  return { kind: "watched-table", table, ...present({ columns }), position: cursor.since(start) };
}

function parseWatchedColumns(cursor: Cursor): WatchedTable["columns"] {
  cursor.expectSymbol("(");
  const columns = cursor.isSymbol(")") ? [] : cursor.list(() => cursor.identifier());
  cursor.expectListEnd();
  return columns;
}

/** `CHANGE STREAM name SET FOR … | SET OPTIONS (…) | DROP FOR ALL`, after ALTER. */
export function parseAlterChangeStream(cursor: Cursor, start: number): AlterChangeStream {
  cursor.expectWords("CHANGE", "STREAM");
  const name = cursor.path();
  const change = parseChangeStreamChange(cursor);
  return { kind: "alter-change-stream", name, change, position: cursor.since(start) };
}

function parseChangeStreamChange(cursor: Cursor): AlterChangeStream["change"] {
  const start = cursor.start();
  if (cursor.takeWord("DROP")) {
    cursor.expectWords("FOR", "ALL");
    return { kind: "drop-watch" };
  }
  cursor.expectWord("SET");
  if (cursor.takeWord("FOR")) return { kind: "set-watch", watch: parseWatch(cursor) };
  return parseSetOptions(cursor, start);
}

/** `FUNCTION name (…) …`, after CREATE [OR REPLACE]. */
export function parseCreateFunction(
  cursor: Cursor,
  start: number,
  orReplace: boolean,
): CreateFunction {
  cursor.expectWord("FUNCTION");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  const parameters = parseFunctionParameters(cursor);
  const result = cursor.takeWord("RETURNS") ? parseType(cursor) : undefined;
  const deterministic = parseDeterministic(cursor);
  const language = cursor.takeWord("LANGUAGE") ? cursor.identifier() : undefined;
  const security = parseSecurity(cursor);
  const remote = cursor.takeWord("REMOTE");
  const body = cursor.takeWord("AS") ? parseParenthesizedExpression(cursor) : undefined;
  const options = parseOptions(cursor);
  return {
    kind: "create-function",
    orReplace,
    ifNotExists,
    name,
    parameters,
    ...present({ result, deterministic, language, security }),
    remote,
    ...present({ body, options }),
    position: cursor.since(start),
  };
}

function parseFunctionParameters(cursor: Cursor): FunctionParameter[] {
  cursor.expectSymbol("(");
  const parameters = cursor.isSymbol(")") ? [] : cursor.list(() => parseFunctionParameter(cursor));
  cursor.expectListEnd();
  return parameters;
}

function parseFunctionParameter(cursor: Cursor): FunctionParameter {
  const start = cursor.start();
  const name = cursor.identifier();
  const type = parseType(cursor);
  const defaultValue = cursor.takeWord("DEFAULT") ? cursor.expression() : undefined;
  return {
    kind: "function-parameter",
    name,
    type,
    ...present({ defaultValue }),
    position: cursor.since(start),
  };
}

function parseDeterministic(cursor: Cursor): boolean | undefined {
  if (cursor.takeWords("NOT", "DETERMINISTIC")) return false;
  return cursor.takeWord("DETERMINISTIC") ? true : undefined;
}

/** `MODEL name [INPUT (…) OUTPUT (…)] REMOTE …`, after CREATE [OR REPLACE]. */
export function parseCreateModel(cursor: Cursor, start: number, orReplace: boolean): CreateModel {
  cursor.expectWord("MODEL");
  const before = parseIfNotExists(cursor);
  const name = cursor.path();
  // Spanner takes IF NOT EXISTS on either side of a model's name.
  const ifNotExists = parseIfNotExists(cursor) || before;
  const input = cursor.takeWord("INPUT") ? parseModelColumns(cursor) : undefined;
  const output = cursor.takeWord("OUTPUT") ? parseModelColumns(cursor) : undefined;
  const remote = cursor.takeWord("REMOTE");
  const options = parseOptions(cursor);
  return {
    kind: "create-model",
    orReplace,
    ifNotExists,
    name,
    ...present({ input, output }),
    remote,
    ...present({ options }),
    position: cursor.since(start),
  };
}

function parseModelColumns(cursor: Cursor): ColumnDefinition[] {
  cursor.expectSymbol("(");
  const columns = [parseColumnDefinition(cursor)];
  while (cursor.takeSymbol(",") && !cursor.isSymbol(")")) {
    columns.push(parseColumnDefinition(cursor));
  }
  cursor.expectListEnd();
  return columns;
}

/** `MODEL [IF EXISTS] name SET OPTIONS (…)`, after ALTER. */
export function parseAlterModel(cursor: Cursor, start: number): AlterModel {
  cursor.expectWord("MODEL");
  const ifExists = parseIfExists(cursor);
  const name = cursor.path();
  cursor.expectWord("SET");
  const options = expectOptions(cursor);
  return { kind: "alter-model", ifExists, name, options, position: cursor.since(start) };
}

/** `PROTO BUNDLE (types)`, after CREATE. */
export function parseCreateProtoBundle(cursor: Cursor, start: number): CreateProtoBundle {
  cursor.expectWords("PROTO", "BUNDLE");
  const types = parseProtoTypes(cursor);
  return { kind: "create-proto-bundle", types, position: cursor.since(start) };
}

/** `PROTO BUNDLE [INSERT (…)] [UPDATE (…)] [DELETE (…)]`, after ALTER. */
export function parseAlterProtoBundle(cursor: Cursor, start: number): AlterProtoBundle {
  cursor.expectWords("PROTO", "BUNDLE");
  const insert = cursor.takeWord("INSERT") ? parseProtoTypes(cursor) : [];
  const update = cursor.takeWord("UPDATE") ? parseProtoTypes(cursor) : [];
  const removed = cursor.takeWord("DELETE") ? parseProtoTypes(cursor) : [];
  return {
    kind: "alter-proto-bundle",
    insert,
    update,
    delete: removed,
    position: cursor.since(start),
  };
}

function parseProtoTypes(cursor: Cursor): Path[] {
  cursor.expectSymbol("(");
  const types: Path[] = [];
  while (!cursor.isSymbol(")")) {
    types.push(cursor.path());
    if (!cursor.takeSymbol(",")) break;
  }
  cursor.expectListEnd();
  return types;
}

/** `LOCALITY GROUP name …` or `PLACEMENT name …`, after CREATE and its two words. */
export function parseCreateOptionsOnly(
  cursor: Cursor,
  start: number,
  kind: CreateOptionsOnly["kind"],
): CreateOptionsOnly {
  const ifNotExists = parseIfNotExists(cursor);
  const name = parseObjectName(cursor);
  const options = parseOptions(cursor);
  return { kind, ifNotExists, name, ...present({ options }), position: cursor.since(start) };
}

/** `name SET OPTIONS (…)`, after ALTER and what is altered. */
export function parseAlterOptionsOnly(
  cursor: Cursor,
  start: number,
  kind: AlterOptionsOnly["kind"],
): AlterOptionsOnly {
  const name = parseObjectName(cursor);
  cursor.expectWord("SET");
  const options = expectOptions(cursor);
  return { kind, name, options, position: cursor.since(start) };
}

/** The locality group `default` may be written without quotes. */
function parseObjectName(cursor: Cursor): Path {
  if (!cursor.isWord("DEFAULT")) return cursor.path();
  const start = cursor.start();
  const part = cursor.anyWord();
  return { kind: "path", parts: [part], position: cursor.since(start) };
}
