// SPDX-License-Identifier: Apache-2.0
// A range of keys in the words of the schema, as Spanner words it for a transaction that was wounded.
// It says the keys, and nothing else of a row.
import type { Value } from "@spandrel/model";
import { decodeKey } from "../keys/decode.ts";
import type { LockRange } from "../locks/lock-table.ts";
import { indexLayout, type Layout, printKey, tableLayout } from "../rows/layout.ts";
import { findTable, type Schema } from "../schema/schema.ts";

/** `keys in range [[1], [1]), column _exists in table Singers`: whole rows are locked. */
export function describeRange(schema: Schema, { space, start, end }: LockRange): string {
  const found = layoutOf(schema, space);
  if (found === undefined) return "keys that are no longer there";
  const { layout, kind } = found;
  const print = (bound: string): string => printKey(layout.key, valuesOf(layout, bound));
  const range = `[${print(start)}, ${print(end)})`;
  return `keys in range ${range}, column _exists in ${kind} ${layout.owner}`;
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
