// SPDX-License-Identifier: Apache-2.0
// The total order of values: of keys, of ORDER BY, of MIN and MAX. In one place, so that they agree.
//
// NULL comes first. FLOAT: NaN comes before -Infinity, equals itself, and -0 equals 0. STRING is in
// the order of its UTF-8 bytes, BYTES and UUID in the order of bytes, all else by value.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#orderable_floating_points
import { compareBytes } from "@spandrel/base";
import type { Type } from "./type.ts";
import type { IntervalValue, Value } from "./value.ts";

/** Compares two values of one type; negative, zero or positive. */
export type Comparator = (left: Value, right: Value) => number;

/** The order of values of a type, ascending, NULL first. */
export function comparatorOf(type: Type): Comparator {
  const compare = comparatorOfValues(type);
  return (left, right) => {
    if (left === null) return right === null ? 0 : -1;
    return right === null ? 1 : compare(left, right);
  };
}

function comparatorOfValues(type: Type): Comparator {
  switch (type.kind) {
    case "BYTES":
    case "PROTO":
      return (left, right) => compareBytes(left as Uint8Array, right as Uint8Array);
    case "STRING":
    case "JSON":
      return (left, right) => compareText(left as string, right as string);
    case "FLOAT32":
    case "FLOAT64":
      return (left, right) => compareFloats(left as number, right as number);
    case "INTERVAL":
      return (left, right) => comparePrimitives(spanOf(left), spanOf(right));
    case "ARRAY": {
      const compareElements = comparatorOf(type.element);
      return (left, right) => compareLists(left, right, () => compareElements);
    }
    case "STRUCT": {
      const compareFields = type.fields.map((field) => comparatorOf(field.type));
      return (left, right) => compareLists(left, right, (index) => compareFields[index]);
    }
    default:
      return comparePrimitives;
  }
}

function comparePrimitives(left: Value, right: Value): number {
  if (left === right) return 0;
  return (left as number | bigint) < (right as number | bigint) ? -1 : 1;
}

function compareFloats(left: number, right: number): number {
  if (left === right) return 0;
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1;
  if (Number.isNaN(right)) return 1;
  return left < right ? -1 : 1;
}

/**
 * The order of texts by code point, which is the order of their UTF-8 bytes.
 *
 * JavaScript compares UTF-16 units, which differs only where surrogates meet U+E000 and above.
 */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      const isSurrogateA = a >= 0xd800 && a <= 0xdfff;
      const isSurrogateB = b >= 0xd800 && b <= 0xdfff;
      if (isSurrogateA !== isSurrogateB)
        return isSurrogateA ? (b >= 0xe000 ? 1 : a - b) : a >= 0xe000 ? -1 : a - b;
      return a - b;
    }
  }
  return left.length - right.length;
}

/** How long an interval is in nanoseconds, with months of 30 days, which is how they compare. */
function spanOf(value: Value): bigint {
  const { months, days, nanos } = value as IntervalValue;
  return BigInt(months * 30 + days) * 86_400_000_000_000n + nanos;
}

function compareLists(
  left: Value,
  right: Value,
  comparatorAt: (index: number) => Comparator | undefined,
): number {
  const [a, b] = [left as readonly Value[], right as readonly Value[]];
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const order = comparatorAt(index)?.(a[index] ?? null, b[index] ?? null) ?? 0;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
