// SPDX-License-Identifier: Apache-2.0
// Grouping in a hash table, and the clauses of aggregate calls. A call without clauses adds each row
// to its accumulator at once; DISTINCT filters on the way; HAVING MAX, ORDER BY and LIMIT have to see
// all rows of the group first, so these are kept.
import { Code, StatusError } from "@spandrel/base";
import { comparatorOf, type Value } from "@spandrel/model";
import type { AggregatedColumn } from "../analyzer/resolved.ts";
import { compile, compileInteger } from "../expression/compile.ts";
import type { Expression } from "../expression/expression.ts";
import type { Evaluator, Frame } from "../expression/frame.ts";
import type { Layout } from "../expression/layout.ts";
import type { Accumulator } from "../functions/aggregate.ts";
import { type HashKey, hashTextOf } from "../functions/hash-key.ts";
import type { AggregateNode } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { batched } from "./batches.ts";
import { checkAlive, type Execution, type Operator } from "./execution.ts";
import { prepareRowKey } from "./hash.ts";
import { layoutOf } from "./shape.ts";
import { keyComparator } from "./sort.ts";
import type { Source } from "./source.ts";

/** One aggregate over one group. */
interface GroupAggregate {
  readonly add: (row: Row, frame: Frame) => void;
  readonly result: (frame: Frame) => Value;
}

interface Group {
  readonly key: readonly Value[];
  readonly aggregates: readonly GroupAggregate[];
}

/** Makes the operator of a grouping. */
export function prepareAggregate(node: AggregateNode, input: Source): Operator {
  const layout = layoutOf(input.shape);
  const expressions = node.groups.map(({ expression }) => expression);
  const values = expressions.map((expression) => compile(expression, layout));
  // Columns are hashed where they are; what is computed is computed once.
  const areColumns = expressions.every(({ kind }) => kind === "column");
  const keyOf = areColumns
    ? prepareRowKey(expressions, layout)
    : prepareRowKey(expressions.map(positional), (position) => position);
  const makers = node.aggregates.map((each) => prepareCall(each, layout));
  const newGroup = (key: readonly Value[]): Group => ({
    key,
    aggregates: makers.map((make) => make()),
  });
  /** Adds rows to their groups. Loops run faster outside of a generator. */
  const addAll = (batch: readonly Row[], groups: Groups, { frame, budget }: Execution): void => {
    for (const row of batch) {
      const computed = areColumns ? undefined : values.map((value) => value(row, frame));
      const hash = keyOf(computed ?? row, frame);
      let group = groups.get(hash);
      if (group === undefined) {
        const key = computed ?? values.map((value) => value(row, frame));
        budget.keep([key], "GROUP BY");
        group = newGroup(key);
        groups.set(hash, group);
      }
      addTo(group, row, frame);
    }
  };
  return async function* aggregate(execution) {
    const groups: Groups = new Map();
    const whole = node.isGrouped ? undefined : newGroup([]);
    if (whole !== undefined) groups.set(null, whole);
    for await (const batch of input.run(execution)) {
      checkAlive(execution);
      if (whole === undefined) addAll(batch, groups, execution);
      else for (const row of batch) addTo(whole, row, execution.frame);
    }
    const rows: Row[] = [];
    for (const { key, aggregates } of groups.values()) {
      rows.push([...key, ...aggregates.map((each) => each.result(execution.frame))]);
    }
    yield* batched(rows, execution);
  };
}

type Groups = Map<HashKey, Group>;

function addTo({ aggregates }: Group, row: Row, frame: Frame): void {
  for (let index = 0; index < aggregates.length; index++) aggregates[index]?.add(row, frame);
}

function positional({ type }: Expression, position: number): Expression {
  return { kind: "column", type, column: position, name: "" };
}

function prepareCall(call: AggregatedColumn, layout: Layout): () => GroupAggregate {
  const types = call.arguments.map(({ type }) => type);
  const newAccumulator = call.aggregate.prepare(types, call.type);
  const values = call.arguments.map((argument) => argumentOf(call, argument, layout));
  const isPlain =
    call.having === undefined && call.orderBy.length === 0 && call.limit === undefined;
  // Where rows are kept, NULLs are passed over after HAVING has chosen among all rows.
  const isSkipping = call.ignoresNulls && call.arguments.length > 0 && isPlain;
  const distinct = call.isDistinct && isPlain ? hashTextOf(types.slice(0, 1)) : undefined;
  const make = isPlain
    ? () => directly(newAccumulator(), values, isSkipping)
    : prepareKept(call, values, newAccumulator, layout);
  const [first] = values;
  const clauses = (): GroupAggregate => {
    const inner = make();
    if (first === undefined || distinct === undefined) return inner;
    const seen = new Set<string>();
    return {
      result: inner.result,
      add: (row, frame) => {
        const key = distinct([first(row, frame)]);
        if (seen.has(key)) return;
        seen.add(key);
        inner.add(row, frame);
      },
    };
  };
  return call.isSafe ? () => safely(clauses()) : clauses;
}

/** Integers come as numbers, where the accumulator can do with them. */
function argumentOf(call: AggregatedColumn, argument: Expression, layout: Layout): Evaluator {
  const areIntegers = call.aggregate.takesIntegers && argument.type.kind === "INT64";
  return areIntegers ? compileInteger(argument, layout) : compile(argument, layout);
}

function directly(
  accumulator: Accumulator,
  [first, second]: readonly Evaluator[],
  isSkipping: boolean,
): GroupAggregate {
  const result = (): Value => accumulator.result();
  if (first === undefined) return { add: () => accumulator.add(null, null), result };
  return {
    add: (row, frame) => {
      const value = first(row, frame);
      if (value === null && isSkipping) return;
      accumulator.add(value, second === undefined ? null : second(row, frame));
    },
    result,
  };
}

/** A failed aggregate under `SAFE.` is NULL. */
function safely(inner: GroupAggregate): GroupAggregate {
  let failed = false;
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== Code.OUT_OF_RANGE) throw error;
      failed = true;
      return otherwise;
    }
  };
  return {
    add: (row, frame) => attempt(() => inner.add(row, frame), undefined),
    result: (frame) => (failed ? null : attempt(() => inner.result(frame), null)),
  };
}

interface KeptRow {
  readonly values: readonly Value[];
  readonly key: readonly Value[];
  readonly extreme: Value;
}

function prepareKept(
  call: AggregatedColumn,
  values: readonly Evaluator[],
  newAccumulator: () => Accumulator,
  layout: Layout,
): () => GroupAggregate {
  const keys = call.orderBy.map(({ expression }) => compile(expression, layout));
  const extreme = call.having === undefined ? undefined : compile(call.having.value, layout);
  const limit = call.limit === undefined ? undefined : compile(call.limit, layout);
  const distinct = call.isDistinct
    ? hashTextOf(call.arguments.slice(0, 1).map(({ type }) => type))
    : undefined;
  return () => {
    const kept: KeptRow[] = [];
    return {
      add: (row, frame) => {
        kept.push({
          values: values.map((value) => value(row, frame)),
          key: keys.map((key) => key(row, frame)),
          extreme: extreme?.(row, frame) ?? null,
        });
      },
      result: (frame) => {
        let rows = mostExtreme(kept, call);
        if (call.ignoresNulls) rows = rows.filter(({ values: [first] }) => first !== null);
        if (distinct !== undefined) rows = distinctRows(rows, distinct);
        if (keys.length > 0) {
          const compare = keyComparator(call.orderBy, frame.parameters);
          rows = [...rows].sort((left, right) => compare(left.key, right.key));
        }
        const most = limit === undefined ? rows.length : Number(limit([], frame) ?? 0n);
        const accumulator = newAccumulator();
        for (const { values: each } of rows.slice(0, most)) {
          accumulator.add(each[0] ?? null, each[1] ?? null);
        }
        return accumulator.result();
      },
    };
  };
}

function distinctRows(
  rows: readonly KeptRow[],
  keyOf: (values: readonly Value[]) => string,
): readonly KeptRow[] {
  const seen = new Set<string>();
  return rows.filter(({ values }) => {
    const key = keyOf(values);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * The rows in which the HAVING value is largest or smallest.
 *
 * Rows where it is NULL never are. A NaN anywhere is the extreme, and as NaN equals nothing, no row is.
 */
function mostExtreme(rows: readonly KeptRow[], { having }: AggregatedColumn): readonly KeptRow[] {
  if (having === undefined) return rows;
  const compare = comparatorOf(having.value.type);
  const sign = having.extreme === "MAX" ? 1 : -1;
  let best: KeptRow[] = [];
  for (const row of rows) {
    if (row.extreme === null) continue;
    if (Number.isNaN(row.extreme)) return [];
    const [first] = best;
    const order = first === undefined ? 1 : compare(row.extreme, first.extreme) * sign;
    if (order > 0) best = [row];
    else if (order === 0) best.push(row);
  }
  return best;
}
