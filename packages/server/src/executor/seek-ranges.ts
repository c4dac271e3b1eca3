// SPDX-License-Identifier: Apache-2.0
// From a seek to ranges of keys, with the values of this run. NULL equals nothing, so a NULL among the
// values takes its ranges away. A range of values never holds NULL, wherever the key puts it.
import { assert } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import { compile } from "../expression/compile.ts";
import type { Expression } from "../expression/expression.ts";
import type { Evaluator } from "../expression/frame.ts";
import type { KeySeek, SeekBound, SeekPart } from "../planner/plan.ts";
import type { KeyPrefix, KeyRange } from "../rows/contract.ts";
import type { Execution } from "./execution.ts";

/** Gives the ranges to read. */
export type RangeMaker = (execution: Execution) => readonly KeyRange[];

const noRow: readonly Value[] = [];
const fromOutside = (): undefined => undefined;

function outside(expression: Expression): Evaluator {
  return compile(expression, fromOutside);
}

/** Makes the function that turns a seek into ranges. */
export function prepareSeek(seek: KeySeek): RangeMaker {
  const parts = seek.prefix.map(preparePart);
  const within = prepareRange(seek);
  return (execution) => {
    let prefixes: readonly KeyPrefix[] = [[]];
    for (const part of parts) {
      const values = part(execution);
      prefixes = prefixes.flatMap((prefix) => values.map((value) => [...prefix, value]));
    }
    return prefixes.flatMap((prefix) => within(prefix, execution));
  };
}

function preparePart(part: SeekPart): (execution: Execution) => readonly Value[] {
  switch (part.kind) {
    case "null":
      return () => [null];
    case "equal": {
      const value = outside(part.value);
      return ({ frame }) => equalTo([value(noRow, frame)]);
    }
    case "one of": {
      const values = part.values.map(outside);
      return ({ frame }) => equalTo(values.map((value) => value(noRow, frame)));
    }
    case "in array": {
      const array = outside(part.array);
      return ({ frame }) => {
        const values = array(noRow, frame);
        return values === null ? [] : equalTo(values as readonly Value[]);
      };
    }
  }
}

/** NULL and NaN equal nothing; -0 is 0. */
function equalTo(values: readonly Value[]): readonly Value[] {
  return values
    .filter((value) => value !== null && !Number.isNaN(value))
    .map((value) => (value === 0 ? 0 : value));
}

type RangeOf = (prefix: KeyPrefix, execution: Execution) => readonly KeyRange[];

function prepareRange({ key, prefix, range }: KeySeek): RangeOf {
  if (range === undefined) {
    return (values) => [{ start: values, isStartClosed: true, end: values, isEndClosed: true }];
  }
  const isDescending = key[prefix.length]?.isDescending === true;
  if (range.prefix !== undefined) return textRange(outside(range.prefix), isDescending);
  const low = prepareBound(range.low);
  const high = prepareBound(range.high);
  return (values, execution) => {
    const [from, to] = [low(execution), high(execution)];
    if (from === null || to === null) return [];
    return [rangeBetween(values, from, to, isDescending)];
  };
}

interface Bound {
  readonly value: Value;
  readonly isClosed: boolean;
}

/** Gives the bound of this run; undefined for none, null for one that no value can be within. */
function prepareBound(
  bound: SeekBound | undefined,
): (execution: Execution) => Bound | undefined | null {
  if (bound === undefined) return () => undefined;
  const evaluate = outside(bound.value);
  return ({ frame }) => {
    const value = evaluate(noRow, frame);
    return value === null ? null : { value, isClosed: bound.isClosed };
  };
}

/** Without a low bound the range begins behind NULL; what is low in values may be late in the key. */
function rangeBetween(
  prefix: KeyPrefix,
  low: Bound | undefined,
  high: Bound | undefined,
  isDescending: boolean,
): KeyRange {
  const lowEnd = low ?? { value: null, isClosed: false };
  const first = isDescending ? high : lowEnd;
  const last = isDescending ? lowEnd : high;
  return {
    start: first === undefined ? prefix : [...prefix, first.value],
    isStartClosed: first?.isClosed ?? true,
    end: last === undefined ? prefix : [...prefix, last.value],
    isEndClosed: last?.isClosed ?? true,
  };
}

/** Texts that begin with another are those from it on, before the next text that does not. */
function textRange(evaluate: Evaluator, isDescending: boolean): RangeOf {
  return (prefix, { frame }) => {
    const text = evaluate(noRow, frame);
    if (text === null) return [];
    assert(typeof text === "string", "a prefix of texts is a text");
    const low: Bound = { value: text, isClosed: true };
    const end = textAfter(text);
    const high = end === undefined ? undefined : { value: end, isClosed: false };
    return [rangeBetween(prefix, low, high, isDescending)];
  };
}

/** The least text greater than all texts that begin with this one; undefined when there is none. */
function textAfter(text: string): string | undefined {
  const points = [...text];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point < 0x10ffff) {
      // Surrogates are no characters, so their place is passed over.
      const next = point + 1 === 0xd800 ? 0xe000 : point + 1;
      return points.join("") + String.fromCodePoint(next);
    }
  }
  return undefined;
}
