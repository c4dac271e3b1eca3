// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type {
  GraphFiller,
  GraphLabelExpression,
  GraphPropertyFilter,
} from "../tree/graph-pattern.ts";
import type { Hint } from "../tree/hint.ts";
import { type Cursor, present } from "./cursor.ts";

/** `[variable] [:label] [{name: value, …}] [WHERE condition]`, after a hint. */
export function parseFiller(cursor: Cursor, elementHint: Hint | undefined): GraphFiller {
  const variable = cursor.identifierIfAny();
  const hasLabel = cursor.takeSymbol(":") || cursor.takeWord("IS");
  const label = hasLabel ? parseLabelExpression(cursor) : undefined;
  const before = parsePropertyFilters(cursor);
  const where = cursor.takeWord("WHERE") ? cursor.expression() : undefined;
  const properties = before ?? parsePropertyFilters(cursor);
  return present({ elementHint, variable, label, properties, where });
}

/** `COST value` at the end of an edge, if it stands here. */
export function parseCost(cursor: Cursor): Expression | undefined {
  return cursor.takeWord("COST") ? cursor.expression() : undefined;
}

function parsePropertyFilters(cursor: Cursor): GraphPropertyFilter[] | undefined {
  if (!cursor.takeSymbol("{")) return undefined;
  const properties = cursor.list((): GraphPropertyFilter => {
    const start = cursor.start();
    const name = cursor.identifier();
    cursor.expectSymbol(":");
    const value = cursor.expression();
    return { kind: "graph-property-filter", name, value, position: cursor.since(start) };
  });
  cursor.expectSymbol("}");
  return properties;
}

/** `!` binds tightest, then `&`, then `|`. */
export function parseLabelExpression(cursor: Cursor): GraphLabelExpression {
  return cursor.nested(() =>
    parseOperation(cursor, "|", "graph-label-or", () =>
      parseOperation(cursor, "&", "graph-label-and", () => parseLabelOperand(cursor)),
    ),
  );
}

function parseOperation(
  cursor: Cursor,
  symbol: string,
  kind: "graph-label-or" | "graph-label-and",
  parseOperand: () => GraphLabelExpression,
): GraphLabelExpression {
  const start = cursor.start();
  const first = parseOperand();
  if (!cursor.isSymbol(symbol)) return first;
  const operands = [first];
  while (cursor.takeSymbol(symbol)) operands.push(parseOperand());
  return { kind, operands, position: cursor.since(start) };
}

function parseLabelOperand(cursor: Cursor): GraphLabelExpression {
  const start = cursor.start();
  if (cursor.takeSymbol("!")) {
    const operand = cursor.nested(() => parseLabelOperand(cursor));
    return { kind: "graph-label-not", operand, position: cursor.since(start) };
  }
  if (cursor.takeSymbol("%")) return { kind: "graph-any-label", position: cursor.since(start) };
  if (!cursor.takeSymbol("(")) {
    return { kind: "graph-label-name", name: cursor.identifier(), position: cursor.since(start) };
  }
  const inner = parseLabelExpression(cursor);
  cursor.expectSymbol(")");
  return inner;
}
