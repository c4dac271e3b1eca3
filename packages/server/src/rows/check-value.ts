// SPDX-License-Identifier: Apache-2.0
// What a column demands of a value beyond its type: not NULL, not too long, no timestamp to come.
import { printTimestamp, type Value } from "@spandrel/model";
import {
  commitTimestampNotAllowed,
  nullNotAllowed,
  timestampInFuture,
  valueTooLarge,
  valueTooLong,
} from "../errors/row.ts";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import type { Column, Table } from "../schema/schema.ts";

/** What a check needs to know besides the value. */
export interface ValueBounds {
  readonly cellBytesMax: number;
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
  } else checkLength(table, column, value, bounds);
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
  // A text has at most 3 bytes a UTF-16 unit, so most need not be measured.
  const atMost = typeof value === "string" ? value.length * 3 : value.length;
  if (atMost > bounds.cellBytesMax && byteLength(value) > bounds.cellBytesMax) {
    throw valueTooLarge(bounds.cellBytesMax);
  }
  const limit = column.lengthMax;
  if (limit === undefined || value.length <= limit) return;
  const size = typeof value === "string" ? codePoints(value) : value.length;
  if (size > limit) throw valueTooLong(table.name, column.name, size, limit);
}

const encoder = new TextEncoder();

function byteLength(value: string | Uint8Array): number {
  return typeof value === "string" ? encoder.encode(value).length : value.length;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
