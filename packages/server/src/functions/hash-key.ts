// SPDX-License-Identifier: Apache-2.0
// Keys for hashing: two values have the same key just when GROUP BY takes them for the same. NULL has
// a key of its own, NaN equals itself, and -0 equals 0.
import type { IntervalValue, Type, Value } from "@spandrel/model";
import { latin1 } from "./comparison.ts";
import { integerOf } from "./integer.ts";

/** What a Map may be keyed with. */
export type HashKey = string | number | bigint | boolean | null;

/** The key of values of a type that are not structs or arrays; undefined for those. */
export function hashKeyOf(type: Type): ((value: Value) => HashKey) | undefined {
  switch (type.kind) {
    case "BYTES":
    case "PROTO":
      return (value) => (value === null ? null : latin1(value as Uint8Array));
    case "INTERVAL":
      return (value) => (value === null ? null : intervalKey(value as IntervalValue));
    case "ARRAY":
    case "STRUCT":
      return undefined;
    case "FLOAT32":
    case "FLOAT64":
      // A Map takes -0 for 0 and NaN for NaN.
      return (value) => value as number | null;
    case "INT64":
      // Numbers are hashed many times faster than bigints.
      return (value) => (value === null ? null : integerOf(value as bigint));
    default:
      return (value) => value as HashKey;
  }
}

function intervalKey({ months, days, nanos }: IntervalValue): bigint {
  return BigInt(months * 30 + days) * 86_400_000_000_000n + nanos;
}

/** One text for the values of several columns, or of a struct or array. */
export function hashTextOf(types: readonly Type[]): (values: readonly Value[]) => string {
  const writers = types.map(writerOf);
  return (values) => {
    let text = "";
    for (let index = 0; index < writers.length; index++) {
      text += writers[index]?.(values[index] ?? null) ?? "";
    }
    return text;
  };
}

/** Every piece says how long it is, so that pieces in a row cannot be taken for others. */
function writerOf(type: Type): (value: Value) => string {
  const keyOf = hashKeyOf(type);
  if (keyOf !== undefined) {
    return (value) => {
      const key = keyOf(value);
      if (key === null) return "~";
      const text = key === 0 ? "0" : String(key);
      return `${text.length}:${text}`;
    };
  }
  if (type.kind === "ARRAY") {
    const element = writerOf(type.element);
    return (value) => {
      if (value === null) return "~";
      const values = value as readonly Value[];
      return `[${values.length}:${values.map(element).join("")}`;
    };
  }
  const fields =
    type.kind === "STRUCT" ? hashTextOf(type.fields.map((field) => field.type)) : () => "";
  return (value) => (value === null ? "~" : `(${fields(value as readonly Value[])}`);
}
