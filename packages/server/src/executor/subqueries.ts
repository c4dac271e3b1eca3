// SPDX-License-Identifier: Apache-2.0
// Running the subqueries of an expression before it is evaluated. One that reads nothing from around
// runs once; others run for every row, with the columns they read laid out in the frame.
import { assert, Code, StatusError } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import { scalarSubqueryTooManyRows } from "../errors/query.ts";
import { memberSet } from "../expression/compile.ts";
import type { SubqueryForm } from "../expression/expression.ts";
import type { Evaluator, Frame, SubqueryOutcome } from "../expression/frame.ts";
import { SubqueryWanted } from "../expression/subquery-wanted.ts";
import { matchesLike } from "../functions/like.ts";
import type { Row } from "../rows/contract.ts";
import type { Execution, PreparedQuery } from "./execution.ts";

/** A column that something reads which runs anew for every row. */
export interface BoundColumn {
  readonly column: number;
  readonly value: Evaluator;
}

/** A subquery of an expression over rows of some layout. */
export interface SubqueryRun {
  readonly number: number;
  readonly form: SubqueryForm;
  readonly query: PreparedQuery;
  /** The columns it reads from the row. */
  readonly fromRow: readonly BoundColumn[];
  readonly isConstant: boolean;
}

/** Lays the columns of a row out for what reads them. */
export function bind(columns: readonly BoundColumn[], row: Row, frame: Frame): void {
  for (const { column, value } of columns) frame.bound[column] = value(row, frame);
}

/** Runs subqueries for a row. */
export async function runSubqueries(
  runs: readonly SubqueryRun[],
  row: Row,
  execution: Execution,
): Promise<void> {
  for (const run of runs) {
    if (run.isConstant && execution.settled[run.number] === true) continue;
    bind(run.fromRow, row, execution.frame);
    execution.frame.subqueries[run.number] = await outcomeOf(run, execution);
    if (run.isConstant) execution.settled[run.number] = true;
  }
}

/** Evaluates, and runs the subqueries of lambdas as the evaluation comes upon them. */
export async function evaluateOnDemand<T>(
  runs: readonly SubqueryRun[],
  row: Row,
  execution: Execution,
  evaluate: () => T,
): Promise<T> {
  if (runs.length === 0) return evaluate();
  const { demanded } = execution.frame;
  // A subquery that is run may demand others, in the same frame, so what is known is laid out again.
  const known = new Map<string, SubqueryOutcome>();
  for (;;) {
    demanded.clear();
    for (const [key, outcome] of known) demanded.set(key, outcome);
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof SubqueryWanted)) throw error;
      const run = runs.find(({ number }) => number === error.query);
      if (run === undefined) throw error;
      bind(run.fromRow, row, execution.frame);
      assert(!known.has(error.key), "an outcome is wanted once");
      known.set(error.key, await outcomeOf(run, execution));
    }
  }
}

/** A failed evaluation only matters when the value is asked for; other failures end the statement. */
async function outcomeOf(run: SubqueryRun, execution: Execution): Promise<SubqueryOutcome> {
  try {
    return await evaluate(run, execution);
  } catch (error) {
    if (error instanceof StatusError && error.code === Code.OUT_OF_RANGE) {
      return { kind: "failed", error };
    }
    throw error;
  }
}

async function evaluate(run: SubqueryRun, execution: Execution): Promise<SubqueryOutcome> {
  switch (run.form) {
    case "exists":
      return { kind: "value", value: (await firstRows(run, execution, 1)).length > 0 };
    case "scalar": {
      const rows = await firstRows(run, execution, 2);
      if (rows.length > 1) throw scalarSubqueryTooManyRows();
      return { kind: "value", value: rows[0]?.[0] ?? null };
    }
    default: {
      const rows = await firstRows(run, execution, Number.POSITIVE_INFINITY);
      const values = rows.map((row) => row[0] ?? null);
      return run.form === "array" ? { kind: "value", value: values } : testOf(run, values);
    }
  }
}

async function firstRows(
  { query }: SubqueryRun,
  execution: Execution,
  count: number,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const batch of query.run(execution)) {
    for (const row of batch) rows.push(row);
    if (rows.length >= count) break;
  }
  return rows;
}

function testOf({ form, query }: SubqueryRun, values: readonly Value[]): SubqueryOutcome {
  const [type] = query.types;
  if (form === "in" && type !== undefined) {
    return { kind: "test", test: memberSet(values, type) };
  }
  const decisive = form === "like any";
  return { kind: "test", test: (wanted) => likeSome(wanted, values, decisive) };
}

function likeSome(wanted: Value, patterns: readonly Value[], decisive: boolean): Value {
  let answer: Value = !decisive;
  for (const pattern of patterns) {
    if (typeof wanted !== "string" || typeof pattern !== "string") answer = null;
    else if (matchesLike(wanted, pattern) === decisive) return decisive;
  }
  return answer;
}
