// SPDX-License-Identifier: Apache-2.0

import type { Argument, Expression } from "./expression.ts";
import type { FromItem } from "./from.ts";
import type { Hint } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";
import type { Query, SelectItem } from "./query.ts";

/** A statement that may stand in an ExecuteSql request. */
export type Statement = Query | DmlStatement | CallStatement;

/** A statement that changes rows. */
export type DmlStatement = Insert | Update | Delete;

/** `INSERT [OR IGNORE | OR UPDATE] [INTO] table (columns) …`. */
export interface Insert extends TreeNode {
  readonly kind: "insert";
  readonly hint?: Hint;
  /** What happens when the key exists already. `REPLACE` is refused by Spanner. */
  readonly mode: "INSERT" | "IGNORE" | "UPDATE" | "REPLACE";
  readonly table: Path;
  readonly tableHint?: Hint;
  /** Absent when no list was written, which Spanner refuses. */
  readonly columns?: readonly Identifier[];
  readonly source: InsertSource;
  readonly onConflict?: OnConflict;
  /** `ASSERT_ROWS_MODIFIED n`, which Spanner refuses. */
  readonly assertRowsModified?: Expression;
  readonly returning?: Returning;
}

/** Where inserted rows come from. */
export type InsertSource = InsertValues | Query;

/** `VALUES (…), (…)`. */
export interface InsertValues extends TreeNode {
  readonly kind: "values";
  readonly rows: readonly InsertRow[];
}

/** One row of VALUES. */
export interface InsertRow extends TreeNode {
  readonly kind: "row";
  readonly values: readonly (Expression | DefaultValue)[];
}

/** The word `DEFAULT` in place of a value. */
export interface DefaultValue extends TreeNode {
  readonly kind: "default";
}

/** `ON CONFLICT [(columns) | ON UNIQUE CONSTRAINT name] DO …`. */
export interface OnConflict extends TreeNode {
  readonly kind: "on-conflict";
  readonly columns?: readonly Identifier[];
  readonly constraint?: Identifier;
  readonly action: ConflictAction;
}

/** `DO NOTHING`, or `DO UPDATE SET … [WHERE …]`. */
export type ConflictAction =
  | { readonly kind: "nothing" }
  | {
      readonly kind: "update";
      readonly assignments: readonly Assignment[];
      readonly where?: Expression;
    };

/** `UPDATE table SET … WHERE …`. */
export interface Update extends TreeNode {
  readonly kind: "update";
  readonly hint?: Hint;
  readonly table: Path;
  readonly tableHint?: Hint;
  readonly alias?: Identifier;
  readonly assignments: readonly Assignment[];
  /** Statements in parentheses among the assignments, which change elements of an array. */
  readonly nested: readonly DmlStatement[];
  /** `FROM …`, which Spanner refuses. */
  readonly from?: FromItem;
  /** Absent when left out, which Spanner refuses. */
  readonly where?: Expression;
  /** `ASSERT_ROWS_MODIFIED n`, which Spanner refuses. */
  readonly assertRowsModified?: Expression;
  readonly returning?: Returning;
}

/** `target = value` of SET. The target is a `path`, or a `field` or `subscript` of one. */
export interface Assignment extends TreeNode {
  readonly kind: "assignment";
  readonly target: Expression;
  readonly value: Expression | DefaultValue;
}

/** `DELETE [FROM] table WHERE …`. */
export interface Delete extends TreeNode {
  readonly kind: "delete";
  readonly hint?: Hint;
  readonly table: Path;
  readonly tableHint?: Hint;
  readonly alias?: Identifier;
  readonly where?: Expression;
  /** `ASSERT_ROWS_MODIFIED n`, which Spanner refuses. */
  readonly assertRowsModified?: Expression;
  readonly returning?: Returning;
}

/** `THEN RETURN [WITH ACTION [AS alias]] …`. */
export interface Returning extends TreeNode {
  readonly kind: "returning";
  readonly action?: ReturningAction;
  readonly items: readonly SelectItem[];
}

/** `WITH ACTION [AS alias]`; the column is called `ACTION` when no alias is given. */
export interface ReturningAction extends TreeNode {
  readonly kind: "returning-action";
  readonly alias?: Identifier;
}

/** `CALL procedure(…)`, such as `CALL cancel_query('…')`. */
export interface CallStatement extends TreeNode {
  readonly kind: "call-statement";
  readonly name: Path;
  readonly arguments: readonly Argument[];
}
