// SPDX-License-Identifier: Apache-2.0

import type { Argument, Expression } from "./expression.ts";
import type { GraphQuery } from "./graph.ts";
import type { Hint } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";
import type { Query } from "./query.ts";

/** Where rows come from. */
export type FromItem =
  | TableItem
  | UnnestItem
  | SubqueryItem
  | TableFunctionItem
  | GraphTableItem
  | Join
  | ParenthesizedJoin;

/**
 * A table, view, or common table expression; or an array reached through an earlier item.
 *
 * `FROM T, T.items` has two of these. Only the analyzer can tell which one is an array.
 */
export interface TableItem extends TreeNode {
  readonly kind: "table";
  readonly path: Path;
  readonly hint?: Hint;
  readonly alias?: Identifier;
  /** `WITH OFFSET`, which makes the path an array for certain. */
  readonly offset?: WithOffset;
  /** `FOR SYSTEM_TIME AS OF …`, which Spanner refuses. */
  readonly systemTime?: Expression;
  readonly sample?: TableSample;
}

/** `UNNEST(array) [AS alias] [WITH OFFSET [AS alias]]`. */
export interface UnnestItem extends TreeNode {
  readonly kind: "unnest";
  /** One; several only outside Spanner. */
  readonly arrays: readonly Expression[];
  readonly hint?: Hint;
  readonly alias?: Identifier;
  readonly offset?: WithOffset;
  readonly sample?: TableSample;
}

/** `WITH OFFSET [AS alias]`; the column is called `offset` when no alias is given. */
export interface WithOffset extends TreeNode {
  readonly kind: "with-offset";
  readonly alias?: Identifier;
}

/** `(SELECT …) [AS alias]`. */
export interface SubqueryItem extends TreeNode {
  readonly kind: "subquery-item";
  readonly query: Query;
  readonly lateral: boolean;
  readonly hint?: Hint;
  readonly alias?: Identifier;
  readonly sample?: TableSample;
}

/** `READ_Stream(…)` and other functions that return a table. */
export interface TableFunctionItem extends TreeNode {
  readonly kind: "table-function";
  readonly name: Path;
  readonly arguments: readonly TableFunctionArgument[];
  readonly lateral: boolean;
  readonly hint?: Hint;
  readonly alias?: Identifier;
  readonly sample?: TableSample;
}

/** `GRAPH_TABLE(graph MATCH … RETURN …) [AS alias]`. */
export interface GraphTableItem extends TreeNode {
  readonly kind: "graph-table";
  /** The query inside, which always names its graph. */
  readonly query: GraphQuery;
  readonly hint?: Hint;
  readonly alias?: Identifier;
  readonly sample?: TableSample;
}

/** An argument of a table function. A query in parentheses arrives as a scalar subquery. */
export type TableFunctionArgument = Argument;

/** Two inputs side by side. */
export interface Join extends TreeNode {
  readonly kind: "join";
  /** `COMMA` means a cross join written as `a, b`. */
  readonly type: JoinType;
  /** `HASH` of `HASH JOIN` or `LOOKUP` of `LOOKUP JOIN`. */
  readonly method?: "HASH" | "LOOKUP";
  readonly hint?: Hint;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly condition?: JoinCondition;
}

/** The joins; `LEFT OUTER` arrives as `LEFT`. */
export type JoinType = "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS" | "COMMA";

/** `ON condition` or `USING (columns)`. */
export type JoinCondition = JoinOn | JoinUsing;

/** `ON condition`. */
export interface JoinOn extends TreeNode {
  readonly kind: "on";
  readonly condition: Expression;
}

/** `USING (a, b)`. */
export interface JoinUsing extends TreeNode {
  readonly kind: "using";
  readonly columns: readonly Identifier[];
}

/** `(a JOIN b ON …)`. */
export interface ParenthesizedJoin extends TreeNode {
  readonly kind: "parenthesized-join";
  readonly join: Join;
  readonly sample?: TableSample;
}

/** `TABLESAMPLE BERNOULLI (10 PERCENT)`. */
export interface TableSample extends TreeNode {
  readonly kind: "table-sample";
  readonly method: Identifier;
  readonly size: Expression;
  readonly unit: "ROWS" | "PERCENT";
  readonly partitionBy: readonly Expression[];
  /** `WITH WEIGHT [alias]`; GoogleSQL only. */
  readonly weight?: { readonly alias?: Identifier };
  readonly repeatable?: Expression;
}
