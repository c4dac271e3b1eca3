// SPDX-License-Identifier: Apache-2.0
// Joins. All of them give the left row's cells, then the right row's; a side without a match is filled
// up with NULLs. A semi join gives the left rows that have a match, an anti join those that have none.
import { compile } from "../expression/compile.ts";
import type { Evaluator, Frame } from "../expression/frame.ts";
import type { HashKey } from "../functions/hash-key.ts";
import type { ApplyJoinNode, HashJoinNode, LookupJoinNode } from "../planner/plan.ts";
import { type KeyRange, keysWith, type Row } from "../rows/contract.ts";
import { batched, boundFrom, passes, type RowTest } from "./batches.ts";
import { checkAlive, collect, type Execution, type Operator } from "./execution.ts";
import { prepareEqualKey, prepareRowKey } from "./hash.ts";
import { hashTable } from "./hash-table.ts";
import { type HashedJoin, nulls, prepareMatcher } from "./match.ts";
import { beside, layoutOf, type Shape } from "./shape.ts";
import type { Source } from "./source.ts";
import { bind } from "./subqueries.ts";

/** The prepared parts of a join. */
export interface JoinParts {
  readonly left: Source;
  readonly right: Source;
  /** The shape of both sides' cells together. */
  readonly shape: Shape;
  readonly test: RowTest;
}

function shapeOfJoin(join: HashedJoin, { left, shape }: JoinParts): Shape {
  return join === "semi" || join === "anti" ? left.shape : shape;
}

/** Makes the operator of a hash join. */
export function prepareHashJoin(node: HashJoinNode, parts: JoinParts): Source {
  const { join, keys } = node;
  const { left, right, test } = parts;
  const leftHash = prepareEqualKey(
    keys.map((key) => key.left),
    layoutOf(left.shape),
  );
  const rightHash = prepareEqualKey(
    keys.map((key) => key.right),
    layoutOf(right.shape),
  );
  const missingLeft = nulls(left.shape.cells);
  async function* hashJoin(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { frame } = execution;
    const rights = await collect(right, execution, "a hash join");
    if (rights.length === 0 && (join === "inner" || join === "semi")) return;
    const table = hashTable(rights, rightHash, frame);
    const matched = new Set<Row>();
    const match = prepareMatcher(join, test, right.shape.cells, (row) => matched.add(row));
    for await (const batch of left.run(execution)) {
      checkAlive(execution);
      const hashes = batch.map((row) => leftHash(row, frame));
      yield* batched(await match(batch, hashes, table, execution), execution);
    }
    if (join !== "full") return;
    const alone = rights.filter((row) => !matched.has(row));
    yield* batched(
      alone.map((row) => beside(missingLeft, row)),
      execution,
    );
  }
  return { run: hashJoin, shape: shapeOfJoin(join, parts) };
}

/** Makes the operator of a lookup join. */
export function prepareLookupJoin(node: LookupJoinNode, parts: JoinParts): Source {
  const { left, right, test } = parts;
  const prepareHash = node.isSameRow ? prepareRowKey : prepareEqualKey;
  const leftLayout = layoutOf(left.shape);
  const leftKeys = node.keys.map((key) => key.left);
  const leftHash = prepareHash(leftKeys, leftLayout);
  const rightKeys = node.keys.map((key) => key.right);
  const rightHash = prepareHash(rightKeys, layoutOf(right.shape));
  const keyValues = leftKeys.map((key) => compile(key, leftLayout));
  const match = prepareMatcher(node.join, test, right.shape.cells, () => undefined);
  async function* lookupJoin(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { frame } = execution;
    for await (const batch of left.run(execution)) {
      checkAlive(execution);
      const hashes = batch.map((row) => leftHash(row, frame));
      execution.batches[node.slot] = rangesOf(batch, hashes, keyValues, frame);
      const table = hashTable(await collectBatch(right.run, execution), rightHash, frame);
      yield* batched(await match(batch, hashes, table, execution), execution);
    }
  }
  return { run: lookupJoin, shape: shapeOfJoin(node.join, parts) };
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
export function prepareApplyJoin(node: ApplyJoinNode, parts: JoinParts): Source {
  const { left, right, test, shape } = parts;
  const bound = boundFrom(node.bound, layoutOf(left.shape));
  const missing = nulls(right.shape.cells);
  async function* applyJoin(execution: Execution): AsyncGenerator<readonly Row[]> {
    for await (const batch of left.run(execution)) {
      for (const outer of batch) {
        checkAlive(execution);
        bind(bound, outer, execution.frame);
        const rows: Row[] = [];
        for await (const rights of right.run(execution)) {
          for (const inner of rights) {
            const row = beside(outer, inner);
            if (await passes(test, row, execution)) rows.push(row);
          }
        }
        if (node.join === "left" && rows.length === 0) rows.push(beside(outer, missing));
        yield* batched(rows, execution);
      }
    }
  }
  return { run: applyJoin, shape };
}
