// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type { GraphQuery } from "../tree/graph.ts";
import type { Query } from "../tree/query.ts";

/** Where a graph query stands, which decides how it begins and may end. */
export type GraphPlace = "statement" | "value" | "exists" | "table";

/** A query over a graph. */
export type OverGraph = Query & { readonly body: GraphQuery };

/** The rules through which the grammar is recursive. */
export interface Rules<Cursor> {
  expression(cursor: Cursor): Expression;
  query(cursor: Cursor): Query;
  /** The rest of a query whose first part, in parentheses, has been read. */
  queryAfter(cursor: Cursor, first: Query, start: number): Query;
  graphQuery(cursor: Cursor, place: GraphPlace): OverGraph;
}
