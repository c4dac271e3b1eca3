// SPDX-License-Identifier: Apache-2.0

import type { GraphLabelExpression } from "./graph-pattern.ts";
import type { Hint } from "./hint.ts";
import type { BracedConstructor, NewConstructor, ReplaceFields } from "./message.ts";
import type { Identifier, Path, TreeNode } from "./position.ts";
import type { OrderItem, Query } from "./query.ts";
import type { ArrayTypeName, StructTypeName, TypeName } from "./type.ts";

/** Anything with a value. */
export type Expression =
  | Literal
  | IntervalExpression
  | Parameter
  | PositionalParameter
  | SystemVariable
  | Path
  | FieldAccess
  | Subscript
  | Unary
  | Binary
  | Logical
  | Between
  | In
  | Like
  | Is
  | DistinctFrom
  | IsLabeled
  | IsEndpoint
  | Case
  | Cast
  | Extract
  | FunctionCall
  | ArrayConstructor
  | StructConstructor
  | Subquery
  | WithExpression
  | ReplaceFields
  | NewConstructor
  | BracedConstructor;

/** A constant written out. */
export type Literal =
  | NullLiteral
  | BooleanLiteral
  | IntegerLiteral
  | FloatLiteral
  | StringLiteral
  | BytesLiteral
  | TypedLiteral;

/** `NULL`. */
export interface NullLiteral extends TreeNode {
  readonly kind: "null";
}

/** `TRUE` or `FALSE`. */
export interface BooleanLiteral extends TreeNode {
  readonly kind: "boolean";
  readonly value: boolean;
}

/** Digits, decimal or hexadecimal. The value may lie outside INT64; the analyzer checks it. */
export interface IntegerLiteral extends TreeNode {
  readonly kind: "integer";
  readonly value: bigint;
  /** The digits as written. */
  readonly text: string;
}

/** A number with a point or an exponent. */
export interface FloatLiteral extends TreeNode {
  readonly kind: "float";
  readonly value: number;
  /** The number as written: a literal turned into NUMERIC must not pass through a float. */
  readonly text: string;
}

/** A string, with quotes, prefixes, and escapes resolved. */
export interface StringLiteral extends TreeNode {
  readonly kind: "string";
  readonly value: string;
}

/** A byte string, with quotes, prefixes, and escapes resolved. */
export interface BytesLiteral extends TreeNode {
  readonly kind: "bytes";
  readonly value: Uint8Array;
}

/** `DATE '2014-09-27'` and its kin: a type's name, then the text of its value, not yet checked. */
export interface TypedLiteral extends TreeNode {
  readonly kind: "typed-literal";
  readonly type: TypedLiteralType;
  readonly text: StringLiteral;
}

/** The types whose name may stand before a string to make a literal. */
export type TypedLiteralType =
  | "DATE"
  | "TIMESTAMP"
  | "NUMERIC"
  | "JSON"
  | "BIGNUMERIC"
  | "DATETIME"
  | "TIME";

/** `INTERVAL 3 DAY` or `INTERVAL '1-2' YEAR TO MONTH`. */
export interface IntervalExpression extends TreeNode {
  readonly kind: "interval";
  readonly value: Expression;
  readonly part: Identifier;
  readonly lastPart?: Identifier;
}

/** `@name`, a value bound by the request. The name is kept as written; it compares without case. */
export interface Parameter extends TreeNode {
  readonly kind: "parameter";
  readonly name: string;
}

/** `?`, which GoogleSQL knows and Spanner refuses. */
export interface PositionalParameter extends TreeNode {
  readonly kind: "positional-parameter";
}

/** `@@name.part`. */
export interface SystemVariable extends TreeNode {
  readonly kind: "system-variable";
  readonly name: Path;
}

/**
 * `operand.field`, where the operand is not itself a plain path.
 *
 * A chain of names is one `path` node, whatever its names turn out to mean. `generalized` marks the
 * form `operand.(a.b.c)`, which names a proto extension.
 */
export interface FieldAccess extends TreeNode {
  readonly kind: "field";
  readonly operand: Expression;
  readonly field: Identifier;
  readonly generalized?: Path;
}

/** `array[OFFSET(0)]`, `json['key']`. */
export interface Subscript extends TreeNode {
  readonly kind: "subscript";
  readonly operand: Expression;
  /** The position keyword (`OFFSET`, `SAFE_ORDINAL`, …), absent in the plain form. */
  readonly access?: SubscriptAccess;
  readonly index: Expression;
}

/** The words that say how a subscript counts. */
export type SubscriptAccess =
  | "OFFSET"
  | "ORDINAL"
  | "SAFE_OFFSET"
  | "SAFE_ORDINAL"
  | "KEY"
  | "SAFE_KEY";

/** An operator before its operand. */
export interface Unary extends TreeNode {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

/** The operators of `Unary`. */
export type UnaryOperator = "-" | "+" | "~" | "NOT";

/** An operator between two operands. */
export interface Binary extends TreeNode {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** The operators of `Binary`; `<>` arrives as `!=`. */
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "||"
  | "&"
  | "|"
  | "^"
  | "<<"
  | ">>"
  | ComparisonOperator;

/** The operators that compare two values. */
export type ComparisonOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** A chain of `AND`, or of `OR`, kept flat: long filters make a wide tree, not a deep one. */
export interface Logical extends TreeNode {
  readonly kind: "and" | "or";
  /** Two or more. */
  readonly operands: readonly Expression[];
}

/** `operand [NOT] BETWEEN low AND high`. */
export interface Between extends TreeNode {
  readonly kind: "between";
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
}

/** `operand [NOT] IN …`. */
export interface In extends TreeNode {
  readonly kind: "in";
  readonly operand: Expression;
  readonly source: MembershipSource;
  readonly negated: boolean;
  readonly hint?: Hint;
}

/** What a value may be looked up in. */
export type MembershipSource = ExpressionList | QuerySource | UnnestSource;

/** `(1, 2, 3)`; never empty. */
export interface ExpressionList extends TreeNode {
  readonly kind: "list";
  readonly elements: readonly Expression[];
}

/** `(SELECT …)`, or a graph query in braces. */
export interface QuerySource extends TreeNode {
  readonly kind: "query-source";
  readonly query: Query;
}

/** `UNNEST(array)`. */
export interface UnnestSource extends TreeNode {
  readonly kind: "unnest-source";
  readonly array: Expression;
}

/** `operand [NOT] LIKE pattern`, or `LIKE ANY | ALL` over several patterns. */
export interface Like extends TreeNode {
  readonly kind: "like";
  readonly operand: Expression;
  readonly pattern: LikePattern;
  readonly negated: boolean;
}

/** One pattern, or several with a quantifier (`SOME` arrives as `ANY`). */
export type LikePattern =
  | { readonly kind: "one"; readonly pattern: Expression }
  | {
      readonly kind: "quantified";
      readonly quantifier: "ANY" | "ALL";
      readonly source: MembershipSource;
    };

/** `operand IS [NOT] NULL | TRUE | FALSE | UNKNOWN`. */
export interface Is extends TreeNode {
  readonly kind: "is";
  readonly operand: Expression;
  readonly test: "NULL" | "TRUE" | "FALSE" | "UNKNOWN";
  readonly negated: boolean;
}

/** `left IS [NOT] DISTINCT FROM right`. */
export interface DistinctFrom extends TreeNode {
  readonly kind: "distinct-from";
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
}

/** `element IS [NOT] LABELED label`, about an element of a graph. */
export interface IsLabeled extends TreeNode {
  readonly kind: "is-labeled";
  readonly operand: Expression;
  readonly label: GraphLabelExpression;
  readonly negated: boolean;
}

/** `node IS [NOT] SOURCE [OF] edge`, or the same with `DESTINATION`. */
export interface IsEndpoint extends TreeNode {
  readonly kind: "is-endpoint";
  readonly node: Expression;
  readonly end: "SOURCE" | "DESTINATION";
  readonly edge: Expression;
  readonly negated: boolean;
}

/** `CASE [operand] WHEN … THEN … [ELSE …] END`. */
export interface Case extends TreeNode {
  readonly kind: "case";
  readonly operand?: Expression;
  readonly branches: readonly CaseBranch[];
  readonly otherwise?: Expression;
}

/** `WHEN when THEN result`. */
export interface CaseBranch extends TreeNode {
  readonly kind: "case-branch";
  readonly when: Expression;
  readonly result: Expression;
}

/** `CAST(operand AS type [FORMAT format [AT TIME ZONE zone]])`, or `SAFE_CAST`. */
export interface Cast extends TreeNode {
  readonly kind: "cast";
  readonly safe: boolean;
  readonly operand: Expression;
  readonly type: TypeName;
  readonly format?: Expression;
  readonly timeZone?: Expression;
}

/** `EXTRACT(part FROM operand [AT TIME ZONE zone])`; the part of `WEEK(MONDAY)` has an argument. */
export interface Extract extends TreeNode {
  readonly kind: "extract";
  readonly part: Expression;
  readonly operand: Expression;
  readonly timeZone?: Expression;
}

/**
 * A function with its arguments and the clauses that may stand between its parentheses.
 *
 * Functions with a syntax of their own in other databases (`IF`, `COALESCE`, `COUNT`, `DATE_ADD`)
 * are ordinary calls here. A date part is a `path` argument, an interval an `interval` argument.
 */
export interface FunctionCall extends TreeNode {
  readonly kind: "call";
  /** The name, with `SAFE.` kept as a first part when written. */
  readonly name: Path;
  /** True when the call was written after its first argument: `(x).UPPER()`. */
  readonly chained: boolean;
  readonly arguments: readonly Argument[];
  readonly distinct: boolean;
  readonly nulls?: "IGNORE" | "RESPECT";
  /** `WHERE` inside the parentheses; GoogleSQL only. */
  readonly where?: Expression;
  readonly having?: HavingModifier;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Expression;
  readonly hint?: Hint;
  /** `OVER (…)`, which Spanner refuses outside `IS_FIRST`. */
  readonly over?: WindowSpecification;
}

/** What may stand as an argument. Any expression is one. */
export type Argument =
  | Expression
  | NamedArgument
  | AliasedArgument
  | Lambda
  | StarArgument
  | ObjectArgument;

/** `name => value`. */
export interface NamedArgument extends TreeNode {
  readonly kind: "named-argument";
  readonly name: Identifier;
  readonly value: Expression | Lambda | ObjectArgument;
}

/** `value AS name`. */
export interface AliasedArgument extends TreeNode {
  readonly kind: "aliased-argument";
  readonly value: Expression;
  readonly alias: Identifier;
}

/** `x -> body` or `(x, y) -> body`. */
export interface Lambda extends TreeNode {
  readonly kind: "lambda";
  readonly parameters: readonly Identifier[];
  readonly body: Expression;
}

/** The star of `COUNT(*)`. */
export interface StarArgument extends TreeNode {
  readonly kind: "star-argument";
}

/** A schema object handed to a function: `SEQUENCE s`, `TABLE t`, `MODEL m`. */
export interface ObjectArgument extends TreeNode {
  readonly kind: "object-argument";
  readonly object: "SEQUENCE" | "TABLE" | "MODEL" | "CONNECTION" | "DESCRIPTOR" | "GRAPH";
  readonly name: Path;
}

/** `HAVING MAX value` or `HAVING MIN value`: aggregate only the rows where the value is extreme. */
export interface HavingModifier extends TreeNode {
  readonly kind: "having-modifier";
  readonly extreme: "MAX" | "MIN";
  readonly value: Expression;
}

/** What follows `OVER`: a window's name, or a window written out. */
export interface WindowSpecification extends TreeNode {
  readonly kind: "window";
  readonly base?: Identifier;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: WindowFrame;
}

/** `ROWS BETWEEN … AND …`. */
export interface WindowFrame extends TreeNode {
  readonly kind: "window-frame";
  readonly unit: "ROWS" | "RANGE";
  readonly start: WindowBound;
  readonly end?: WindowBound;
}

/** One side of a window frame. */
export type WindowBound =
  | { readonly kind: "unbounded"; readonly direction: "PRECEDING" | "FOLLOWING" }
  | { readonly kind: "current-row" }
  | {
      readonly kind: "distance";
      readonly distance: Expression;
      readonly direction: "PRECEDING" | "FOLLOWING";
    };

/** `[1, 2]`, `ARRAY[1, 2]`, or `ARRAY<INT64>[1, 2]`. */
export interface ArrayConstructor extends TreeNode {
  readonly kind: "array";
  readonly type?: ArrayTypeName;
  readonly elements: readonly Expression[];
}

/** `(1, 2)`, `STRUCT(1 AS a, 2)`, or `STRUCT<a INT64, b STRING>(1, 'x')`. */
export interface StructConstructor extends TreeNode {
  readonly kind: "struct";
  readonly type?: StructTypeName;
  /** True for the form without the word STRUCT, whose fields have no names. */
  readonly tuple: boolean;
  readonly fields: readonly StructField[];
}

/** One field of a struct constructor. */
export interface StructField extends TreeNode {
  readonly kind: "struct-field";
  readonly value: Expression;
  readonly alias?: Identifier;
}

/**
 * `(SELECT …)`, `ARRAY(SELECT …)`, or `EXISTS(SELECT …)`.
 *
 * One over a graph stands in braces, and its query has a `graph-query` as its body: `VALUE {…}`,
 * `ARRAY {…}`, or `EXISTS {…}`.
 */
export interface Subquery extends TreeNode {
  readonly kind: "subquery";
  readonly form: "scalar" | "array" | "exists";
  readonly query: Query;
  readonly hint?: Hint;
}

/** `WITH(a AS 1, b AS a + 1, b * 2)`. */
export interface WithExpression extends TreeNode {
  readonly kind: "with-expression";
  readonly bindings: readonly StructField[];
  readonly body: Expression;
}
