// SPDX-License-Identifier: Apache-2.0
// From the bytes of a message straight to values of a program, column by column. Each reader knows
// the form in which Spanner writes values of its type, and reads that without a text in between;
// whatever comes in another form is read as any value and handed to the column's decoder.
import { daysFromCivil, isCivilDay, type StructType, type Type } from "@spandrel/model";
import { type DecodeOptions, decoderOf, readerOf } from "./decode.ts";
import { fieldNames } from "./field-names.ts";
import { Numeric } from "./numeric.ts";
import { type ColumnReader, type Decoder, objectShape } from "./object-shape.ts";
import { Timestamp } from "./timestamp.ts";
import {
  BOOL_VALUE,
  LIST_ELEMENT,
  LIST_VALUE,
  NUMBER_VALUE,
  STRING_VALUE,
  type ValueReader,
} from "./value-reader.ts";

/** The reader for values of a type. It gives what the decoder of the type gives. */
export function columnReader(type: Type, options: DecodeOptions = {}): ColumnReader {
  const decode = decoderOf(type, options);
  switch (type.kind) {
    case "STRING":
      return (reader, end) =>
        reader.enters(STRING_VALUE, end) ? reader.text(end) : decode(reader.value(end));
    case "BOOL":
      return boolReader(decode);
    case "FLOAT32":
    case "FLOAT64":
      return numberReader(decode);
    case "INT64":
    case "ENUM":
      return options.int64 === "number" ? safeIntegerReader(decode) : integerReader(decode);
    case "BYTES":
      return bytesReader(decode);
    case "PROTO":
      return readerOf(type.name, options) === undefined ? bytesReader(decode) : anyReader(decode);
    case "TIMESTAMP":
      return timestampReader(decode);
    case "NUMERIC":
      return numericReader(decode);
    case "ARRAY":
      return arrayReader(columnReader(type.element, options), decode);
    case "STRUCT":
      return structReader(type, options, decode);
    default:
      return anyReader(decode);
  }
}

function anyReader(decode: Decoder): ColumnReader {
  return (reader, end) => decode(reader.value(end));
}

// The next five differ in one name only. They are not one function that is given the name: the engine
// compiles a function once for all that it is given, and then calls what it could have built in.

function integerReader(decode: Decoder): ColumnReader {
  return (reader, end) => {
    if (!reader.enters(STRING_VALUE, end)) return decode(reader.value(end));
    const value = integerOf(reader.bytes, reader.offset, end);
    if (value === undefined) return decode(reader.text(end));
    reader.offset = end;
    return value;
  };
}

function safeIntegerReader(decode: Decoder): ColumnReader {
  return (reader, end) => {
    if (!reader.enters(STRING_VALUE, end)) return decode(reader.value(end));
    const value = wholeNumberOf(reader.bytes, reader.offset, end);
    if (Number.isNaN(value)) return decode(reader.text(end));
    reader.offset = end;
    return value;
  };
}

function bytesReader(decode: Decoder): ColumnReader {
  return (reader, end) => {
    if (!reader.enters(STRING_VALUE, end)) return decode(reader.value(end));
    const value = bytesOf(reader.bytes, reader.offset, end);
    if (value === undefined) return decode(reader.text(end));
    reader.offset = end;
    return value;
  };
}

function timestampReader(decode: Decoder): ColumnReader {
  return (reader, end) => {
    if (!reader.enters(STRING_VALUE, end)) return decode(reader.value(end));
    const value = timestampOf(reader.bytes, reader.offset, end);
    if (value === undefined) return decode(reader.text(end));
    reader.offset = end;
    return value;
  };
}

function numericReader(decode: Decoder): ColumnReader {
  return (reader, end) => {
    if (!reader.enters(STRING_VALUE, end)) return decode(reader.value(end));
    const value = numericOf(reader.bytes, reader.offset, end);
    if (value === undefined) return decode(reader.text(end));
    reader.offset = end;
    return value;
  };
}

function boolReader(decode: Decoder): ColumnReader {
  return (reader, end) => {
    const start = reader.offset;
    const bit = reader.bytes[start + 1];
    const isPlain = end - start === 2 && reader.bytes[start] === BOOL_VALUE;
    if (!isPlain || bit === undefined || bit > 1) return decode(reader.value(end));
    reader.offset = end;
    return bit === 1;
  };
}

function numberReader(decode: Decoder): ColumnReader {
  return (reader, end) => {
    const start = reader.offset;
    if (end - start !== 9 || reader.bytes[start] !== NUMBER_VALUE) return decode(reader.value(end));
    reader.offset = start + 1;
    return reader.double();
  };
}

function arrayReader(readElement: ColumnReader, decode: Decoder): ColumnReader {
  return (reader, end) => {
    const start = reader.offset;
    const count = reader.enters(LIST_VALUE, end) ? countElements(reader, end) : -1;
    if (count < 0) {
      reader.offset = start;
      return decode(reader.value(end));
    }
    // A list that grows takes room for seventeen elements at its first, and keeps it.
    const elements = new Array<unknown>(count);
    for (let index = 0; index < count; index++) {
      elements[index] = readElement(reader, reader.endOfField());
    }
    return elements;
  };
}

function structReader(type: StructType, options: DecodeOptions, decode: Decoder): ColumnReader {
  const names = fieldNames(type.fields.map(({ name }) => name));
  const readers = type.fields.map((field) => columnReader(field.type, options));
  const read = objectShape(names).reader(readers);
  return (reader, end) => {
    const start = reader.offset;
    const isWhole = reader.enters(LIST_VALUE, end) && countElements(reader, end) === names.length;
    if (isWhole) return read(reader);
    reader.offset = start;
    return decode(reader.value(end));
  };
}

/** How many elements a list has that is nothing but elements; -1 for any other. */
function countElements(reader: ValueReader, end: number): number {
  const start = reader.offset;
  let count = 0;
  while (reader.offset < end && reader.bytes[reader.offset] === LIST_ELEMENT) {
    reader.offset = reader.endOfField();
    count += 1;
  }
  const isWhole = reader.offset === end;
  reader.offset = start;
  return isWhole ? count : -1;
}

const ZERO = 48;
const MINUS = 45;
const DOT = 46;
const T = 84;
const Z = 90;
const COLON = 58;
const EQUALS = 61;

/** Integers that come so often that each is made once. */
const smallIntegers: readonly bigint[] = Array.from({ length: 1_024 }, (_, value) => BigInt(value));

/** A whole number that a JavaScript number holds exactly on its way. */
function integerOf(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const value = wholeNumberOf(bytes, start, end);
  if (value >= 0 && value < smallIntegers.length) return smallIntegers[value];
  return Number.isNaN(value) ? undefined : bigintOf(value);
}

/** A number of at most fifteen digits; NaN for anything else. */
export function wholeNumberOf(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== MINUS) return digitsOf(bytes, start, end);
  return 0 - digitsOf(bytes, start + 1, end); // never the zero with a sign
}

const halves = new Int32Array(2);
const whole = new BigInt64Array(halves.buffer);
const isLittleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

/** The bigint of a whole number that is safe; twice as fast as BigInt, which is a call of its own. */
export function bigintOf(value: number): bigint {
  if (!isLittleEndian) return BigInt(value);
  halves[0] = value; // modulo 2^32
  halves[1] = Math.floor(value / 4_294_967_296);
  return whole[0] ?? 0n;
}

/** The number that one to fifteen digits are; NaN for anything else. */
function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return Number.NaN;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** A number of at most six digits before the point and nine behind it. */
function numericOf(bytes: Uint8Array, start: number, end: number): Numeric | undefined {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let point = first;
  while (point < end && bytes[point] !== DOT) point += 1;
  if (point - first > 6 || end - point > 10) return undefined;
  let units = digitsOf(bytes, first, point) * 1e9;
  if (point < end) units += digitsOf(bytes, point + 1, end) * 10 ** (10 - (end - point));
  if (Number.isNaN(units)) return undefined;
  return new Numeric(bigintOf(isNegative ? -units : units));
}

/** `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, as Spanner writes moments. */
function timestampOf(bytes: Uint8Array, start: number, end: number): Timestamp | undefined {
  const isInForm =
    bytes[start + 4] === MINUS &&
    bytes[start + 7] === MINUS &&
    bytes[start + 10] === T &&
    bytes[start + 13] === COLON &&
    bytes[start + 16] === COLON;
  if (!isInForm) return undefined;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hours = twoDigits(bytes, start + 11);
  const minutes = twoDigits(bytes, start + 14);
  const seconds = twoDigits(bytes, start + 17);
  const nanoseconds = fractionOf(bytes, start + 19, end - 1);
  // What is no number is within no range.
  const isMoment = isCivilDay(year, month, day) && hours < 24 && minutes < 60 && seconds < 60;
  if (!isMoment || Number.isNaN(nanoseconds)) return undefined;
  const ofDay = hours * 3_600 + minutes * 60 + seconds;
  return new Timestamp(daysFromCivil(year, month, day) * 86_400 + ofDay, nanoseconds);
}

/** The number that two digits are; NaN when they are none. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - ZERO;
  const ones = (bytes[at + 1] ?? 0) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Nanoseconds of `Z` or `.123Z`, of which the Z is at an offset; NaN for anything else. */
function fractionOf(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[end] !== Z) return Number.NaN;
  if (end === start) return 0;
  const count = end - start - 1;
  if (bytes[start] !== DOT || count > 9) return Number.NaN;
  return digitsOf(bytes, start + 1, end) * 10 ** (9 - count);
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const sextets = new Int8Array(256).fill(-1);
for (let index = 0; index < 64; index++) sextets[base64Digits.charCodeAt(index)] = index;

/** Bytes out of padded base64; undefined for any other text. */
function bytesOf(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const length = end - start;
  if (length % 4 !== 0) return undefined;
  if (length === 0) return new Uint8Array(0);
  const padding = bytes[end - 1] !== EQUALS ? 0 : bytes[end - 2] !== EQUALS ? 1 : 2;
  const value = new Uint8Array((length / 4) * 3 - padding);
  const wholeEnd = padding === 0 ? end : end - 4;
  let offset = 0;
  for (let at = start; at < wholeEnd; at += 4) {
    const group = groupOf(bytes, at, 4);
    if (group < 0) return undefined;
    value[offset] = group >> 16;
    value[offset + 1] = group >> 8;
    value[offset + 2] = group;
    offset += 3;
  }
  if (padding === 0) return value;
  const group = groupOf(bytes, wholeEnd, 4 - padding);
  // Bits that no byte uses must be zero, so that each byte string has one text only.
  if (group < 0 || (group & (padding === 1 ? 0xff : 0xffff)) !== 0) return undefined;
  value[offset] = group >> 16;
  if (padding === 1) value[offset + 1] = group >> 8;
  return value;
}

/** The 24 bits of so many digits, the missing ones zero; negative when one is no digit. */
function groupOf(bytes: Uint8Array, at: number, count: number): number {
  return (
    (sextet(bytes, at) << 18) |
    (sextet(bytes, at + 1) << 12) |
    (count > 2 ? sextet(bytes, at + 2) << 6 : 0) |
    (count > 3 ? sextet(bytes, at + 3) : 0)
  );
}

function sextet(bytes: Uint8Array, at: number): number {
  return sextets[bytes[at] ?? 0] ?? -1;
}
