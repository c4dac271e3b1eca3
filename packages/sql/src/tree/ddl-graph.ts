// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "./expression.ts";
import type { Options } from "./hint.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";

/** `CREATE [OR REPLACE] PROPERTY GRAPH [IF NOT EXISTS] name NODE TABLES (…) [EDGE TABLES (…)]`. */
export interface CreatePropertyGraph extends TreeNode {
  readonly kind: "create-property-graph";
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly nodeTables: readonly GraphElementTable[];
  readonly edgeTables: readonly GraphElementTable[];
  readonly options?: Options;
}

/** One table of a graph, as nodes or as edges. */
export interface GraphElementTable extends TreeNode {
  readonly kind: "graph-element-table";
  readonly table: Path;
  readonly alias?: Identifier;
  readonly key?: readonly Identifier[];
  /** Both present for an edge. */
  readonly source?: GraphEndpoint;
  readonly destination?: GraphEndpoint;
  readonly labels: readonly GraphLabel[];
  readonly dynamicLabel?: Identifier;
  readonly dynamicProperties?: Identifier;
}

/** `SOURCE KEY (…) REFERENCES node (…)`. */
export interface GraphEndpoint extends TreeNode {
  readonly kind: "graph-endpoint";
  readonly columns: readonly Identifier[];
  readonly node: Identifier;
  readonly nodeColumns?: readonly Identifier[];
}

/** `LABEL name properties`; without a name it is the default label. */
export interface GraphLabel extends TreeNode {
  readonly kind: "graph-label";
  readonly name?: Identifier;
  /** Absent means all columns. */
  readonly properties?: GraphProperties;
}

/** Which columns a label shows as properties. */
export type GraphProperties =
  | { readonly kind: "none" }
  | { readonly kind: "all"; readonly except: readonly Identifier[] }
  | { readonly kind: "list"; readonly properties: readonly GraphProperty[] };

/** `expression [AS name]`. */
export interface GraphProperty extends TreeNode {
  readonly kind: "graph-property";
  readonly value: Expression;
  readonly alias?: Identifier;
}
