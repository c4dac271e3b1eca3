// SPDX-License-Identifier: Apache-2.0
// Matching a batch of left rows with the candidates that a hash table has for them.
import type { Value } from "@spandrel/model";
import type { HashKey } from "../functions/hash-key.ts";
import type { HashJoinNode } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { passes, type RowTest } from "./batches.ts";
import type { Execution } from "./execution.ts";
import type { HashTable } from "./hash-table.ts";
import { beside } from "./shape.ts";

/** The kinds of joins that look candidates up by their hash. */
export type HashedJoin = HashJoinNode["join"];

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
      lefts.filter((_, index) => firstOf(table, hashes[index]) >= 0 === (join === "semi"));
  }
  if (test.subqueries.length > 0) {
    return async (lefts, hashes, table, execution) => {
      const rows: Row[] = [];
      for (const [index, left] of lefts.entries()) {
        let isMatched = false;
        for (let place = firstOf(table, hashes[index]); place >= 0; place = table.next(place)) {
          const right = table.rows[place] as Row; // a place that the table gave
          const row = beside(left, right);
          if (!(await passes(test, row, execution))) continue;
          isMatched = true;
          if (take(left, right, row, rows)) break;
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
      for (let place = firstOf(table, hashes[index]); place >= 0; place = table.next(place)) {
        const right = table.rows[place] as Row; // a place that the table gave
        const row = beside(left, right);
        if (evaluate !== undefined && evaluate(row, frame) !== true) continue;
        isMatched = true;
        if (take(left, right, row, rows)) break;
      }
      if (!isMatched) takeUnmatched(left, rows);
    }
    return rows;
  };
}

function firstOf(table: HashTable, hash: HashKey | undefined): number {
  return hash === undefined ? -1 : table.first(hash);
}
