// SPDX-License-Identifier: Apache-2.0
// From conditions to a part of a key: equalities from the front of the key, then a range on the next
// part. A condition that the seek fulfils whole is taken away from the filter.
import { STRING, typesEqual } from "@spandrel/model";
import type { Expression } from "../expression/expression.ts";
import type { KeyPart } from "../schema/schema.ts";
import type { KeySeek, SeekBound, SeekPart, SeekRange } from "./plan.ts";

/** A seek, and the conditions that it leaves. */
export interface FoundSeek {
  readonly seek: KeySeek;
  readonly rest: readonly Expression[];
  /** The part of the rows that is expected to be read, from 0 to 1. */
  readonly fraction: number;
  /** Whether all parts of the key are fixed to single values. */
  readonly isPoint: boolean;
}

/** What is known about the rows that conditions speak of. */
export interface SeekContext {
  /** The number of a key part's column in the statement. */
  readonly columnOf: (part: KeyPart) => number | undefined;
  /** Whether an expression has its value before the scan begins. */
  readonly isKnown: (expression: Expression) => boolean;
}

/** Finds the narrowest part of a key that the conditions allow. */
export function findSeek(
  key: readonly KeyPart[],
  conjuncts: readonly Expression[],
  context: SeekContext,
): FoundSeek {
  const prefix: SeekPart[] = [];
  let rest = conjuncts;
  let fraction = 1;
  let isPoint = true;
  for (const part of key) {
    const column = context.columnOf(part);
    const found = column === undefined ? undefined : findPart(part, column, rest, context);
    if (found === undefined) break;
    prefix.push(found.part);
    rest = rest.filter((each) => each !== found.conjunct);
    fraction *= found.part.kind === "equal" || found.part.kind === "null" ? 0.01 : 0.05;
    isPoint &&= found.part.kind === "equal" || found.part.kind === "null";
  }
  const next = key[prefix.length];
  const column = next === undefined ? undefined : context.columnOf(next);
  const ranged =
    next === undefined || column === undefined ? undefined : findRange(next, column, rest, context);
  if (ranged !== undefined) {
    rest = ranged.rest;
    fraction *= ranged.range.low !== undefined && ranged.range.high !== undefined ? 0.1 : 0.3;
  }
  return {
    seek: { kind: "key", key, prefix, range: ranged?.range },
    rest,
    fraction,
    isPoint: isPoint && prefix.length === key.length,
  };
}

interface FoundPart {
  readonly part: SeekPart;
  readonly conjunct: Expression;
}

function findPart(
  part: KeyPart,
  column: number,
  conjuncts: readonly Expression[],
  context: SeekContext,
): FoundPart | undefined {
  let several: FoundPart | undefined;
  for (const conjunct of conjuncts) {
    const found = asPart(part, column, conjunct, context);
    if (found?.kind === "equal" || found?.kind === "null") return { part: found, conjunct };
    if (found !== undefined) several ??= { part: found, conjunct };
  }
  return several;
}

function isColumn(expression: Expression | undefined, part: KeyPart, column: number): boolean {
  return (
    expression?.kind === "column" &&
    expression.column === column &&
    typesEqual(expression.type, part.column.type)
  );
}

function asPart(
  part: KeyPart,
  column: number,
  conjunct: Expression,
  context: SeekContext,
): SeekPart | undefined {
  if (conjunct.kind === "in" && isColumn(conjunct.operand, part, column)) {
    const { elements, array } = conjunct;
    if (elements?.every(context.isKnown)) return { kind: "one of", values: elements };
    if (array !== undefined && context.isKnown(array)) return { kind: "in array", array };
    return undefined;
  }
  if (conjunct.kind !== "call") return undefined;
  const [left, right] = conjunct.arguments;
  if (conjunct.overload.name === "$is_null" && isColumn(left, part, column))
    return { kind: "null" };
  if (conjunct.overload.name !== "$equal" || left === undefined || right === undefined) {
    return undefined;
  }
  if (isColumn(left, part, column) && context.isKnown(right))
    return { kind: "equal", value: right };
  if (isColumn(right, part, column) && context.isKnown(left)) return { kind: "equal", value: left };
  return undefined;
}

interface Bounds {
  readonly low?: SeekBound;
  readonly high?: SeekBound;
  readonly prefix?: Expression;
}

function findRange(
  part: KeyPart,
  column: number,
  conjuncts: readonly Expression[],
  context: SeekContext,
): { readonly range: SeekRange; readonly rest: readonly Expression[] } | undefined {
  let range: SeekRange = { low: undefined, high: undefined, prefix: undefined };
  const used = new Set<Expression>();
  for (const conjunct of conjuncts) {
    const bounds = boundsOf(part, column, conjunct, context);
    if (bounds === undefined || range.prefix !== undefined) continue;
    if (bounds.prefix !== undefined) {
      if (used.size > 0) continue;
      range = { ...range, prefix: bounds.prefix };
    } else if (bounds.low !== undefined && range.low !== undefined) continue;
    else if (bounds.high !== undefined && range.high !== undefined) continue;
    else range = { ...range, ...bounds };
    used.add(conjunct);
  }
  if (used.size === 0) return undefined;
  return { range, rest: conjuncts.filter((conjunct) => !used.has(conjunct)) };
}

const asLow: Readonly<Record<string, boolean>> = { $greater: false, $greater_or_equal: true };
const asHigh: Readonly<Record<string, boolean>> = { $less: false, $less_or_equal: true };

function boundsOf(
  part: KeyPart,
  column: number,
  conjunct: Expression,
  context: SeekContext,
): Bounds | undefined {
  if (conjunct.kind !== "call") return undefined;
  // NaN is in no range, yet it has a place in the key's order.
  if (part.column.type.kind === "FLOAT64" || part.column.type.kind === "FLOAT32") return undefined;
  const { name } = conjunct.overload;
  const [first, second, third] = conjunct.arguments;
  if (first === undefined || second === undefined) return undefined;
  if (isColumn(first, part, column) && context.isKnown(second)) {
    if (name === "STARTS_WITH" && typesEqual(part.column.type, STRING)) return { prefix: second };
    if (name === "$between" && third !== undefined && context.isKnown(third)) {
      return {
        low: { value: second, isClosed: true },
        high: { value: third, isClosed: true },
      };
    }
    const [low, high] = [asLow[name], asHigh[name]];
    if (low !== undefined) return { low: { value: second, isClosed: low } };
    if (high !== undefined) return { high: { value: second, isClosed: high } };
    return undefined;
  }
  if (!isColumn(second, part, column) || !context.isKnown(first)) return undefined;
  const [low, high] = [asHigh[name], asLow[name]];
  if (low !== undefined) return { low: { value: first, isClosed: low } };
  if (high !== undefined) return { high: { value: first, isClosed: high } };
  return undefined;
}
