// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type { GraphQuantifier } from "../tree/graph-pattern.ts";
import { isCount, parseCount } from "./count.ts";
import { type Cursor, present } from "./cursor.ts";

/** `{2, 5}`, `{3}`, `+`, or `*`, if it stands here. */
export function parseQuantifier(cursor: Cursor): GraphQuantifier | undefined {
  const start = cursor.start();
  if (cursor.takeSymbol("*")) return { kind: "graph-quantifier", position: cursor.since(start) };
  if (cursor.takeSymbol("+")) {
    const position = cursor.since(start);
    const least = { kind: "integer", value: 1n, text: "1", position } as const;
    return { kind: "graph-quantifier", least, position };
  }
  if (!cursor.takeSymbol("{")) return undefined;
  const least = isCount(cursor) ? parseCount(cursor) : undefined;
  const most = parseMost(cursor, least);
  cursor.expectSymbol("}");
  const position = cursor.since(start);
  return { kind: "graph-quantifier", ...present({ least, most }), position };
}

/** Without a comma the one bound is both. */
function parseMost(cursor: Cursor, least: Expression | undefined): Expression | undefined {
  if (cursor.takeSymbol(",")) return isCount(cursor) ? parseCount(cursor) : undefined;
  if (least === undefined) throw cursor.expected('","');
  return least;
}

/** Whether a quantifier stands here. */
export function startsQuantifier(cursor: Cursor): boolean {
  return ["{", "+", "*"].some((symbol) => cursor.isSymbol(symbol));
}
