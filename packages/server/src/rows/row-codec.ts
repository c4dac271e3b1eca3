// SPDX-License-Identifier: Apache-2.0
// Rows as bytes: what the store holds, the log will write, and a scan decodes by the column.
//
// A row is a string of characters 0 to 255, one a byte:
//
//   width     1 character: how many characters an end offset takes, 2 or 4
//   count     2 characters: how many columns have a value
//   columns   count times: the column's id in 3 characters, the end of its value in `width`
//   values    one after the other; offsets count from the start of this part
//
// A NULL is not stored at all, so a column that was added later, or never given, costs nothing; a
// column that was dropped is passed over. The columns stand in the order of their ids' writing, and a
// decoder remembers where it found a column in the row before, which is nearly always where it is.
import { assert, unreachable } from "@spandrel/base";
import type { Type, Value } from "@spandrel/model";
import type { Column } from "../schema/schema.ts";

/** A row's bytes, as characters 0 to 255. */
export type PackedRow = string;

/** Packs the values of some columns; a NULL takes no room. */
export function packRow(columns: readonly Column[], values: readonly Value[]): PackedRow {
  let body = "";
  const ids: number[] = [];
  const ends: number[] = [];
  for (let index = 0; index < columns.length; index++) {
    const value = values[index];
    const column = columns[index];
    if (value === null || value === undefined || column === undefined) continue;
    body += packValue(column.type, value);
    ids.push(column.id);
    ends.push(body.length);
  }
  const width = body.length < 0x10000 ? 2 : 4;
  let header = String.fromCharCode(width) + unsigned(ids.length, 2);
  for (let index = 0; index < ids.length; index++) {
    header += unsigned(ids[index] ?? 0, 3) + unsigned(ends[index] ?? 0, width);
  }
  return header + body;
}

/** Takes some columns out of packed rows; made once for many rows. */
export class RowUnpacker {
  readonly #columns: readonly Column[];
  /** Where each column was found in the row before. */
  readonly #places: number[];

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#places = columns.map((_, index) => index);
  }

  /** The values of the columns, NULL for those that the row does not hold. */
  unpack(row: PackedRow): Value[] {
    const width = row.charCodeAt(0);
    const count = readUnsigned(row, 1, 2);
    const stride = 3 + width;
    const bodyStart = 3 + count * stride;
    const columns = this.#columns;
    const values: Value[] = new Array(columns.length);
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index] as Column; // below the length
      const place = this.#find(row, column.id, index, count, stride);
      if (place < 0) {
        values[index] = null;
        continue;
      }
      const at = 3 + place * stride;
      const start = place === 0 ? 0 : readUnsigned(row, at - width, width);
      const end = readUnsigned(row, at + 3, width);
      values[index] = unpackValue(column.type, row, bodyStart + start, bodyStart + end);
    }
    return values;
  }

  #find(row: PackedRow, id: number, index: number, count: number, stride: number): number {
    const guess = this.#places[index] ?? 0;
    if (guess < count && readUnsigned(row, 3 + guess * stride, 3) === id) return guess;
    for (let place = 0; place < count; place++) {
      if (readUnsigned(row, 3 + place * stride, 3) === id) {
        this.#places[index] = place;
        return place;
      }
    }
    return -1;
  }
}

function unsigned(value: number, length: number): string {
  if (length === 2) return String.fromCharCode(value >>> 8, value & 255);
  if (length === 3) return String.fromCharCode(value >>> 16, (value >>> 8) & 255, value & 255);
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function readUnsigned(text: string, at: number, length: number): number {
  let value = 0;
  for (let index = at; index < at + length; index++) value = value * 256 + text.charCodeAt(index);
  return value;
}

const scratch = new DataView(new ArrayBuffer(8));

function packValue(type: Type, value: Value): string {
  switch (type.kind) {
    case "BOOL":
      return value === true ? "\x01" : "\x00";
    case "INT64":
    case "ENUM":
    case "TIMESTAMP":
    case "NUMERIC":
      return packInteger(value as bigint);
    case "DATE":
      scratch.setInt32(0, value as number);
      return unsigned(scratch.getUint32(0), 4);
    case "FLOAT32":
    case "FLOAT64":
      scratch.setFloat64(0, value as number);
      return unsigned(scratch.getUint32(0), 4) + unsigned(scratch.getUint32(4), 4);
    case "STRING":
    case "JSON":
    case "UUID":
      return packText(value as string);
    case "BYTES":
    case "PROTO":
      return fromBytes(value as Uint8Array);
    case "ARRAY":
      return packArray(type.element, value as readonly Value[]);
    case "INTERVAL":
    case "STRUCT":
      return unreachable(type as never); // no column has such a type
  }
}

function unpackValue(type: Type, row: PackedRow, start: number, end: number): Value {
  switch (type.kind) {
    case "BOOL":
      return row.charCodeAt(start) === 1;
    case "INT64":
    case "ENUM":
    case "TIMESTAMP":
    case "NUMERIC":
      return unpackInteger(row, start, end);
    case "DATE":
      return readUnsigned(row, start, 4) | 0;
    case "FLOAT32":
    case "FLOAT64":
      scratch.setUint32(0, readUnsigned(row, start, 4));
      scratch.setUint32(4, readUnsigned(row, start + 4, 4));
      return scratch.getFloat64(0);
    case "STRING":
    case "JSON":
    case "UUID":
      return unpackText(row, start, end);
    case "BYTES":
    case "PROTO":
      return toBytes(row, start, end);
    case "ARRAY":
      return unpackArray(type.element, row, start, end);
    case "INTERVAL":
    case "STRUCT":
      return unreachable(type as never);
  }
}

/** Two's complement in 4 bytes when they suffice, else in 8, else in 17. */
function packInteger(value: bigint): string {
  if (value >= -0x80000000n && value <= 0x7fffffffn) return unsigned(Number(value) >>> 0, 4);
  if (BigInt.asIntN(64, value) === value) {
    scratch.setBigInt64(0, value);
    return unsigned(scratch.getUint32(0), 4) + unsigned(scratch.getUint32(4), 4);
  }
  let text = "";
  for (let shift = 128n; shift >= 0n; shift -= 8n) {
    text += String.fromCharCode(Number((value >> shift) & 255n));
  }
  return text;
}

function unpackInteger(row: PackedRow, start: number, end: number): bigint {
  if (end - start === 4) return BigInt(readUnsigned(row, start, 4) | 0);
  if (end - start === 8) {
    scratch.setUint32(0, readUnsigned(row, start, 4));
    scratch.setUint32(4, readUnsigned(row, start + 4, 4));
    return scratch.getBigInt64(0);
  }
  let value = 0n;
  for (let index = start; index < end; index++)
    value = (value << 8n) | BigInt(row.charCodeAt(index));
  return BigInt.asIntN(8 * (end - start), value);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text of bytes is stored as it is behind a 0, any other as UTF-8 behind a 1. */
function packText(text: string): string {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 255) return `\x01${fromBytes(encoder.encode(text))}`;
  }
  return `\x00${text}`;
}

function unpackText(row: PackedRow, start: number, end: number): string {
  if (row.charCodeAt(start) === 0) return row.slice(start + 1, end);
  return decoder.decode(toBytes(row, start + 1, end));
}

function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4_096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4_096));
  }
  return text;
}

function toBytes(row: PackedRow, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (let index = start; index < end; index++) bytes[index - start] = row.charCodeAt(index);
  return bytes;
}

/** Each element behind its length plus one in 4 bytes; 0 is NULL. */
function packArray(element: Type, values: readonly Value[]): string {
  let text = "";
  for (const value of values) {
    if (value === null) text += "\0\0\0\0";
    else {
      const packed = packValue(element, value);
      text += unsigned(packed.length + 1, 4) + packed;
    }
  }
  return text;
}

function unpackArray(element: Type, row: PackedRow, start: number, end: number): Value[] {
  const values: Value[] = [];
  let at = start;
  while (at < end) {
    const length = readUnsigned(row, at, 4) - 1;
    at += 4;
    if (length < 0) values.push(null);
    else {
      values.push(unpackValue(element, row, at, at + length));
      at += length;
    }
  }
  assert(at === end, "an array's elements end where the array ends");
  return values;
}
