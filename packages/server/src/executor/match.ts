// SPDX-License-Identifier: Apache-2.0
// Matching a batch of left rows with the candidates that a hash table has for them.
import type { Value } from "@spandrel/model";
import type { Frame } from "../expression/frame.ts";
import type { HashKey } from "../functions/hash-key.ts";
import type { HashJoinNode } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { passes, type RowTest } from "./batches.ts";
import type { Execution } from "./execution.ts";
import { beside } from "./shape.ts";

/** The kinds of joins that look candidates up by their hash. */
export type HashedJoin = HashJoinNode["join"];

/** Gives the hash of a row's join key; undefined when a part is NULL, which equals nothing. */
export type KeyHash = (row: Row, frame: Frame) => HashKey | undefined;

/** A row of a hash table, and the next one with the same key. */
interface Candidate {
  readonly row: Row;
  readonly next: Candidate | undefined;
}

/** Rows by their keys, those of one key in the order in which they came. */
export type HashTable = ReadonlyMap<HashKey, Candidate>;

/** Makes a hash table. */
export function hashTable(rows: readonly Row[], hashOf: KeyHash, frame: Frame): HashTable {
  const table = new Map<HashKey, Candidate>();
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index] as Row; // below the length
    const hash = hashOf(row, frame);
    if (hash !== undefined) table.set(hash, { row, next: table.get(hash) });
  }
  return table;
}

/** One side's cells when there is no row for them. */
export function nulls(cells: number): Row {
  return Array.from({ length: cells }, (): Value => null);
}

/** Gives what a batch of left rows and their candidates make; waits only for subqueries. */
export type Matcher = (
  lefts: readonly Row[],
  hashes: readonly (HashKey | undefined)[],
  table: HashTable,
  execution: Execution,
) => readonly Row[] | Promise<readonly Row[]>;

/** Makes the matcher of a join; `matched` is told the right rows that a full join has given. */
export function prepareMatcher(
  join: HashedJoin,
  test: RowTest,
  rightCells: number,
  matched: (right: Row) => void,
): Matcher {
  const missing = nulls(rightCells);
  const { evaluate } = test;

  /** Takes a match; whether the left row needs no others. */
  const take = (left: Row, right: Row, row: Row, rows: Row[]): boolean => {
    if (join === "anti") return true;
    rows.push(join === "semi" ? left : row);
    if (join === "full") matched(right);
    return join === "semi";
  };
  const takeUnmatched = (left: Row, rows: Row[]): void => {
    if (join === "anti") rows.push(left);
    else if (join === "left" || join === "full") rows.push(beside(left, missing));
  };

  if (evaluate === undefined && (join === "semi" || join === "anti")) {
    return (lefts, hashes, table) =>
      lefts.filter((_, index) => {
        const hash = hashes[index];
        return (hash !== undefined && table.has(hash)) === (join === "semi");
      });
  }
  if (test.subqueries.length > 0) {
    return async (lefts, hashes, table, execution) => {
      const rows: Row[] = [];
      for (const [index, left] of lefts.entries()) {
        let isMatched = false;
        for (let each = firstOf(table, hashes[index]); each !== undefined; each = each.next) {
          const row = beside(left, each.row);
          if (!(await passes(test, row, execution))) continue;
          isMatched = true;
          if (take(left, each.row, row, rows)) break;
        }
        if (!isMatched) takeUnmatched(left, rows);
      }
      return rows;
    };
  }
  return (lefts, hashes, table, { frame }) => {
    const rows: Row[] = [];
    for (let index = 0; index < lefts.length; index++) {
      const left = lefts[index] as Row; // below the length
      let isMatched = false;
      for (let each = firstOf(table, hashes[index]); each !== undefined; each = each.next) {
        const row = beside(left, each.row);
        if (evaluate !== undefined && evaluate(row, frame) !== true) continue;
        isMatched = true;
        if (take(left, each.row, row, rows)) break;
      }
      if (!isMatched) takeUnmatched(left, rows);
    }
    return rows;
  };
}

/** The rows of a key. */
export function candidatesOf(table: HashTable, hash: HashKey): readonly Row[] {
  const rows: Row[] = [];
  for (let each = table.get(hash); each !== undefined; each = each.next) rows.push(each.row);
  return rows;
}

function firstOf(table: HashTable, hash: HashKey | undefined): Candidate | undefined {
  return hash === undefined ? undefined : table.get(hash);
}
