// SPDX-License-Identifier: Apache-2.0
// Expressions as text, for people who read plans. Not SQL: casts that were inserted show, and columns
// that have no name show their number.
import { encodeValue, printType } from "@spandrel/model";
import type { Expression } from "./expression.ts";
import { partsOf } from "./walk.ts";

const symbols: ReadonlyMap<string, string> = new Map([
  ["$add", "+"],
  ["$subtract", "-"],
  ["$multiply", "*"],
  ["$divide", "/"],
  ["$concat", "||"],
  ["$equal", "="],
  ["$not_equal", "!="],
  ["$less", "<"],
  ["$less_or_equal", "<="],
  ["$greater", ">"],
  ["$greater_or_equal", ">="],
  ["$like", "LIKE"],
]);

/** Writes an expression. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "constant":
      return JSON.stringify(encodeValue(expression.type, expression.value));
    case "parameter":
      return `@${expression.name}`;
    case "column":
      return expression.name === "" ? `$${expression.column}` : `$${expression.name}`;
    case "call":
      return printCall(expression.overload.name, partsOf(expression).map(printExpression));
    case "and":
    case "or":
      return `(${expression.operands.map(printExpression).join(` ${expression.kind.toUpperCase()} `)})`;
    case "cast":
      return `CAST(${printExpression(expression.operand)} AS ${printType(expression.type)})`;
    case "field":
      return `${printExpression(expression.operand)}[${expression.index}]`;
    case "subquery":
      return `subquery ${expression.query} (${expression.form})`;
    default: {
      const parts = partsOf(expression).map(printExpression);
      return `${expression.kind.toUpperCase().replaceAll(" ", "_")}(${parts.join(", ")})`;
    }
  }
}

function printCall(name: string, operands: readonly string[]): string {
  const symbol = symbols.get(name);
  if (symbol !== undefined && operands.length === 2) return `(${operands.join(` ${symbol} `)})`;
  return `${name.replace(/^\$/, "").toUpperCase()}(${operands.join(", ")})`;
}
