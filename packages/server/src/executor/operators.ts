// SPDX-License-Identifier: Apache-2.0
// The operators: each plan node becomes a function that gives its rows in batches. Rows in a batch
// cost no promise, unless an expression has subqueries. Between batches the signal is checked; a
// consumer that stops early stops everything below it.
import type { Value } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { compile } from "../expression/compile.ts";
import { hashTextOf } from "../functions/hash-key.ts";
import { isInformationTable } from "../information/tables.ts";
import type {
  ApplyJoinNode,
  FilterNode,
  FlattenNode,
  HashJoinNode,
  LimitNode,
  LookupJoinNode,
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
  type Preparation,
  passes,
  prepareRowLimit,
  prepareTest,
  subqueryRunsOf,
} from "./batches.ts";
import { checkAlive, collect, type Execution, type Operator } from "./execution.ts";
import { type JoinParts, prepareApplyJoin, prepareHashJoin, prepareLookupJoin } from "./join.ts";
import { prepareProbe } from "./probe.ts";
import { prepareSeek } from "./seek-ranges.ts";
import { layoutOf, packedShapeOf, shapeBeside, shapeOf } from "./shape.ts";
import { prepareSort } from "./sort.ts";
import { type Source, unpacked } from "./source.ts";
import { evaluateOnDemand, runSubqueries } from "./subqueries.ts";

/** Makes the operator of a node, whose rows have one value for each of the node's columns. */
export function prepareRows(node: PlanNode, preparation: Preparation): Operator {
  if (node.kind === "scan") return prepareScan(node, false);
  return unpacked(prepare(node, preparation), node.columns);
}

/** Makes the operator of a node; its rows may be packed in parts. */
export function prepare(node: PlanNode, preparation: Preparation): Source {
  const ofColumns = (run: Operator): Source => ({ run, shape: shapeOf(node.columns) });
  switch (node.kind) {
    case "one row":
      return ofColumns(oneRow);
    case "values":
      return ofColumns(prepareValues(node, preparation));
    case "scan":
      // The information schema is told, not stored.
      if (isInformationTable(node.table)) return ofColumns(prepareScan(node, false));
      return { run: prepareScan(node, true), shape: packedShapeOf(node) };
    case "unnest":
      return ofColumns(prepareUnnest(node, preparation));
    case "definition":
      return ofColumns(prepareDefinition(node.definition, preparation));
    case "probe":
      return prepareProbe(node, prepare(node.input, preparation));
    case "filter":
      return prepareFilter(node, preparation);
    case "project":
      return ofColumns(prepareProject(node, preparation));
    case "flatten":
      return prepareFlatten(node, preparation);
    case "aggregate":
      return ofColumns(prepareAggregate(node, prepare(node.input, preparation)));
    case "sort":
      return prepareSort(node, prepare(node.input, preparation));
    case "limit":
      return prepareLimit(node, prepare(node.input, preparation));
    case "hash join":
      return prepareHashJoin(node, joinParts(node, preparation));
    case "lookup join":
      return prepareLookupJoin(node, joinParts(node, preparation));
    case "apply join":
      return prepareApplyJoin(node, joinParts(node, preparation));
    case "union":
      return ofColumns(prepareUnion(node.inputs.map((input) => prepareRows(input, preparation))));
    case "multiset": {
      const inputs = node.inputs.map((input) => prepareRows(input, preparation));
      return ofColumns(prepareMultiset(node, inputs));
    }
    case "sample":
      return ofColumns(prepareSample(node, prepareRows(node.input, preparation)));
  }
}

function joinParts(
  node: HashJoinNode | LookupJoinNode | ApplyJoinNode,
  preparation: Preparation,
): JoinParts {
  // Where every pair of rows is looked at, columns are not read out of them again and again.
  const isNested = node.kind === "apply join" || (node.kind === "hash join" && !node.keys[0]);
  const side = (each: PlanNode): Source =>
    isNested
      ? { run: prepareRows(each, preparation), shape: shapeOf(each.columns) }
      : prepare(each, preparation);
  const [left, right] = [side(node.left), side(node.right)];
  const shape = shapeBeside(left.shape, right.shape);
  return { left, right, shape, test: prepareTest(node.condition, shape, preparation) };
}

async function* oneRow(): AsyncGenerator<readonly Row[]> {
  yield [[]];
}

function prepareValues(node: ValuesNode, preparation: Preparation): Operator {
  const shape = shapeOf([]);
  const rows = node.values.map((row) => row.map((value) => compile(value, layoutOf(shape))));
  const subqueries = subqueryRunsOf(node.values.flat(), shape, preparation);
  return async function* values(execution) {
    await runSubqueries(subqueries, [], execution);
    yield rows.map((row) => row.map((value) => value([], execution.frame)));
  };
}

function prepareScan(node: ScanNode, isPacked: boolean): Operator {
  const { table, index, sources: columns, isReverse, isForUpdate, written, seek } = node;
  const ranges =
    seek.kind === "key" ? prepareSeek(seek) : ({ batches }: Execution) => batches[seek.slot] ?? [];
  return (execution) => {
    checkAlive(execution);
    const wanted = ranges(execution);
    if (wanted.length === 0) return noRows();
    const how = { isReverse, isForUpdate, written, isPacked };
    return execution.reader.scan({ table, index, columns, ranges: wanted, ...how });
  };
}

async function* noRows(): AsyncGenerator<readonly Row[]> {}

function prepareUnnest(node: UnnestNode, preparation: Preparation): Operator {
  const shape = shapeOf([]);
  const array = compile(node.array, layoutOf(shape));
  const subqueries = subqueryRunsOf([node.array], shape, preparation);
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
    const rows = await collect(preparation.definition(number), execution, "a WITH query");
    const batches = [...batched(rows, execution)];
    execution.definitions[number] = batches;
    yield* batches;
  };
}

function prepareFilter(node: FilterNode, preparation: Preparation): Source {
  const input = prepare(node.input, preparation);
  const { shape } = input;
  const condition = compile(node.condition, layoutOf(shape));
  const subqueries = subqueryRunsOf([node.condition], shape, preparation);
  const demanded = subqueryRunsOf([node.condition], shape, preparation, true);
  const isPlain = subqueries.length + demanded.length === 0;
  async function* filter(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { frame } = execution;
    for await (const batch of input.run(execution)) {
      checkAlive(execution);
      if (isPlain) {
        const kept = batch.filter((row) => condition(row, frame) === true);
        if (kept.length > 0) yield kept;
        continue;
      }
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
  }
  return { run: filter, shape };
}

function prepareProject(node: ProjectNode, preparation: Preparation): Operator {
  const input = prepare(node.input, preparation);
  const layout = layoutOf(input.shape);
  const values = node.values.map((value) => compile(value, layout));
  const subqueries = subqueryRunsOf(node.values, input.shape, preparation);
  const demanded = subqueryRunsOf(node.values, input.shape, preparation, true);
  return async function* project(execution) {
    const { frame } = execution;
    for await (const batch of input.run(execution)) {
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

function prepareFlatten(node: FlattenNode, preparation: Preparation): Source {
  const input = prepare(node.input, preparation);
  const array = compile(node.array, layoutOf(input.shape));
  const arrayRuns = subqueryRunsOf([node.array], input.shape, preparation);
  const elements = shapeOf(node.columns.slice(node.input.columns.length));
  const shape = shapeBeside(input.shape, elements);
  const test = prepareTest(node.condition, shape, preparation);
  const missing: Row = node.hasOffset ? [null, null] : [null];
  async function* flatten(execution: Execution): AsyncGenerator<readonly Row[]> {
    for await (const batch of input.run(execution)) {
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
  }
  return { run: flatten, shape };
}

function prepareLimit(node: LimitNode, { run, shape }: Source): Source {
  const limitOf = prepareRowLimit(node.limit);
  async function* limit(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { count, offset } = limitOf(execution);
    let [skip, left] = [offset, count];
    if (left <= 0) return;
    for await (const batch of run(execution)) {
      const kept = batch.slice(skip, skip + left);
      skip = Math.max(skip - batch.length, 0);
      left -= kept.length;
      if (kept.length > 0) yield kept;
      if (left <= 0) return;
    }
  }
  return { run: limit, shape };
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
    let rows = await collect({ run: first }, execution, node.operator);
    for (const other of others) {
      const counts = new Map<string, number>();
      for (const row of await collect({ run: other }, execution, node.operator)) {
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
  const size = compile(node.size, layoutOf(shapeOf([])));
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
