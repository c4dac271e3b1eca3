// SPDX-License-Identifier: Apache-2.0

import type { Argument, Expression } from "./expression.ts";
import type { TableSample, WithOffset } from "./from.ts";
import type { GraphPattern } from "./graph-pattern.ts";
import type { Hint } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";
import type { ColumnMatch, GroupBy, OrderBy, SelectItem } from "./query.ts";

/**
 * A query in GQL: `GRAPH name`, then linear queries chained by NEXT.
 *
 * It stands as the body of a query: of a whole statement, of a subquery in braces, or of
 * `GRAPH_TABLE`. See https://cloud.google.com/spanner/docs/reference/standard-sql/graph-query-statements.
 */
export interface GraphQuery extends TreeNode {
  readonly kind: "graph-query";
  /** Absent in braces that do not name a graph: the surrounding query's is meant. */
  readonly graph?: Path;
  /** One or more: each works on the rows of the one before. */
  readonly steps: readonly GraphStep[];
}

/** What stands between two NEXTs: a linear query, or several joined by set operators. */
export interface GraphStep extends TreeNode {
  readonly kind: "graph-step";
  readonly first: GraphLinearQuery;
  readonly rest: readonly GraphSetInput[];
}

/** `UNION ALL …` and its kin, from the second input on. */
export interface GraphSetInput extends TreeNode {
  readonly kind: "graph-set-input";
  readonly operator: "UNION" | "INTERSECT" | "EXCEPT";
  readonly distinct: boolean;
  /** Which inputs may lack columns: `LEFT` or `FULL` before the operator. */
  readonly outer?: ColumnMatch["propagation"];
  readonly query: GraphLinearQuery;
}

/** Statements, each working on the rows of the one before. */
export interface GraphLinearQuery extends TreeNode {
  readonly kind: "graph-linear-query";
  /** The last one is RETURN, but in `EXISTS {…}` and in a GRAPH_TABLE that only matches. */
  readonly statements: readonly GraphStatement[];
}

/** One statement of a linear query. */
export type GraphStatement =
  | GraphMatch
  | GraphLet
  | GraphFilter
  | GraphFor
  | GraphOrderBy
  | GraphLimit
  | GraphOffset
  | GraphSample
  | GraphCall
  | GraphFunctionCall
  | GraphWith
  | GraphReturn
  | GraphColumns;

/** `[OPTIONAL] MATCH pattern`. */
export interface GraphMatch extends TreeNode {
  readonly kind: "graph-match";
  readonly optional: boolean;
  readonly hint?: Hint;
  readonly pattern: GraphPattern;
}

/** `LET name = value, …`. */
export interface GraphLet extends TreeNode {
  readonly kind: "graph-let";
  readonly definitions: readonly GraphDefinition[];
}

/** `name = value` of LET. */
export interface GraphDefinition extends TreeNode {
  readonly kind: "graph-definition";
  readonly name: Identifier;
  readonly value: Expression;
}

/** `FILTER [WHERE] condition`. */
export interface GraphFilter extends TreeNode {
  readonly kind: "graph-filter";
  readonly condition: Expression;
}

/** `FOR element IN array [WITH OFFSET [AS name]]`. */
export interface GraphFor extends TreeNode {
  readonly kind: "graph-for";
  readonly element: Identifier;
  readonly array: Expression;
  readonly offset?: WithOffset;
}

/** `ORDER BY …` as a statement. `ASCENDING` arrives as `ASC`. */
export interface GraphOrderBy extends TreeNode {
  readonly kind: "graph-order-by";
  readonly orderBy: OrderBy;
}

/** `LIMIT count`. */
export interface GraphLimit extends TreeNode {
  readonly kind: "graph-limit";
  readonly count: Expression;
}

/** `OFFSET count`, or `SKIP count`, which is the same. */
export interface GraphOffset extends TreeNode {
  readonly kind: "graph-offset";
  readonly count: Expression;
}

/** `TABLESAMPLE …` over the rows so far; GoogleSQL only. */
export interface GraphSample extends TreeNode {
  readonly kind: "graph-sample";
  readonly sample: TableSample;
}

/** `[OPTIONAL] CALL [(name, …)] {query}`. */
export interface GraphCall extends TreeNode {
  readonly kind: "graph-call";
  readonly optional: boolean;
  /** The variables the query sees; absent when no list was written, which means all. */
  readonly variables?: readonly Identifier[];
  readonly query: GraphQuery;
}

/** `[OPTIONAL] CALL [PER (name, …)] function(…) [YIELD name [AS alias], …]`. */
export interface GraphFunctionCall extends TreeNode {
  readonly kind: "graph-function-call";
  readonly optional: boolean;
  /** The columns of PER, whose values part the rows handed to the function. */
  readonly partitionBy?: readonly Identifier[];
  readonly name: Path;
  readonly arguments: readonly Argument[];
  readonly columns?: readonly GraphYield[];
}

/** `name [AS alias]` of YIELD. */
export interface GraphYield extends TreeNode {
  readonly kind: "graph-yield";
  readonly column: Identifier;
  readonly alias?: Identifier;
}

/** `WITH [DISTINCT] item, … [GROUP BY …]`: the rows go on with these columns. */
export interface GraphWith extends TreeNode {
  readonly kind: "graph-with";
  readonly hint?: Hint;
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly groupBy?: GroupBy;
}

/** `RETURN [DISTINCT] item, … [GROUP BY …] [ORDER BY …] [OFFSET …] [LIMIT …]`. */
export interface GraphReturn extends TreeNode {
  readonly kind: "graph-return";
  readonly hint?: Hint;
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly groupBy?: GroupBy;
  readonly orderBy?: OrderBy;
  readonly offset?: Expression;
  readonly limit?: Expression;
}

/** `COLUMNS (item, …)`, which ends a GRAPH_TABLE of one MATCH as SQL/PGQ writes it. */
export interface GraphColumns extends TreeNode {
  readonly kind: "graph-columns";
  readonly items: readonly SelectItem[];
}
