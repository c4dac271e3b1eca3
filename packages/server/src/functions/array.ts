// SPDX-License-Identifier: Apache-2.0
// Functions over arrays.
// https://cloud.google.com/spanner/docs/reference/standard-sql/array_functions
import {
  arrayOf,
  BOOL,
  comparatorOf,
  DATE,
  FLOAT64,
  INT64,
  NUMERIC,
  TIMESTAMP,
  type Type,
  type Value,
} from "@spandrel/model";
import { arrayIndexOutOfBounds, evaluationFailed } from "../errors/query.ts";
import { GENERATED_ELEMENTS_MAX } from "../limits/query.ts";
import { equalityOf } from "./comparison.ts";
import { addToDate, addToTimestamp } from "./date-arithmetic.ts";
import {
  ANY,
  ANY_2,
  ARRAY_OF_ANY,
  ARRAY_OF_ANY_2,
  any,
  arrayOfAny,
  date,
  define,
  defineByType,
  float64,
  int64,
  lambda,
  numeric,
  type Overload,
  optional,
  part,
  repeated,
  timestamp,
} from "./signature.ts";

const TRUTH = { kind: "exact", type: BOOL } as const;
const POSITION = { kind: "exact", type: INT64 } as const;

function elementOf(type: Type | undefined): Type {
  return type?.kind === "ARRAY" ? type.element : INT64;
}

/** Values from a first one on, step by step, as long as they have not passed the last. */
function generate<V extends Value>(
  first: V,
  isDone: (value: V) => boolean,
  step: (value: V) => V | undefined,
): readonly Value[] {
  const values: Value[] = [];
  let value: V | undefined = first;
  while (value !== undefined && !isDone(value)) {
    if (values.length >= GENERATED_ELEMENTS_MAX) {
      throw evaluationFailed(
        `Cannot generate arrays with more than ${GENERATED_ELEMENTS_MAX} elements`,
      );
    }
    values.push(value);
    value = step(value);
  }
  return values;
}

function checkStep(isZero: boolean, name: string): void {
  if (isZero) throw evaluationFailed(`Sequence step cannot be 0 in ${name}`);
}

function generateExact(start: bigint, end: bigint, step: bigint): readonly Value[] {
  checkStep(step === 0n, "GENERATE_ARRAY");
  return generate(
    start,
    (value) => (step > 0n ? value > end : value < end),
    (value) => value + step,
  );
}

function generateFloats(start: number, end: number, step: number): readonly Value[] {
  checkStep(step === 0, "GENERATE_ARRAY");
  if (step > 0 ? start > end : start < end) return [];
  if (![start, end, step].every(Number.isFinite)) {
    throw evaluationFailed("GENERATE_ARRAY does not take infinities and NaN");
  }
  let count = 0;
  return generate(
    start,
    (value) => (step > 0 ? value > end : value < end),
    () => start + ++count * step,
  );
}

function generateDates(start: number, end: number, count: bigint, unit: string): readonly Value[] {
  checkStep(count === 0n, "GENERATE_DATE_ARRAY");
  return generate(
    start,
    (value) => (count > 0n ? value > end : value < end),
    (value) => withinCalendar(() => addToDate(value, count, unit)),
  );
}

function generateTimestamps(
  start: bigint,
  end: bigint,
  count: bigint,
  unit: string,
): readonly Value[] {
  checkStep(count === 0n, "GENERATE_TIMESTAMP_ARRAY");
  return generate(
    start,
    (value) => (count > 0n ? value > end : value < end),
    (value) => withinCalendar(() => addToTimestamp(value, count, unit)),
  );
}

/** A series that runs off the calendar ends there. */
function withinCalendar<V>(step: () => V): V | undefined {
  try {
    return step();
  } catch {
    // Stepping fails in one way: the result is past the calendar.
    return undefined;
  }
}

function isDistinct(values: readonly Value[], element: Type): boolean {
  const compare = comparatorOf(element);
  const sorted = [...values].sort(compare);
  return sorted.every(
    (value, index) => index === 0 || compare(sorted[index - 1] ?? null, value) !== 0,
  );
}

function subscript(name: string, base: bigint, isSafe: boolean): Overload {
  return define(name, [arrayOfAny, int64], ANY, (values, index) => {
    const at = index - base;
    const found = at >= 0n && at < BigInt(values.length);
    if (!found && !isSafe) throw arrayIndexOutOfBounds(index);
    return found ? (values[Number(at)] ?? null) : null;
  });
}

function slice(values: readonly Value[], start: bigint, end: bigint): readonly Value[] {
  const length = BigInt(values.length);
  const from = start < 0n ? start + length : start;
  const to = end < 0n ? end + length : end;
  if (to < 0n || from >= length || from > to) return [];
  return values.slice(Number(from < 0n ? 0n : from), Number(to) + 1);
}

function extreme(name: string, sign: 1 | -1): Overload {
  return defineByType(name, [arrayOfAny], ANY, ([type]) => {
    const compare = comparatorOf(elementOf(type));
    return (values) => {
      let best: Value = null;
      for (const value of values) {
        if (value === null) continue;
        if (typeof value === "number" && Number.isNaN(value)) return value;
        if (best === null || compare(value, best) * sign > 0) best = value;
      }
      return best;
    };
  });
}

function includes(values: readonly Value[], wanted: Value, element: Type): boolean {
  const equal = equalityOf(element);
  return values.some((value) => equal(value, wanted) === true);
}

function onlyElement(values: readonly Value[], name: string, at: number): Value {
  if (values.length === 0)
    throw evaluationFailed(`${name} cannot get the element of an empty array`);
  return values.at(at) ?? null;
}

/** The elements' field as one array; where the field is an array itself, its elements. */
export const flattenOverload: Overload = defineByType(
  "$flatten",
  [arrayOfAny, lambda([ANY], ANY_2)],
  ARRAY_OF_ANY_2,
  ([, field]) =>
    field?.kind === "ARRAY"
      ? (values, fieldOf) => values.flatMap((value) => fieldOf(value) ?? [])
      : (values, fieldOf) => values.map((value) => fieldOf(value)),
);

export const arrayFunctions: readonly Overload[] = [
  define("ARRAY_LENGTH", [arrayOfAny], INT64, (values) => BigInt(values.length)),
  define("ARRAY_CONCAT", [arrayOfAny, repeated(arrayOfAny)], ARRAY_OF_ANY, (...arrays) =>
    arrays.flat(),
  ),
  define("$concat", [arrayOfAny, arrayOfAny], ARRAY_OF_ANY, (left, right) => [...left, ...right]),
  define("ARRAY_REVERSE", [arrayOfAny], ARRAY_OF_ANY, (values) => [...values].reverse()),
  defineByType("ARRAY_IS_DISTINCT", [arrayOfAny], BOOL, ([type]) => {
    const element = elementOf(type);
    return (values) => isDistinct(values, element);
  }),
  define("ARRAY_FIRST", [arrayOfAny], ANY, (values) => onlyElement(values, "ARRAY_FIRST", 0)),
  define("ARRAY_LAST", [arrayOfAny], ANY, (values) => onlyElement(values, "ARRAY_LAST", -1)),
  define("ARRAY_SLICE", [arrayOfAny, int64, int64], ARRAY_OF_ANY, slice),
  extreme("ARRAY_MIN", -1),
  extreme("ARRAY_MAX", 1),
  subscript("$at_offset", 0n, false),
  subscript("$at_ordinal", 1n, false),
  subscript("$at_safe_offset", 0n, true),
  subscript("$at_safe_ordinal", 1n, true),
  defineByType("ARRAY_INCLUDES", [arrayOfAny, any], BOOL, ([type]) => {
    const element = elementOf(type);
    return (values, wanted) => includes(values, wanted, element);
  }),
  define("ARRAY_INCLUDES", [arrayOfAny, lambda([ANY], TRUTH)], BOOL, (values, accepts) =>
    values.some((value) => accepts(value) === true),
  ),
  defineByType("ARRAY_INCLUDES_ANY", [arrayOfAny, arrayOfAny], BOOL, ([type]) => {
    const element = elementOf(type);
    return (values, wanted) => wanted.some((value) => includes(values, value, element));
  }),
  defineByType("ARRAY_INCLUDES_ALL", [arrayOfAny, arrayOfAny], BOOL, ([type]) => {
    const element = elementOf(type);
    return (values, wanted) => wanted.every((value) => includes(values, value, element));
  }),
  define(
    "ARRAY_TRANSFORM",
    [arrayOfAny, lambda([ANY], ANY_2)],
    ARRAY_OF_ANY_2,
    (values, transform) => values.map((value) => transform(value)),
  ),
  define(
    "ARRAY_TRANSFORM",
    [arrayOfAny, lambda([ANY, POSITION], ANY_2)],
    ARRAY_OF_ANY_2,
    (values, transform) => values.map((value, index) => transform(value, BigInt(index))),
  ),
  define("ARRAY_FILTER", [arrayOfAny, lambda([ANY], TRUTH)], ARRAY_OF_ANY, (values, keeps) =>
    values.filter((value) => keeps(value) === true),
  ),
  define(
    "ARRAY_FILTER",
    [arrayOfAny, lambda([ANY, POSITION], TRUTH)],
    ARRAY_OF_ANY,
    (values, keeps) => values.filter((value, index) => keeps(value, BigInt(index)) === true),
  ),
  define(
    "GENERATE_ARRAY",
    [int64, int64, optional(int64)],
    arrayOf(INT64),
    (start, end, step = 1n) => generateExact(start, end, step),
  ),
  define(
    "GENERATE_ARRAY",
    [numeric, numeric, optional(numeric)],
    arrayOf(NUMERIC),
    (start, end, step = 1_000_000_000n) => generateExact(start, end, step),
  ),
  define(
    "GENERATE_ARRAY",
    [float64, float64, optional(float64)],
    arrayOf(FLOAT64),
    (start, end, step = 1) => generateFloats(start, end, step),
  ),
  define("GENERATE_DATE_ARRAY", [date, date], arrayOf(DATE), (start, end) =>
    generateDates(start, end, 1n, "DAY"),
  ),
  define("GENERATE_DATE_ARRAY", [date, date, int64, part], arrayOf(DATE), generateDates),
  define(
    "GENERATE_TIMESTAMP_ARRAY",
    [timestamp, timestamp, int64, part],
    arrayOf(TIMESTAMP),
    generateTimestamps,
  ),
];
