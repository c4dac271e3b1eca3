// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type { Limit, OrderBy, OrderDirection, OrderItem } from "../tree/query.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseHint } from "./hint.ts";
import { parseStringLiteral } from "./literal.ts";

/** `ORDER [hint] BY item, …`, if it stands here. */
export function parseOrderBy(
  cursor: Cursor,
  parseOrder: (cursor: Cursor) => OrderDirection | undefined = parseDirection,
): OrderBy | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("ORDER")) return undefined;
  const hint = parseHint(cursor);
  cursor.expectWord("BY");
  const items = cursor.list(() => parseOrderItem(cursor, parseOrder));
  return { kind: "order-by", ...present({ hint }), items, position: cursor.since(start) };
}

/** `value [COLLATE name] [ASC | DESC] [NULLS FIRST | NULLS LAST]`. */
export function parseOrderItem(
  cursor: Cursor,
  parseOrder: (cursor: Cursor) => OrderDirection | undefined = parseDirection,
): OrderItem {
  const start = cursor.start();
  const value = cursor.expression();
  const collation = cursor.takeWord("COLLATE") ? parseCollation(cursor) : undefined;
  const direction = parseOrder(cursor);
  const nulls = parseNullOrder(cursor);
  return {
    kind: "order-item",
    value,
    ...present({ collation, direction, nulls }),
    position: cursor.since(start),
  };
}

function parseCollation(cursor: Cursor): Expression {
  if (cursor.peek().kind === "string") return parseStringLiteral(cursor);
  if (cursor.isSymbol("@") || cursor.isSymbol("@@")) return cursor.expression();
  throw cursor.expected('"@" or "@@" or string literal');
}

/** `ASC` or `DESC`, if written. */
export function parseDirection(cursor: Cursor): OrderDirection | undefined {
  if (cursor.takeWord("ASC")) return "ASC";
  if (cursor.takeWord("DESC")) return "DESC";
  return undefined;
}

/** `NULLS FIRST` or `NULLS LAST`, if written. */
export function parseNullOrder(cursor: Cursor): "FIRST" | "LAST" | undefined {
  if (!cursor.takeWord("NULLS")) return undefined;
  if (cursor.takeWord("FIRST")) return "FIRST";
  if (cursor.takeWord("LAST")) return "LAST";
  throw cursor.expected("keyword FIRST or keyword LAST");
}

/** `LIMIT count [OFFSET offset]`, if it stands here. */
export function parseLimit(cursor: Cursor): Limit | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("LIMIT")) return undefined;
  const count = cursor.takeWord("ALL") ? undefined : cursor.expression();
  const offset = cursor.takeWord("OFFSET") ? cursor.expression() : undefined;
  return { kind: "limit", ...present({ count, offset }), position: cursor.since(start) };
}
