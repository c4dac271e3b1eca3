// SPDX-License-Identifier: Apache-2.0
import type { Index, Schema, Table } from "../schema/schema.ts";

/** What a schema change asks of the stored rows. */
export type Effect =
  | { readonly kind: "backfill"; readonly index: Index; readonly table: Table }
  | { readonly kind: "forget"; readonly space: number };

/** A new schema, and what has to happen before it holds. */
export interface SchemaChange {
  readonly schema: Schema;
  readonly effects: readonly Effect[];
}
