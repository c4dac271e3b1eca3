// SPDX-License-Identifier: Apache-2.0
// Equality, order and patterns. `=` has three answers: a comparison of structs or arrays with NULL
// inside may be unknown. NaN is equal to nothing and before nothing, unlike in ORDER BY and GROUP BY.
// https://cloud.google.com/spanner/docs/reference/standard-sql/operators#comparison_operators
import { compareBytes } from "@spandrel/base";
import { BOOL, comparatorOf, INT64, type Type, type Value } from "@spandrel/model";
import { matchesLike } from "./like.ts";
import {
  ANY,
  any,
  bool,
  bytes,
  define,
  defineByType,
  nullable,
  type Overload,
  repeated,
  string,
} from "./signature.ts";

/** Compares two values that are not NULL; undefined when one is NaN. */
type Ordering = (left: Value, right: Value) => number | undefined;

/** Whether two values are equal, NULL when that is unknown. */
export type Equality = (left: Value, right: Value) => boolean | null;

/** The equality of `=` over values of a type. */
export function equalityOf(type: Type): Equality {
  switch (type.kind) {
    case "BYTES":
    case "PROTO":
      return orNull((left, right) => compareBytes(left as Uint8Array, right as Uint8Array) === 0);
    case "INTERVAL": {
      const compare = comparatorOf(type);
      return orNull((left, right) => compare(left, right) === 0);
    }
    case "ARRAY": {
      const element = equalityOf(type.element);
      return orNull((left, right) => listsEqual(left, right, () => element));
    }
    case "STRUCT": {
      const fields = type.fields.map((field) => equalityOf(field.type));
      return orNull((left, right) => listsEqual(left, right, (index) => fields[index]));
    }
    default:
      return orNull((left, right) => left === right);
  }
}

function orNull(equal: Equality): Equality {
  return (left, right) => (left === null || right === null ? null : equal(left, right));
}

function listsEqual(
  left: Value,
  right: Value,
  equalityAt: (index: number) => Equality | undefined,
): boolean | null {
  const [a, b] = [left as readonly Value[], right as readonly Value[]];
  if (a.length !== b.length) return false;
  let isUnknown = false;
  for (let index = 0; index < a.length; index++) {
    const equal = equalityAt(index)?.(a[index] ?? null, b[index] ?? null) ?? null;
    if (equal === false) return false;
    if (equal === null) isUnknown = true;
  }
  return isUnknown ? null : true;
}

function orderingOf(type: Type): Ordering {
  if (type.kind === "FLOAT32" || type.kind === "FLOAT64") {
    return (left, right) => {
      const [a, b] = [left as number, right as number];
      return a < b ? -1 : a > b ? 1 : a === b ? 0 : undefined;
    };
  }
  return comparatorOf(type);
}

/** Comparing primitives needs no comparator, which the hot loop of a filter feels. */
function isPrimitive(type: Type): boolean {
  return ["BOOL", "INT64", "FLOAT32", "FLOAT64", "NUMERIC", "DATE", "TIMESTAMP", "ENUM"].includes(
    type.kind,
  );
}

type Test = (left: Value, right: Value) => Value;

function compare(
  name: string,
  direct: (left: number, right: number) => boolean,
  accepts: (order: number) => boolean,
): Overload {
  return defineByType(name, [any, any], BOOL, ([type]) => {
    if (type === undefined || isPrimitive(type)) return direct as unknown as Test;
    const ordering = orderingOf(type);
    return (left, right) => {
      const order = ordering(left, right);
      return order !== undefined && accepts(order);
    };
  });
}

function extreme(name: string, sign: 1 | -1): Overload {
  return defineByType(name, [any, repeated(any)], ANY, ([type]) => {
    const ordering = orderingOf(type ?? INT64);
    return (...values) => {
      let best: Value = values[0] ?? null;
      for (const value of values) {
        const order = ordering(value, best);
        // Any NaN among the values makes the whole NaN.
        if (order === undefined) return Number.NaN;
        if (order * sign > 0) best = value;
      }
      return best;
    };
  });
}

export const comparisonOperators: readonly Overload[] = [
  defineByType("$equal", [any, any], BOOL, ([type]) => equalityOf(type ?? INT64)),
  defineByType("$not_equal", [any, any], BOOL, ([type]) => {
    const equal = equalityOf(type ?? INT64);
    return (left, right) => {
      const answer = equal(left, right);
      return answer === null ? null : !answer;
    };
  }),
  compare(
    "$less",
    (left, right) => left < right,
    (order) => order < 0,
  ),
  compare(
    "$less_or_equal",
    (left, right) => left <= right,
    (order) => order <= 0,
  ),
  compare(
    "$greater",
    (left, right) => left > right,
    (order) => order > 0,
  ),
  compare(
    "$greater_or_equal",
    (left, right) => left >= right,
    (order) => order >= 0,
  ),
  defineByType(
    "$between",
    [nullable(any), nullable(any), nullable(any)],
    BOOL,
    ([type]) => {
      const ordering = orderingOf(type ?? INT64);
      const atMost = (left: Value, right: Value): boolean | null => {
        if (left === null || right === null) return null;
        const order = ordering(left, right);
        return order !== undefined && order <= 0;
      };
      return (value, low, high) => {
        const [above, below] = [atMost(low, value), atMost(value, high)];
        if (above === false || below === false) return false;
        return above === null || below === null ? null : true;
      };
    },
    { seesNull: true },
  ),
  defineByType(
    "$is_distinct_from",
    [nullable(any), nullable(any)],
    BOOL,
    ([type]) => {
      const order = comparatorOf(type ?? INT64);
      return (left, right) => order(left, right) !== 0;
    },
    { seesNull: true },
  ),
  define("$not", [bool], BOOL, (value) => !value),
  define("$is_true", [nullable(bool)], BOOL, (value) => value === true, { seesNull: true }),
  define("$is_false", [nullable(bool)], BOOL, (value) => value === false, { seesNull: true }),
  define("$is_null", [nullable(any)], BOOL, (value) => value === null, { seesNull: true }),
  define("$like", [string, string], BOOL, matchesLike),
  define("$like", [bytes, bytes], BOOL, (value, pattern) =>
    matchesLike(latin1(value), latin1(pattern)),
  ),
  extreme("GREATEST", 1),
  extreme("LEAST", -1),
  defineByType(
    "NULLIF",
    [nullable(any), nullable(any)],
    ANY,
    ([type]) => {
      const equal = equalityOf(type ?? INT64);
      return (value, other) => (equal(value, other) === true ? null : value);
    },
    { seesNull: true },
  ),
];

/** Bytes as a text of one character a byte, so that patterns read bytes. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
