// SPDX-License-Identifier: Apache-2.0
// What a column demands of a value beyond its type: not NULL, not too long, no timestamp to come.
import { printTimestamp, type Value } from "@spandrel/model";
import {
  commitTimestampNotAllowed,
  nullNotAllowed,
  rowTooLarge,
  timestampInFuture,
  valueTooLarge,
  valueTooLong,
} from "../errors/row.ts";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import { STORED_ROW_BYTES_MAX } from "../limits/query.ts";
import type { Column, Table } from "../schema/schema.ts";

/** What a check needs to know besides the value. */
export interface ValueBounds {
  readonly cellBytesMax: number;
  readonly rowBytesMax: number;
  readonly nowNanos: bigint;
}

/**
 * Checks a value that is to be stored in a column.
 *
 * @throws {StatusError} FAILED_PRECONDITION when the column does not take it, INVALID_ARGUMENT when it
 * is larger than any cell may be.
 */
export function checkValue(table: Table, column: Column, value: Value, bounds: ValueBounds): void {
  if (value === null) {
    if (column.isNotNull) throw nullNotAllowed(table.name, column.name);
    return;
  }
  if (column.type.kind === "TIMESTAMP") checkTimestamp(table, column, value as bigint, bounds);
  else if (column.type.kind === "ARRAY") {
    for (const element of value as readonly Value[]) checkLength(table, column, element, bounds);
    if (isLarger(value, bounds.cellBytesMax)) throw valueTooLarge(bounds.cellBytesMax);
  } else checkLength(table, column, value, bounds);
}

/**
 * Checks all columns of a row together, those of its key not counted.
 *
 * @throws {StatusError} FAILED_PRECONDITION when they are larger than any row may be.
 */
export function checkRow(
  { name, columns }: Table,
  values: readonly Value[],
  keyPlaces: readonly number[],
  { cellBytesMax, rowBytesMax }: ValueBounds,
): void {
  const bytesMax = Math.min(rowBytesMax, STORED_ROW_BYTES_MAX);
  if (columns.length * cellBytesMax <= bytesMax) return;
  const others = values.filter((_, place) => !keyPlaces.includes(place));
  if (isLarger(others, bytesMax)) throw rowTooLarge(name, bytesMax);
}

/** Whether a value has more bytes; texts are measured only where their length leaves a doubt. */
function isLarger(value: Value, bytesMax: number): boolean {
  return sizeOf(value, longest) > bytesMax && sizeOf(value, byteLength) > bytesMax;
}

const valueBytes = 8;

/** A text has at most 3 bytes a UTF-16 unit. */
const longest = (text: string): number => text.length * 3;

function sizeOf(value: Value, sizeOfText: (text: string) => number): number {
  if (value === null) return 0;
  if (typeof value === "string") return sizeOfText(value);
  if (value instanceof Uint8Array) return value.length;
  if (!Array.isArray(value)) return valueBytes;
  let bytes = 0;
  for (const element of value) bytes += sizeOf(element, sizeOfText);
  return bytes;
}

function checkTimestamp(table: Table, column: Column, value: bigint, bounds: ValueBounds): void {
  if (value === PENDING_COMMIT_TIMESTAMP) {
    if (column.allowsCommitTimestamp !== true) {
      throw commitTimestampNotAllowed(table.name, column.name);
    }
  } else if (column.allowsCommitTimestamp === true && value > bounds.nowNanos) {
    throw timestampInFuture(table.name, column.name, printTimestamp(value));
  }
}

function checkLength(table: Table, column: Column, value: Value, bounds: ValueBounds): void {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) return;
  if (isLarger(value, bounds.cellBytesMax)) throw valueTooLarge(bounds.cellBytesMax);
  const limit = column.lengthMax;
  if (limit === undefined || value.length <= limit) return;
  const size = typeof value === "string" ? codePoints(value) : value.length;
  if (size > limit) throw valueTooLong(table.name, column.name, size, limit);
}

const encoder = new TextEncoder();

const byteLength = (text: string): number => encoder.encode(text).length;

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
