// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type { Query } from "../tree/query.ts";
import type { Cursor } from "./cursor.ts";

/** What a pair of parentheses held: a query, or one or more expressions. */
export type Parenthesized =
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "expressions"; readonly elements: readonly Expression[] };

/**
 * `(query)` or `(expression, …)`.
 *
 * After `((SELECT 1)` both are possible: the inner parentheses may hold a value, or the first input
 * of a UNION. They are read as a value, and taken for the start of a query when one goes on behind
 * them.
 */
export function parseParenthesized(cursor: Cursor): Parenthesized {
  cursor.expectSymbol("(");
  const contents = parseContents(cursor);
  if (!cursor.takeSymbol(")")) throw cursor.expected(contents.kind === "query" ? '")"' : '","');
  return contents;
}

function parseContents(cursor: Cursor): Parenthesized {
  if (isQueryWord(cursor, 0)) return { kind: "query", query: cursor.query() };
  const start = cursor.start();
  const first = cursor.expression();
  if (first.kind === "subquery" && first.form === "scalar" && continuesQuery(cursor)) {
    return { kind: "query", query: cursor.queryAfter(first.query, start) };
  }
  const rest = cursor.takeSymbol(",") ? cursor.list(() => cursor.expression()) : [];
  return { kind: "expressions", elements: [first, ...rest] };
}

/** Whether a query stands here, perhaps in parentheses of its own. */
export function startsQuery(cursor: Cursor): boolean {
  let ahead = 0;
  while (cursor.isSymbol("(", ahead)) ahead += 1;
  return isQueryWord(cursor, ahead);
}

/** Whether a query starts here without parentheses. `WITH(` starts an expression. */
function isQueryWord(cursor: Cursor, ahead: number): boolean {
  if (cursor.isWord("SELECT", ahead) || cursor.isWord("FROM", ahead)) return true;
  return cursor.isWord("WITH", ahead) && !cursor.isSymbol("(", ahead + 1);
}

const continuations: ReadonlySet<string> = new Set([
  "UNION",
  "INTERSECT",
  "EXCEPT",
  "ORDER",
  "LIMIT",
]);
const outerModes: ReadonlySet<string> = new Set(["FULL", "LEFT", "INNER", "OUTER", "STRICT"]);
const setOperators: ReadonlySet<string> = new Set(["UNION", "INTERSECT", "EXCEPT"]);

/** Whether what follows a query in parentheses makes it part of a larger query. */
export function continuesQuery(cursor: Cursor): boolean {
  if (cursor.isAnyWord(continuations) || cursor.isSymbol("|>")) return true;
  return cursor.isWords("FOR", "UPDATE") || isOuterMode(cursor);
}

/** Whether a set operator with a mode for its columns stands here: `FULL OUTER UNION`. */
export function isOuterMode(cursor: Cursor): boolean {
  if (!cursor.isAnyWord(outerModes)) return false;
  return cursor.isAnyWord(setOperators, cursor.isWord("OUTER", 1) ? 2 : 1);
}
