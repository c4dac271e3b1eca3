// SPDX-License-Identifier: Apache-2.0
// Takes one column out of packed rows, the others untouched. It remembers where it found its column in
// the row before, which is nearly always where it is.
import type { Type, Value } from "@spandrel/model";
import type { PackedColumn } from "../expression/layout.ts";
import type { Integer } from "../functions/integer.ts";
import type { Column } from "../schema/schema.ts";
import { findColumn, type PackedRow, readUnsigned, unpackValue } from "./row-codec.ts";

/** See the top of this file. */
export class ColumnReader implements PackedColumn {
  readonly #type: Type;
  readonly #id: number;
  #place = 0;
  /** Where the value found last begins and ends. */
  #start = 0;
  #end = 0;

  constructor(column: Column) {
    this.#type = column.type;
    this.#id = column.id;
  }

  /** The value, NULL when the row does not hold it. */
  value(row: PackedRow): Value {
    if (!this.#find(row)) return null;
    return unpackValue(this.#type, row, this.#start, this.#end);
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
    const count = row.charCodeAt(1) * 256 + row.charCodeAt(2);
    const stride = 3 + width;
    let at = 3 + this.#place * stride;
    if (this.#place >= count || readUnsigned(row, at, 3) !== this.#id) {
      const place = findColumn(row, this.#id, 0, count, width);
      if (place < 0) return false;
      this.#place = place;
      at = 3 + place * stride;
    }
    const body = 3 + count * stride;
    if (width === 2) {
      const before = row.charCodeAt(at - 2) * 256 + row.charCodeAt(at - 1);
      this.#start = this.#place === 0 ? body : body + before;
      this.#end = body + row.charCodeAt(at + 3) * 256 + row.charCodeAt(at + 4);
    } else {
      this.#start = this.#place === 0 ? body : body + readUnsigned(row, at - width, width);
      this.#end = body + readUnsigned(row, at + 3, width);
    }
    return true;
  }
}
