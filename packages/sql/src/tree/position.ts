// SPDX-License-Identifier: Apache-2.0

import type { Position } from "../text/source.ts";

export type { Position };

/**
 * The tree: what a statement says, and where in the text it says it.
 *
 * Every node is frozen plain data with a `kind` that names its shape and a `position` that names
 * the stretch of source text it came from, as half-open offsets in UTF-16 units. Slicing the text
 * by a node's position gives the words the author wrote, which is how Spanner keeps the text of
 * default values, generated columns, and view bodies.
 *
 * The tree keeps what the author meant, not how it was spelled: the case of keywords, comments,
 * redundant parentheses, and the choice between `<>` and `!=` are gone. Names keep their spelling,
 * because Spanner reports them as first written. Nothing here knows a schema: whether `a.b` is a
 * table, a column, or a field of a struct is decided by whoever analyzes the tree.
 */
export interface TreeNode {
  readonly kind: string;
  readonly position: Position;
}

/** A name, without the backticks it may have been written in. */
export interface Identifier extends TreeNode {
  readonly kind: "identifier";
  readonly name: string;
}

/** One or more names joined by dots: a table with its schema, a function, or a column. */
export interface Path extends TreeNode {
  readonly kind: "path";
  readonly parts: readonly Identifier[];
}
