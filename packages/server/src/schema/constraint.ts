// SPDX-License-Identifier: Apache-2.0
// Rules that every row keeps. Columns are named, not held: what they are is looked up where rows are
// written, so that a change of a column changes no constraint.
import type { ColumnExpression } from "./column.ts";

/** `CHECK (…)`: a row for which the condition is FALSE is refused; NULL passes. */
export interface CheckConstraint extends ColumnExpression {
  /** Unique in the database; made up where the statement gave none. */
  readonly name: string;
  readonly isNameGiven: boolean;
}

/** https://cloud.google.com/spanner/docs/foreign-keys/overview */
export interface ForeignKey {
  /** Unique in the database; made up where the statement gave none. */
  readonly name: string;
  readonly isNameGiven: boolean;
  readonly columns: readonly string[];
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
  /** Undefined when nothing was said, which means NO ACTION. */
  readonly onDelete: "CASCADE" | "NO ACTION" | undefined;
  /** An informational foreign key is kept by nobody. */
  readonly isEnforced: boolean;
}
