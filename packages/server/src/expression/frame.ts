// SPDX-License-Identifier: Apache-2.0
import type { StatusError } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import type { CallContext } from "../functions/context.ts";

/** What a subquery gave, for the row that is being evaluated. */
export type SubqueryOutcome =
  | { readonly kind: "value"; readonly value: Value }
  /** Of IN and LIKE ANY: whether a value is found among the rows. */
  | { readonly kind: "test"; readonly test: (wanted: Value) => Value }
  | { readonly kind: "failed"; readonly error: StatusError };

/**
 * What the expressions of a running statement see beside their row.
 *
 * One frame serves one execution, which is sequential: `bound` and `subqueries` are scratch, written
 * just before the evaluation that reads them.
 */
export interface Frame {
  /** Values by the names in lower case. */
  readonly parameters: ReadonlyMap<string, Value>;
  readonly context: CallContext;
  /** Values of columns that do not come in the row, by column number: of an outer query, a lambda. */
  readonly bound: Value[];
  readonly subqueries: (SubqueryOutcome | undefined)[];
  /** Outcomes of subqueries in lambdas, for the row and the arguments that their keys tell. */
  readonly demanded: Map<string, SubqueryOutcome>;
}

/** Evaluates an expression over a row. */
export type Evaluator = (row: readonly Value[], frame: Frame) => Value;

/** A frame for evaluating outside of a query: defaults, generated columns, checks. */
export function frameOf(
  context: CallContext,
  parameters: ReadonlyMap<string, Value> = new Map(),
): Frame {
  return { parameters, context, bound: [], subqueries: [], demanded: new Map() };
}
