// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "./expression.ts";
import type { Hint } from "./hint.ts";
import type { Identifier, TreeNode } from "./position.ts";

/**
 * What MATCH looks for: paths that hold at once, and a condition over all of them.
 *
 * See https://cloud.google.com/spanner/docs/reference/standard-sql/graph-patterns.
 */
export interface GraphPattern extends TreeNode {
  readonly kind: "graph-pattern";
  readonly paths: readonly GraphPath[];
  readonly where?: Expression;
}

/** `[name =] [search prefix] [mode] element …`. */
export interface GraphPath extends TreeNode {
  readonly kind: "graph-path";
  readonly hint?: Hint;
  /** The variable that holds the whole path. */
  readonly name?: Identifier;
  readonly search?: GraphSearch;
  readonly mode?: GraphPathMode;
  /** One or more. */
  readonly elements: readonly GraphPathElement[];
}

/** Which paths may repeat what: any, no edge, no node but the ends, no node. */
export type GraphPathMode = "WALK" | "TRAIL" | "SIMPLE" | "ACYCLIC";

/** Which of the paths between the same ends are kept: `ANY`, `ALL SHORTEST`, `CHEAPEST 2`, … */
export interface GraphSearch extends TreeNode {
  readonly kind: "graph-search";
  readonly keep: "ALL" | "ANY" | "COUNT";
  readonly order?: "SHORTEST" | "CHEAPEST";
  /** How many, after `ANY`, `SHORTEST`, or `CHEAPEST`. */
  readonly count?: Expression;
}

/** A piece of a path. */
export type GraphPathElement = GraphNode | GraphEdge | GraphSubpath;

/** `(variable:Label WHERE …)`. */
export interface GraphNode extends TreeNode, GraphFiller {
  readonly kind: "graph-node";
  /** The hint before the node, about how to get there. */
  readonly hint?: Hint;
}

/** `-[variable:Label]->`, or `->` alone. */
export interface GraphEdge extends TreeNode, GraphFiller {
  readonly kind: "graph-edge";
  /** The hint before the edge, about how to get there. */
  readonly hint?: Hint;
  readonly direction: "LEFT" | "RIGHT" | "ANY";
  /** `COST value`, which `CHEAPEST` sums up. */
  readonly cost?: Expression;
  readonly quantifier?: GraphQuantifier;
}

/** `(path WHERE …)`. */
export interface GraphSubpath extends TreeNode {
  readonly kind: "graph-subpath";
  /** The hint before the parentheses, about how to get there. */
  readonly hint?: Hint;
  readonly path: GraphPath;
  readonly where?: Expression;
  readonly quantifier?: GraphQuantifier;
}

/** What stands inside the parentheses of a node or the brackets of an edge. */
export interface GraphFiller {
  readonly elementHint?: Hint;
  readonly variable?: Identifier;
  readonly label?: GraphLabelExpression;
  /** `{name: value, …}`. */
  readonly properties?: readonly GraphPropertyFilter[];
  readonly where?: Expression;
}

/** `name: value` in the braces of a node or an edge. */
export interface GraphPropertyFilter extends TreeNode {
  readonly kind: "graph-property-filter";
  readonly name: Identifier;
  readonly value: Expression;
}

/** `{2, 5}`; `+` arrives as `{1, }`, `*` as `{0, }`, and `{3}` as `{3, 3}`. */
export interface GraphQuantifier extends TreeNode {
  readonly kind: "graph-quantifier";
  /** Absent means none. */
  readonly least?: Expression;
  /** Absent means without bound. */
  readonly most?: Expression;
}

/** Which labels an element must have. */
export type GraphLabelExpression =
  | GraphLabelName
  | GraphAnyLabel
  | GraphLabelNot
  | GraphLabelOperation;

/** A label by its name. */
export interface GraphLabelName extends TreeNode {
  readonly kind: "graph-label-name";
  readonly name: Identifier;
}

/** `%`: any label at all. */
export interface GraphAnyLabel extends TreeNode {
  readonly kind: "graph-any-label";
}

/** `!label`. */
export interface GraphLabelNot extends TreeNode {
  readonly kind: "graph-label-not";
  readonly operand: GraphLabelExpression;
}

/** `a & b & c`, or `a | b | c`. */
export interface GraphLabelOperation extends TreeNode {
  readonly kind: "graph-label-and" | "graph-label-or";
  /** Two or more. */
  readonly operands: readonly GraphLabelExpression[];
}
