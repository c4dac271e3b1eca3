// SPDX-License-Identifier: Apache-2.0

import type { KeyPart } from "./ddl-column.ts";
import type { SetOptions } from "./ddl-table.ts";
import type { Expression } from "./expression.ts";
import type { Options } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";

/** `CREATE [UNIQUE] [NULL_FILTERED] INDEX [IF NOT EXISTS] name ON table (…) …`. */
export interface CreateIndex extends TreeNode {
  readonly kind: "create-index";
  readonly unique: boolean;
  readonly nullFiltered: boolean;
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly table: Path;
  readonly keys: readonly KeyPart[];
  readonly storing: readonly Identifier[];
  /** `WHERE a IS NOT NULL AND b IS NOT NULL`: rows with a null there have no entry. */
  readonly where?: Expression;
  readonly interleaveIn?: IndexInterleave;
  readonly options?: Options;
}

/** `, INTERLEAVE IN table`. */
export interface IndexInterleave extends TreeNode {
  readonly kind: "index-interleave";
  /** Absent for the form `INTERLEAVE IN PARENT`, which means the indexed table's own parent. */
  readonly table?: Path;
}

/** `CREATE SEARCH INDEX name ON table (…) …`. */
export interface CreateSearchIndex extends TreeNode {
  readonly kind: "create-search-index";
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly table: Path;
  readonly columns: readonly Identifier[];
  readonly storing: readonly Identifier[];
  readonly partitionBy: readonly Identifier[];
  readonly orderBy: readonly KeyPart[];
  readonly where?: Expression;
  readonly interleaveIn?: IndexInterleave;
  readonly options?: Options;
}

/** `CREATE VECTOR INDEX name ON table (column) …`. */
export interface CreateVectorIndex extends TreeNode {
  readonly kind: "create-vector-index";
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly table: Path;
  /** The embedding first, then the columns that may be filtered on. */
  readonly columns: readonly Identifier[];
  readonly storing: readonly Identifier[];
  readonly partitionBy: readonly Identifier[];
  readonly where?: Expression;
  readonly options?: Options;
}

/** `ALTER [SEARCH | VECTOR] INDEX name action`. */
export interface AlterIndex extends TreeNode {
  readonly kind: "alter-index";
  readonly type: IndexType;
  readonly name: Path;
  readonly action: AlterIndexAction;
}

/** The three families of indexes. */
export type IndexType = "INDEX" | "SEARCH INDEX" | "VECTOR INDEX";

/** What ALTER INDEX does. */
export type AlterIndexAction = AddStoredColumn | DropStoredColumn | SetOptions;

/** `ADD STORED COLUMN name`. */
export interface AddStoredColumn extends TreeNode {
  readonly kind: "add-stored-column";
  readonly column: Identifier;
}

/** `DROP STORED COLUMN name`. */
export interface DropStoredColumn extends TreeNode {
  readonly kind: "drop-stored-column";
  readonly column: Identifier;
}
