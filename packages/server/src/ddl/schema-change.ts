// SPDX-License-Identifier: Apache-2.0
import type { Limits } from "../limits/limits.ts";
import type { CheckConstraint, ForeignKey } from "../schema/constraint.ts";
import type { Column, Index, Schema, Table } from "../schema/schema.ts";

/** What a schema change asks of the stored rows. */
export type Effect =
  /** The index gets an entry for every row. */
  | { readonly kind: "backfill"; readonly index: Index; readonly table: Table }
  /** The counter of an identity column or a sequence goes on from a number. */
  | { readonly kind: "restart"; readonly id: number; readonly counter: bigint }
  | RewriteEffect
  | ValidateEffect
  | { readonly kind: "forget"; readonly space: number };

/** Every row is written anew, in the shape of another description of its table. */
export interface RewriteEffect {
  readonly kind: "rewrite";
  readonly before: Table;
  readonly after: Table;
  /** Columns whose values are worked out, by their default or their expression. */
  readonly filled: readonly Column[];
}

/** Every row must keep some rules. */
export interface ValidateEffect {
  readonly kind: "validate";
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly checks: readonly CheckConstraint[];
  readonly foreignKeys: readonly ForeignKey[];
  /** The table in which each row must have its parent. */
  readonly parent?: Table | undefined;
}

/** A new schema, and what has to happen before it holds. */
export interface SchemaChange {
  readonly schema: Schema;
  readonly effects: readonly Effect[];
}

/** What every change is given beside the statement. */
export interface ChangeContext {
  readonly limits: Limits;
  /** The statement's text: expressions are kept as they were written. */
  readonly text: string;
}

/** The schema as it was: for statements that find their work done. */
export function unchanged(schema: Schema): SchemaChange {
  return { schema, effects: [] };
}
