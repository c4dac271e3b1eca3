// SPDX-License-Identifier: Apache-2.0
// The order in which rows come, and whether it is the order that is wanted.
import type { SortKey } from "../analyzer/resolved.ts";
import type { KeyPart } from "../schema/schema.ts";
import type { OrderedColumn, SeekPart } from "./plan.ts";

/** The order that sort keys ask for, when they are plain columns in the order of NULLs of a key. */
export function wantedOrder(keys: readonly SortKey[]): readonly OrderedColumn[] | undefined {
  const wanted: OrderedColumn[] = [];
  for (const { expression, isDescending, nullsFirst, collation } of keys) {
    if (expression.kind !== "column" || nullsFirst === isDescending) return undefined;
    if (collation !== undefined) return undefined;
    wanted.push({ column: expression.column, isDescending });
  }
  return wanted;
}

/** Whether rows in one order are also in another. */
export function satisfies(
  order: readonly OrderedColumn[],
  wanted: readonly OrderedColumn[] | undefined,
): boolean {
  if (wanted === undefined || wanted.length > order.length) return false;
  return wanted.every(
    ({ column, isDescending }, index) =>
      order[index]?.column === column && order[index].isDescending === isDescending,
  );
}

/** The order of a scan of a key; parts that are fixed to one value order nothing. */
export function orderOfKey(
  key: readonly KeyPart[],
  prefix: readonly SeekPart[],
  columnOf: (part: KeyPart) => number | undefined,
  isReverse: boolean,
): readonly OrderedColumn[] {
  const order: OrderedColumn[] = [];
  for (const [index, part] of key.entries()) {
    const sought = prefix[index]?.kind;
    if (sought === "equal" || sought === "null") continue;
    const column = columnOf(part);
    if (column === undefined) break;
    order.push({ column, isDescending: part.isDescending !== isReverse });
  }
  return order;
}

/** The wanted columns that are not fixed to one value. */
export function withoutFixed(
  wanted: readonly OrderedColumn[] | undefined,
  fixed: ReadonlySet<number>,
): readonly OrderedColumn[] | undefined {
  return wanted?.filter(({ column }) => !fixed.has(column));
}
