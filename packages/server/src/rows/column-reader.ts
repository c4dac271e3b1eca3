// SPDX-License-Identifier: Apache-2.0
// Takes one column out of packed rows, the others untouched. It remembers where it found its column in
// the row before, which is nearly always where it is.
import type { Value } from "@spandrel/model";
import type { PackedColumn } from "../expression/layout.ts";
import type { Integer } from "../functions/integer.ts";
import type { Column } from "../schema/schema.ts";
import { findColumn, type PackedRow, readUnsigned, unpackValue } from "./row-codec.ts";

/** See the top of this file. */
export class ColumnReader implements PackedColumn {
  readonly #column: Column;
  #place = 0;
  /** Where the value found last begins and ends. */
  #start = 0;
  #end = 0;

  constructor(column: Column) {
    this.#column = column;
  }

  /** The value, NULL when the row does not hold it. */
  value(row: PackedRow): Value {
    if (!this.#find(row)) return null;
    return unpackValue(this.#column.type, row, this.#start, this.#end);
  }

  /** The value of a column of type INT64. */
  integer(row: PackedRow): Integer | null {
    if (!this.#find(row)) return null;
    const start = this.#start;
    if (this.#end - start === 4) return readUnsigned(row, start, 4) | 0;
    const high = readUnsigned(row, start, 4) | 0;
    const low = readUnsigned(row, start + 4, 4);
    const number = high * 0x1_0000_0000 + low;
    if (Number.isSafeInteger(number)) return number;
    return (BigInt(high) << 32n) | BigInt(low);
  }

  #find(row: PackedRow): boolean {
    const width = row.charCodeAt(0);
    const count = readUnsigned(row, 1, 2);
    const place = findColumn(row, this.#column.id, this.#place, count, width);
    if (place < 0) return false;
    this.#place = place;
    const at = 3 + place * (3 + width);
    const body = 3 + count * (3 + width);
    this.#start = body + (place === 0 ? 0 : readUnsigned(row, at - width, width));
    this.#end = body + readUnsigned(row, at + 3, width);
    return true;
  }
}
