// SPDX-License-Identifier: Apache-2.0
// Calls of operators and functions over arguments that are analyzed already.
import { printType, type Type } from "@spandrel/model";
import type { TreeNode } from "@spandrel/sql";
import { invalidQuery, noMatchingSignature } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { findFunction } from "../functions/registry.ts";
import type { Overload } from "../functions/signature.ts";
import { isTokenList } from "../functions/token-list.ts";
import type { Analysis } from "./analysis.ts";
import {
  type GivenArgument,
  type LambdaAnalyzer,
  type Match,
  matchSignature,
  printArgumentTypes,
  printSignatures,
} from "./match.ts";

const symbols: ReadonlyMap<string, string> = new Map([
  ["$add", "+"],
  ["$subtract", "-"],
  ["$multiply", "*"],
  ["$divide", "/"],
  ["$concat", "||"],
  ["$negate", "-"],
  ["$plus", "+"],
  ["$bitwise_not", "~"],
  ["$bitwise_and", "&"],
  ["$bitwise_or", "|"],
  ["$bitwise_xor", "^"],
  ["$shift_left", "<<"],
  ["$shift_right", ">>"],
  ["$equal", "="],
  ["$not_equal", "!="],
  ["$less", "<"],
  ["$less_or_equal", "<="],
  ["$greater", ">"],
  ["$greater_or_equal", ">="],
  ["$not", "NOT"],
  ["$like", "LIKE"],
  ["$between", "BETWEEN"],
  ["$is_distinct_from", "IS DISTINCT FROM"],
]);

const noLambda: LambdaAnalyzer = (tree) => {
  throw new RangeError(`no lambda is expected here: ${tree.kind}`);
};

/**
 * A call over analyzed arguments.
 *
 * @throws {StatusError} INVALID_ARGUMENT when no overload takes them.
 */
export function applyOperator(
  analysis: Analysis,
  name: string,
  operands: readonly Expression[],
  at: TreeNode,
): Expression {
  const given = operands.map(
    (expression): GivenArgument => ({
      kind: "value",
      expression,
      node: at,
      name: undefined,
    }),
  );
  return applyOverloads(analysis, name, given, at, noLambda);
}

/** A call over arguments that may also be lambdas or named. */
export function applyOverloads(
  analysis: Analysis,
  name: string,
  given: readonly GivenArgument[],
  at: TreeNode,
  analyzeLambda: LambdaAnalyzer,
  isSafe = false,
): Expression {
  const overloads = findFunction(name) ?? [];
  const match = matchSignature(analysis, overloads, given, analyzeLambda);
  if (match === undefined) throw mismatch(analysis, name, overloads, given, at);
  checkComparable(analysis, name, match.arguments[0]?.type, at);
  if (name === "ARRAY_INCLUDES" && match.arguments[1]?.kind !== "lambda") {
    checkElements(analysis, "ARRAY_INCLUDES_ANY", match.arguments[0]?.type, at, name);
  }
  if (isSafe && neverSafe.has(name)) {
    throw invalidQuery(`Function ${name} does not support SAFE error mode`, analysis.place(at));
  }
  checkConstants(analysis, name, match, given, at);
  return {
    kind: "call",
    type: match.type,
    overload: match.signature,
    arguments: match.arguments,
    isSafe,
  };
}

function checkConstants(
  analysis: Analysis,
  name: string,
  { parameters, arguments: settled }: Match<Overload>,
  given: readonly GivenArgument[],
  at: TreeNode,
): void {
  for (const [index, argument] of settled.entries()) {
    const parameter = parameters[index];
    const isPath = pathAndValues.has(name) && index % 2 === 1 && parameter?.isRepeated === true;
    if (argument === undefined || (parameter?.isConstant !== true && !isPath)) continue;
    const isCast = given[index]?.node.kind === "cast";
    if (isConstant(argument) && !(isCast && pathReaders.test(name))) continue;
    const which = parameter?.name === undefined ? index + 1 : `'${parameter.name}'`;
    throw invalidQuery(
      pathReaders.test(name)
        ? "JSONPath must be a string literal or query parameter"
        : `Argument ${which} to ${name} must be a literal or query parameter`,
      analysis.place(given[index]?.node ?? at),
    );
  }
}

function isConstant(expression: Expression): boolean {
  if (expression.kind === "cast") return isConstant(expression.operand);
  return expression.kind === "constant" || expression.kind === "parameter";
}

/** Functions that read a document by a path. */
const pathReaders = /^JSON_(?:QUERY|VALUE|EXTRACT)/;

/** Functions that take a document, then pairs of a path and a value. */
export const pathAndValues: ReadonlySet<string> = new Set([
  "JSON_SET",
  "JSON_ARRAY_APPEND",
  "JSON_ARRAY_INSERT",
]);

function mismatch(
  analysis: Analysis,
  name: string,
  overloads: readonly Overload[],
  given: readonly GivenArgument[],
  at: TreeNode,
): Error {
  const symbol = symbols.get(name) ?? specialNames.get(name);
  return noMatchingSignature(
    symbol === undefined ? `function ${name}` : `operator ${symbol}`,
    printArgumentTypes(given),
    printSignatures(overloads, symbol),
    analysis.place(at),
  );
}

const specialNames: ReadonlyMap<string, string> = new Map([
  ["$at_offset", "[]"],
  ["$at_ordinal", "[]"],
  ["$at_safe_offset", "[]"],
  ["$at_safe_ordinal", "[]"],
  ["$extract", "EXTRACT"],
]);

const needsEquality = new Set(["$equal", "$not_equal", "NULLIF", "$is_distinct_from"]);
const needsOrder = new Set([
  "$less",
  "$less_or_equal",
  "$greater",
  "$greater_or_equal",
  "$between",
  "GREATEST",
  "LEAST",
]);

function checkComparable(
  analysis: Analysis,
  name: string,
  type: Type | undefined,
  at: TreeNode,
): void {
  if (type === undefined) return;
  const what = symbols.get(name) ?? name;
  const refuse = (word: string): Error =>
    invalidQuery(
      `${word} is not defined for arguments of type ${printType(type)}`,
      analysis.place(at),
    );
  if (needsEquality.has(name) && !supportsEquality(type)) throw refuse("Equality");
  if (needsOrder.has(name) && !supportsOrder(type)) throw refuse(`Comparison ${what}`);
  checkElements(analysis, name, type, at);
}

/** Functions that are rewritten into queries, so that SAFE has nothing to cover. */
const neverSafe: ReadonlySet<string> = new Set([
  "ARRAY_INCLUDES",
  "ARRAY_INCLUDES_ANY",
  "ARRAY_INCLUDES_ALL",
  "ARRAY_TRANSFORM",
  "ARRAY_FILTER",
]);

/** What functions ask of the elements of their array. */
const elementNeeds: ReadonlyMap<string, (type: Type) => string | undefined> = new Map<
  string,
  (type: Type) => string | undefined
>([
  ...["ARRAY_MIN", "ARRAY_MAX"].map(
    (name) => [name, (type: Type) => (supportsOrder(type) ? undefined : "ordering")] as const,
  ),
  ...["ARRAY_INCLUDES_ANY", "ARRAY_INCLUDES_ALL"].map(
    (name) => [name, (type: Type) => (supportsEquality(type) ? undefined : "equality")] as const,
  ),
  ["ARRAY_IS_DISTINCT", (type: Type) => (supportsGrouping(type) ? undefined : "grouping")] as const,
]);

function checkElements(
  analysis: Analysis,
  needs: string,
  type: Type | undefined,
  at: TreeNode,
  name = needs,
): void {
  if (type?.kind !== "ARRAY") return;
  const missing = elementNeeds.get(needs)?.(type.element);
  if (missing === undefined) return;
  throw invalidQuery(
    `${name} cannot be used on argument of type ${printType(type)} ` +
      `because the array's element type does not support ${missing}`,
    analysis.place(at),
  );
}

/** A type as messages name it that care for no more than its kind. */
export function kindName(type: Type): string {
  return isTokenList(type) ? printType(type) : type.kind;
}

/** Whether values of a type can be compared with `=`. */
export function supportsEquality(type: Type): boolean {
  if (type.kind === "STRUCT") return type.fields.every((field) => supportsEquality(field.type));
  return type.kind !== "ARRAY" && type.kind !== "JSON" && type.kind !== "PROTO";
}

/** Whether values of a type can be put in order. */
export function supportsOrder(type: Type): boolean {
  return !["JSON", "PROTO", "STRUCT", "ARRAY"].includes(type.kind);
}

/** Whether values of a type can be grouped by, or made distinct. */
export function supportsGrouping(type: Type): boolean {
  return supportsOrder(type);
}
