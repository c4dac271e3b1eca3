// SPDX-License-Identifier: Apache-2.0

import type { WithClause, WithEntry } from "../tree/query.ts";
import type { Cursor } from "./cursor.ts";

/** `WITH [RECURSIVE] name AS (query), …`, if it stands here. */
export function parseWithClause(cursor: Cursor): WithClause | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("WITH")) return undefined;
  const recursive = cursor.takeWord("RECURSIVE");
  const entries: WithEntry[] = [];
  cursor.addItem(entries, () => parseWithEntry(cursor));
  while (cursor.takeSymbol(",")) {
    if (!cursor.isName()) throw trailingComma(cursor);
    cursor.addItem(entries, () => parseWithEntry(cursor));
  }
  return { kind: "with", recursive, entries, position: cursor.since(start) };
}

function trailingComma(cursor: Cursor): Error {
  if (!(cursor.isWord("SELECT") || cursor.isSymbol("(") || cursor.isWord("FROM"))) {
    return cursor.unexpected();
  }
  return cursor.error(
    "Syntax error: Trailing comma after the WITH clause before the main query is not allowed",
  );
}

export function parseWithEntry(cursor: Cursor): WithEntry {
  const start = cursor.start();
  const name = cursor.identifier();
  cursor.expectWord("AS");
  cursor.expectSymbol("(");
  const query = cursor.query();
  cursor.expectSymbol(")");
  return { kind: "with-entry", name, query, position: cursor.since(start) };
}
