// SPDX-License-Identifier: Apache-2.0
// What the analyzer makes of a statement: relational algebra over typed expressions. Names, stars,
// aliases, ordinals and implicit casts are gone; tables and columns are those of the schema.
//
// Every column that flows through a statement has a number of its own (see `expression.ts`), so
// relations can be moved around without renaming. A relation may read columns that it does not
// produce: those of an outer query, or of the left side of its join.
import type { Type } from "@spandrel/model";
import type { Expression } from "../expression/expression.ts";
import type { Aggregate } from "../functions/aggregate.ts";
import type { InsertMode } from "../rows/contract.ts";
import type { Column, Table } from "../schema/schema.ts";

/** A source of rows. */
export type Relation =
  | OneRow
  | TableScan
  | Unnest
  | ValueRows
  | DefinitionReference
  | Filter
  | Compute
  | Aggregation
  | Join
  | Sort
  | Limit
  | SetOperation
  | Sample;

/** One row without columns: what `SELECT 1` selects from. */
export interface OneRow {
  readonly kind: "one row";
}

/** All rows of a table. */
export interface TableScan {
  readonly kind: "scan";
  readonly table: Table;
  readonly columns: readonly ScanColumn[];
  /** Name of the index to read, `_BASE_TABLE` for none; undefined leaves the choice open. */
  readonly forcedIndex: string | undefined;
  /** Whether the statement is going to write what it reads. */
  readonly isForUpdate: boolean;
  /** The columns that it is going to write; undefined when that is whole rows, or nothing. */
  readonly written: readonly Column[] | undefined;
}

/** A column of a table under its number in the statement. */
export interface ScanColumn {
  readonly column: number;
  readonly source: Column;
}

/** The elements of an array, one row each; a NULL array has none. */
export interface Unnest {
  readonly kind: "unnest";
  readonly array: Expression;
  readonly element: number;
  /** The column of the element's position, from 0. */
  readonly offset: number | undefined;
}

/** Rows written out. */
export interface ValueRows {
  readonly kind: "values";
  readonly columns: readonly number[];
  readonly rows: readonly (readonly Expression[])[];
}

/** The rows of a WITH query, under numbers of their own. */
export interface DefinitionReference {
  readonly kind: "definition";
  /** The position in the statement's definitions. */
  readonly definition: number;
  /** One for each column of the definition. */
  readonly columns: readonly number[];
}

/** The rows for which a condition is true. */
export interface Filter {
  readonly kind: "filter";
  readonly input: Relation;
  readonly condition: Expression;
}

/** The input with more columns. */
export interface Compute {
  readonly kind: "compute";
  readonly input: Relation;
  readonly columns: readonly ComputedColumn[];
}

/** A column that an expression gives. */
export interface ComputedColumn {
  readonly column: number;
  readonly expression: Expression;
}

/** One row for each group; one row in all when there are no groups and `isGrouped` is false. */
export interface Aggregation {
  readonly kind: "aggregate";
  readonly input: Relation;
  readonly isGrouped: boolean;
  readonly groups: readonly ComputedColumn[];
  readonly aggregates: readonly AggregatedColumn[];
}

/** A column that an aggregate function gives. */
export interface AggregatedColumn {
  readonly column: number;
  readonly type: Type;
  readonly aggregate: Aggregate;
  readonly arguments: readonly Expression[];
  readonly isDistinct: boolean;
  readonly ignoresNulls: boolean;
  readonly isSafe: boolean;
  /** Only the rows in which this is extreme are aggregated. */
  readonly having: { readonly extreme: "MAX" | "MIN"; readonly value: Expression } | undefined;
  readonly orderBy: readonly SortKey[];
  readonly limit: Expression | undefined;
}

/**
 * Two inputs side by side. In a left join, rows of the left without a match have NULLs. A semi join has
 * the rows of the left that have a match, an anti join those that have none; only the planner makes
 * these.
 */
export interface Join {
  readonly kind: "join";
  readonly join: "inner" | "left" | "full" | "semi" | "anti";
  readonly left: Relation;
  /** May read columns of `left`, unless the join is full. */
  readonly right: Relation;
  readonly condition: Expression | undefined;
  /** JOIN_METHOD, in upper case. */
  readonly method: string | undefined;
}

/** The input in order. */
export interface Sort {
  readonly kind: "sort";
  readonly input: Relation;
  readonly keys: readonly SortKey[];
}

/** A parameter that names a collation when the statement runs. */
export interface CollationParameter {
  /** In lower case. */
  readonly parameter: string;
}

/** One key of an order. */
export interface SortKey {
  readonly expression: Expression;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
  /** COLLATE: a tag such as `en-US:ci`, or who brings it; undefined is the order of code points. */
  readonly collation?: string | CollationParameter | undefined;
}

/** Some rows of the input. */
export interface Limit {
  readonly kind: "limit";
  readonly input: Relation;
  readonly count: Expression | undefined;
  readonly offset: Expression | undefined;
}

/** UNION, INTERSECT or EXCEPT; the columns of the inputs are matched by position. */
export interface SetOperation {
  readonly kind: "set operation";
  readonly operator: "UNION" | "INTERSECT" | "EXCEPT";
  readonly isDistinct: boolean;
  readonly inputs: readonly { readonly relation: Relation; readonly columns: readonly number[] }[];
  readonly columns: readonly { readonly column: number; readonly type: Type }[];
}

/** A random part of the input. */
export interface Sample {
  readonly kind: "sample";
  readonly input: Relation;
  readonly method: "BERNOULLI" | "RESERVOIR";
  readonly size: Expression;
  /** The column of WITH WEIGHT: how many rows of the input a row stands for. */
  readonly weight: number | undefined;
}

/** A query: a relation, and which of its columns are the result. */
export interface ResolvedQuery {
  readonly relation: Relation;
  readonly columns: readonly OutputColumn[];
  /** One column that stands for the row itself, as of SELECT AS STRUCT. */
  readonly isValueTable: boolean;
}

/** A column of a result. */
export interface OutputColumn {
  readonly name: string;
  readonly column: number;
  readonly type: Type;
}

/** What all statements have. */
export interface StatementParts {
  /** Types of all parameters that are used, declared or found by use, by the names in lower case. */
  readonly parameters: ReadonlyMap<string, Type>;
  /** Names and types of the result; empty for DML without THEN RETURN. */
  readonly columns: readonly { readonly name: string; readonly type: Type }[];
  readonly subqueries: readonly ResolvedQuery[];
  readonly definitions: readonly ResolvedQuery[];
}

/** A statement, ready to be planned. Immutable, and good for as long as its schema lives. */
export type ResolvedStatement =
  | QueryStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement;

/** SELECT and its kin. */
export interface QueryStatement extends StatementParts {
  readonly kind: "query";
  readonly query: ResolvedQuery;
}

/** THEN RETURN: expressions over the row as it is after the change, before it for DELETE. */
export interface ReturningClause {
  /** The numbers of the table's columns, in the order of the table. */
  readonly rowColumns: readonly number[];
  readonly items: readonly { readonly name: string; readonly expression: Expression }[];
  /** The column of WITH ACTION stands last. */
  readonly hasAction: boolean;
}

/** ASSERT_ROWS_MODIFIED. */
export interface RowExpectation {
  /** How many rows have to be written; undefined when any number will do. */
  readonly expectedRows: Expression | undefined;
}

/** INSERT. The columns of the source are those of `targets`, in that order. */
export interface InsertStatement extends StatementParts, RowExpectation {
  readonly kind: "insert";
  readonly table: Table;
  readonly targets: readonly Column[];
  readonly source: ResolvedQuery;
  readonly mode: InsertMode;
  readonly onConflict: ConflictUpdate | undefined;
  readonly returning: ReturningClause | undefined;
}

/** ON CONFLICT DO UPDATE. */
export interface ConflictUpdate {
  /** The numbers of the existing row's columns, in the order of the table. */
  readonly rowColumns: readonly number[];
  /** The numbers of the given row's columns, in the order of the statement's targets. */
  readonly excludedColumns: readonly number[];
  readonly assignments: readonly { readonly target: Column; readonly value: Expression }[];
  readonly condition: Expression | undefined;
}

/** UPDATE. The source gives the whole primary key, then a value for each target. */
export interface UpdateStatement extends StatementParts, RowExpectation {
  readonly kind: "update";
  readonly table: Table;
  readonly targets: readonly Column[];
  readonly source: ResolvedQuery;
  readonly returning: ReturningClause | undefined;
}

/** DELETE. The source gives the whole primary key, then all columns when there is THEN RETURN. */
export interface DeleteStatement extends StatementParts, RowExpectation {
  readonly kind: "delete";
  readonly table: Table;
  readonly source: ResolvedQuery;
  readonly returning: ReturningClause | undefined;
}
