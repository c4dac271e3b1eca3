// SPDX-License-Identifier: Apache-2.0
// Values that say their type, for where JavaScript's type would say another or none.
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  FLOAT32,
  FLOAT64,
  INT64,
  INTERVAL,
  JSON_TYPE,
  NUMERIC,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
  UUID,
} from "@spandrel/model";
import type { CalendarDate } from "./calendar-date.ts";
import type { Interval } from "./interval.ts";
import type { Numeric } from "./numeric.ts";
import type { AnyDuration, AnyInstant, AnyPlainDate } from "./temporal.ts";
import type { Moment, NativeDate, Timestamp } from "./timestamp.ts";

/** A value and the type that it is sent as. */
export class TypedValue {
  readonly type: Type;
  readonly value: unknown;

  constructor(type: Type, value: unknown) {
    this.type = type;
    this.value = value;
  }
}

/** What may be written to a column or bound to a parameter. */
export type InputValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NativeDate
  | Timestamp
  | CalendarDate
  | Numeric
  | Interval
  | AnyInstant
  | AnyPlainDate
  | AnyDuration
  | TypedValue
  | readonly InputValue[];

/** A whole number as INT64: `int64(5)` is what `5n` is. */
export function int64(value: number | bigint | null): TypedValue {
  return new TypedValue(INT64, value);
}

/** A number as FLOAT64, which a plain number is anyway. */
export function float64(value: number | null): TypedValue {
  return new TypedValue(FLOAT64, value);
}

/** A number as FLOAT32. */
export function float32(value: number | null): TypedValue {
  return new TypedValue(FLOAT32, value);
}

/** Decimal text or a whole number as NUMERIC. */
export function numeric(value: string | bigint | Numeric | null): TypedValue {
  return new TypedValue(NUMERIC, value);
}

/** A text as STRING, which a plain text is anyway. */
export function string(value: string | null): TypedValue {
  return new TypedValue(STRING, value);
}

/** A boolean as BOOL, which a plain boolean is anyway. */
export function bool(value: boolean | null): TypedValue {
  return new TypedValue(BOOL, value);
}

/** Bytes as BYTES, which a Uint8Array is anyway. */
export function bytes(value: Uint8Array | null): TypedValue {
  return new TypedValue(BYTES, value);
}

/** RFC 3339 text, a Date, a Temporal.Instant or a Timestamp as TIMESTAMP. */
export function timestamp(value: Moment | null): TypedValue {
  return new TypedValue(TIMESTAMP, value);
}

/** Text such as `2026-11-20`, a Temporal.PlainDate or a CalendarDate as DATE. */
export function date(value: string | CalendarDate | AnyPlainDate | null): TypedValue {
  return new TypedValue(DATE, value);
}

/** ISO 8601 text, a Temporal.Duration or an Interval as INTERVAL. */
export function interval(value: string | Interval | AnyDuration | null): TypedValue {
  return new TypedValue(INTERVAL, value);
}

/** A text as UUID. */
export function uuid(value: string | null): TypedValue {
  return new TypedValue(UUID, value);
}

/** The bytes of a message as PROTO of a type, by its full name: `examples.music.SingerInfo`. */
export function proto(name: string, bytes: Uint8Array | null): TypedValue {
  return new TypedValue({ kind: "PROTO", name }, bytes);
}

/** The number of an enum's value as ENUM of a type, by its full name: `examples.music.Genre`. */
export function protoEnum(name: string, value: number | bigint | null): TypedValue {
  return new TypedValue({ kind: "ENUM", name }, value);
}

/**
 * Anything that JSON can say as JSON; bigint is written as the number it is.
 *
 * `json(null)` is the JSON value null; SQL's NULL of that type is `nullOf(JSON_TYPE)`.
 */
export function json(value: unknown): TypedValue {
  return new TypedValue(JSON_TYPE, value === null ? jsonNull : value);
}

/** Stands for JSON's own null, which is not SQL's NULL. */
const jsonNull = { toJSON: (): null => null };

/** Values of one type as ARRAY; needed for an array that is empty or holds only NULL. */
export function array(element: Type, values: readonly unknown[] | null): TypedValue {
  return new TypedValue(arrayOf(element), values);
}

/** A value as STRUCT of declared fields: by name, or in order as an array. */
export function structAs(
  fields: Readonly<Record<string, Type>>,
  value: Readonly<Record<string, unknown>> | readonly unknown[] | null,
): TypedValue {
  return new TypedValue(
    structOf(Object.entries(fields).map(([name, type]) => ({ name, type }))),
    value,
  );
}

/** SQL's NULL of a type. */
export function nullOf(type: Type): TypedValue {
  return new TypedValue(type, null);
}

/** What a column that allows commit timestamps is set to for the time of the commit itself. */
export const COMMIT_TIMESTAMP = "spanner.commit_timestamp()";

/** The placeholder for the time of the commit, in a mutation. */
export function commitTimestamp(): string {
  return COMMIT_TIMESTAMP;
}
