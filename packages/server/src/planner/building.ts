// SPDX-License-Identifier: Apache-2.0
import type { Subqueries } from "../analyzer/columns-read.ts";
import type { Schema } from "../schema/schema.ts";
import type { OrderedColumn } from "./plan.ts";

/** What building a plan needs to know and to number. */
export interface Building {
  readonly statement: Subqueries;
  readonly schema: Schema;
  readonly newSlot: () => number;
}

/** What is asked of a relation. */
export interface Demand {
  readonly required: ReadonlySet<number>;
  readonly wanted: readonly OrderedColumn[] | undefined;
}
