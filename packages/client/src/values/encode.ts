// SPDX-License-Identifier: Apache-2.0
// From values of a program to the wire, by declared type where there is one.
import { toBase64 } from "@spandrel/base";
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  encodeValue,
  FLOAT64,
  INT64,
  INT64_MAX,
  INT64_MIN,
  INTERVAL,
  NUMERIC,
  parseUuid,
  printType,
  STRING,
  type StructType,
  structOf,
  TIMESTAMP,
  type Type,
  typesEqual,
  type WireValue,
} from "@spandrel/model";
import { badValue, mixedArray, valueWithoutType } from "./bad-value.ts";
import { CalendarDate } from "./calendar-date.ts";
import { Interval } from "./interval.ts";
import { printJson } from "./json-text.ts";
import { Numeric } from "./numeric.ts";
import { isPostgres, printPostgresNumeric } from "./postgres.ts";
import { isDuration, isInstant, isPlainDate, tagOf } from "./temporal.ts";
import { type Moment, type NativeDate, Timestamp } from "./timestamp.ts";
import { type InputValue, TypedValue } from "./typed-value.ts";

/** Encodes a value for a column or a key, whose type the server knows. */
export function encodeColumn(value: unknown): WireValue {
  if (Array.isArray(value)) return value.map(encodeColumn);
  const type = typeOf(value);
  return type === undefined ? null : encodeAs(type, value);
}

/**
 * The type that a value has without being told; undefined for NULL and for arrays of nothing else.
 *
 * @throws {StatusError} INVALID_ARGUMENT when its JavaScript type has no counterpart.
 */
export function typeOf(value: unknown): Type | undefined {
  if (value === null) return undefined;
  if (typeof value === "string") return STRING;
  if (typeof value === "bigint") return INT64;
  if (typeof value === "number") return FLOAT64;
  if (typeof value === "boolean") return BOOL;
  if (value instanceof TypedValue) return value.type;
  if (value instanceof Uint8Array) return BYTES;
  if (value instanceof Timestamp) return TIMESTAMP;
  if (value instanceof CalendarDate) return DATE;
  if (value instanceof Numeric) return NUMERIC;
  if (value instanceof Interval) return INTERVAL;
  if (Array.isArray(value)) return typeOfArray(value);
  if (isDate(value) || isInstant(value)) return TIMESTAMP;
  if (isPlainDate(value)) return DATE;
  if (isDuration(value)) return INTERVAL;
  throw valueWithoutType(value);
}

function typeOfArray(values: readonly unknown[]): Type | undefined {
  let element: Type | undefined;
  for (const value of values) {
    const type = typeOf(value);
    if (type === undefined) continue;
    element ??= type;
    if (!typesEqual(element, type)) throw mixedArray(printType(element), printType(type));
  }
  return element === undefined ? undefined : arrayOf(element);
}

/** A value of fields as STRUCT, each field of the type that its value has. */
export function struct(fields: Readonly<Record<string, InputValue>>): TypedValue {
  const types = Object.entries(fields).map(([name, value]) => {
    const type = typeOf(value);
    if (type === undefined) throw valueWithoutType(value);
    return { name, type };
  });
  return new TypedValue(structOf(types), fields);
}

/**
 * Encodes a value as one of a type.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it is none.
 */
export function encodeAs(type: Type, value: unknown): WireValue {
  if (value instanceof TypedValue) return encodeAs(value.type, value.value);
  if (value === null) return null;
  const wire = value === undefined ? undefined : tryEncode(type, value);
  if (wire === undefined) throw badValue(printType(type), value);
  return wire;
}

function tryEncode(type: Type, value: unknown): WireValue | undefined {
  switch (type.kind) {
    case "BOOL":
      return typeof value === "boolean" ? value : undefined;
    case "INT64":
    case "ENUM":
      return encodeInteger(value);
    case "FLOAT32":
    case "FLOAT64":
      return typeof value === "number" ? encodeValue(type, value) : undefined;
    case "STRING":
      return typeof value === "string" ? value : undefined;
    case "BYTES":
    case "PROTO":
      return value instanceof Uint8Array ? toBase64(value) : undefined;
    case "UUID":
      return typeof value === "string" ? parseUuid(value) : undefined;
    case "JSON":
      return printJson(value);
    case "ARRAY":
      return Array.isArray(value) ? value.map((item) => encodeAs(type.element, item)) : undefined;
    case "STRUCT":
      return encodeStruct(type, value);
    default:
      return isPostgres(type) ? printPostgresNumeric(value) : encodeText(type.kind, value);
  }
}

function encodeInteger(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value.toString() : undefined;
  if (typeof value !== "bigint" || value > INT64_MAX || value < INT64_MIN) return undefined;
  return value.toString();
}

function encodeText(
  kind: "NUMERIC" | "TIMESTAMP" | "DATE" | "INTERVAL",
  value: unknown,
): string | undefined {
  if (kind === "TIMESTAMP") {
    if (isMoment(value))
      return value === "spanner.commit_timestamp()" ? value : Timestamp.from(value).toString();
  } else if (kind === "NUMERIC") {
    if (typeof value === "string" || typeof value === "bigint" || value instanceof Numeric)
      return Numeric.from(value).toString();
  } else if (kind === "DATE") {
    if (typeof value === "string" || value instanceof CalendarDate || isPlainDate(value))
      return CalendarDate.from(value).toString();
  } else if (typeof value === "string" || value instanceof Interval || isDuration(value)) {
    return Interval.from(value).toString();
  }
  return undefined;
}

function encodeStruct(type: StructType, value: unknown): WireValue[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value))
    return type.fields.map((field, index) => encodeAs(field.type, value[index]));
  const byName = new Map<string, unknown>(Object.entries(value));
  return type.fields.map((field) => encodeAs(field.type, byName.get(field.name)));
}

function isMoment(value: unknown): value is Moment {
  if (typeof value === "string" || value instanceof Timestamp) return true;
  return isDate(value) || isInstant(value);
}

function isDate(value: unknown): value is NativeDate {
  // A Date made in another realm counts as well.
  return tagOf(value) === "[object Date]";
}
