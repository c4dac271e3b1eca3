// SPDX-License-Identifier: Apache-2.0
// Sorting in memory, stable. With a limit only as many rows are kept as can come out.
import { type Comparator, comparatorOf, type Value } from "@spandrel/model";
import type { SortKey } from "../analyzer/resolved.ts";
import { compile, type Layout } from "../expression/compile.ts";
import { collationOf, invalidCollation, isCollation } from "../functions/collation.ts";
import type { SortNode } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { batched, prepareRowLimit } from "./batches.ts";
import type { Execution, Operator } from "./execution.ts";

/** Values of parameters by their names. */
type Parameters = ReadonlyMap<string, Value>;

/** Compares lists of sort key values; a parameter may say by which collation. */
export function keyComparator(keys: readonly SortKey[], parameters: Parameters): Comparator {
  const comparators = keys.map((key) => comparatorOfKey(key, parameters));
  return (left, right) => {
    const [a, b] = [left as readonly Value[], right as readonly Value[]];
    for (let index = 0; index < comparators.length; index++) {
      const order = comparators[index]?.(a[index] ?? null, b[index] ?? null) ?? 0;
      if (order !== 0) return order;
    }
    return 0;
  };
}

function comparatorOfKey(sortKey: SortKey, parameters: Parameters): Comparator {
  const { expression, isDescending, nullsFirst } = sortKey;
  const collation = collationNameOf(sortKey, parameters);
  const compare = collation === undefined ? comparatorOf(expression.type) : collated(collation);
  return (left, right) => {
    if (left === null || right === null) {
      if (left === right) return 0;
      return (left === null) === nullsFirst ? -1 : 1;
    }
    return isDescending ? compare(right, left) : compare(left, right);
  };
}

/** A collation that is NULL is none. */
function collationNameOf({ collation }: SortKey, parameters: Parameters): string | undefined {
  if (collation === undefined || typeof collation === "string") return collation;
  const name = parameters.get(collation.parameter);
  if (typeof name !== "string") return undefined;
  if (!isCollation(name)) throw invalidCollation(name);
  return name;
}

function collated(name: string): Comparator {
  const compare = collationOf(name);
  // Only texts have a collation, and NULL never comes here.
  return (left, right) => compare(left as string, right as string);
}

interface Keyed {
  readonly key: readonly Value[];
  readonly row: Row;
}

/** Makes the operator of a sort. */
export function prepareSort(node: SortNode, input: Operator, layout: Layout): Operator {
  const keys = node.keys.map(({ expression }) => compile(expression, layout));
  const limitOf = node.limit === undefined ? undefined : prepareRowLimit(node.limit);
  return async function* sort(execution: Execution) {
    const compare = keyComparator(node.keys, execution.frame.parameters);
    const byKey = (left: Keyed, right: Keyed): number => compare(left.key, right.key);
    const { count, offset } = limitOf?.(execution) ?? { count: Infinity, offset: 0 };
    const most = count + offset;
    let kept: Keyed[] = [];
    let bytes = 0;
    for await (const batch of input(execution)) {
      bytes += execution.budget.keep(batch, "ORDER BY");
      for (const row of batch) {
        kept.push({ key: keys.map((key) => key(row, execution.frame)), row });
      }
      // Cut now and then, so that a short limit over many rows stays small.
      if (kept.length > 4 * most + 1_024) {
        kept = kept.sort(byKey).slice(0, most);
        execution.budget.release(bytes);
        bytes = execution.budget.keep(
          kept.map(({ row }) => row),
          "ORDER BY",
        );
      }
    }
    kept.sort(byKey);
    yield* batched(
      kept.slice(offset, most).map(({ row }) => row),
      execution,
    );
    execution.budget.release(bytes);
  };
}
