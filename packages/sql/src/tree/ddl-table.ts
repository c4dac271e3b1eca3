// SPDX-License-Identifier: Apache-2.0

import type {
  ColumnDefinition,
  ColumnValue,
  DeleteAction,
  KeyPart,
  SkipRange,
  TableConstraint,
} from "./ddl-column.ts";
import type { Expression } from "./expression.ts";
import type { Options } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";
import type { TypeName } from "./type.ts";

/** `CREATE TABLE [IF NOT EXISTS] name (…) PRIMARY KEY (…), …`. */
export interface CreateTable extends TreeNode {
  readonly kind: "create-table";
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly columns: readonly ColumnDefinition[];
  /** In the order written; Spanner numbers unnamed ones by it. */
  readonly constraints: readonly TableConstraint[];
  /** `SYNONYM (name)`, at most one counts. */
  readonly synonyms: readonly Identifier[];
  /**
   * The primary key written as a clause, inside or after the parentheses. Absent when it was
   * written on columns or not at all; empty for the single-row table `PRIMARY KEY ()`.
   */
  readonly primaryKey?: PrimaryKey;
  readonly interleave?: Interleave;
  readonly rowDeletionPolicy?: RowDeletionPolicy;
  readonly options?: Options;
}

/** `PRIMARY KEY (a, b DESC)`. */
export interface PrimaryKey extends TreeNode {
  readonly kind: "primary-key";
  readonly parts: readonly KeyPart[];
}

/** `INTERLEAVE IN [PARENT] table [ON DELETE …]`. */
export interface Interleave extends TreeNode {
  readonly kind: "interleave";
  /** False for `INTERLEAVE IN`, which lets a row exist without its parent. */
  readonly inParent: boolean;
  readonly table: Path;
  readonly onDelete?: DeleteAction;
}

/** `ROW DELETION POLICY (OLDER_THAN(column, INTERVAL days DAY))`. */
export interface RowDeletionPolicy extends TreeNode {
  readonly kind: "row-deletion-policy";
  readonly column: Identifier;
  readonly days: bigint;
}

/** `ALTER TABLE name action`. */
export interface AlterTable extends TreeNode {
  readonly kind: "alter-table";
  readonly name: Path;
  readonly action: AlterTableAction;
}

/** What ALTER TABLE does; one action per statement. */
export type AlterTableAction =
  | AddColumn
  | DropColumn
  | AlterColumn
  | AddConstraint
  | DropConstraint
  | SetOnDelete
  | SetInterleave
  | AddRowDeletionPolicy
  | ReplaceRowDeletionPolicy
  | DropRowDeletionPolicy
  | AddSynonym
  | DropSynonym
  | RenameTo
  | SetOptions;

/** `ADD [COLUMN] [IF NOT EXISTS] column`. */
export interface AddColumn extends TreeNode {
  readonly kind: "add-column";
  readonly ifNotExists: boolean;
  readonly column: ColumnDefinition;
}

/** `DROP [COLUMN] name`. */
export interface DropColumn extends TreeNode {
  readonly kind: "drop-column";
  readonly column: Identifier;
}

/** `ALTER COLUMN name …`. */
export interface AlterColumn extends TreeNode {
  readonly kind: "alter-column";
  readonly column: Identifier;
  readonly change: ColumnChange;
}

/** What ALTER COLUMN does. */
export type ColumnChange =
  | ChangeColumnType
  | SetColumnDefault
  | DropColumnDefault
  | SetColumnOnUpdate
  | DropColumnOnUpdate
  | SetColumnNotNull
  | DropColumnNotNull
  | SetOptions
  | AlterIdentity;

/**
 * `ALTER COLUMN name type [NOT NULL] …`: the whole definition anew.
 *
 * Leaving NOT NULL out makes the column nullable. A default or generated value is only changed when
 * it is written.
 */
export interface ChangeColumnType extends TreeNode {
  readonly kind: "change-column-type";
  readonly type: TypeName;
  readonly notNull: boolean;
  readonly value?: ColumnValue;
  readonly onUpdate?: Expression;
  readonly hidden: boolean;
  readonly options?: Options;
}

/** `SET DEFAULT (expression)`. */
export interface SetColumnDefault extends TreeNode {
  readonly kind: "set-default";
  readonly expression: Expression;
}

/** `DROP DEFAULT`. */
export interface DropColumnDefault extends TreeNode {
  readonly kind: "drop-default";
}

/** `SET ON UPDATE (expression)`. */
export interface SetColumnOnUpdate extends TreeNode {
  readonly kind: "set-on-update";
  readonly expression: Expression;
}

/** `DROP ON UPDATE`. */
export interface DropColumnOnUpdate extends TreeNode {
  readonly kind: "drop-on-update";
}

/** `SET NOT NULL`. */
export interface SetColumnNotNull extends TreeNode {
  readonly kind: "set-not-null";
}

/** `DROP NOT NULL`. */
export interface DropColumnNotNull extends TreeNode {
  readonly kind: "drop-not-null";
}

/** `SET OPTIONS (…)`, on a table, a column, and most other objects. */
export interface SetOptions extends TreeNode {
  readonly kind: "set-options";
  readonly options: Options;
}

/** `ALTER IDENTITY …` of a column. */
export interface AlterIdentity extends TreeNode {
  readonly kind: "alter-identity";
  readonly change: SequenceChange;
}

/** What may be changed in a sequence's counting. */
export type SequenceChange =
  | { readonly kind: "restart-counter"; readonly value: bigint }
  | { readonly kind: "set-skip-range"; readonly range: SkipRange }
  | { readonly kind: "set-no-skip-range" };

/** `ADD [CONSTRAINT name] CHECK … | FOREIGN KEY …`. */
export interface AddConstraint extends TreeNode {
  readonly kind: "add-constraint";
  readonly constraint: TableConstraint;
}

/** `DROP CONSTRAINT name`. */
export interface DropConstraint extends TreeNode {
  readonly kind: "drop-constraint";
  readonly name: Identifier;
}

/** `SET ON DELETE …`, for an interleaved table. */
export interface SetOnDelete extends TreeNode {
  readonly kind: "set-on-delete";
  readonly action: DeleteAction;
}

/** `SET INTERLEAVE IN [PARENT] table [ON DELETE …]`. */
export interface SetInterleave extends TreeNode {
  readonly kind: "set-interleave";
  readonly interleave: Interleave;
}

/** `ADD ROW DELETION POLICY (…)`. */
export interface AddRowDeletionPolicy extends TreeNode {
  readonly kind: "add-row-deletion-policy";
  readonly policy: RowDeletionPolicy;
}

/** `REPLACE ROW DELETION POLICY (…)`. */
export interface ReplaceRowDeletionPolicy extends TreeNode {
  readonly kind: "replace-row-deletion-policy";
  readonly policy: RowDeletionPolicy;
}

/** `DROP ROW DELETION POLICY`. */
export interface DropRowDeletionPolicy extends TreeNode {
  readonly kind: "drop-row-deletion-policy";
}

/** `ADD SYNONYM name`. */
export interface AddSynonym extends TreeNode {
  readonly kind: "add-synonym";
  readonly synonym: Identifier;
}

/** `DROP SYNONYM name`. */
export interface DropSynonym extends TreeNode {
  readonly kind: "drop-synonym";
  readonly synonym: Identifier;
}

/** `RENAME TO name [, ADD SYNONYM name]`. */
export interface RenameTo extends TreeNode {
  readonly kind: "rename-to";
  readonly name: Path;
  readonly synonym?: Identifier;
}

/** `RENAME TABLE a TO b, c TO d`. */
export interface RenameTable extends TreeNode {
  readonly kind: "rename-table";
  readonly renames: readonly Renaming[];
}

/** One `from TO to` of RENAME TABLE. */
export interface Renaming extends TreeNode {
  readonly kind: "renaming";
  readonly from: Path;
  readonly to: Path;
}
