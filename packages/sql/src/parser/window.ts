// SPDX-License-Identifier: Apache-2.0

import type { WindowBound, WindowFrame, WindowSpecification } from "../tree/expression.ts";
import type { NamedWindow } from "../tree/query.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseHint } from "./hint.ts";
import { parseOrderBy } from "./order.ts";

/** What follows OVER: a name, or `(…)`. */
export function parseWindow(cursor: Cursor): WindowSpecification {
  const start = cursor.start();
  if (cursor.isName()) {
    const base = cursor.identifier();
    return { kind: "window", base, partitionBy: [], orderBy: [], position: base.position };
  }
  cursor.expectSymbol("(");
  const base = cursor.identifierIfAny();
  const partitionBy = parsePartitionBy(cursor);
  const orderBy = parseOrderBy(cursor)?.items ?? [];
  const frame = parseFrame(cursor);
  cursor.expectSymbol(")");
  return {
    kind: "window",
    ...present({ base }),
    partitionBy,
    orderBy,
    ...present({ frame }),
    position: cursor.since(start),
  };
}

function parsePartitionBy(cursor: Cursor): WindowSpecification["partitionBy"] {
  if (!cursor.takeWord("PARTITION")) return [];
  parseHint(cursor);
  cursor.expectWord("BY");
  return cursor.list(() => cursor.expression());
}

function parseFrame(cursor: Cursor): WindowFrame | undefined {
  const start = cursor.start();
  const unit = cursor.isWord("ROWS") ? "ROWS" : "RANGE";
  if (!cursor.takeWord(unit)) return undefined;
  if (!cursor.takeWord("BETWEEN")) {
    const bound = parseBound(cursor);
    return { kind: "window-frame", unit, start: bound, position: cursor.since(start) };
  }
  const from = parseBound(cursor);
  cursor.expectWord("AND");
  const end = parseBound(cursor);
  return { kind: "window-frame", unit, start: from, end, position: cursor.since(start) };
}

function parseBound(cursor: Cursor): WindowBound {
  if (cursor.takeWords("CURRENT", "ROW")) return { kind: "current-row" };
  if (cursor.takeWord("UNBOUNDED")) return { kind: "unbounded", direction: parseBoundSide(cursor) };
  const distance = cursor.expression();
  return { kind: "distance", distance, direction: parseBoundSide(cursor) };
}

function parseBoundSide(cursor: Cursor): "PRECEDING" | "FOLLOWING" {
  if (cursor.takeWord("PRECEDING")) return "PRECEDING";
  if (cursor.takeWord("FOLLOWING")) return "FOLLOWING";
  throw cursor.expected("keyword FOLLOWING or keyword PRECEDING");
}

/** `WINDOW name AS (…), …`, or an empty list. */
export function parseWindowClause(cursor: Cursor): NamedWindow[] {
  if (!cursor.takeWord("WINDOW")) return [];
  return cursor.list(() => {
    const start = cursor.start();
    const name = cursor.identifier();
    cursor.expectWord("AS");
    const window = parseWindow(cursor);
    return { kind: "named-window", name, window, position: cursor.since(start) };
  });
}
