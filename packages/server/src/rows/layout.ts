// SPDX-License-Identifier: Apache-2.0
// How a table or an index lies in the key space: which space, which columns make its key, which it
// holds. Made once for each immutable description.
import { encodeValue, type Value } from "@spandrel/model";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import { type EncodedRange, encodeKey, encodeRange, type KeyLayout } from "../keys/row-key.ts";
import { type Column, entryKeyOf, type Index, type KeyPart, type Table } from "../schema/schema.ts";
import type { KeyRange } from "./contract.ts";

/** The shape of a table's rows, or of an index's entries, in the key space. */
export interface Layout {
  /** The table or the index, for errors. */
  readonly owner: string;
  readonly space: number;
  readonly key: readonly KeyPart[];
  readonly keyLayout: readonly KeyLayout[];
  /** Every column that a stored row or entry holds. */
  readonly columns: readonly Column[];
}

const tableLayouts = new WeakMap<Table, Layout>();
const indexLayouts = new WeakMap<Index, Layout>();

/** How a table's rows lie. */
export function tableLayout(table: Table): Layout {
  let layout = tableLayouts.get(table);
  if (layout === undefined) {
    layout = makeLayout(table, table.primaryKey, table.columns);
    tableLayouts.set(table, layout);
  }
  return layout;
}

/** How an index's entries lie; `table` is the one that it indexes. */
export function indexLayout(index: Index, table: Table): Layout {
  let layout = indexLayouts.get(index);
  if (layout === undefined) {
    const key = entryKeyOf(index, table);
    layout = makeLayout(index, key, [...key.map(({ column }) => column), ...index.storing]);
    indexLayouts.set(index, layout);
  }
  return layout;
}

function makeLayout(
  { name: owner, id: space }: Table | Index,
  key: readonly KeyPart[],
  columns: readonly Column[],
): Layout {
  const keyLayout = key.map(({ column, isDescending }) => ({ type: column.type, isDescending }));
  return { owner, space, key, keyLayout, columns };
}

/** A whole key or its beginning, as bytes. */
export function keyBytes(layout: Layout, values: readonly Value[]): string {
  return encodeKey(layout.keyLayout, values);
}

/** A range of keys, as bytes; undefined when it is empty. */
export function rangeBytes(layout: Layout, range: KeyRange): EncodedRange | undefined {
  return encodeRange(layout.keyLayout, range);
}

/**
 * A key as Spanner's errors write it: `[Jane Austen,2]`, NULL as `<null>`; a part that is not known,
 * when `isKnown` says so, as `<default>`.
 */
export function printKey(
  key: readonly KeyPart[],
  values: readonly Value[],
  isKnown?: readonly boolean[],
): string {
  const parts = values.map((value, index) => {
    const part = key[index];
    if (isKnown?.[index] === false) return "<default>";
    if (value === null || part === undefined) return "<null>";
    if (value === PENDING_COMMIT_TIMESTAMP) return "<commit timestamp>";
    return String(encodeValue(part.column.type, value));
  });
  return `[${parts.join(",")}]`;
}
