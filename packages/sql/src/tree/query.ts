// SPDX-License-Identifier: Apache-2.0

import type { Expression, WindowSpecification } from "./expression.ts";
import type { FromItem } from "./from.ts";
import type { GraphQuery } from "./graph.ts";
import type { Hint } from "./hint.ts";
import type { PipeOperator } from "./pipe.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";

/**
 * A whole query: `[hint] [WITH …] body [ORDER BY …] [LIMIT …] [FOR UPDATE] [|> …]`.
 *
 * Clauses bind to the body; pipe operators apply afterwards, in order.
 */
export interface Query extends TreeNode {
  readonly kind: "query";
  /** The statement hint; only at the start of a whole statement. */
  readonly hint?: Hint;
  readonly with?: WithClause;
  readonly body: QueryBody;
  readonly orderBy?: OrderBy;
  readonly limit?: Limit;
  /** `FOR UPDATE`. */
  readonly forUpdate: boolean;
  readonly pipes: readonly PipeOperator[];
}

/**
 * A query's core. A `query` as a body was written in parentheses.
 *
 * A query with a `graph-query` has no clauses of its own: GQL has them inside.
 */
export type QueryBody = Select | SetOperation | FromQuery | TableQuery | Query | GraphQuery;

/** `WITH [RECURSIVE] name AS (…), …`. */
export interface WithClause extends TreeNode {
  readonly kind: "with";
  readonly recursive: boolean;
  readonly entries: readonly WithEntry[];
}

/** One common table expression. */
export interface WithEntry extends TreeNode {
  readonly kind: "with-entry";
  readonly name: Identifier;
  readonly query: Query;
}

/** `SELECT … FROM … WHERE … GROUP BY … HAVING …`. */
export interface Select extends TreeNode {
  readonly kind: "select";
  readonly hint?: Hint;
  readonly distinct: boolean;
  /** `SELECT AS STRUCT`, `SELECT AS VALUE`, or `SELECT AS` a proto's name. */
  readonly as?: SelectAs;
  readonly items: readonly SelectItem[];
  readonly from?: FromItem;
  readonly where?: Expression;
  readonly groupBy?: GroupBy;
  readonly having?: Expression;
  /** `QUALIFY`, which Spanner refuses. */
  readonly qualify?: Expression;
  /** `WINDOW name AS (…)`, which Spanner refuses. */
  readonly windows: readonly NamedWindow[];
}

/** What one row of the result is. */
export type SelectAs =
  | { readonly kind: "struct" }
  | { readonly kind: "value" }
  | { readonly kind: "proto"; readonly name: Path };

/** One item of a select list. */
export type SelectItem = SelectExpression | SelectStar;

/** `value [AS alias]`. */
export interface SelectExpression extends TreeNode {
  readonly kind: "select-expression";
  readonly value: Expression;
  readonly alias?: Identifier;
}

/** `*` or `operand.*`, with its changes. */
export interface SelectStar extends TreeNode {
  readonly kind: "select-star";
  readonly operand?: Expression;
  readonly except: readonly Identifier[];
  readonly replace: readonly Replacement[];
}

/** `value AS column` inside `REPLACE (…)`. */
export interface Replacement extends TreeNode {
  readonly kind: "replacement";
  readonly value: Expression;
  readonly column: Identifier;
}

/** `GROUP BY …`, or `GROUP BY ALL`. */
export interface GroupBy extends TreeNode {
  readonly kind: "group-by";
  readonly hint?: Hint;
  /** True for `GROUP BY ALL`, which then has no items. */
  readonly all: boolean;
  readonly items: readonly GroupItem[];
}

/** What rows are grouped by. All but `group-expression` are refused by Spanner. */
export type GroupItem = GroupExpression | GroupingSet;

/** One grouping expression. An alias is only possible in pipe syntax. */
export interface GroupExpression extends TreeNode {
  readonly kind: "group-expression";
  readonly value: Expression;
  readonly alias?: Identifier;
  /** `ASC` or `DESC` of pipe syntax's `GROUP AND ORDER BY`. */
  readonly order?: OrderDirection;
  readonly nulls?: "FIRST" | "LAST";
}

/** `ROLLUP(…)`, `CUBE(…)`, or `GROUPING SETS(…)`. */
export interface GroupingSet extends TreeNode {
  readonly kind: "rollup" | "cube" | "grouping-sets";
  readonly sets: readonly GroupingSetElement[];
}

/** One element of a grouping set: some expressions, or a set within. */
export type GroupingSetElement = ExpressionGroup | GroupingSet;

/** `()`, `a`, or `(a, b)` inside a grouping set. */
export interface ExpressionGroup extends TreeNode {
  readonly kind: "group";
  readonly elements: readonly Expression[];
}

/** `name AS (…)` of a WINDOW clause. */
export interface NamedWindow extends TreeNode {
  readonly kind: "named-window";
  readonly name: Identifier;
  readonly window: WindowSpecification;
}

/** `a UNION ALL b UNION ALL c`: one operator over two or more inputs, left to right. */
export interface SetOperation extends TreeNode {
  readonly kind: "set-operation";
  readonly operator: "UNION" | "INTERSECT" | "EXCEPT";
  readonly distinct: boolean;
  readonly inputs: readonly QueryBody[];
  readonly hint?: Hint;
  /** How columns are matched, when not by position; GoogleSQL only. */
  readonly match?: ColumnMatch;
}

/** `[FULL|LEFT [OUTER] | INNER | STRICT] CORRESPONDING|BY NAME [BY|ON (…)]`. */
export interface ColumnMatch extends TreeNode {
  readonly kind: "column-match";
  readonly mode: "CORRESPONDING" | "BY NAME";
  readonly propagation: "INNER" | "FULL" | "LEFT" | "STRICT";
  readonly columns: readonly Identifier[];
}

/** `FROM …` standing alone, as pipe syntax begins. */
export interface FromQuery extends TreeNode {
  readonly kind: "from-query";
  readonly from: FromItem;
}

/** `TABLE name`. */
export interface TableQuery extends TreeNode {
  readonly kind: "table-query";
  readonly name: Path;
}

/** `ORDER BY …`. */
export interface OrderBy extends TreeNode {
  readonly kind: "order-by";
  readonly hint?: Hint;
  readonly items: readonly OrderItem[];
}

/** One key of an ordering. */
export interface OrderItem extends TreeNode {
  readonly kind: "order-item";
  readonly value: Expression;
  readonly collation?: Expression;
  /** Absent when neither ASC nor DESC was written, which means ASC. */
  readonly direction?: OrderDirection;
  /** Absent means Spanner's default: first when ascending, last when descending. */
  readonly nulls?: "FIRST" | "LAST";
}

/** The two ways to order. */
export type OrderDirection = "ASC" | "DESC";

/** `LIMIT count [OFFSET offset]`. Counts are literals, parameters, or casts of them. */
export interface Limit extends TreeNode {
  readonly kind: "limit";
  /** Absent for `LIMIT ALL`. */
  readonly count?: Expression;
  readonly offset?: Expression;
}
