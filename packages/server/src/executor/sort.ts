// SPDX-License-Identifier: Apache-2.0
// Sorting in memory, stable. With a limit only as many rows are kept as can come out.
import { type Comparator, comparatorOf, type Value } from "@spandrel/model";
import type { SortKey } from "../analyzer/resolved.ts";
import { compile, compileInteger } from "../expression/compile.ts";
import type { Expression } from "../expression/expression.ts";
import type { Evaluator, Frame } from "../expression/frame.ts";
import type { Layout } from "../expression/layout.ts";
import { isTotal } from "../expression/total.ts";
import { collationOf, invalidCollation, isCollation } from "../functions/collation.ts";
import type { SortNode } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { batched, prepareRowLimit } from "./batches.ts";
import type { Execution } from "./execution.ts";
import { layoutOf } from "./shape.ts";
import type { Source } from "./source.ts";

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

/** Kept rows are cut when there are so many times more of them than can come out. */
const slack = 4;

/** Makes the operator of a sort. */
export function prepareSort(node: SortNode, { run, shape }: Source): Source {
  const layout = layoutOf(shape);
  const keys = node.keys.map(({ expression }) => sortValue(expression, layout));
  const limitOf = node.limit === undefined ? undefined : prepareRowLimit(node.limit);
  const mayPrecede = prepareFirstTest(node.keys, keys);
  async function* sort(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { frame, budget } = execution;
    const compare = keyComparator(node.keys, frame.parameters);
    const byKey = (left: Keyed, right: Keyed): number => compare(left.key, right.key);
    const { count, offset } = limitOf?.(execution) ?? { count: Infinity, offset: 0 };
    const most = count + offset;
    let kept: Keyed[] = [];
    let bytes = 0;
    // The key of the last row that can come out, as far as that is known.
    let last: readonly Value[] | undefined;
    for await (const batch of run(execution)) {
      const before = kept.length;
      for (const row of last === undefined ? batch : batch.filter(mayPrecede(last, frame))) {
        const key = keys.map((value) => value(row, frame));
        if (last === undefined || compare(key, last) < 0) kept.push({ key, row });
      }
      bytes += budget.keep(rowsOf(kept, before), "ORDER BY", shape);
      // Cut now and then, so that a short limit over many rows stays small.
      if (kept.length > slack * most + 256) {
        kept = kept.sort(byKey).slice(0, most);
        last = most === 0 ? undefined : kept.at(-1)?.key;
        budget.release(bytes);
        bytes = budget.keep(rowsOf(kept), "ORDER BY", shape);
      }
    }
    kept.sort(byKey);
    yield* batched(rowsOf(kept.slice(0, most), offset), execution);
    budget.release(bytes);
  }
  return { run: sort, shape };
}

/**
 * Makes a test which rows may come before a key by their own first part, which is enough to drop most
 * of them. Only where the other parts cannot fail, and so need not be evaluated.
 */
function prepareFirstTest(
  keys: readonly SortKey[],
  values: readonly Evaluator[],
): (last: readonly Value[], frame: Frame) => (row: Row) => boolean {
  const [key] = keys;
  const [value] = values;
  if (key === undefined || value === undefined) return () => () => true;
  if (!keys.slice(1).every(({ expression }) => isTotal(expression))) return () => () => true;
  return ([bound = null], frame) => {
    const compare = comparatorOfKey(key, frame.parameters);
    return (row) => compare(value(row, frame), bound) <= 0;
  };
}

function rowsOf(kept: readonly Keyed[], start = 0): readonly Row[] {
  return kept.slice(start).map(({ row }) => row);
}

/** Integers are compared as numbers where they are exact. */
function sortValue(expression: Expression, layout: Layout): Evaluator {
  if (expression.type.kind !== "INT64") return compile(expression, layout);
  return compileInteger(expression, layout);
}
