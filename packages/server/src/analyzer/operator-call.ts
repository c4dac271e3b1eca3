// SPDX-License-Identifier: Apache-2.0
// Calls of operators and functions over arguments that are analyzed already.
import type { Type } from "@spandrel/model";
import type { TreeNode } from "@spandrel/sql";
import { invalidQuery, noMatchingSignature } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { findFunction } from "../functions/registry.ts";
import type { Overload } from "../functions/signature.ts";
import type { Analysis } from "./analysis.ts";
import {
  type GivenArgument,
  type LambdaAnalyzer,
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
  return {
    kind: "call",
    type: match.type,
    overload: match.signature,
    arguments: match.arguments,
    isSafe,
  };
}

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
    invalidQuery(`${word} is not defined for arguments of type ${type.kind}`, analysis.place(at));
  if (needsEquality.has(name) && !supportsEquality(type)) throw refuse("Equality");
  if (needsOrder.has(name) && !supportsOrder(type)) throw refuse(`Comparison ${what}`);
}

/** Whether values of a type can be compared with `=`. */
export function supportsEquality(type: Type): boolean {
  if (type.kind === "STRUCT") return type.fields.every((field) => supportsEquality(field.type));
  if (type.kind === "ARRAY") return supportsEquality(type.element);
  return type.kind !== "JSON" && type.kind !== "PROTO";
}

/** Whether values of a type can be put in order. */
export function supportsOrder(type: Type): boolean {
  return !["JSON", "PROTO", "STRUCT", "ARRAY"].includes(type.kind);
}

/** Whether values of a type can be grouped by, or made distinct. */
export function supportsGrouping(type: Type): boolean {
  if (type.kind === "STRUCT") return type.fields.every((field) => supportsGrouping(field.type));
  if (type.kind === "ARRAY") return supportsGrouping(type.element);
  return type.kind !== "JSON" && type.kind !== "PROTO";
}
