// SPDX-License-Identifier: Apache-2.0
// Where a table is read anew for every row of something else, and no key or index serves, an equality
// with that row still does: the table's rows are then kept in a hash table for as long as the statement
// runs. The equality is what is left of it; other conditions are tested on the rows that it finds.

import type { Expression } from "../expression/expression.ts";
import { isTotal } from "../expression/total.ts";
import { columnsIn } from "../expression/walk.ts";
import type { JoinKey, PlanNode, ScanNode } from "./plan.ts";

/** A scan under the equalities that it can be probed with, and the conditions that are left. */
export function probed(
  scan: ScanNode,
  conjuncts: readonly Expression[],
): { readonly node: PlanNode; readonly rest: readonly Expression[] } {
  const { seek } = scan;
  const isWhole = seek.kind === "key" && seek.prefix.length === 0 && seek.range === undefined;
  const keys: JoinKey[] = [];
  const rest: Expression[] = [];
  for (const conjunct of conjuncts) {
    const key = isWhole ? keyOf(conjunct, new Set(scan.columns)) : undefined;
    if (key === undefined) rest.push(conjunct);
    else keys.push(key);
  }
  if (keys.length === 0) return { node: scan, rest };
  const { columns, order } = scan;
  const rows = Math.max(scan.rows * 0.01 ** keys.length, 1);
  return { node: { kind: "probe", input: scan, keys, columns, order, rows }, rest };
}

/** The table's side on the right, on the left what reads columns of the row around, and no others. */
function keyOf(conjunct: Expression, own: ReadonlySet<number>): JoinKey | undefined {
  if (conjunct.kind !== "call" || conjunct.overload.name !== "$equal" || !isTotal(conjunct)) {
    return undefined;
  }
  const [a, b] = conjunct.arguments;
  if (a === undefined || b === undefined) return undefined;
  if (a.type.kind === "STRUCT" || a.type.kind === "ARRAY") return undefined;
  const [ofA, ofB] = [[...columnsIn(a)], [...columnsIn(b)]];
  const isOwn = (columns: readonly number[]): boolean =>
    columns.length > 0 && columns.every((column) => own.has(column));
  const isOutside = (columns: readonly number[]): boolean =>
    columns.length > 0 && !columns.some((column) => own.has(column));
  if (isOwn(ofA) && isOutside(ofB)) return { left: b, right: a };
  if (isOwn(ofB) && isOutside(ofA)) return { left: a, right: b };
  return undefined;
}
