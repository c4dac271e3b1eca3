// SPDX-License-Identifier: Apache-2.0
// A range of keys in the words of the schema, as Spanner words it for a transaction that was wounded.
// It says the keys, and nothing else of a row.
import type { Value } from "@spandrel/model";
import { decodeKey } from "../keys/decode.ts";
import { type ColumnSet, columnBit, rowExists } from "../locks/columns.ts";
import type { LockRange } from "../locks/lock-table.ts";
import { indexLayout, type Layout, printKey, tableLayout } from "../rows/layout.ts";
import { findTable, type Schema } from "../schema/schema.ts";

/**
 * `keys in range [[1], [1]), column Name in table Singers`; of several columns the first one is told,
 * and `_exists` before any other.
 */
export function describeRange(
  schema: Schema,
  { space, start, end }: LockRange,
  columns: ColumnSet,
): string {
  const found = layoutOf(schema, space);
  if (found === undefined) return "keys that are no longer there";
  const { layout, kind } = found;
  const print = (bound: string): string => printKey(layout.key, valuesOf(layout, bound));
  const range = `[${print(start)}, ${print(end)})`;
  const isRow = (columns & rowExists) !== 0;
  const named = isRow
    ? undefined
    : layout.columns.find(({ id }) => (columnBit(id) & columns) !== 0);
  const column = named?.name ?? "_exists";
  return `keys in range ${range}, column ${column} in ${kind} ${layout.owner}`;
}

function valuesOf(layout: Layout, bound: string): readonly Value[] {
  return decodeKey(layout.keyLayout, bound);
}

function layoutOf(
  schema: Schema,
  space: number,
): { readonly layout: Layout; readonly kind: string } | undefined {
  for (const table of schema.tables.values()) {
    if (table.id === space) return { layout: tableLayout(table), kind: "table" };
  }
  for (const index of schema.indexes.values()) {
    const table = findTable(schema, index.table);
    if (index.id === space && table !== undefined) {
      return { layout: indexLayout(index, table), kind: "index" };
    }
  }
  return undefined;
}
