// SPDX-License-Identifier: Apache-2.0

import type { Identifier, Path, TreeNode } from "./position.ts";

/** A type as written, in a cast, a constructor, or a column definition. */
export type TypeName = SimpleTypeName | ArrayTypeName | StructTypeName | FunctionTypeName;

/** `INT64`, `STRING(MAX)`, `NUMERIC`, or the dotted name of a proto message or enum. */
export interface SimpleTypeName extends TreeNode {
  readonly kind: "simple-type";
  readonly name: Path;
  /** What stands in the parentheses: nothing, a length, or `MAX`. Several only outside Spanner. */
  readonly parameters: readonly TypeParameter[];
  /** The collation of a string type; outside Spanner. */
  readonly collation?: string;
}

/** `ARRAY<FLOAT32>` and, in a column definition, `ARRAY<FLOAT32>(vector_length=>128)`. */
export interface ArrayTypeName extends TreeNode {
  readonly kind: "array-type";
  readonly element: TypeName;
  readonly vectorLength?: bigint;
}

/** `STRUCT<a INT64, STRING>`. */
export interface StructTypeName extends TreeNode {
  readonly kind: "struct-type";
  readonly fields: readonly StructFieldType[];
}

/** One field of a struct type; the name may be left out. */
export interface StructFieldType extends TreeNode {
  readonly kind: "struct-field-type";
  readonly name?: Identifier;
  readonly type: TypeName;
}

/** `FUNCTION<INT64 -> STRING>`, the type of a lambda. */
export interface FunctionTypeName extends TreeNode {
  readonly kind: "function-type";
  readonly parameters: readonly TypeName[];
  readonly result: TypeName;
}

/** The length of a STRING or BYTES column. */
export type TypeParameter =
  | { readonly kind: "length"; readonly value: bigint }
  | { readonly kind: "max" };
