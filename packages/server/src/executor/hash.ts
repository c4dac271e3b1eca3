// SPDX-License-Identifier: Apache-2.0
// Keys for hash tables straight from rows. Columns of type INT64 give their key without their value.
import type { Value } from "@spandrel/model";
import { compile, compileInteger } from "../expression/compile.ts";
import type { Expression } from "../expression/expression.ts";
import type { Frame } from "../expression/frame.ts";
import type { Layout } from "../expression/layout.ts";
import { type HashKey, hashKeyOf, hashTextOf } from "../functions/hash-key.ts";
import type { Row } from "../rows/contract.ts";

/** Gives the key of a row. */
export type RowKey = (row: Row, frame: Frame) => HashKey;

/** The key of one expression that is no struct or array; undefined for those. */
function prepareSingle(expression: Expression, layout: Layout): RowKey | undefined {
  if (expression.type.kind === "INT64") return compileInteger(expression, layout);
  const keyOf = hashKeyOf(expression.type);
  if (keyOf === undefined) return undefined;
  const value = compile(expression, layout);
  return (row, frame) => keyOf(value(row, frame));
}

/** The same key just for rows that GROUP BY takes for the same. */
export function prepareRowKey(expressions: readonly Expression[], layout: Layout): RowKey {
  const [only] = expressions;
  const single =
    expressions.length === 1 && only !== undefined ? prepareSingle(only, layout) : undefined;
  if (single !== undefined) return single;
  const values = expressions.map((expression) => compile(expression, layout));
  const text = hashTextOf(expressions.map(({ type }) => type));
  return (row, frame) => text(values.map((value) => value(row, frame)));
}

/** The same key just for rows that are equal; undefined when a part is NULL or NaN. */
export function prepareEqualKey(
  expressions: readonly Expression[],
  layout: Layout,
): (row: Row, frame: Frame) => HashKey | undefined {
  const [only] = expressions;
  if (only === undefined) return () => "";
  const single = expressions.length === 1 ? prepareSingle(only, layout) : undefined;
  if (single !== undefined) {
    return (row, frame) => {
      const key = single(row, frame);
      return equalsNothing(key) ? undefined : key;
    };
  }
  const values = expressions.map((expression) => compile(expression, layout));
  const text = hashTextOf(expressions.map(({ type }) => type));
  return (row, frame) => {
    const parts = values.map((value) => value(row, frame));
    return parts.some(equalsNothing) ? undefined : text(parts);
  };
}

function equalsNothing(value: Value): boolean {
  return value === null || (typeof value === "number" && Number.isNaN(value));
}
