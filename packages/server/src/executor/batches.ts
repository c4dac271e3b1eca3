// SPDX-License-Identifier: Apache-2.0
// What all operators share: rows in batches, layouts, conditions with subqueries, and the numbers of a
// LIMIT.
import { INT64 } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { compile } from "../expression/compile.ts";
import type { Expression, SubqueryForm } from "../expression/expression.ts";
import type { Evaluator } from "../expression/frame.ts";
import type { Layout } from "../expression/layout.ts";
import { visitParts } from "../expression/walk.ts";
import { BATCH_ROWS_MAX } from "../limits/query.ts";
import type { RowLimit } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { checkAlive, type Execution, type PreparedQuery } from "./execution.ts";
import { layoutOf, type Shape, shapeOf } from "./shape.ts";
import { type BoundColumn, runSubqueries, type SubqueryRun } from "./subqueries.ts";

/** What preparing a node needs: the other queries of the statement. */
export interface Preparation {
  readonly subquery: (number: number) => PreparedQuery;
  readonly definition: (number: number) => PreparedQuery;
}

/** The subqueries of expressions, in their lambdas or out of them, with what they read from rows. */
export function subqueryRunsOf(
  expressions: readonly Expression[],
  shape: Shape,
  preparation: Preparation,
  isDemanded = false,
): readonly SubqueryRun[] {
  const layout = layoutOf(shape);
  const forms = new Map<number, SubqueryForm>();
  for (const expression of expressions) {
    visitParts(expression, (part) => {
      if (part.kind !== "subquery") return;
      if ((part.lambdaColumns !== undefined) === isDemanded) forms.set(part.query, part.form);
    });
  }
  return [...forms].map(([number, form]) => {
    const query = preparation.subquery(number);
    const fromRow = boundFrom(query.bound, layout);
    return { number, form, query, fromRow, isConstant: query.bound.length === 0 };
  });
}

/** Which of some columns are in rows of a layout, and how they are read. */
export function boundFrom(columns: readonly number[], layout: Layout): readonly BoundColumn[] {
  return columns.flatMap((column) => {
    if (layout(column) === undefined) return [];
    return [{ column, value: compile({ kind: "column", type: INT64, column, name: "" }, layout) }];
  });
}

/** A condition over joined rows: true, or not. */
export type RowTest = {
  /** Undefined when there is no condition. */
  readonly evaluate: Evaluator | undefined;
  readonly subqueries: readonly SubqueryRun[];
};

/** Makes the test of a condition over rows of some shape. */
export function prepareTest(
  condition: Expression | undefined,
  shape: Shape,
  preparation: Preparation,
): RowTest {
  if (condition === undefined) return { evaluate: undefined, subqueries: [] };
  return {
    evaluate: compile(condition, layoutOf(shape)),
    subqueries: subqueryRunsOf([condition], shape, preparation),
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
    const evaluate = compile(expression, layoutOf(shapeOf([])));
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
