// SPDX-License-Identifier: Apache-2.0

import type { ColumnDefinition, SequenceParameters } from "./ddl-column.ts";
import type { CreatePropertyGraph } from "./ddl-graph.ts";
import type { AlterIndex, CreateIndex, CreateSearchIndex, CreateVectorIndex } from "./ddl-index.ts";
import type { CreateRole, Grant, Revoke } from "./ddl-role.ts";
import type {
  AlterTable,
  CreateTable,
  RenameTable,
  SequenceChange,
  SetOptions,
} from "./ddl-table.ts";
import type { Expression } from "./expression.ts";
import type { Options } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";
import type { Query } from "./query.ts";
import type { TypeName } from "./type.ts";

/** A statement that changes a schema: one element of an UpdateDatabaseDdl request. */
export type DdlStatement =
  | CreateDatabase
  | AlterDatabase
  | CreateTable
  | AlterTable
  | RenameTable
  | CreateIndex
  | CreateSearchIndex
  | CreateVectorIndex
  | AlterIndex
  | CreateView
  | CreateSequence
  | AlterSequence
  | CreateSchema
  | CreateChangeStream
  | AlterChangeStream
  | CreateRole
  | Grant
  | Revoke
  | CreateFunction
  | CreateModel
  | AlterModel
  | CreateProtoBundle
  | AlterProtoBundle
  | CreateOptionsOnly
  | AlterOptionsOnly
  | CreatePropertyGraph
  | Drop
  | Analyze;

/** `CREATE DATABASE name`, the first statement of a CreateDatabase request. */
export interface CreateDatabase extends TreeNode {
  readonly kind: "create-database";
  readonly name: Identifier;
}

/** `ALTER DATABASE name SET OPTIONS (…)`. */
export interface AlterDatabase extends TreeNode {
  readonly kind: "alter-database";
  readonly name: Identifier;
  readonly options: Options;
}

/** `CREATE [OR REPLACE] VIEW name SQL SECURITY … AS query`. */
export interface CreateView extends TreeNode {
  readonly kind: "create-view";
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: Path;
  /** Absent when left out, which Spanner refuses. */
  readonly security?: "INVOKER" | "DEFINER";
  readonly query: Query;
}

/** `CREATE SEQUENCE [IF NOT EXISTS] name …`. */
export interface CreateSequence extends TreeNode {
  readonly kind: "create-sequence";
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly parameters: SequenceParameters;
  readonly options?: Options;
}

/** `ALTER SEQUENCE [IF EXISTS] name …`. */
export interface AlterSequence extends TreeNode {
  readonly kind: "alter-sequence";
  readonly ifExists: boolean;
  readonly name: Path;
  readonly change: SetOptions | SequenceChange;
}

/** `CREATE SCHEMA [IF NOT EXISTS] name`. */
export interface CreateSchema extends TreeNode {
  readonly kind: "create-schema";
  readonly ifNotExists: boolean;
  readonly name: Identifier;
}

/** `CREATE CHANGE STREAM name [FOR …] [OPTIONS (…)]`. */
export interface CreateChangeStream extends TreeNode {
  readonly kind: "create-change-stream";
  readonly ifNotExists: boolean;
  readonly name: Path;
  /** Absent when the stream watches nothing. */
  readonly watch?: ChangeStreamWatch;
  readonly options?: Options;
}

/** `ALTER CHANGE STREAM name …`. */
export interface AlterChangeStream extends TreeNode {
  readonly kind: "alter-change-stream";
  readonly name: Path;
  readonly change:
    | SetOptions
    | { readonly kind: "set-watch"; readonly watch: ChangeStreamWatch }
    | { readonly kind: "drop-watch" };
}

/** What a change stream watches. */
export type ChangeStreamWatch =
  | { readonly kind: "all" }
  | { readonly kind: "tables"; readonly tables: readonly WatchedTable[] };

/** `table`, `table()` for its key alone, or `table(a, b)`. */
export interface WatchedTable extends TreeNode {
  readonly kind: "watched-table";
  readonly table: Path;
  /** Absent means all columns, now and later. */
  readonly columns?: readonly Identifier[];
}

/** `CREATE [OR REPLACE] FUNCTION name (…) [RETURNS type] … AS (expression)`. */
export interface CreateFunction extends TreeNode {
  readonly kind: "create-function";
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly parameters: readonly FunctionParameter[];
  readonly result?: TypeName;
  readonly deterministic?: boolean;
  readonly language?: Identifier;
  readonly security?: "INVOKER" | "DEFINER";
  readonly remote: boolean;
  readonly body?: Expression;
  readonly options?: Options;
}

/** `name type [DEFAULT value]`. */
export interface FunctionParameter extends TreeNode {
  readonly kind: "function-parameter";
  readonly name: Identifier;
  readonly type: TypeName;
  readonly defaultValue?: Expression;
}

/** `CREATE [OR REPLACE] MODEL name [INPUT (…) OUTPUT (…)] REMOTE [OPTIONS (…)]`. */
export interface CreateModel extends TreeNode {
  readonly kind: "create-model";
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly input?: readonly ColumnDefinition[];
  readonly output?: readonly ColumnDefinition[];
  readonly remote: boolean;
  readonly options?: Options;
}

/** `ALTER MODEL [IF EXISTS] name SET OPTIONS (…)`. */
export interface AlterModel extends TreeNode {
  readonly kind: "alter-model";
  readonly ifExists: boolean;
  readonly name: Path;
  readonly options: Options;
}

/** `CREATE PROTO BUNDLE (types)`. */
export interface CreateProtoBundle extends TreeNode {
  readonly kind: "create-proto-bundle";
  readonly types: readonly Path[];
}

/** `ALTER PROTO BUNDLE [INSERT (…)] [UPDATE (…)] [DELETE (…)]`. */
export interface AlterProtoBundle extends TreeNode {
  readonly kind: "alter-proto-bundle";
  readonly insert: readonly Path[];
  readonly update: readonly Path[];
  readonly delete: readonly Path[];
}

/** A statement that creates an object which is nothing but a name and options. */
export interface CreateOptionsOnly extends TreeNode {
  readonly kind: "create-locality-group" | "create-placement";
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly options?: Options;
}

/** A statement that sets the options of such an object. */
export interface AlterOptionsOnly extends TreeNode {
  readonly kind: "alter-locality-group" | "alter-placement" | "alter-statistics";
  readonly name: Path;
  readonly options: Options;
}

/** `DROP type [IF EXISTS] name`. */
export interface Drop extends TreeNode {
  readonly kind: "drop";
  readonly type: DroppableType;
  readonly ifExists: boolean;
  /** Absent only for `DROP PROTO BUNDLE`, of which there is one. */
  readonly name?: Path;
}

/** The kinds of objects that can be dropped. */
export type DroppableType =
  | "TABLE"
  | "INDEX"
  | "SEARCH INDEX"
  | "VECTOR INDEX"
  | "VIEW"
  | "SEQUENCE"
  | "SCHEMA"
  | "CHANGE STREAM"
  | "ROLE"
  | "FUNCTION"
  | "MODEL"
  | "PROTO BUNDLE"
  | "LOCALITY GROUP"
  | "PLACEMENT"
  | "PROPERTY GRAPH"
  | "DATABASE";

/** `ANALYZE`, which asks for new statistics. */
export interface Analyze extends TreeNode {
  readonly kind: "analyze";
}
