// SPDX-License-Identifier: Apache-2.0
import type { Analysis, Definitions } from "./analysis.ts";
import type { Relation } from "./resolved.ts";
import type { Names, Scope } from "./scope.ts";

/** What FROM gives: rows, and names for their columns. */
export interface FromClause {
  readonly relation: Relation;
  readonly names: Names;
}

/** What an item of FROM is analyzed with. */
export interface FromContext {
  readonly analysis: Analysis;
  /** What lies to the left. */
  readonly left: Names;
  readonly outer: Scope | undefined;
  readonly definitions: Definitions;
}
