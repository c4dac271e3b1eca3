// SPDX-License-Identifier: Apache-2.0
// A plan: which operators run a statement, on which indexes, with which key ranges. Plain data, good
// for any values of the parameters: ranges hold expressions, evaluated when the plan is run.
//
// Every node says which columns its rows have, in which order, and in which order the rows come.
import type { Type } from "@spandrel/model";
import type {
  AggregatedColumn,
  ComputedColumn,
  ConflictUpdate,
  ReturningClause,
  SortKey,
} from "../analyzer/resolved.ts";
import type { Expression } from "../expression/expression.ts";
import type { InsertMode } from "../rows/contract.ts";
import type { Column, Index, KeyPart, Table } from "../schema/schema.ts";

/** A step of a plan. */
export type PlanNode =
  | OneRowNode
  | ValuesNode
  | ScanNode
  | UnnestNode
  | DefinitionNode
  | ProbeNode
  | FilterNode
  | ProjectNode
  | FlattenNode
  | AggregateNode
  | SortNode
  | LimitNode
  | HashJoinNode
  | LookupJoinNode
  | ApplyJoinNode
  | UnionNode
  | MultisetNode
  | SampleNode;

/** What all nodes say. */
interface NodeBase {
  /** The columns of the node's rows, by number. */
  readonly columns: readonly number[];
  /** The order in which rows come, as far as it is known. */
  readonly order: readonly OrderedColumn[];
  /** How many rows are expected: a guess, for choosing between plans. */
  readonly rows: number;
}

/** Rows come in order of this column. NULLs are first when ascending, last when descending. */
export interface OrderedColumn {
  readonly column: number;
  readonly isDescending: boolean;
}

/** One row without columns. */
export interface OneRowNode extends NodeBase {
  readonly kind: "one row";
}

/** Rows written out. */
export interface ValuesNode extends NodeBase {
  readonly kind: "values";
  readonly values: readonly (readonly Expression[])[];
  readonly subqueries: readonly number[];
}

/** Reads a table or index, in key order. */
export interface ScanNode extends NodeBase {
  readonly kind: "scan";
  readonly table: Table;
  readonly index: Index | undefined;
  /** The table's columns to read, in the order of `columns`. */
  readonly sources: readonly Column[];
  readonly seek: Seek;
  readonly isReverse: boolean;
  readonly isForUpdate: boolean;
  /** The columns that the statement writes; undefined when that is whole rows, or nothing. */
  readonly written: readonly Column[] | undefined;
}

/** Which part of a key is read. */
export type Seek =
  | KeySeek
  /** The ranges of the batch that a lookup join is working on. */
  | { readonly kind: "batch"; readonly slot: number };

/** The parts of a key from the front, then perhaps a range of the next one. */
export interface KeySeek {
  readonly kind: "key";
  readonly key: readonly KeyPart[];
  readonly prefix: readonly SeekPart[];
  readonly range: SeekRange | undefined;
}

/** What a part of the key must be. */
export type SeekPart =
  | { readonly kind: "equal"; readonly value: Expression }
  | { readonly kind: "null" }
  | { readonly kind: "one of"; readonly values: readonly Expression[] }
  | { readonly kind: "in array"; readonly array: Expression };

/** Bounds of a part of the key, never NULL itself. */
export interface SeekRange {
  readonly low: SeekBound | undefined;
  readonly high: SeekBound | undefined;
  /** Texts that begin with this; bounds are then absent. */
  readonly prefix: Expression | undefined;
}

/** One bound. */
export interface SeekBound {
  readonly value: Expression;
  readonly isClosed: boolean;
}

/** The elements of an array that comes from outside of the row. */
export interface UnnestNode extends NodeBase {
  readonly kind: "unnest";
  readonly array: Expression;
  readonly hasOffset: boolean;
  readonly subqueries: readonly number[];
}

/** The rows of a WITH query, which is run once. */
export interface DefinitionNode extends NodeBase {
  readonly kind: "definition";
  readonly definition: number;
}

/** Rows of a table that equal values from around; its hash table is kept while the statement runs. */
export interface ProbeNode extends NodeBase {
  readonly kind: "probe";
  readonly input: ScanNode;
  /** On the left what is sought, over columns from around; on the right the table's side. */
  readonly keys: readonly JoinKey[];
}

/** Rows for which a condition is true. */
export interface FilterNode extends NodeBase {
  readonly kind: "filter";
  readonly input: PlanNode;
  readonly condition: Expression;
  readonly subqueries: readonly number[];
}

/** Rows made of values. */
export interface ProjectNode extends NodeBase {
  readonly kind: "project";
  readonly input: PlanNode;
  readonly values: readonly Expression[];
  readonly subqueries: readonly number[];
}

/** Each row once for each element of an array in it. */
export interface FlattenNode extends NodeBase {
  readonly kind: "flatten";
  readonly input: PlanNode;
  readonly array: Expression;
  readonly hasOffset: boolean;
  /** Keeps rows without elements, as a left join does. */
  readonly isOuter: boolean;
  readonly condition: Expression | undefined;
  readonly subqueries: readonly number[];
}

/** Groups, kept in a hash table. Columns: the groups, then the aggregates. */
export interface AggregateNode extends NodeBase {
  readonly kind: "aggregate";
  readonly input: PlanNode;
  readonly isGrouped: boolean;
  readonly groups: readonly ComputedColumn[];
  readonly aggregates: readonly AggregatedColumn[];
}

/** Rows in order; only the first ones when a limit is known. */
export interface SortNode extends NodeBase {
  readonly kind: "sort";
  readonly input: PlanNode;
  readonly keys: readonly SortKey[];
  readonly limit: RowLimit | undefined;
}

/** How many rows, after how many. */
export interface RowLimit {
  readonly count: Expression | undefined;
  readonly offset: Expression | undefined;
}

/** Some rows of the input. */
export interface LimitNode extends NodeBase {
  readonly kind: "limit";
  readonly input: PlanNode;
  readonly limit: RowLimit;
}

/** Builds a hash table of the right side, then looks every row of the left up. */
export interface HashJoinNode extends NodeBase {
  readonly kind: "hash join";
  readonly join: "inner" | "left" | "full" | "semi" | "anti";
  readonly left: PlanNode;
  readonly right: PlanNode;
  /** Equal on both sides; none makes a nested loop. */
  readonly keys: readonly JoinKey[];
  readonly condition: Expression | undefined;
  readonly subqueries: readonly number[];
}

/** Two expressions that must be equal. */
export interface JoinKey {
  readonly left: Expression;
  readonly right: Expression;
}

/** For a batch of rows of the left, reads just the keys of the right that match. */
export interface LookupJoinNode extends NodeBase {
  readonly kind: "lookup join";
  readonly join: "inner" | "left" | "semi" | "anti";
  readonly left: PlanNode;
  readonly right: PlanNode;
  /** The key that the right side's scan is sought with, from the front. */
  readonly key: readonly KeyPart[];
  /** One for each sought part: the left's value, and the right's column. */
  readonly keys: readonly JoinKey[];
  /** Whether a row is looked up behind its index entry: then NULL and NaN are keys like others. */
  readonly isSameRow: boolean;
  readonly slot: number;
  readonly condition: Expression | undefined;
  readonly subqueries: readonly number[];
}

/** Runs the right side anew for every row of the left, whose columns it reads. */
export interface ApplyJoinNode extends NodeBase {
  readonly kind: "apply join";
  readonly join: "inner" | "left";
  readonly left: PlanNode;
  readonly right: PlanNode;
  /** The columns of the left that the right reads. */
  readonly bound: readonly number[];
  readonly condition: Expression | undefined;
  readonly subqueries: readonly number[];
}

/** UNION ALL: rows of all inputs. */
export interface UnionNode extends NodeBase {
  readonly kind: "union";
  readonly inputs: readonly PlanNode[];
}

/** INTERSECT or EXCEPT, counting how often a row comes. */
export interface MultisetNode extends NodeBase {
  readonly kind: "multiset";
  readonly operator: "INTERSECT" | "EXCEPT";
  readonly isDistinct: boolean;
  readonly inputs: readonly PlanNode[];
  readonly types: readonly Type[];
}

/** A random part of the input. */
export interface SampleNode extends NodeBase {
  readonly kind: "sample";
  readonly input: PlanNode;
  readonly method: "BERNOULLI" | "RESERVOIR";
  readonly size: Expression;
  /** Whether the weight of a row stands behind its values. */
  readonly hasWeight: boolean;
}

/** A query: its rows have just the columns of the result. */
export interface PlannedQuery {
  readonly root: PlanNode;
  /** Types of the columns. */
  readonly types: readonly Type[];
  /** Columns of the queries around that it reads: run anew whenever they change. */
  readonly bound: readonly number[];
}

/** What is done with the rows of a DML statement's query. */
export type WriteStep =
  | {
      readonly kind: "insert";
      readonly table: Table;
      readonly targets: readonly Column[];
      readonly mode: InsertMode;
      readonly onConflict: ConflictUpdate | undefined;
      readonly returning: ReturningClause | undefined;
      readonly expectedRows: Expression | undefined;
    }
  | {
      readonly kind: "update";
      readonly table: Table;
      readonly targets: readonly Column[];
      readonly returning: ReturningClause | undefined;
      readonly expectedRows: Expression | undefined;
    }
  | {
      readonly kind: "delete";
      readonly table: Table;
      readonly returning: ReturningClause | undefined;
      readonly expectedRows: Expression | undefined;
    };

/** A whole plan. */
export interface Plan {
  readonly query: PlannedQuery;
  /** Undefined for a query. */
  readonly write: WriteStep | undefined;
  /** By number; undefined for one that has become a join. */
  readonly subqueries: readonly (PlannedQuery | undefined)[];
  readonly definitions: readonly PlannedQuery[];
  /** How many slots for batches of key ranges its lookup joins need. */
  readonly slots: number;
}
