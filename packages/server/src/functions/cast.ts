// SPDX-License-Identifier: Apache-2.0
// Casts between the types: which there are, and how each turns a value into another.
// https://cloud.google.com/spanner/docs/reference/standard-sql/conversion_functions#cast
import {
  INT64_MAX,
  INT64_MIN,
  type IntervalValue,
  isNumericInRange,
  NUMERIC_SCALE,
  parseDate,
  parseNumeric,
  parseUuid,
  printDate,
  printNumeric,
  type Type,
  typesEqual,
  type Value,
} from "@spandrel/model";
import { badValue, evaluationFailed, invalidDate } from "../errors/query.ts";
import { decodeUtf8, encodeUtf8 } from "./bytes-text.ts";
import type { CallContext } from "./context.ts";
import { dateAt } from "./date-arithmetic.ts";
import { parseFloatText, printFloat } from "./float-text.ts";
import { readInterval, writeInterval } from "./interval-text.ts";
import { momentOf } from "./time-zone.ts";
import { readTimestamp, writeTimestamp } from "./timestamp-text.ts";
import { isTokenList } from "./token-list.ts";

/** Turns a value that is not NULL into another type. */
export type CastFunction = (value: Value, context: CallContext) => Value;

type Casts = Readonly<Record<string, CastFunction>>;

/** A cast over values of a known JavaScript type; the types of the table in `casts` say so. */
function over<V extends Value>(cast: (value: V, context: CallContext) => Value): CastFunction {
  return cast as CastFunction;
}

const same: CastFunction = (value) => value;
const toText = over((value: bigint) => String(value));
const roundToInt64 = over((value: number) => floatToInt64(value));
const floatToText64 = over((value: number) => printFloat(value, { kind: "FLOAT64" }));
const floatToText32 = over((value: number) => printFloat(value, { kind: "FLOAT32" }));
const floatToNumeric = over((value: number) => numericFromFloat(value));

const casts: Readonly<Record<string, Casts>> = {
  BOOL: {
    BOOL: same,
    INT64: over((value: boolean) => (value ? 1n : 0n)),
    STRING: over((value: boolean) => (value ? "true" : "false")),
  },
  INT64: {
    BOOL: over((value: bigint) => value !== 0n),
    INT64: same,
    FLOAT32: over((value: bigint) => Math.fround(Number(value))),
    FLOAT64: over((value: bigint) => Number(value)),
    NUMERIC: over((value: bigint) => value * NUMERIC_SCALE),
    STRING: toText,
    ENUM: same,
  },
  FLOAT32: {
    INT64: roundToInt64,
    FLOAT32: same,
    FLOAT64: same,
    NUMERIC: floatToNumeric,
    STRING: floatToText32,
  },
  FLOAT64: {
    INT64: roundToInt64,
    FLOAT32: over((value: number) => floatToSingle(value)),
    FLOAT64: same,
    NUMERIC: floatToNumeric,
    STRING: floatToText64,
  },
  NUMERIC: {
    INT64: over((value: bigint) => numericToInt64(value)),
    FLOAT32: over((value: bigint) => Math.fround(numericToFloat(value))),
    FLOAT64: over((value: bigint) => numericToFloat(value)),
    NUMERIC: same,
    STRING: over((value: bigint) => printNumeric(value)),
  },
  STRING: {
    BOOL: over((text: string) => readBool(text)),
    INT64: over((text: string) => readInt64(text)),
    FLOAT32: over((text: string) => readFloat(text, "float")),
    FLOAT64: over((text: string) => readFloat(text, "double")),
    NUMERIC: over((text: string) => readNumeric(text)),
    STRING: same,
    BYTES: over((text: string) => encodeUtf8(text)),
    DATE: over((text: string) => readDate(text)),
    TIMESTAMP: over((text: string, context) => readTimestamp(text, context.timeZone)),
    UUID: over((text: string) => readUuid(text)),
    INTERVAL: over((text: string) => readInterval(text)),
  },
  BYTES: {
    STRING: over((value: Uint8Array) => decodeUtf8(value, "Cannot cast")),
    BYTES: same,
    UUID: over((value: Uint8Array) => uuidFromBytes(value)),
    PROTO: same,
  },
  DATE: {
    STRING: over((days: number) => printDate(days)),
    DATE: same,
    TIMESTAMP: over((days: number, context) => momentOf({ days, nanos: 0n }, context.timeZone)),
  },
  TIMESTAMP: {
    STRING: over((nanos: bigint, context) => writeTimestamp(nanos, context.timeZone)),
    DATE: over((nanos: bigint, context) => dateAt(nanos, context.timeZone)),
    TIMESTAMP: same,
  },
  JSON: { JSON: same },
  UUID: {
    STRING: same,
    BYTES: over((text: string) => bytesFromUuid(text)),
    UUID: same,
  },
  INTERVAL: {
    STRING: over((value: IntervalValue) => writeInterval(value)),
    INTERVAL: same,
  },
  PROTO: { BYTES: same, PROTO: same },
  ENUM: { INT64: same, ENUM: same },
};

/** Finds the cast between two types; undefined when there is none. */
export function castBetween(from: Type, to: Type): CastFunction | undefined {
  if (from.kind === "ARRAY" && to.kind === "ARRAY") return castOfArrays(from.element, to.element);
  if (from.kind === "STRUCT" && to.kind === "STRUCT") return castOfStructs(from.fields, to.fields);
  if (isTokenList(from) || isTokenList(to)) return typesEqual(from, to) ? same : undefined;
  if (from.kind === "PROTO" || from.kind === "ENUM") {
    if (to.kind === from.kind && !typesEqual(from, to)) return undefined;
  }
  return casts[from.kind]?.[to.kind];
}

function castOfArrays(from: Type, to: Type): CastFunction | undefined {
  if (typesEqual(from, to)) return same;
  const cast = castBetween(from, to);
  if (cast === undefined) return undefined;
  return over((values: readonly Value[], context) =>
    values.map((value) => (value === null ? null : cast(value, context))),
  );
}

function castOfStructs(
  from: readonly { readonly type: Type }[],
  to: readonly { readonly type: Type }[],
): CastFunction | undefined {
  if (from.length !== to.length) return undefined;
  const casts = from.map((field, index) => castBetween(field.type, to[index]?.type ?? field.type));
  if (casts.includes(undefined)) return undefined;
  return over((values: readonly Value[], context) =>
    values.map((value, index) => (value === null ? null : (casts[index] ?? same)(value, context))),
  );
}

/** A NUMERIC as the nearest FLOAT64. */
export function numericToFloat(units: bigint): number {
  return Number(printNumeric(units));
}

/** A float as NUMERIC, rounded half away from zero. */
export function numericFromFloat(value: number): bigint {
  if (!Number.isFinite(value)) {
    throw evaluationFailed(
      `Illegal conversion of non-finite floating point number to numeric: ${value}`,
    );
  }
  // A float is exact in binary: so many fractional digits show it whole, and rounding is honest.
  const units = parseNumeric(exactDecimal(value), true);
  if (units === undefined) throw evaluationFailed(`numeric out of range: ${value}`);
  return units;
}

function exactDecimal(value: number): string {
  return Math.abs(value) >= 1e21 ? BigInt(value).toString() : value.toFixed(30);
}

function floatToInt64(value: number): bigint {
  const rounded = roundHalfAway(value);
  if (!(rounded >= -(2 ** 63) && rounded < 2 ** 63)) {
    throw evaluationFailed(
      `Illegal conversion to int64: ${printFloat(value, { kind: "FLOAT64" })}`,
    );
  }
  return BigInt(rounded);
}

/** Rounds to a whole number, halves away from zero. */
export function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

function floatToSingle(value: number): number {
  const single = Math.fround(value);
  if (Number.isFinite(value) && !Number.isFinite(single)) {
    throw evaluationFailed(
      `Illegal conversion to float: ${printFloat(value, { kind: "FLOAT64" })}`,
    );
  }
  return single;
}

/** A NUMERIC rounded to a whole number, halves away from zero. */
function roundNumeric(units: bigint): bigint {
  const half = NUMERIC_SCALE / 2n;
  return (units < 0n ? units - half : units + half) / NUMERIC_SCALE;
}

function numericToInt64(units: bigint): bigint {
  const whole = roundNumeric(units);
  if (whole > INT64_MAX || whole < INT64_MIN) {
    throw evaluationFailed(`int64 out of range: ${printNumeric(units)}`);
  }
  return whole;
}

function readBool(text: string): boolean {
  const lower = text.trim().toLowerCase();
  if (lower === "true") return true;
  if (lower === "false") return false;
  throw badValue("bool", text);
}

const decimal = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|\d+)\s*$/;

/** Reads an INT64, decimal or with 0x. */
function readInt64(text: string): bigint {
  const match = decimal.exec(text);
  if (match === null) throw badValue("int64", text);
  const magnitude = BigInt(match[2] ?? "0");
  const value = match[1] === "-" ? -magnitude : magnitude;
  if (value > INT64_MAX || value < INT64_MIN) throw badValue("int64", text);
  return value;
}

function readFloat(text: string, kind: "float" | "double"): number {
  const value = parseFloatText(text);
  if (value === undefined) throw badValue(kind, text);
  const single = Math.fround(value);
  if (kind === "double") return value;
  if (Number.isFinite(value) && !Number.isFinite(single)) throw badValue(kind, text);
  return single;
}

function readNumeric(text: string): bigint {
  const units = parseNumeric(text.trim(), true);
  if (units === undefined || !isNumericInRange(units)) {
    throw evaluationFailed(`Invalid NUMERIC value: ${text}`);
  }
  return units;
}

function readDate(text: string): number {
  const days = parseDate(text);
  if (days === undefined) throw invalidDate(text);
  return days;
}

/** Reads a UUID with hyphens or without, also in braces. */
function readUuid(text: string): string {
  const hex = text
    .trim()
    .replace(/^\{(.*)\}$/, "$1")
    .replaceAll("-", "");
  const uuid = /^[0-9a-fA-F]{32}$/.test(hex) ? hyphenate(hex) : undefined;
  const parsed = uuid === undefined ? undefined : parseUuid(uuid);
  if (parsed === undefined) throw evaluationFailed(`Failed to parse UUID from string: ${text}`);
  return parsed;
}

function hyphenate(hex: string): string {
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

function uuidFromBytes(value: Uint8Array): string {
  if (value.length !== 16) throw evaluationFailed("UUID must be exactly 16 bytes long");
  return hyphenate([...value].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}

function bytesFromUuid(text: string): Uint8Array {
  const hex = text.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}

// Messages show no times, so neither moment nor chance is asked for.
