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
import { undecodableValue, unreadableMessage, unsafeInteger } from "./bad-value.ts";
import { CalendarDate } from "./calendar-date.ts";
import { fieldNames } from "./field-names.ts";
import { Interval } from "./interval.ts";
import { parseJson } from "./json-text.ts";
import { Numeric } from "./numeric.ts";
import { type Decoder, objectShape } from "./object-shape.ts";
import { Timestamp } from "./timestamp.ts";

/** How values are shown to the program. */
export interface DecodeOptions {
  /**
   * What INT64 becomes: `"bigint"` (the default), or `"number"`, which fails for what a number cannot
   * hold exactly.
   */
  readonly int64?: "bigint" | "number" | undefined;
  /**
   * What PROTO becomes: who reads the messages of a type, by its full name. Default: bytes, and so
   * for types that are not named.
   *
   * What ts-proto and protobufjs generate can be given as it is; with protobuf-es it is
   * `{ decode: (bytes) => fromBinary(SingerInfoSchema, bytes) }`.
   */
  readonly protos?: MessageReaders | undefined;
}

/** Reads messages of one type out of their bytes. */
export interface MessageReader {
  decode(bytes: Uint8Array): unknown;
}

/** Who reads messages, by the full name of their type: `examples.music.SingerInfo`. */
export type MessageReaders = Readonly<Record<string, MessageReader>>;

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
      return (wire) => fromBase64(textOf(type, wire)) ?? fail(type, wire);
    case "PROTO": {
      const reader = readerOf(type.name, options);
      const bytesOf = (wire: WireValue) => fromBase64(textOf(type, wire)) ?? fail(type, wire);
      return reader === undefined ? bytesOf : (wire) => messageOf(type.name, reader, bytesOf(wire));
    }
    case "TIMESTAMP":
      return decodeTimestamp;
    case "DATE":
      return (wire) => CalendarDate.from(textOf(type, wire));
    case "NUMERIC":
      return (wire) => new Numeric(parseNumeric(textOf(type, wire)) ?? fail(type, wire));
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
  return BigInt(wire);
}

function decodeSafeInteger(wire: WireValue): number {
  const value = typeof wire === "string" ? Number(wire) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw unsafeInteger(String(wire));
  return value + 0; // never the zero with a sign
}

function decodeTimestamp(wire: WireValue): Timestamp {
  return typeof wire === "string" ? Timestamp.from(wire) : fail({ kind: "TIMESTAMP" }, wire);
}

function structDecoder(type: StructType, options: DecodeOptions): Decoder {
  const names = fieldNames(type.fields.map(({ name }) => name));
  const decoders = type.fields.map((field) => decoderOf(field.type, options));
  const decodeObject = objectShape(names).decoder(decoders);
  return (wire) => decodeObject(listOf(type, wire), 0);
}

/** Who reads messages of a type; undefined when nobody was named. */
export function readerOf(name: string, { protos }: DecodeOptions): MessageReader | undefined {
  return protos !== undefined && Object.hasOwn(protos, name) ? protos[name] : undefined;
}

function messageOf(name: string, reader: MessageReader, bytes: Uint8Array): unknown {
  try {
    return reader.decode(bytes);
  } catch (error) {
    throw unreadableMessage(name, error);
  }
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
