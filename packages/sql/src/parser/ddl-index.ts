// SPDX-License-Identifier: Apache-2.0

import type {
  AlterIndex,
  AlterIndexAction,
  CreateIndex,
  CreateSearchIndex,
  CreateVectorIndex,
  IndexInterleave,
  IndexType,
} from "../tree/ddl-index.ts";
import type { Expression } from "../tree/expression.ts";
import type { Identifier } from "../tree/position.ts";
import { parseKeyPart, parseKeyParts } from "./column.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseIfNotExists, parseSetOptions } from "./ddl-table.ts";
import { parseOptions } from "./hint.ts";

/** `[UNIQUE] [NULL_FILTERED] INDEX …`, after CREATE. */
export function parseCreateIndex(cursor: Cursor, start: number): CreateIndex {
  const unique = cursor.takeWord("UNIQUE");
  const nullFiltered = cursor.takeWord("NULL_FILTERED");
  cursor.expectWord("INDEX");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  cursor.expectWord("ON");
  const table = cursor.path();
  const keys = parseKeyParts(cursor);
  const storing = parseStoring(cursor);
  const where = parseWhere(cursor);
  const interleaveIn = parseIndexInterleave(cursor);
  const options = parseOptions(cursor);
  return {
    kind: "create-index",
    unique,
    nullFiltered,
    ifNotExists,
    name,
    table,
    keys,
    storing,
    ...present({ where, interleaveIn, options }),
    position: cursor.since(start),
  };
}

/** `SEARCH INDEX …`, after CREATE. */
export function parseCreateSearchIndex(cursor: Cursor, start: number): CreateSearchIndex {
  cursor.expectWords("SEARCH", "INDEX");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  cursor.expectWord("ON");
  const table = cursor.path();
  const columns = parseColumnNames(cursor);
  const storing = parseStoring(cursor);
  const partitionBy = parsePartitionBy(cursor);
  const orderBy = cursor.takeWords("ORDER", "BY") ? cursor.list(() => parseKeyPart(cursor)) : [];
  const where = parseWhere(cursor);
  const interleaveIn = parseIndexInterleave(cursor);
  const options = parseOptions(cursor);
  return {
    kind: "create-search-index",
    ifNotExists,
    name,
    table,
    columns,
    storing,
    partitionBy,
    orderBy,
    ...present({ where, interleaveIn, options }),
    position: cursor.since(start),
  };
}

/** `VECTOR INDEX …`, after CREATE. */
export function parseCreateVectorIndex(cursor: Cursor, start: number): CreateVectorIndex {
  cursor.expectWords("VECTOR", "INDEX");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  cursor.expectWord("ON");
  const table = cursor.path();
  const columns = parseColumnNames(cursor);
  const storing = parseStoring(cursor);
  const partitionBy = parsePartitionBy(cursor);
  const where = parseWhere(cursor);
  const options = parseOptions(cursor);
  return {
    kind: "create-vector-index",
    ifNotExists,
    name,
    table,
    columns,
    storing,
    partitionBy,
    ...present({ where, options }),
    position: cursor.since(start),
  };
}

/** `(a, b)`, which may end in a comma. */
function parseColumnNames(cursor: Cursor): Identifier[] {
  cursor.expectSymbol("(");
  const names = [cursor.identifier()];
  while (cursor.takeSymbol(",") && !cursor.isSymbol(")")) names.push(cursor.identifier());
  cursor.expectListEnd();
  return names;
}

function parseStoring(cursor: Cursor): Identifier[] {
  return cursor.takeWord("STORING") ? parseColumnNames(cursor) : [];
}

function parsePartitionBy(cursor: Cursor): Identifier[] {
  return cursor.takeWords("PARTITION", "BY") ? cursor.list(() => cursor.identifier()) : [];
}

function parseWhere(cursor: Cursor): Expression | undefined {
  return cursor.takeWord("WHERE") ? cursor.expression() : undefined;
}

function parseIndexInterleave(cursor: Cursor): IndexInterleave | undefined {
  const start = cursor.start();
  if (!cursor.takeSymbol(",")) return undefined;
  cursor.expectWords("INTERLEAVE", "IN");
  const isParent = cursor.isWord("PARENT") && !cursor.isSymbol(".", 1) && !cursor.isName(1);
  if (isParent || (cursor.isWord("PARENT") && cursor.isWord("OPTIONS", 1))) {
    cursor.take();
    return { kind: "index-interleave", position: cursor.since(start) };
  }
  const table = cursor.path();
  return { kind: "index-interleave", table, position: cursor.since(start) };
}

/** `[SEARCH | VECTOR] INDEX name action`, after ALTER. */
export function parseAlterIndex(cursor: Cursor, start: number): AlterIndex {
  const type = parseIndexType(cursor);
  const name = cursor.path();
  const action = parseAlterIndexAction(cursor);
  return { kind: "alter-index", type, name, action, position: cursor.since(start) };
}

function parseIndexType(cursor: Cursor): IndexType {
  if (cursor.takeWords("SEARCH", "INDEX")) return "SEARCH INDEX";
  if (cursor.takeWords("VECTOR", "INDEX")) return "VECTOR INDEX";
  cursor.expectWord("INDEX");
  return "INDEX";
}

function parseAlterIndexAction(cursor: Cursor): AlterIndexAction {
  const start = cursor.start();
  if (cursor.takeWord("SET")) return parseSetOptions(cursor, start);
  const isAdd = cursor.takeWord("ADD");
  if (!isAdd) cursor.expectWord("DROP");
  cursor.expectWords("STORED", "COLUMN");
  const column = cursor.identifier();
  const kind = isAdd ? "add-stored-column" : "drop-stored-column";
  return { kind, column, position: cursor.since(start) };
}
