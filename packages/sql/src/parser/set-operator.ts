// SPDX-License-Identifier: Apache-2.0

import type { ColumnMatch, SetOperation } from "../tree/query.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseHint } from "./hint.ts";
import { isOuterMode } from "./parentheses.ts";

/** The words between two inputs. */
export interface SetOperator
  extends Pick<SetOperation, "operator" | "distinct" | "hint" | "match"> {
  readonly start: number;
}

/** `UNION [hint] ALL | DISTINCT`, and how columns are matched, if it stands here. */
export function parseSetOperator(cursor: Cursor): SetOperator | undefined {
  const start = cursor.start();
  const propagation = isOuterMode(cursor) ? parsePropagation(cursor) : undefined;
  const operator = takeSetOperator(cursor);
  if (operator === undefined) return undefined;
  const hint = parseHint(cursor);
  const distinct = parseSetQuantifier(cursor, operator);
  const match = parseColumnMatch(cursor, propagation);
  return { start, operator, distinct, ...present({ hint, match }) };
}

/** `UNION`, `INTERSECT`, or `EXCEPT`, if it stands here. */
export function takeSetOperator(cursor: Cursor): SetOperation["operator"] | undefined {
  if (cursor.takeWord("UNION")) return "UNION";
  if (cursor.takeWord("INTERSECT")) return "INTERSECT";
  return cursor.takeWord("EXCEPT") ? "EXCEPT" : undefined;
}

/** `ALL` or `DISTINCT`; true for the latter. */
function parseSetQuantifier(cursor: Cursor, operator: SetOperation["operator"]): boolean {
  if (cursor.takeWord("DISTINCT")) return true;
  if (cursor.takeWord("ALL")) return false;
  if (operator === "EXCEPT") {
    throw cursor.error('EXCEPT must be followed by ALL, DISTINCT, or "("');
  }
  throw cursor.expected("keyword ALL or keyword DISTINCT");
}

/** `LEFT`, `FULL OUTER`, `INNER`, or `STRICT`, before a set operator. */
export function parsePropagation(cursor: Cursor): ColumnMatch["propagation"] {
  if (cursor.takeWord("INNER")) return "INNER";
  if (cursor.takeWord("STRICT")) return "STRICT";
  const isLeft = cursor.takeWord("LEFT");
  if (!isLeft) cursor.takeWord("FULL");
  cursor.takeWord("OUTER");
  return isLeft ? "LEFT" : "FULL";
}

/** `[STRICT] CORRESPONDING [BY (…)]` or `BY NAME [ON (…)]`, if it stands here. */
function parseColumnMatch(
  cursor: Cursor,
  outer: ColumnMatch["propagation"] | undefined,
): ColumnMatch | undefined {
  const start = cursor.start();
  const strict = cursor.isWord("STRICT") && cursor.takeWord("STRICT");
  if (strict && outer !== undefined) {
    throw cursor.error("Syntax error: STRICT cannot be used with outer mode in set operations");
  }
  const isByName = cursor.takeWords("BY", "NAME");
  if (!isByName && !cursor.takeWord("CORRESPONDING")) {
    if (strict || outer !== undefined) {
      throw cursor.expected("keyword BY or keyword CORRESPONDING");
    }
    return undefined;
  }
  if (strict && isByName) {
    throw cursor.error("Syntax error: STRICT cannot be used with BY NAME in set operations");
  }
  const hasColumns = cursor.takeWord(isByName ? "ON" : "BY");
  const columns = hasColumns ? cursor.parenthesized(() => cursor.identifier()) : [];
  return {
    kind: "column-match",
    mode: isByName ? "BY NAME" : "CORRESPONDING",
    propagation: strict ? "STRICT" : (outer ?? "INNER"),
    columns,
    position: cursor.since(start),
  };
}
