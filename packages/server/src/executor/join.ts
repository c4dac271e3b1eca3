// SPDX-License-Identifier: Apache-2.0
// Joins. All of them give the left row's cells, then the right row's; a side without a match is filled
// up with NULLs. A semi join gives the left rows that have a match, an anti join those that have none.
import type { Value } from "@spandrel/model";
import { compile, type Evaluator } from "../expression/compile.ts";
import type { Frame } from "../expression/frame.ts";
import type { HashKey } from "../functions/hash-key.ts";
import type { ApplyJoinNode, HashJoinNode, LookupJoinNode } from "../planner/plan.ts";
import { type KeyRange, keysWith, type Row } from "../rows/contract.ts";
import { batched, boundFrom, passes, type RowTest } from "./batches.ts";
import { checkAlive, collect, type Execution, type Operator } from "./execution.ts";
import { prepareEqualKey, prepareRowKey } from "./hash.ts";
import { beside, layoutOf, type Shape, type Source } from "./shape.ts";
import { bind } from "./subqueries.ts";

/** The prepared parts of a join. */
export interface JoinParts {
  readonly left: Source;
  readonly right: Source;
  /** The shape of both sides' cells together. */
  readonly shape: Shape;
  readonly test: RowTest;
}

/** The kinds of joins that look candidates up by their hash. */
type Kind = HashJoinNode["join"];

/** Gives the hash of a row's join key; undefined when a part is NULL, which equals nothing. */
type KeyHash = (row: Row, frame: Frame) => HashKey | undefined;

function nulls(count: number): Row {
  return Array.from({ length: count }, (): Value => null);
}

/** A row of a hash table, and the next one with the same key. */
interface Candidate {
  readonly row: Row;
  next: Candidate | undefined;
}

type HashTable = ReadonlyMap<HashKey, Candidate>;

/** Rows by their keys, those of one key in the order in which they came. */
function hashTable(rows: readonly Row[], hashOf: KeyHash, frame: Frame): HashTable {
  const table = new Map<HashKey, Candidate>();
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index] as Row; // below the length
    const hash = hashOf(row, frame);
    if (hash !== undefined) table.set(hash, { row, next: table.get(hash) });
  }
  return table;
}

function shapeOfJoin(kind: Kind, { left, shape }: JoinParts): Shape {
  return kind === "semi" || kind === "anti" ? left.shape : shape;
}

/** Puts what a left row gives behind the others. */
type Match = (
  left: Row,
  first: Candidate | undefined,
  rows: Row[],
  execution: Execution,
) => Promise<void> | undefined;

/** Makes the matching of a left row with its candidates; only subqueries make it wait. */
function prepareMatch(kind: Kind, { test, right }: JoinParts, matched: (row: Row) => void): Match {
  const missing = nulls(right.shape.cells);
  const { evaluate } = test;
  const unmatched = (left: Row, rows: Row[]): void => {
    if (kind === "anti") rows.push(left);
    else if (kind !== "inner" && kind !== "semi") rows.push(beside(left, missing));
  };
  /** Whether no more candidates have to be looked at. */
  const found = (left: Row, candidate: Row, row: Row, rows: Row[]): boolean => {
    if (kind === "anti") return true;
    rows.push(kind === "semi" ? left : row);
    if (kind === "full") matched(candidate);
    return kind === "semi";
  };
  if (evaluate === undefined && (kind === "semi" || kind === "anti")) {
    return (left, first, rows) => {
      if ((first !== undefined) === (kind === "semi")) rows.push(left);
      return undefined;
    };
  }
  if (test.subqueries.length > 0) {
    return async (left, first, rows, execution) => {
      let isMatched = false;
      for (let each = first; each !== undefined; each = each.next) {
        const row = beside(left, each.row);
        if (!(await passes(test, row, execution))) continue;
        isMatched = true;
        if (found(left, each.row, row, rows)) break;
      }
      if (!isMatched) unmatched(left, rows);
    };
  }
  return (left, first, rows, execution) => {
    let isMatched = false;
    for (let each = first; each !== undefined; each = each.next) {
      const row = beside(left, each.row);
      if (evaluate !== undefined && evaluate(row, execution.frame) !== true) continue;
      isMatched = true;
      if (found(left, each.row, row, rows)) break;
    }
    if (!isMatched) unmatched(left, rows);
    return undefined;
  };
}

/** Makes the operator of a hash join. */
export function prepareHashJoin(node: HashJoinNode, parts: JoinParts): Source {
  const { left, right } = parts;
  const leftKeys = node.keys.map((key) => key.left);
  const leftHash = prepareEqualKey(leftKeys, layoutOf(left.shape));
  const rightKeys = node.keys.map((key) => key.right);
  const rightHash = prepareEqualKey(rightKeys, layoutOf(right.shape));
  const missingLeft = nulls(left.shape.cells);
  async function* hashJoin(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { frame } = execution;
    const rights = await collect(right, execution, "a hash join");
    if (rights.length === 0 && (node.join === "inner" || node.join === "semi")) return;
    const table = hashTable(rights, rightHash, frame);
    const matched = new Set<Row>();
    const match = prepareMatch(node.join, parts, (row) => matched.add(row));
    for await (const batch of left.run(execution)) {
      checkAlive(execution);
      const rows: Row[] = [];
      for (const row of batch) {
        const hash = leftHash(row, frame);
        const first = hash === undefined ? undefined : table.get(hash);
        const waiting = match(row, first, rows, execution);
        if (waiting !== undefined) await waiting;
      }
      yield* batched(rows, execution);
    }
    if (node.join !== "full") return;
    const alone = rights.filter((row) => !matched.has(row));
    yield* batched(
      alone.map((row) => beside(missingLeft, row)),
      execution,
    );
  }
  return { run: hashJoin, shape: shapeOfJoin(node.join, parts) };
}

/** Makes the operator of a lookup join. */
export function prepareLookupJoin(node: LookupJoinNode, parts: JoinParts): Source {
  const { left, right } = parts;
  const prepareHash = node.isSameRow ? prepareRowKey : prepareEqualKey;
  const leftLayout = layoutOf(left.shape);
  const leftKeys = node.keys.map((key) => key.left);
  const leftHash = prepareHash(leftKeys, leftLayout);
  const rightKeys = node.keys.map((key) => key.right);
  const rightHash = prepareHash(rightKeys, layoutOf(right.shape));
  const keyValues = leftKeys.map((key) => compile(key, leftLayout));
  const match = prepareMatch(node.join, parts, () => undefined);
  async function* lookupJoin(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { frame } = execution;
    for await (const batch of left.run(execution)) {
      checkAlive(execution);
      const hashes = batch.map((row) => leftHash(row, frame));
      execution.batches[node.slot] = rangesOf(batch, hashes, keyValues, frame);
      const table = hashTable(await collectBatch(right.run, execution), rightHash, frame);
      const rows: Row[] = [];
      for (const [index, row] of batch.entries()) {
        const hash = hashes[index];
        const first = hash === undefined ? undefined : table.get(hash);
        const waiting = match(row, first, rows, execution);
        if (waiting !== undefined) await waiting;
      }
      yield* batched(rows, execution);
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
