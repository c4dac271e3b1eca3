// SPDX-License-Identifier: Apache-2.0

import type { Argument, Expression } from "./expression.ts";
import type { FromItem, JoinCondition, JoinType, TableSample } from "./from.ts";
import type { Hint } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";
import type {
  ColumnMatch,
  GroupBy,
  Limit,
  NamedWindow,
  OrderBy,
  OrderDirection,
  Query,
  Select,
  SelectItem,
  WithClause,
} from "./query.ts";

/** One step after `|>`. */
export type PipeOperator =
  | PipeSelect
  | PipeWhere
  | PipeAggregate
  | PipeExtend
  | PipeSet
  | PipeDrop
  | PipeRename
  | PipeAs
  | PipeJoin
  | PipeSetOperation
  | PipeOrderBy
  | PipeLimit
  | PipeDistinct
  | PipeTableSample
  | PipeCall
  | PipeAssert
  | PipeWindow
  | PipeWith;

/** `|> SELECT …`; the select has no FROM and no later clause but WINDOW. */
export interface PipeSelect extends TreeNode {
  readonly kind: "pipe-select";
  readonly select: Select;
}

/** `|> WHERE condition`. */
export interface PipeWhere extends TreeNode {
  readonly kind: "pipe-where";
  readonly condition: Expression;
}

/** `|> AGGREGATE … [GROUP [AND ORDER] BY …]`. */
export interface PipeAggregate extends TreeNode {
  readonly kind: "pipe-aggregate";
  readonly items: readonly PipeAggregateItem[];
  readonly groupBy?: GroupBy;
  /** True for `GROUP AND ORDER BY`. */
  readonly ordered: boolean;
  readonly hint?: Hint;
}

/** One aggregate with its optional ordering. */
export interface PipeAggregateItem extends TreeNode {
  readonly kind: "pipe-aggregate-item";
  readonly item: SelectItem;
  readonly direction?: OrderDirection;
  readonly nulls?: "FIRST" | "LAST";
}

/** `|> EXTEND value AS name, …`. */
export interface PipeExtend extends TreeNode {
  readonly kind: "pipe-extend";
  readonly items: readonly SelectItem[];
  readonly hint?: Hint;
}

/** `|> SET column = value, …`. */
export interface PipeSet extends TreeNode {
  readonly kind: "pipe-set";
  readonly items: readonly PipeSetItem[];
}

/** `column = value` of `|> SET`. */
export interface PipeSetItem extends TreeNode {
  readonly kind: "pipe-set-item";
  readonly column: Identifier;
  readonly value: Expression;
}

/** `|> DROP column, …`. */
export interface PipeDrop extends TreeNode {
  readonly kind: "pipe-drop";
  readonly columns: readonly Identifier[];
}

/** `|> RENAME old AS new, …`. */
export interface PipeRename extends TreeNode {
  readonly kind: "pipe-rename";
  readonly items: readonly PipeRenameItem[];
}

/** `old AS new` of `|> RENAME`. */
export interface PipeRenameItem extends TreeNode {
  readonly kind: "pipe-rename-item";
  readonly from: Identifier;
  readonly to: Identifier;
}

/** `|> AS alias`. */
export interface PipeAs extends TreeNode {
  readonly kind: "pipe-as";
  readonly alias: Identifier;
}

/** `|> JOIN item ON …`. The left side is the input. */
export interface PipeJoin extends TreeNode {
  readonly kind: "pipe-join";
  readonly type: Exclude<JoinType, "COMMA">;
  readonly method?: "HASH" | "LOOKUP";
  readonly hint?: Hint;
  readonly right: FromItem;
  readonly condition?: JoinCondition;
}

/** `|> UNION ALL (…), (…)`. */
export interface PipeSetOperation extends TreeNode {
  readonly kind: "pipe-set-operation";
  readonly operator: "UNION" | "INTERSECT" | "EXCEPT";
  readonly distinct: boolean;
  readonly hint?: Hint;
  readonly match?: ColumnMatch;
  readonly inputs: readonly Query[];
}

/** `|> ORDER BY …`. */
export interface PipeOrderBy extends TreeNode {
  readonly kind: "pipe-order-by";
  readonly orderBy: OrderBy;
}

/** `|> LIMIT …`. */
export interface PipeLimit extends TreeNode {
  readonly kind: "pipe-limit";
  readonly limit: Limit;
}

/** `|> DISTINCT`. */
export interface PipeDistinct extends TreeNode {
  readonly kind: "pipe-distinct";
}

/** `|> TABLESAMPLE …`. */
export interface PipeTableSample extends TreeNode {
  readonly kind: "pipe-table-sample";
  readonly sample: TableSample;
}

/** `|> CALL function(…) [AS alias]`: a table function whose first argument is the input. */
export interface PipeCall extends TreeNode {
  readonly kind: "pipe-call";
  readonly name: Path;
  readonly arguments: readonly Argument[];
  readonly alias?: Identifier;
  readonly hint?: Hint;
}

/** `|> ASSERT condition, message, …`. */
export interface PipeAssert extends TreeNode {
  readonly kind: "pipe-assert";
  readonly condition: Expression;
  readonly message: readonly Expression[];
}

/** `|> WINDOW value OVER (…) AS name, …` and the trailing WINDOW clause of a step. */
export interface PipeWindow extends TreeNode {
  readonly kind: "pipe-window";
  readonly items: readonly SelectItem[];
  readonly windows: readonly NamedWindow[];
}

/** `|> WITH name AS (…), …`. */
export interface PipeWith extends TreeNode {
  readonly kind: "pipe-with";
  readonly with: WithClause;
}
