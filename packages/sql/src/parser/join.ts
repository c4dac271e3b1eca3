// SPDX-License-Identifier: Apache-2.0

import type { FromItem, Join, JoinCondition, JoinType } from "../tree/from.ts";
import type { Hint } from "../tree/hint.ts";
import type { Position } from "../tree/position.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseHint } from "./hint.ts";
import { isOuterMode } from "./parentheses.ts";

/** The words of one join, before its right side. */
export interface JoinHeader {
  readonly type: JoinType;
  readonly method?: "HASH" | "LOOKUP";
  readonly hint?: Hint;
  readonly position: Position;
}

/** One join of a chain, before it is known what its left side is. */
interface Step {
  readonly header: JoinHeader;
  readonly right: FromItem;
  readonly conditions: readonly JoinCondition[];
}

/** Items joined by commas and JOIN, grouping to the left. */
export function parseJoins(
  cursor: Cursor,
  parseItem: (cursor: Cursor) => FromItem,
  before?: FromItem,
): FromItem {
  const first = before ?? parseItem(cursor);
  const steps: Step[] = [];
  for (;;) {
    if (cursor.isSymbol(",")) checkComma(cursor, steps, before !== undefined);
    const header = parseJoinHeader(cursor);
    if (header === undefined) break;
    checkAfterComma(cursor, header, steps);
    const right = parseItem(cursor);
    steps.push({ header, right, conditions: parseConditions(cursor, header) });
    cursor.checkChain(steps.length);
  }
  return foldJoins(cursor, first, steps);
}

/** Inside parentheses a comma is no join, and after `ON … ON …` it would be ambiguous. */
function checkComma(cursor: Cursor, steps: readonly Step[], inParentheses: boolean): void {
  if (inParentheses) throw cursor.expected('")"');
  if (steps.some((step) => step.conditions.length > 1)) {
    throw cursor.error(
      "Syntax error: Comma join is not allowed after consecutive ON/USING clauses",
      steps[0]?.header.position,
    );
  }
}

/** `,` or `[type] [HASH | LOOKUP] JOIN [hint]`, if it stands here. */
export function parseJoinHeader(cursor: Cursor): JoinHeader | undefined {
  const start = cursor.start();
  if (cursor.takeSymbol(",")) return { type: "COMMA", position: cursor.since(start) };
  if (isOuterMode(cursor)) return undefined;
  const type = parseJoinType(cursor);
  const method = parseJoinMethod(cursor);
  if (type === undefined && method === undefined && !cursor.isWord("JOIN")) return undefined;
  cursor.expectWord("JOIN");
  const hint = parseHint(cursor);
  return { type: type ?? "INNER", ...present({ method, hint }), position: cursor.since(start) };
}

function parseJoinType(cursor: Cursor): JoinType | undefined {
  if (cursor.takeWord("CROSS")) return "CROSS";
  if (cursor.takeWord("INNER")) return "INNER";
  for (const type of ["LEFT", "RIGHT", "FULL"] as const) {
    if (cursor.takeWord(type)) {
      cursor.takeWord("OUTER");
      return type;
    }
  }
  return undefined;
}

function parseJoinMethod(cursor: Cursor): "HASH" | "LOOKUP" | undefined {
  if (cursor.takeWord("HASH")) return "HASH";
  if (cursor.takeWord("LOOKUP")) return "LOOKUP";
  return undefined;
}

function checkAfterComma(cursor: Cursor, header: JoinHeader, steps: readonly Step[]): void {
  if (header.type !== "RIGHT" && header.type !== "FULL") return;
  if (!steps.some((step) => step.header.type === "COMMA")) return;
  throw cursor.error(
    `Syntax error: ${header.type} JOIN must be parenthesized when following a comma join.  ` +
      "Also, if the preceding comma join is a correlated CROSS JOIN that unnests an array, " +
      "then CROSS JOIN syntax must be used in place of the comma join",
    header.position,
  );
}

function parseConditions(cursor: Cursor, header: JoinHeader): JoinCondition[] {
  const conditions: JoinCondition[] = [];
  if (header.type === "COMMA" || header.type === "CROSS") return conditions;
  for (let next = parseCondition(cursor); next !== undefined; next = parseCondition(cursor)) {
    conditions.push(next);
  }
  return conditions;
}

/** `ON condition` or `USING (columns)`, if it stands here. */
export function parseCondition(cursor: Cursor): JoinCondition | undefined {
  const start = cursor.start();
  if (cursor.takeWord("ON")) {
    const condition = cursor.expression();
    return { kind: "on", condition, position: cursor.since(start) };
  }
  if (!cursor.takeWord("USING")) return undefined;
  const columns = cursor.parenthesized(() => cursor.identifier());
  return { kind: "using", columns, position: cursor.since(start) };
}

/**
 * Pairs joins with conditions.
 *
 * Usually each join has its own. In `a JOIN b JOIN c ON x ON y` the conditions close the joins from
 * the inside out: `a JOIN (b JOIN c ON x) ON y`.
 */
function foldJoins(cursor: Cursor, first: FromItem, steps: readonly Step[]): FromItem {
  if (!steps.some((step) => step.conditions.length > 1)) {
    return steps.reduce(
      (left, step) => makeJoin(step.header, left, step.right, step.conditions[0]),
      first,
    );
  }
  const open: { header: JoinHeader; left: FromItem }[] = [];
  let current = first;
  for (const step of steps) {
    if (step.header.type === "COMMA") {
      for (let join = open.pop(); join !== undefined; join = open.pop()) {
        current = makeJoin(join.header, join.left, current, undefined);
      }
    }
    if (step.header.type === "COMMA" || step.header.type === "CROSS") {
      current = makeJoin(step.header, current, step.right, undefined);
      continue;
    }
    open.push({ header: step.header, left: current });
    current = step.right;
    for (const condition of step.conditions) {
      const join = open.pop();
      if (join === undefined) throw tooManyConditions(cursor, condition, steps);
      current = makeJoin(join.header, join.left, current, condition);
    }
  }
  const unclosed = open[0];
  if (unclosed !== undefined) throw tooFewConditions(cursor, unclosed.header, steps);
  return current;
}

function makeJoin(
  header: JoinHeader,
  left: FromItem,
  right: FromItem,
  condition: JoinCondition | undefined,
): Join {
  const end = condition?.position.end ?? right.position.end;
  return {
    kind: "join",
    ...header,
    left,
    right,
    ...present({ condition }),
    position: { start: left.position.start, end },
  };
}

function tooManyConditions(cursor: Cursor, at: JoinCondition, steps: readonly Step[]): Error {
  const word = at.kind === "on" ? "ON" : "USING";
  const message = `${countConditions(steps)} only ${countJoins(steps)}. Unexpected keyword ${word}`;
  return cursor.error(message, at.position);
}

function tooFewConditions(cursor: Cursor, at: JoinHeader, steps: readonly Step[]): Error {
  const message =
    `${countConditions(steps)} ${countJoins(steps)}. ` +
    `${at.type} JOIN must have an ON or USING clause`;
  return cursor.error(message, at.position);
}

function countConditions(steps: readonly Step[]): string {
  const count = steps.reduce((sum, step) => sum + step.conditions.length, 0);
  return (
    `Syntax error: The number of join conditions is ${count} ` +
    "but the number of joins that require a join condition is"
  );
}

function countJoins(steps: readonly Step[]): number {
  return steps.filter(({ header }) => header.type !== "COMMA" && header.type !== "CROSS").length;
}
