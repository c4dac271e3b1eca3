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
import { Packing } from "./packing.ts";

/** A row's bytes, as characters 0 to 255. */
export type PackedRow = string;

/** Packs the values of some columns; a NULL takes no room. */
export function packRow(columns: readonly Column[], values: readonly Value[]): PackedRow {
  const ids: number[] = [];
  const ends: number[] = [];
  // How wide the offsets are follows from the values, so these come first, behind room for the widest.
  const bodyStart = 3 + columns.length * 7;
  packing.begin(bodyStart);
  for (let index = 0; index < columns.length; index++) {
    const value = values[index];
    const column = columns[index];
    if (value === null || value === undefined || column === undefined) continue;
    packValue(column.type, value);
    ids.push(column.id);
    ends.push(packing.at - bodyStart);
  }
  return withHead(bodyStart, ids, ends);
}

/** Puts values together that are packed already, by the ids of their columns. */
export function packValues(values: readonly (readonly [id: number, value: string])[]): PackedRow {
  const ids: number[] = [];
  const ends: number[] = [];
  const bodyStart = 3 + values.length * 7;
  packing.begin(bodyStart);
  for (const [id, value] of values) {
    packing.packed(value);
    ids.push(id);
    ends.push(packing.at - bodyStart);
  }
  return withHead(bodyStart, ids, ends);
}

/** The row whose values have just been written behind a place, with its head in front of them. */
function withHead(bodyStart: number, ids: readonly number[], ends: readonly number[]): PackedRow {
  const end = packing.at;
  const width = end - bodyStart < 0x10000 ? 2 : 4;
  const start = bodyStart - 3 - ids.length * (3 + width);
  packing.begin(start);
  packing.unsigned(width, 1);
  packing.unsigned(ids.length, 2);
  for (let index = 0; index < ids.length; index++) {
    packing.unsigned(ids[index] ?? 0, 3);
    packing.unsigned(ends[index] ?? 0, width);
  }
  return packing.text(start, end);
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
      const place = findColumn(row, column.id, this.#places[index] ?? 0, count, width);
      if (place < 0) {
        values[index] = null;
        continue;
      }
      this.#places[index] = place;
      const at = 3 + place * stride;
      const start = place === 0 ? 0 : readUnsigned(row, at - width, width);
      const end = readUnsigned(row, at + 3, width);
      values[index] = unpackValue(column.type, row, bodyStart + start, bodyStart + end);
    }
    return values;
  }
}

/** Which of a packed row's columns has an id, most likely the guessed one; -1 when none has. */
export function findColumn(
  row: PackedRow,
  id: number,
  guess: number,
  count: number,
  width: number,
): number {
  const stride = 3 + width;
  if (guess < count && readUnsigned(row, 3 + guess * stride, 3) === id) return guess;
  for (let place = 0; place < count; place++) {
    if (readUnsigned(row, 3 + place * stride, 3) === id) return place;
  }
  return -1;
}

/** A big-endian number of 2, 3 or 4 bytes. */
export function readUnsigned(text: string, at: number, length: number): number {
  let value = text.charCodeAt(at) * 256 + text.charCodeAt(at + 1);
  if (length > 2) value = value * 256 + text.charCodeAt(at + 2);
  if (length > 3) value = value * 256 + text.charCodeAt(at + 3);
  return value;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The one place where rows are put together; a row is finished before the next one begins. */
const packing = new Packing();

function packValue(type: Type, value: Value): void {
  switch (type.kind) {
    case "BOOL":
      packing.unsigned(value === true ? 1 : 0, 1);
      break;
    case "INT64":
    case "ENUM":
    case "TIMESTAMP":
    case "NUMERIC":
      packInteger(value as bigint);
      break;
    case "DATE":
      packing.unsigned((value as number) >>> 0, 4);
      break;
    case "FLOAT32":
    case "FLOAT64":
      packing.float(value as number);
      break;
    case "STRING":
    case "JSON":
    case "UUID":
      packing.string(value as string);
      break;
    case "BYTES":
    case "PROTO":
      packing.bytes(value as Uint8Array);
      break;
    case "ARRAY":
      packArray(type.element, value as readonly Value[]);
      break;
    case "INTERVAL":
    case "STRUCT":
      unreachable(type as never); // no column has such a type
  }
}

/** The value in a part of a packed row. */
export function unpackValue(type: Type, row: PackedRow, start: number, end: number): Value {
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
function packInteger(value: bigint): void {
  if (value >= -0x80000000n && value <= 0x7fffffffn) packing.unsigned(Number(value) >>> 0, 4);
  else if (BigInt.asIntN(64, value) === value) packing.integer(value);
  else {
    for (let shift = 128n; shift >= 0n; shift -= 8n) {
      packing.unsigned(Number((value >> shift) & 255n), 1);
    }
  }
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

const decoder = new TextDecoder();

function unpackText(row: PackedRow, start: number, end: number): string {
  if (row.charCodeAt(start) === 0) return row.slice(start + 1, end);
  return decoder.decode(toBytes(row, start + 1, end));
}

function toBytes(row: PackedRow, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (let index = start; index < end; index++) bytes[index - start] = row.charCodeAt(index);
  return bytes;
}

/** Each element behind its length plus one in 4 bytes; 0 is NULL. */
function packArray(element: Type, values: readonly Value[]): void {
  for (const value of values) {
    const start = packing.at;
    packing.unsigned(0, 4);
    if (value === null) continue;
    packValue(element, value);
    packing.unsignedAt(start, packing.at - start - 3, 4);
  }
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
