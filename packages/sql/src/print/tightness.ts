// SPDX-License-Identifier: Apache-2.0

import type { BinaryOperator, Expression, Logical } from "../tree/expression.ts";
import type { Printer } from "./printer.ts";

/**
 * How tightly an expression holds together, from OR at 1 to a literal at 12.
 *
 * One that stands where only a tighter one can needs parentheses.
 */
export const logicalTightness: Readonly<Record<Logical["kind"], number>> = { or: 1, and: 2 };
export const notTightness: number = 3;
export const comparisonTightness: number = 4;
export const binaryTightness: Readonly<Record<BinaryOperator, number>> = {
  "=": comparisonTightness,
  "!=": comparisonTightness,
  "<": comparisonTightness,
  "<=": comparisonTightness,
  ">": comparisonTightness,
  ">=": comparisonTightness,
  "|": 5,
  "^": 6,
  "&": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "||": 10,
};
export const unaryTightness: number = 11;
const postfixTightness = 12;

function tightnessOf(expression: Expression): number {
  switch (expression.kind) {
    case "or":
    case "and":
      return logicalTightness[expression.kind];
    case "unary":
      return expression.operator === "NOT" ? notTightness : unaryTightness;
    case "binary":
      return binaryTightness[expression.operator];
    case "between":
    case "in":
    case "like":
    case "is":
    case "distinct-from":
    case "is-labeled":
    case "is-endpoint":
      return comparisonTightness;
    case "interval":
      return unaryTightness;
    default:
      return postfixTightness;
  }
}

/** An expression where only one at least this tight can stand. */
export function printAt(printer: Printer, expression: Expression, atLeast: number): string {
  const text = printer.expression(expression);
  return tightnessOf(expression) < atLeast ? `(${text})` : text;
}

/** What would swallow a dot after it. */
const swallowsDot: ReadonlySet<Expression["kind"]> = new Set([
  "path",
  "integer",
  "float",
  "system-variable",
]);

/** What a field, a subscript, or a chained call is applied to. */
export function printOperand(printer: Printer, operand: Expression): string {
  if (swallowsDot.has(operand.kind)) return `(${printer.expression(operand)})`;
  return printAt(printer, operand, postfixTightness);
}
