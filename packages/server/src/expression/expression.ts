// SPDX-License-Identifier: Apache-2.0
// Typed expressions: what the analyzer makes of a tree, with every name, overload and coercion
// settled. They are immutable data and can be kept in a schema, compared, rewritten and compiled.
//
// A column is known by a number that is unique within its statement, wherever its value is carried;
// only `compile` asks at which place of a row it is. In the expressions that a schema keeps (defaults,
// generated columns, checks) the number is the column's position in its table.
//
// A subquery is known by its number too: the query itself belongs to the floor above. Nothing here
// evaluates: `compile` makes the function that does.
import type { Type, Value } from "@spandrel/model";
import type { Overload } from "../functions/signature.ts";

/** An expression with its type. */
export type Expression =
  | Constant
  | ParameterReference
  | ColumnReference
  | Call
  | Logical
  | Conditional
  | Coalesce
  | ErrorFallback
  | Cast
  | Membership
  | ArrayConstruction
  | StructConstruction
  | FieldReference
  | Binding
  | Lambda
  | SubqueryReference
  | CommitTimestamp;

/** A literal. */
export interface Constant {
  readonly kind: "constant";
  readonly type: Type;
  readonly value: Value;
  /** The word NULL or an empty array without a type: it takes on any type. */
  readonly isUntyped: boolean;
}

/** A query parameter, by its name in lower case. */
export interface ParameterReference {
  readonly kind: "parameter";
  readonly type: Type;
  readonly name: string;
  /** No type was declared and none found yet. */
  readonly isUntyped: boolean;
}

/** The value of a column. */
export interface ColumnReference {
  readonly kind: "column";
  readonly type: Type;
  readonly column: number;
  readonly name: string;
}

/** A call of a built-in function. */
export interface Call {
  readonly kind: "call";
  readonly type: Type;
  readonly overload: Overload;
  /** One for each parameter that was given; undefined for a named one left out before others. */
  readonly arguments: readonly (Expression | undefined)[];
  /** `SAFE.`: a failed evaluation gives NULL. */
  readonly isSafe: boolean;
}

/** AND or OR, with three truth values. */
export interface Logical {
  readonly kind: "and" | "or";
  readonly type: Type;
  readonly operands: readonly Expression[];
}

/** CASE and IF: the result of the first branch whose condition is true. */
export interface Conditional {
  readonly kind: "conditional";
  readonly type: Type;
  readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
  readonly otherwise: Expression;
}

/** The first operand that is not NULL. */
export interface Coalesce {
  readonly kind: "coalesce";
  readonly type: Type;
  readonly operands: readonly Expression[];
}

/** IFERROR, NULLIFERROR (otherwise NULL) and ISERROR (whether the operand fails). */
export interface ErrorFallback {
  readonly kind: "if error" | "is error";
  readonly type: Type;
  readonly operand: Expression;
  readonly otherwise: Expression | undefined;
}

/** CAST, also where the analyzer inserted it. */
export interface Cast {
  readonly kind: "cast";
  readonly type: Type;
  readonly operand: Expression;
  readonly isSafe: boolean;
}

/** `operand IN (…)`, or IN UNNEST(array). */
export interface Membership {
  readonly kind: "in";
  readonly type: Type;
  readonly operand: Expression;
  readonly elements: readonly Expression[] | undefined;
  readonly array: Expression | undefined;
}

/** An array of some elements. */
export interface ArrayConstruction {
  readonly kind: "array";
  readonly type: Type;
  /** Whether its type was written down; then its elements turn into no other. */
  readonly isDeclared: boolean;
  readonly elements: readonly Expression[];
}

/** A struct of some fields; their names are in the type. */
export interface StructConstruction {
  readonly kind: "struct";
  readonly type: Type;
  /** Whether its type was written down; then its fields turn into no others. */
  readonly isDeclared: boolean;
  readonly fields: readonly Expression[];
}

/** A field of a struct, by its position. */
export interface FieldReference {
  readonly kind: "field";
  readonly type: Type;
  readonly operand: Expression;
  readonly index: number;
}

/** `WITH(name AS value, …, body)`: values under numbers of their own, seen by what follows. */
export interface Binding {
  readonly kind: "binding";
  readonly type: Type;
  readonly bindings: readonly { readonly column: number; readonly value: Expression }[];
  readonly body: Expression;
}

/** `x -> body`, only as an argument. Its type is its body's. */
export interface Lambda {
  readonly kind: "lambda";
  readonly type: Type;
  readonly parameters: readonly number[];
  readonly body: Expression;
}

/** How the rows of a subquery become one value. */
export type SubqueryForm = "scalar" | "array" | "exists" | "in" | "like any" | "like all";

/** A subquery, by its number within the statement. */
export interface SubqueryReference {
  readonly kind: "subquery";
  readonly type: Type;
  readonly form: SubqueryForm;
  readonly query: number;
  /** The parameters of the lambdas around it; it can only be run when they are known. */
  readonly lambdaColumns?: readonly number[] | undefined;
  /** What is looked for, of the form `in` and the `like` ones. */
  readonly operand: Expression | undefined;
}

/** PENDING_COMMIT_TIMESTAMP(). */
export interface CommitTimestamp {
  readonly kind: "commit timestamp";
  readonly type: Type;
}
