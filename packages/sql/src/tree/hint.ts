// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "./expression.ts";
import type { Identifier, TreeNode } from "./position.ts";

/** `@{FORCE_INDEX=SongsBySinger, other.NAME=1}`, or the short form `@5`. */
export interface Hint extends TreeNode {
  readonly kind: "hint";
  readonly entries: readonly HintEntry[];
  /** The number of the short form, which asks for that many shards. */
  readonly shards?: bigint;
}

/** One setting of a hint. A bare word such as an index name is a `path` expression. */
export interface HintEntry extends TreeNode {
  readonly kind: "hint-entry";
  /** The engine the setting is meant for; Spanner ignores those of others. */
  readonly qualifier?: Identifier;
  readonly name: Identifier;
  readonly value: Expression;
}

/** `OPTIONS (name = value, …)` of a schema statement. */
export interface Options extends TreeNode {
  readonly kind: "options";
  readonly entries: readonly OptionEntry[];
}

/** One option of a schema object. */
export interface OptionEntry extends TreeNode {
  readonly kind: "option-entry";
  readonly name: Identifier;
  readonly value: Expression;
}
