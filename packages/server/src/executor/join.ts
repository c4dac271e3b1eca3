// SPDX-License-Identifier: Apache-2.0
// Joins. All of them give the left row's values, then the right row's; a side without a match is
// filled up with NULLs.
import type { Value } from "@spandrel/model";
import { compile, type Evaluator } from "../expression/compile.ts";
import type { Frame } from "../expression/frame.ts";
import { type HashKey, hashKeyOf, hashTextOf } from "../functions/hash-key.ts";
import type { ApplyJoinNode, HashJoinNode, JoinKey, LookupJoinNode } from "../planner/plan.ts";
import { type KeyRange, keysWith, type Row } from "../rows/contract.ts";
import { batched, layoutOf, passes, type RowTest } from "./batches.ts";
import { checkAlive, collect, type Execution, type Operator } from "./execution.ts";

/** The prepared parts of a join. */
export interface JoinParts {
  readonly left: Operator;
  readonly right: Operator;
  readonly test: RowTest;
}

/** Gives the hash of a row's join key; undefined when a part is NULL, which equals nothing. */
type KeyHash = (row: Row, frame: Frame) => HashKey | undefined;

function nulls(count: number): Row {
  return Array.from({ length: count }, () => null);
}

/** Makes the hashes of both sides of a join. */
function prepareHash(
  keys: readonly JoinKey[],
  side: "left" | "right",
  columns: readonly number[],
  isSameRow = false,
): KeyHash {
  const layout = layoutOf(columns);
  const values = keys.map((key) => compile(key[side], layout));
  const types = keys.map((key) => key.left.type);
  const [only] = types;
  const single = types.length === 1 && only !== undefined ? hashKeyOf(only) : undefined;
  if (values.length === 0) return () => "";
  const sameText = hashTextOf(types);
  if (isSameRow) return (row, frame) => sameText(values.map((value) => value(row, frame)));
  if (single !== undefined) return hashSingle(values, single);
  return (row, frame) => {
    const key = values.map((value) => value(row, frame));
    return key.some(equalsNothing) ? undefined : sameText(key);
  };
}

function hashSingle([value]: readonly Evaluator[], hash: (value: Value) => HashKey): KeyHash {
  return (row, frame) => {
    const key = value?.(row, frame) ?? null;
    return equalsNothing(key) ? undefined : hash(key);
  };
}

function equalsNothing(value: Value): boolean {
  return value === null || (typeof value === "number" && Number.isNaN(value));
}

/** Makes the operator of a hash join. */
export function prepareHashJoin(node: HashJoinNode, parts: JoinParts): Operator {
  const leftHash = prepareHash(node.keys, "left", node.left.columns);
  const rightHash = prepareHash(node.keys, "right", node.right.columns);
  const missingRight = nulls(node.right.columns.length);
  const missingLeft = nulls(node.left.columns.length);
  return async function* hashJoin(execution) {
    const rights = await collect(parts.right, execution, "a hash join");
    if (rights.length === 0 && node.join === "inner") return;
    const table = hashTable(rights, rightHash, execution.frame);
    const matched = new Set<Row>();
    for await (const batch of parts.left(execution)) {
      checkAlive(execution);
      const rows: Row[] = [];
      for (const left of batch) {
        const hash = leftHash(left, execution.frame);
        const candidates = hash === undefined ? undefined : table.get(hash);
        const before = rows.length;
        for (const right of candidates ?? []) {
          const row = [...left, ...right];
          const outcome = passes(parts.test, row, execution);
          if (outcome === true || (outcome !== false && (await outcome))) {
            rows.push(row);
            if (node.join === "full") matched.add(right);
          }
        }
        if (node.join !== "inner" && rows.length === before) rows.push([...left, ...missingRight]);
      }
      yield* batched(rows, execution);
    }
    if (node.join !== "full") return;
    const alone = rights.filter((right) => !matched.has(right));
    yield* batched(
      alone.map((right) => [...missingLeft, ...right]),
      execution,
    );
  };
}

function hashTable(
  rows: readonly Row[],
  hashOf: KeyHash,
  frame: Frame,
): ReadonlyMap<HashKey, readonly Row[]> {
  const table = new Map<HashKey, Row[]>();
  for (const row of rows) {
    const hash = hashOf(row, frame);
    if (hash === undefined) continue;
    const bucket = table.get(hash);
    if (bucket === undefined) table.set(hash, [row]);
    else bucket.push(row);
  }
  return table;
}

/** Makes the operator of a lookup join. */
export function prepareLookupJoin(node: LookupJoinNode, parts: JoinParts): Operator {
  const leftHash = prepareHash(node.keys, "left", node.left.columns, node.isSameRow);
  const rightHash = prepareHash(node.keys, "right", node.right.columns, node.isSameRow);
  const layout = layoutOf(node.left.columns);
  const keyValues = node.keys.map(({ left }) => compile(left, layout));
  const missing = nulls(node.right.columns.length);
  return async function* lookupJoin(execution) {
    for await (const batch of parts.left(execution)) {
      checkAlive(execution);
      const hashes = batch.map((row) => leftHash(row, execution.frame));
      execution.batches[node.slot] = rangesOf(batch, hashes, keyValues, execution.frame);
      const rights = await collectBatch(parts.right, execution);
      const table = hashTable(rights, rightHash, execution.frame);
      const rows: Row[] = [];
      for (const [index, left] of batch.entries()) {
        const hash = hashes[index];
        const before = rows.length;
        for (const right of (hash === undefined ? undefined : table.get(hash)) ?? []) {
          const row = [...left, ...right];
          const outcome = passes(parts.test, row, execution);
          if (outcome === true || (outcome !== false && (await outcome))) rows.push(row);
        }
        if (node.join === "left" && rows.length === before) rows.push([...left, ...missing]);
      }
      yield* batched(rows, execution);
    }
  };
}

/** Rows of one batch are given up with it, so they count for nothing. */
async function collectBatch(operator: Operator, execution: Execution): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const batch of operator(execution)) for (const row of batch) rows.push(row);
  return rows;
}

/** One range for each key that comes in the batch. */
function rangesOf(
  batch: readonly Row[],
  hashes: readonly (HashKey | undefined)[],
  keyValues: readonly Evaluator[],
  frame: Frame,
): readonly KeyRange[] {
  const seen = new Set<HashKey>();
  const ranges: KeyRange[] = [];
  for (const [index, row] of batch.entries()) {
    const hash = hashes[index];
    if (hash === undefined || seen.has(hash)) continue;
    seen.add(hash);
    ranges.push(keysWith(keyValues.map((value) => value(row, frame))));
  }
  return ranges;
}

/** Makes the operator of an apply join. */
export function prepareApplyJoin(node: ApplyJoinNode, parts: JoinParts): Operator {
  const layout = layoutOf(node.left.columns);
  const bound = node.bound.flatMap((column) => {
    const position = layout(column);
    return position === undefined ? [] : [{ column, position }];
  });
  const missing = nulls(node.right.columns.length);
  return async function* applyJoin(execution) {
    for await (const batch of parts.left(execution)) {
      for (const left of batch) {
        checkAlive(execution);
        for (const { column, position } of bound) {
          execution.frame.bound[column] = left[position] ?? null;
        }
        const rows: Row[] = [];
        for await (const rights of parts.right(execution)) {
          for (const right of rights) {
            const row = [...left, ...right];
            if (await passes(parts.test, row, execution)) rows.push(row);
          }
        }
        if (node.join === "left" && rows.length === 0) rows.push([...left, ...missing]);
        yield* batched(rows, execution);
      }
    }
  };
}
