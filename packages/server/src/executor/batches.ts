// SPDX-License-Identifier: Apache-2.0
// What all operators share: rows in batches, layouts, conditions with subqueries, and the numbers of a
// LIMIT.
import { evaluationFailed } from "../errors/query.ts";
import { compile, type Evaluator, type Layout } from "../expression/compile.ts";
import type { Expression, SubqueryForm } from "../expression/expression.ts";
import { visitParts } from "../expression/walk.ts";
import { BATCH_ROWS_MAX } from "../limits/query.ts";
import type { RowLimit } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { checkAlive, type Execution, type PreparedQuery } from "./execution.ts";
import { runSubqueries, type SubqueryRun } from "./subqueries.ts";

/** What preparing a node needs: the other queries of the statement. */
export interface Preparation {
  readonly subquery: (number: number) => PreparedQuery;
  readonly definition: (number: number) => PreparedQuery;
}

/** The layout of rows of such columns. */
export function layoutOf(columns: readonly number[]): Layout {
  const positions = new Map(columns.map((column, position) => [column, position]));
  return (column) => positions.get(column);
}

/** The subqueries of an expression, in its lambdas or out of them, with what they read from rows of some columns. */
export function subqueryRunsOf(
  expressions: readonly Expression[],
  columns: readonly number[],
  preparation: Preparation,
  isDemanded = false,
): readonly SubqueryRun[] {
  const layout = layoutOf(columns);
  const forms = new Map<number, SubqueryForm>();
  for (const expression of expressions) {
    visitParts(expression, (part) => {
      if (part.kind !== "subquery") return;
      if ((part.lambdaColumns !== undefined) === isDemanded) forms.set(part.query, part.form);
    });
  }
  return [...forms].map(([number, form]) => {
    const query = preparation.subquery(number);
    const fromRow = query.bound.flatMap((column) => {
      const position = layout(column);
      return position === undefined ? [] : [{ column, position }];
    });
    return { number, form, query, fromRow, isConstant: query.bound.length === 0 };
  });
}

/** A condition over joined rows: true, or not. */
export type RowTest = {
  /** Undefined when there is no condition. */
  readonly evaluate: Evaluator | undefined;
  readonly subqueries: readonly SubqueryRun[];
};

/** Makes the test of a condition over rows of some columns. */
export function prepareTest(
  condition: Expression | undefined,
  columns: readonly number[],
  preparation: Preparation,
): RowTest {
  if (condition === undefined) return { evaluate: undefined, subqueries: [] };
  return {
    evaluate: compile(condition, layoutOf(columns)),
    subqueries: subqueryRunsOf([condition], columns, preparation),
  };
}

/** Rows that are all there, in batches. */
export function* batched(rows: readonly Row[], execution: Execution): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += BATCH_ROWS_MAX) {
    checkAlive(execution);
    yield rows.length <= BATCH_ROWS_MAX ? rows : rows.slice(start, start + BATCH_ROWS_MAX);
  }
}

/** Whether a joined row meets the condition; without subqueries no promise is made. */
export function passes(
  { evaluate, subqueries }: RowTest,
  row: Row,
  execution: Execution,
): boolean | Promise<boolean> {
  if (evaluate === undefined) return true;
  if (subqueries.length === 0) return evaluate(row, execution.frame) === true;
  return runSubqueries(subqueries, row, execution).then(
    () => evaluate(row, execution.frame) === true,
  );
}

/** The numbers of a LIMIT in this run. */
export function prepareRowLimit(
  limit: RowLimit,
): (execution: Execution) => { readonly count: number; readonly offset: number } {
  const number = (
    expression: Expression | undefined,
    otherwise: number,
    what: string,
  ): ((execution: Execution) => number) => {
    if (expression === undefined) return () => otherwise;
    const evaluate = compile(expression, layoutOf([]));
    return ({ frame }) => {
      const value = evaluate([], frame);
      if (typeof value !== "bigint" || value < 0n) {
        throw evaluationFailed(`${what} requires a non-negative value that is not NULL`);
      }
      return Number(value);
    };
  };
  const count = number(limit.count, Number.POSITIVE_INFINITY, "LIMIT");
  const offset = number(limit.offset, 0, "OFFSET");
  return (execution) => ({ count: count(execution), offset: offset(execution) });
}
