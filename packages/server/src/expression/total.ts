// SPDX-License-Identifier: Apache-2.0
import type { Call, Cast, Expression } from "./expression.ts";
import { partsOf } from "./walk.ts";

/** The calls that have a value whatever their arguments are. */
const totalCalls: ReadonlySet<string> = new Set([
  "$equal",
  "$not_equal",
  "$less",
  "$less_or_equal",
  "$greater",
  "$greater_or_equal",
  "$between",
  "$is_distinct_from",
  "$is_null",
  "$is_true",
  "$is_false",
  "$not",
]);

const totalKinds: ReadonlySet<Expression["kind"]> = new Set([
  "constant",
  "parameter",
  "column",
  "and",
  "or",
  "conditional",
  "coalesce",
  "in",
  "array",
  "struct",
  "field",
]);

/**
 * Whether an expression cannot fail, whatever the row: such a one may be evaluated for rows that the
 * statement would never have come to. Only what is known to be safe counts.
 */
export function isTotal(expression: Expression): boolean {
  const isSafe =
    totalKinds.has(expression.kind) ||
    (expression.kind === "call" && isTotalCall(expression)) ||
    (expression.kind === "cast" && isTotalCast(expression));
  return isSafe && partsOf(expression).every(isTotal);
}

function isTotalCall({ overload, isSafe }: Call): boolean {
  return totalCalls.has(overload.name) || (isSafe && !overload.isVolatile);
}

function isTotalCast({ operand, type, isSafe }: Cast): boolean {
  const widened = operand.type.kind === "INT64" || operand.type.kind === "FLOAT32";
  return isSafe || (widened && type.kind === "FLOAT64");
}
