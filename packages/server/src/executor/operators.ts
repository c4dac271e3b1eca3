// SPDX-License-Identifier: Apache-2.0
// The operators: each plan node becomes a function that gives its rows in batches. Rows in a batch
// cost no promise, unless an expression has subqueries. Between batches the signal is checked; a
// consumer that stops early stops everything below it.
import type { Value } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { compile } from "../expression/compile.ts";
import { hashTextOf } from "../functions/hash-key.ts";
import type {
  FilterNode,
  FlattenNode,
  LimitNode,
  MultisetNode,
  PlanNode,
  ProjectNode,
  SampleNode,
  ScanNode,
  UnnestNode,
  ValuesNode,
} from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { prepareAggregate } from "./aggregate.ts";
import {
  batched,
  layoutOf,
  type Preparation,
  passes,
  prepareRowLimit,
  prepareTest,
  subqueryRunsOf,
} from "./batches.ts";
import { checkAlive, collect, type Execution, type Operator } from "./execution.ts";
import { prepareApplyJoin, prepareHashJoin, prepareLookupJoin } from "./join.ts";
import { prepareSeek } from "./seek-ranges.ts";
import { prepareSort } from "./sort.ts";
import { evaluateOnDemand, runSubqueries } from "./subqueries.ts";

/** Makes the operator of a node. */
export function prepare(node: PlanNode, preparation: Preparation): Operator {
  switch (node.kind) {
    case "one row":
      return oneRow;
    case "values":
      return prepareValues(node, preparation);
    case "scan":
      return prepareScan(node);
    case "unnest":
      return prepareUnnest(node, preparation);
    case "definition":
      return prepareDefinition(node.definition, preparation);
    case "filter":
      return prepareFilter(node, preparation);
    case "project":
      return prepareProject(node, preparation);
    case "flatten":
      return prepareFlatten(node, preparation);
    case "aggregate":
      return prepareAggregate(node, prepare(node.input, preparation), layoutOf(node.input.columns));
    case "sort":
      return prepareSort(node, prepare(node.input, preparation), layoutOf(node.input.columns));
    case "limit":
      return prepareLimit(node, preparation);
    case "hash join":
      return prepareHashJoin(node, {
        left: prepare(node.left, preparation),
        right: prepare(node.right, preparation),
        test: prepareTest(node.condition, node.columns, preparation),
      });
    case "lookup join":
      return prepareLookupJoin(node, {
        left: prepare(node.left, preparation),
        right: prepare(node.right, preparation),
        test: prepareTest(node.condition, node.columns, preparation),
      });
    case "apply join":
      return prepareApplyJoin(node, {
        left: prepare(node.left, preparation),
        right: prepare(node.right, preparation),
        test: prepareTest(node.condition, node.columns, preparation),
      });
    case "union":
      return prepareUnion(node.inputs.map((input) => prepare(input, preparation)));
    case "multiset":
      return prepareMultiset(
        node,
        node.inputs.map((input) => prepare(input, preparation)),
      );
    case "sample":
      return prepareSample(node, prepare(node.input, preparation));
  }
}

async function* oneRow(): AsyncGenerator<readonly Row[]> {
  yield [[]];
}

function prepareValues(node: ValuesNode, preparation: Preparation): Operator {
  const rows = node.values.map((row) => row.map((value) => compile(value, layoutOf([]))));
  const subqueries = subqueryRunsOf(node.values.flat(), [], preparation);
  return async function* values(execution) {
    await runSubqueries(subqueries, [], execution);
    yield rows.map((row) => row.map((value) => value([], execution.frame)));
  };
}

function prepareScan(node: ScanNode): Operator {
  const { table, index, sources: columns, isReverse, isForUpdate, written, seek } = node;
  const ranges =
    seek.kind === "key" ? prepareSeek(seek) : ({ batches }: Execution) => batches[seek.slot] ?? [];
  return (execution) => {
    checkAlive(execution);
    const wanted = ranges(execution);
    if (wanted.length === 0) return noRows();
    const scan = { table, index, columns, ranges: wanted, isReverse, isForUpdate, written };
    return execution.reader.scan(scan);
  };
}

async function* noRows(): AsyncGenerator<readonly Row[]> {}

function prepareUnnest(node: UnnestNode, preparation: Preparation): Operator {
  const array = compile(node.array, layoutOf([]));
  const subqueries = subqueryRunsOf([node.array], [], preparation);
  return async function* unnest(execution) {
    await runSubqueries(subqueries, [], execution);
    const values = array([], execution.frame);
    if (values !== null) yield* batched(elementRows(values, [], node.hasOffset), execution);
  };
}

/** A row for each element, behind the values of another row. */
function elementRows(values: Value, before: Row, hasOffset: boolean): readonly Row[] {
  // The analyzer lets nothing but arrays be unnested.
  return (values as readonly Value[]).map((value, index) =>
    hasOffset ? [...before, value, BigInt(index)] : [...before, value],
  );
}

function prepareDefinition(number: number, preparation: Preparation): Operator {
  return async function* definition(execution) {
    const kept = execution.definitions[number];
    if (kept !== undefined) {
      yield* kept;
      return;
    }
    const rows = await collect(preparation.definition(number).run, execution, "a WITH query");
    const batches = [...batched(rows, execution)];
    execution.definitions[number] = batches;
    yield* batches;
  };
}

function prepareFilter(node: FilterNode, preparation: Preparation): Operator {
  const input = prepare(node.input, preparation);
  const condition = compile(node.condition, layoutOf(node.input.columns));
  const subqueries = subqueryRunsOf([node.condition], node.input.columns, preparation);
  const demanded = subqueryRunsOf([node.condition], node.input.columns, preparation, true);
  return async function* filter(execution) {
    const { frame } = execution;
    for await (const batch of input(execution)) {
      checkAlive(execution);
      const kept: Row[] = [];
      for (const row of batch) {
        if (subqueries.length > 0) await runSubqueries(subqueries, row, execution);
        const answer =
          demanded.length === 0
            ? condition(row, frame)
            : await evaluateOnDemand(demanded, row, execution, () => condition(row, frame));
        if (answer === true) kept.push(row);
      }
      if (kept.length > 0) yield kept;
    }
  };
}

function prepareProject(node: ProjectNode, preparation: Preparation): Operator {
  const input = prepare(node.input, preparation);
  const layout = layoutOf(node.input.columns);
  const values = node.values.map((value) => compile(value, layout));
  const subqueries = subqueryRunsOf(node.values, node.input.columns, preparation);
  const demanded = subqueryRunsOf(node.values, node.input.columns, preparation, true);
  return async function* project(execution) {
    const { frame } = execution;
    for await (const batch of input(execution)) {
      checkAlive(execution);
      if (subqueries.length === 0 && demanded.length === 0) {
        yield batch.map((row) => values.map((value) => value(row, frame)));
        continue;
      }
      const rows: Row[] = [];
      for (const row of batch) {
        await runSubqueries(subqueries, row, execution);
        const evaluate = (): Row => values.map((value) => value(row, frame));
        rows.push(await evaluateOnDemand(demanded, row, execution, evaluate));
      }
      yield rows;
    }
  };
}

function prepareFlatten(node: FlattenNode, preparation: Preparation): Operator {
  const input = prepare(node.input, preparation);
  const array = compile(node.array, layoutOf(node.input.columns));
  const arrayRuns = subqueryRunsOf([node.array], node.input.columns, preparation);
  const test = prepareTest(node.condition, node.columns, preparation);
  const missing: Row = node.hasOffset ? [null, null] : [null];
  return async function* flatten(execution) {
    for await (const batch of input(execution)) {
      checkAlive(execution);
      const rows: Row[] = [];
      for (const row of batch) {
        if (arrayRuns.length > 0) await runSubqueries(arrayRuns, row, execution);
        const values = array(row, execution.frame);
        const joined = values === null ? [] : elementRows(values, row, node.hasOffset);
        const before = rows.length;
        for (const each of joined) if (await passes(test, each, execution)) rows.push(each);
        if (node.isOuter && rows.length === before) rows.push([...row, ...missing]);
      }
      yield* batched(rows, execution);
    }
  };
}

function prepareLimit(node: LimitNode, preparation: Preparation): Operator {
  const input = prepare(node.input, preparation);
  const limitOf = prepareRowLimit(node.limit);
  return async function* limit(execution) {
    const { count, offset } = limitOf(execution);
    let [skip, left] = [offset, count];
    if (left <= 0) return;
    for await (const batch of input(execution)) {
      const kept = batch.slice(skip, skip + left);
      skip = Math.max(skip - batch.length, 0);
      left -= kept.length;
      if (kept.length > 0) yield kept;
      if (left <= 0) return;
    }
  };
}

function prepareUnion(inputs: readonly Operator[]): Operator {
  return async function* union(execution) {
    for (const input of inputs) yield* input(execution);
  };
}

/** Counts rows of the later inputs, then lets rows of the first through, or not. */
function prepareMultiset(node: MultisetNode, inputs: readonly Operator[]): Operator {
  const [first, ...others] = inputs;
  const keyOf = hashTextOf(node.types);
  if (first === undefined) return noRows;
  return async function* multiset(execution) {
    let rows = await collect(first, execution, node.operator);
    for (const other of others) {
      const counts = new Map<string, number>();
      for (const row of await collect(other, execution, node.operator)) {
        const key = keyOf(row);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      rows = keepCounted(rows, counts, keyOf, node);
    }
    yield* batched(rows, execution);
  };
}

function keepCounted(
  rows: readonly Row[],
  counts: Map<string, number>,
  keyOf: (row: Row) => string,
  { operator, isDistinct }: MultisetNode,
): readonly Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = keyOf(row);
    if (isDistinct) {
      if (seen.has(key)) return false;
      seen.add(key);
      return counts.has(key) === (operator === "INTERSECT");
    }
    const left = counts.get(key) ?? 0;
    if (left > 0) counts.set(key, left - 1);
    return left > 0 === (operator === "INTERSECT");
  });
}

function checkSampleSize(wanted: number, method: SampleNode["method"]): void {
  if (method === "BERNOULLI" && !(wanted >= 0 && wanted <= 100)) {
    throw evaluationFailed("PERCENT value must be in the range [0, 100]");
  }
  if (wanted < 0) throw evaluationFailed("TABLESAMPLE requires a non-negative number of rows");
}

function prepareSample(node: SampleNode, input: Operator): Operator {
  const size = compile(node.size, layoutOf([]));
  const { method } = node;
  return async function* sample(execution) {
    const { random } = execution.frame.context;
    const wanted = Number(size([], execution.frame));
    checkSampleSize(wanted, method);
    if (method === "BERNOULLI") {
      for await (const batch of input(execution)) {
        const chosen = batch.filter(() => random.next() * 100 < wanted);
        yield node.hasWeight ? weighted(chosen, 100 / wanted) : chosen;
      }
      return;
    }
    const kept: Row[] = [];
    let seen = 0;
    for await (const batch of input(execution)) {
      for (const row of batch) {
        seen++;
        const place = seen <= wanted ? seen - 1 : Math.floor(random.next() * seen);
        if (place < wanted) kept[place] = row;
      }
    }
    const rows = node.hasWeight ? weighted(kept, seen / kept.length) : kept;
    yield* batched(rows, execution);
  };
}

function weighted(rows: readonly Row[], weight: number): readonly Row[] {
  return rows.map((row) => [...row, weight]);
}
