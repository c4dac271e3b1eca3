// SPDX-License-Identifier: Apache-2.0
// A column, and the expressions that a schema keeps. Their column references are positions in the
// table; when columns come or go, the room `ddl` resolves them anew from their texts.
import type { Type } from "@spandrel/model";
import type { Expression } from "../expression/expression.ts";

/** A column of a table. */
export interface Column {
  readonly id: number;
  readonly name: string;
  readonly type: Type;
  /** Characters of a STRING, bytes of BYTES, of the elements for an array; undefined is MAX. */
  readonly lengthMax: number | undefined;
  readonly isNotNull: boolean;
  /** What stands in for a value that is not given: the text of the DDL and what it means. */
  readonly defaultValue: ColumnExpression | undefined;
  readonly generated: GeneratedColumn | undefined;
  /** What an update writes that does not name the column: only ever the commit timestamp. */
  readonly onUpdate: ColumnExpression | undefined;
  readonly identity: Identity | undefined;
  readonly isHidden: boolean;
  /** The length that every value of an array of floats has, when one is set. */
  readonly vectorLength: bigint | undefined;
  /** The column option allow_commit_timestamp; undefined when it was never set. */
  readonly allowsCommitTimestamp: boolean | undefined;
  /** A TOKENLIST: what search needs, as BYTES that nobody sees. */
  readonly isTokenList?: boolean;
  /** The column that says in which placement a row is. */
  readonly isPlacementKey?: boolean;
  readonly localityGroup?: string | undefined;
}

/** What a new column has when its definition says nothing but its name and type. */
export const plainColumn: Omit<Column, "id" | "name" | "type"> = {
  lengthMax: undefined,
  isNotNull: false,
  defaultValue: undefined,
  generated: undefined,
  onUpdate: undefined,
  identity: undefined,
  isHidden: false,
  vectorLength: undefined,
  allowsCommitTimestamp: undefined,
};

/**
 * How a column counts itself: numbers that rise, bit-reversed so that they lie apart.
 *
 * https://cloud.google.com/spanner/docs/primary-key-default-value#identity-columns
 */
export interface Identity {
  /** BIT_REVERSED_POSITIVE, where it was written; else the database's default. */
  readonly isKindWritten: boolean;
  readonly startCounterWith: bigint | undefined;
  /** Numbers that are never given out, both ends included. */
  readonly skipRange: { readonly low: bigint; readonly high: bigint } | undefined;
}

/** An expression as the DDL wrote it, and resolved. Column references are positions in the table. */
export interface ColumnExpression {
  readonly text: string;
  readonly expression: Expression;
}

/** A column whose value follows from other columns. */
export interface GeneratedColumn extends ColumnExpression {
  readonly isStored: boolean;
}
