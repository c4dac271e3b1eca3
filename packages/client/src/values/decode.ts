// SPDX-License-Identifier: Apache-2.0
// From the wire to values of a program. A decoder is made once per column and called once per value.
import { fromBase64 } from "@spandrel/base";
import {
  decodeValue,
  parseNumeric,
  printType,
  type StructType,
  type Type,
  type WireValue,
} from "@spandrel/model";
import { undecodableValue, unsafeInteger } from "./bad-value.ts";
import { CalendarDate } from "./calendar-date.ts";
import { fieldNames } from "./field-names.ts";
import { Interval } from "./interval.ts";
import { parseJson } from "./json-text.ts";
import { Numeric } from "./numeric.ts";
import { Timestamp } from "./timestamp.ts";

/** How values are shown to the program. */
export interface DecodeOptions {
  /**
   * What INT64 becomes: `"bigint"` (the default), or `"number"`, which fails for what a number cannot
   * hold exactly.
   */
  readonly int64?: "bigint" | "number" | undefined;
}

/** Turns a value on the wire into a value of the program. */
export type Decoder = (wire: WireValue) => unknown;

/** The decoder for values of a type. */
export function decoderOf(type: Type, options: DecodeOptions = {}): Decoder {
  const decode = decoderOfPresent(type, options);
  return (wire) => (wire === null ? null : decode(wire));
}

function decoderOfPresent(type: Type, options: DecodeOptions): Decoder {
  switch (type.kind) {
    case "BOOL":
    case "FLOAT32":
    case "FLOAT64":
      return (wire) => decodePlain(type, wire);
    case "STRING":
    case "UUID":
      return (wire) => textOf(type, wire);
    case "INT64":
    case "ENUM":
      return options.int64 === "number" ? decodeSafeInteger : decodeInteger;
    case "BYTES":
    case "PROTO":
      return (wire) => fromBase64(textOf(type, wire)) ?? fail(type, wire);
    case "TIMESTAMP":
      return decodeTimestamp;
    case "DATE":
      return (wire) => CalendarDate.from(textOf(type, wire));
    case "NUMERIC":
      return (wire) => new Numeric(decodeNumeric(textOf(type, wire)) ?? fail(type, wire));
    case "INTERVAL":
      return (wire) => Interval.from(textOf(type, wire));
    case "JSON":
      return (wire) => parseJson(textOf(type, wire));
    case "ARRAY": {
      const decode = decoderOf(type.element, options);
      return (wire) => listOf(type, wire).map(decode);
    }
    case "STRUCT":
      return structDecoder(type, options);
  }
}

function decodePlain(type: Type, wire: WireValue): unknown {
  return typeof wire === "number" ? wire : decodeValue(type, wire);
}

function decodeInteger(wire: WireValue): bigint {
  if (typeof wire !== "string") return fail({ kind: "INT64" }, wire);
  // By way of a number, short ones are read twice as fast.
  return BigInt(wire.length < 10 ? Number(wire) : wire);
}

const plainDecimal = /^-?\d{1,6}(?:\.\d{1,9})?$/;

/** Units of 10^-9; a number of few digits is read by way of a JavaScript number, which holds it. */
function decodeNumeric(text: string): bigint | undefined {
  if (text.length > 16 || !plainDecimal.test(text)) return parseNumeric(text);
  return BigInt(Math.round(Number(text) * 1e9));
}

function decodeSafeInteger(wire: WireValue): number {
  const value = typeof wire === "string" ? Number(wire) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw unsafeInteger(String(wire));
  return value;
}

function decodeTimestamp(wire: WireValue): Timestamp {
  return typeof wire === "string" ? Timestamp.fromWire(wire) : fail({ kind: "TIMESTAMP" }, wire);
}

function structDecoder(type: StructType, options: DecodeOptions): Decoder {
  const names = fieldNames(type.fields.map(({ name }) => name));
  const decoders = type.fields.map((field) => decoderOf(field.type, options));
  const decodeObject = objectDecoder(names, decoders);
  return (wire) => decodeObject(listOf(type, wire), 0);
}

/** Makes an object of named values out of a flat list of wire values, from an offset on. */
export type ObjectDecoder = (
  values: readonly WireValue[],
  offset: number,
) => Record<string, unknown>;

/**
 * The decoder for rows and structs with such fields.
 *
 * All objects that it makes have the same shape: the same names in the same order.
 */
export function objectDecoder(
  names: readonly string[],
  decoders: readonly Decoder[],
): ObjectDecoder {
  const width = names.length;
  if (names.includes("__proto__")) return carefulObjectDecoder(names, decoders);
  const Shape = createShape();
  return (values, offset) => {
    const object = new Shape();
    for (let index = 0; index < width; index++) {
      // There are as many decoders as names, and a row has as many values.
      const decode = decoders[index] as Decoder;
      object[names[index] as string] = decode(values[offset + index] as WireValue);
    }
    return object;
  };
}

type Shape = new () => Record<string, unknown>;

/**
 * A constructor of plain objects. The engine learns from its first objects how many members the
 * others will have and makes room for them at once: half the time and memory of growing a literal.
 */
function createShape(): Shape {
  function construct(): void {}
  construct.prototype = Object.prototype;
  // A function can be constructed, which its type does not say.
  return construct as unknown as Shape;
}

/** A column named `__proto__` must not become the object's prototype. */
function carefulObjectDecoder(
  names: readonly string[],
  decoders: readonly Decoder[],
): ObjectDecoder {
  return (values, offset) => {
    const entries = names.map((name, index) => {
      const decode = decoders[index] as Decoder; // as many as names
      return [name, decode(values[offset + index] as WireValue)] as const;
    });
    return Object.fromEntries(entries);
  };
}

function textOf(type: Type, wire: WireValue): string {
  return typeof wire === "string" ? wire : fail(type, wire);
}

function listOf(type: Type, wire: WireValue): readonly WireValue[] {
  return Array.isArray(wire) ? wire : fail(type, wire);
}

function fail(type: Type, wire: WireValue): never {
  throw undecodableValue(printType(type), wire);
}
