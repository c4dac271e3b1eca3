// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "./expression.ts";
import type { Path, TreeNode } from "./position.ts";

/** `REPLACE_FIELDS(operand, value AS path, …)`. */
export interface ReplaceFields extends TreeNode {
  readonly kind: "replace-fields";
  readonly operand: Expression;
  readonly fields: readonly ReplacedField[];
}

/** `value AS path` inside REPLACE_FIELDS. */
export interface ReplacedField extends TreeNode {
  readonly kind: "replaced-field";
  readonly value: Expression;
  readonly path: Path;
}

/** `NEW package.Message(value AS field, …)`, which makes a protocol buffer. */
export interface NewConstructor extends TreeNode {
  readonly kind: "new";
  readonly type: Path;
  readonly fields: readonly ReplacedField[];
}

/** `NEW package.Message {field: value, …}`; without NEW and a name where the place tells the type. */
export interface BracedConstructor extends TreeNode {
  readonly kind: "braced";
  readonly type?: Path;
  readonly fields: readonly BracedField[];
}

/** `field: value` in braces, or `(package.extension): value`. */
export interface BracedField extends TreeNode {
  readonly kind: "braced-field";
  readonly path: Path;
  readonly isExtension: boolean;
  readonly value: Expression;
}
