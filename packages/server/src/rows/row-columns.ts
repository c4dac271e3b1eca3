// SPDX-License-Identifier: Apache-2.0
// Packed rows taken apart by column, the values themselves untouched: what a transaction needs that writes
// some columns of a row, or wants to know whether those that it has read have changed. The format is told
// in `row-codec.ts`; here it needs no schema, since a row says which columns it has.
import { allColumns, type ColumnSet, columnBit } from "../locks/columns.ts";
import type { RowColumns } from "../txn/key-values.ts";
import { type PackedRow, packValues, readUnsigned } from "./row-codec.ts";

/** See the top of this file. */
export const rowColumns: RowColumns = {
  lay(columns, from, over) {
    const laid = valuesById(over);
    const given = valuesById(from);
    for (const id of columns) {
      const value = given.get(id);
      if (value === undefined) laid.delete(id);
      else laid.set(id, value);
    }
    return packValues([...laid].sort(([left], [right]) => left - right));
  },

  difference(before, after) {
    if (before === after) return 0;
    if (before === null || after === null) return allColumns;
    const [left, right] = [valuesById(before), valuesById(after)];
    let columns: ColumnSet = 0;
    for (const [id, value] of left) if (right.get(id) !== value) columns |= columnBit(id);
    for (const id of right.keys()) if (!left.has(id)) columns |= columnBit(id);
    return columns;
  },
};

/** The packed value of each column that a row holds. */
function valuesById(row: PackedRow): Map<number, string> {
  const width = row.charCodeAt(0);
  const count = readUnsigned(row, 1, 2);
  const stride = 3 + width;
  const bodyStart = 3 + count * stride;
  const values = new Map<number, string>();
  let start = bodyStart;
  for (let at = 3; at < bodyStart; at += stride) {
    const end = bodyStart + readUnsigned(row, at + 3, width);
    values.set(readUnsigned(row, at, 3), row.slice(start, end));
    start = end;
  }
  return values;
}
