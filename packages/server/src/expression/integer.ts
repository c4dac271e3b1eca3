// SPDX-License-Identifier: Apache-2.0
// Integers of 64 bits without bigints, where nobody sees the difference: comparing them, hashing them,
// adding them up. A column is read out of its packed row as a number when that is exact.
import type { Value } from "@spandrel/model";
import { type Integer, integerOf } from "../functions/integer.ts";
import type { Call, Expression } from "./expression.ts";
import type { Evaluator, Frame } from "./frame.ts";
import type { Layout } from "./layout.ts";

/** Evaluates an expression of type INT64 over a row. */
export type IntegerEvaluator = (row: readonly Value[], frame: Frame) => Integer | null;

/** Makes the function that evaluates an expression of type INT64; `compile` is for other ones. */
export function integerEvaluator(
  expression: Expression,
  layout: Layout,
  compile: (expression: Expression, layout: Layout) => Evaluator,
): IntegerEvaluator {
  if (expression.kind === "constant") {
    const value = expression.value === null ? null : integerOf(expression.value as bigint);
    return () => value;
  }
  if (expression.kind === "column") {
    const place = layout(expression.column);
    if (typeof place === "object") {
      const { cell, packed } = place;
      return (row) => {
        const stored = row[cell] as string | null; // what a packed place says
        return stored === null ? null : packed.integer(stored);
      };
    }
  }
  const evaluate = compile(expression, layout);
  return (row, frame) => {
    const value = evaluate(row, frame);
    return value === null ? null : integerOf(value as bigint);
  };
}

type Comparison = (left: Integer, right: Integer) => boolean;

const comparisons: Readonly<Record<string, Comparison>> = {
  $equal: (left, right) => left === right,
  $not_equal: (left, right) => left !== right,
  $less: (left, right) => left < right,
  $less_or_equal: (left, right) => left <= right,
  $greater: (left, right) => left > right,
  $greater_or_equal: (left, right) => left >= right,
};

/** The evaluation of a comparison of integers that come from packed rows; undefined for other calls. */
export function comparisonOf(
  call: Call,
  layout: Layout,
  compileInteger: (expression: Expression, layout: Layout) => IntegerEvaluator,
): Evaluator | undefined {
  const [left, right] = call.arguments;
  if (left?.type.kind !== "INT64" || right?.type.kind !== "INT64") return undefined;
  if (!isPacked(left, layout) && !isPacked(right, layout)) return undefined;
  const compare = comparisons[call.overload.name];
  if (compare === undefined) return undefined;
  const first = compileInteger(left, layout);
  const second = compileInteger(right, layout);
  return (row, frame) => {
    const a = first(row, frame);
    const b = second(row, frame);
    return a === null || b === null ? null : compare(a, b);
  };
}

/** Whether an expression is a column that is still packed. */
function isPacked(expression: Expression, layout: Layout): boolean {
  return expression.kind === "column" && typeof layout(expression.column) === "object";
}
