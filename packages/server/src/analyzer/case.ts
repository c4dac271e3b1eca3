// SPDX-License-Identifier: Apache-2.0
// CASE, IF and the other calls that evaluate only some of their arguments.
import { BOOL, type Type } from "@spandrel/model";
import type { Argument, Case, Expression as ExpressionTree, TreeNode } from "@spandrel/sql";
import { noMatchingSignature } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { coerce, coercionCost, commonType } from "./coercion.ts";
import { printTypesOf } from "./match.ts";
import { applyOperator } from "./operator-call.ts";

/** CASE in both forms; the operand of the first form is evaluated once. */
export function analyzeCase(
  analysis: Analysis,
  tree: Case,
  context: ExpressionContext,
): Expression {
  const operand =
    tree.operand === undefined ? undefined : analysis.expression(tree.operand, context);
  const column = analysis.newColumn();
  const whens = tree.branches.map((branch) => analysis.expression(branch.when, context));
  const type = operand === undefined ? BOOL : commonType([operand, ...whens]);
  if (type === undefined) {
    throw analysis.error(
      tree,
      "No matching signature for operator CASE: operand and WHEN differ in type",
    );
  }
  const bound: Expression = { kind: "column", type, column, name: "" };
  const conditions = whens.map((when, index) => {
    const at = tree.branches[index] ?? tree;
    if (operand === undefined) return toBool(analysis, when, at, "CASE WHEN");
    return applyOperator(analysis, "$equal", [bound, coerce(analysis, when, type, at)], at);
  });
  const results = tree.branches.map((branch) => analysis.expression(branch.result, context));
  const otherwise: Expression =
    tree.otherwise === undefined
      ? { kind: "constant", type: BOOL, value: null, isUntyped: true }
      : analysis.expression(tree.otherwise, context);
  const [first, ...unified] = unify(analysis, [otherwise, ...results], tree, "operator CASE");
  const conditional: Expression = {
    kind: "conditional",
    type: first.type,
    branches: conditions.map((when, index) => ({ when, result: unified[index] ?? first })),
    otherwise: first,
  };
  if (operand === undefined) return conditional;
  const value = coerce(analysis, operand, type, tree);
  return {
    kind: "binding",
    type: conditional.type,
    bindings: [{ column, value }],
    body: conditional,
  };
}

/** Takes expressions for the one type they have in common. */
function unify(
  analysis: Analysis,
  expressions: readonly [Expression, ...Expression[]],
  at: TreeNode,
  what: string,
): readonly [Expression, ...Expression[]] {
  const type = commonType(expressions);
  if (type === undefined) {
    throw noMatchingSignature(what, printTypesOf(expressions), ["ANY"], analysis.place(at));
  }
  const [first, ...rest] = expressions;
  return [
    coerce(analysis, first, type, at),
    ...rest.map((expression) => coerce(analysis, expression, type, at)),
  ];
}

/** Takes an expression for BOOL. */
export function toBool(
  analysis: Analysis,
  expression: Expression,
  at: TreeNode,
  what: string,
): Expression {
  if (coercionCost(expression, BOOL) === undefined) {
    throw analysis.error(
      at,
      `${what} should return type BOOL, but returns ${printTypesOf([expression])[0]}`,
    );
  }
  return coerce(analysis, expression, BOOL, at);
}

/** The calls of this file by name; undefined for another name. */
export function analyzeLazyCall(
  analysis: Analysis,
  name: string,
  given: readonly Argument[],
  context: ExpressionContext,
  at: TreeNode,
): Expression | undefined {
  const range = arities.get(name);
  if (range === undefined) return undefined;
  const [fewest, most] = range;
  const trees = given.filter(isExpression);
  if (trees.length !== given.length || given.length < fewest || given.length > most) {
    throw noMatchingSignature(`function ${name}`, [], [`${name}(ANY, …)`], analysis.place(at));
  }
  const values = trees.map((tree) => analysis.expression(tree, context));
  return lazily(analysis, name, values, at);
}

const arities: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["IF", [3, 3] as const],
  ["COALESCE", [1, Number.POSITIVE_INFINITY] as const],
  ["IFNULL", [2, 2] as const],
  ["IFERROR", [2, 2] as const],
  ["NULLIFERROR", [1, 1] as const],
  ["ISERROR", [1, 1] as const],
]);

function lazily(
  analysis: Analysis,
  name: string,
  values: readonly Expression[],
  at: TreeNode,
): Expression {
  const [first, second, third] = values;
  if (first === undefined) throw analysis.error(at, `${name} needs an argument`);
  if (name === "IF" && second !== undefined && third !== undefined) {
    const when = toBool(analysis, first, at, "The first argument of IF");
    const [result, otherwise] = unify(analysis, [second, third], at, "function IF");
    const branch = { when, result };
    return {
      kind: "conditional",
      type: result.type,
      branches: [branch],
      otherwise: otherwise ?? result,
    };
  }
  if (name === "ISERROR" || name === "NULLIFERROR") {
    const type: Type = name === "ISERROR" ? BOOL : first.type;
    const kind = name === "ISERROR" ? "is error" : "if error";
    return { kind, type, operand: first, otherwise: undefined };
  }
  const [head, ...tail] = unify(analysis, [first, ...values.slice(1)], at, `function ${name}`);
  if (name === "IFERROR") {
    return { kind: "if error", type: head.type, operand: head, otherwise: tail[0] };
  }
  return { kind: "coalesce", type: head.type, operands: [head, ...tail] };
}

/** Whether an argument is a plain expression. */
export function isExpression(argument: Argument): argument is ExpressionTree {
  switch (argument.kind) {
    case "named-argument":
    case "aliased-argument":
    case "lambda":
    case "star-argument":
    case "object-argument":
      return false;
    default:
      return true;
  }
}
