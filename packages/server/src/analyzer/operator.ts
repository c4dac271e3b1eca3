// SPDX-License-Identifier: Apache-2.0
// Operators: arithmetic, comparison, logic, and the words that stand between operands.
import { BOOL, INT64 } from "@spandrel/model";
import type {
  Between,
  Binary,
  DistinctFrom,
  Expression as ExpressionTree,
  In,
  Is,
  Like,
  Logical,
  MembershipSource,
  TreeNode,
  Unary,
} from "@spandrel/sql";
import { literalNullOperand, noMatchingSignature } from "../errors/query.ts";
import type { Expression, SubqueryForm } from "../expression/expression.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { toBool } from "./case.ts";
import { coerce, coercionCost, commonType, isInt64, isNullLiteral, isUntyped } from "./coercion.ts";
import { printTypesOf } from "./match.ts";
import { applyOperator, supportsEquality } from "./operator-call.ts";

const unaryNames = { "-": "$negate", "+": "$plus", "~": "$bitwise_not" } as const;

/** `-x`, `+x`, `~x`, NOT x. */
export function analyzeUnary(
  analysis: Analysis,
  tree: Unary,
  context: ExpressionContext,
): Expression {
  if (tree.operator === "-" && tree.operand.kind === "integer") {
    // The smallest INT64 has no positive counterpart, so the sign belongs to the literal.
    const value = -tree.operand.value;
    if (!isInt64(value))
      throw analysis.error(tree, `Invalid integer literal: -${tree.operand.text}`);
    return { kind: "constant", type: INT64, value, isUntyped: false };
  }
  const operand = analysis.expression(tree.operand, context);
  if (isNullLiteral(operand)) {
    throw literalNullOperand(tree.operator, analysis.place(tree.operand));
  }
  if (tree.operator === "NOT") {
    if (coercionCost(operand, BOOL) === undefined) {
      throw noMatchingSignature(
        "operator NOT",
        printTypesOf([operand]),
        ["NOT BOOL"],
        analysis.place(tree),
      );
    }
    return not(analysis, coerce(analysis, operand, BOOL, tree), tree);
  }
  if (
    tree.operator === "-" &&
    tree.operand.kind === "float" &&
    operand.kind === "constant" &&
    typeof operand.value === "number"
  ) {
    const digits = analysis.digitsOf(operand);
    const negated: Expression = { ...operand, value: -operand.value };
    return digits === undefined ? negated : analysis.rememberDigits(negated, `-${digits}`);
  }
  return applyOperator(analysis, unaryNames[tree.operator], [operand], tree);
}

function not(analysis: Analysis, operand: Expression, at: TreeNode): Expression {
  return applyOperator(analysis, "$not", [operand], at);
}

function negatedIf(
  analysis: Analysis,
  isNegated: boolean,
  operand: Expression,
  at: TreeNode,
): Expression {
  return isNegated ? not(analysis, operand, at) : operand;
}

const binaryNames = {
  "+": "$add",
  "-": "$subtract",
  "*": "$multiply",
  "/": "$divide",
  "||": "$concat",
  "&": "$bitwise_and",
  "|": "$bitwise_or",
  "^": "$bitwise_xor",
  "<<": "$shift_left",
  ">>": "$shift_right",
  "=": "$equal",
  "!=": "$not_equal",
  "<": "$less",
  "<=": "$less_or_equal",
  ">": "$greater",
  ">=": "$greater_or_equal",
} as const;

/** Operators between two operands. */
export function analyzeBinary(
  analysis: Analysis,
  tree: Binary,
  context: ExpressionContext,
): Expression {
  const left = analysis.expression(tree.left, context);
  const right = analysis.expression(tree.right, context);
  if (isNullLiteral(left)) throw literalNullOperand(tree.operator, analysis.place(tree.left));
  if (isNullLiteral(right)) throw literalNullOperand(tree.operator, analysis.place(tree.right));
  return applyOperator(analysis, binaryNames[tree.operator], [left, right], tree);
}

/** AND and OR. */
export function analyzeLogical(
  analysis: Analysis,
  tree: Logical,
  context: ExpressionContext,
): Expression {
  const word = tree.kind.toUpperCase();
  const analyzed = tree.operands.map((operand) => analysis.expression(operand, context));
  if (analyzed.some((operand) => coercionCost(operand, BOOL) === undefined)) {
    throw noMatchingSignature(
      `operator ${word}`,
      printTypesOf(analyzed),
      [`BOOL ${word} [BOOL ${word} ...]`],
      analysis.place(tree),
    );
  }
  const operands = analyzed.map((operand, index) =>
    coerce(analysis, operand, BOOL, tree.operands[index] ?? tree),
  );
  return { kind: tree.kind, type: BOOL, operands };
}

/** BETWEEN. */
export function analyzeBetween(
  analysis: Analysis,
  tree: Between,
  context: ExpressionContext,
): Expression {
  const operands = [tree.operand, tree.low, tree.high].map((each) =>
    analysis.expression(each, context),
  );
  const between = applyOperator(analysis, "$between", operands, tree);
  return negatedIf(analysis, tree.negated, between, tree);
}

/** Analyzes the operand of UNNEST. */
type ArrayAnalyzer = (
  analysis: Analysis,
  tree: ExpressionTree,
  context: ExpressionContext,
) => Expression;

/** IN a list, an array or a query. */
export function analyzeIn(
  analysis: Analysis,
  tree: In,
  context: ExpressionContext,
  analyzeArray: ArrayAnalyzer,
): Expression {
  const operand = analysis.expression(tree.operand, context);
  const found = membership(analysis, operand, tree.source, context, tree, analyzeArray);
  return negatedIf(analysis, tree.negated, found, tree);
}

function membership(
  analysis: Analysis,
  operand: Expression,
  source: MembershipSource,
  context: ExpressionContext,
  at: TreeNode,
  analyzeArray: ArrayAnalyzer,
): Expression {
  switch (source.kind) {
    case "list": {
      const elements = source.elements.map((element) => analysis.expression(element, context));
      const type = commonType([operand, ...elements]);
      if (type === undefined || !supportsEquality(type)) {
        throw noMatchingSignature(
          "operator IN",
          [...printTypesOf([operand]), `{${printTypesOf(elements).join(", ")}}`],
          ["ANY IN (ANY, [ANY, ...])"],
          analysis.place(at),
        );
      }
      return {
        kind: "in",
        type: BOOL,
        operand: coerce(analysis, operand, type, at),
        elements: elements.map((element) => coerce(analysis, element, type, at)),
        array: undefined,
      };
    }
    case "unnest-source":
      return inArray(analysis, operand, analyzeArray(analysis, source.array, context), at);
    case "query-source":
      return inQuery(analysis, "in", operand, source.query, context, at);
  }
}

function inArray(
  analysis: Analysis,
  operand: Expression,
  array: Expression,
  at: TreeNode,
): Expression {
  if (isUntyped(array)) {
    const type = { kind: "ARRAY", element: operand.type } as const;
    return inArray(analysis, operand, coerce(analysis, array, type, at), at);
  }
  const { type } = array;
  const mismatch = (): Error =>
    noMatchingSignature(
      "operator IN UNNEST",
      printTypesOf([operand, array]),
      ["ANY IN UNNEST(ARRAY<ANY>)"],
      analysis.place(at),
    );
  if (type.kind !== "ARRAY") throw mismatch();
  if (coercionCost(operand, type.element) !== undefined) {
    const value = coerce(analysis, operand, type.element, at);
    return { kind: "in", type: BOOL, operand: value, elements: undefined, array };
  }
  const wanted = { kind: "ARRAY", element: operand.type } as const;
  if (coercionCost(array, wanted) === undefined) throw mismatch();
  const cast = coerce(analysis, array, wanted, at);
  return { kind: "in", type: BOOL, operand, elements: undefined, array: cast };
}

/** Of the query only the first column counts, cast to what it is compared with. */
function inQuery(
  analysis: Analysis,
  form: SubqueryForm,
  operand: Expression,
  tree: Parameters<Analysis["query"]>[0],
  context: ExpressionContext,
  at: TreeNode,
): Expression {
  const query = analysis.query(tree, context.scope, context.definitions);
  const [only] = query.columns;
  if (only === undefined || query.columns.length > 1) {
    throw analysis.error(at, "Subquery of type IN must have only one output column");
  }
  const reference: Expression = {
    kind: "column",
    type: only.type,
    column: only.column,
    name: only.name,
  };
  const type = commonType([operand, reference]);
  if (type === undefined) {
    throw noMatchingSignature(
      "operator IN",
      printTypesOf([operand, reference]),
      ["ANY IN (SELECT ANY)"],
      analysis.place(at),
    );
  }
  const column = analysis.newColumn();
  const number = analysis.addSubquery({
    relation: {
      kind: "compute",
      input: query.relation,
      columns: [{ column, expression: coerce(analysis, reference, type, at) }],
    },
    columns: [{ name: "", column, type }],
    isValueTable: false,
  });
  const value = coerce(analysis, operand, type, at);
  const { lambdaColumns } = context;
  return { kind: "subquery", type: BOOL, form, query: number, operand: value, lambdaColumns };
}

/** LIKE, also ANY and ALL of several patterns. */
export function analyzeLike(
  analysis: Analysis,
  tree: Like,
  context: ExpressionContext,
): Expression {
  const operand = analysis.expression(tree.operand, context);
  const { pattern } = tree;
  if (pattern.kind === "one") {
    const like = applyOperator(
      analysis,
      "$like",
      [operand, analysis.expression(pattern.pattern, context)],
      tree,
    );
    return negatedIf(analysis, tree.negated, like, tree);
  }
  const { source, quantifier } = pattern;
  if (source.kind === "query-source") {
    const form = quantifier === "ANY" ? "like any" : "like all";
    const found = inQuery(analysis, form, operand, source.query, context, tree);
    return negatedIf(analysis, tree.negated, found, tree);
  }
  if (source.kind === "unnest-source") {
    throw analysis.error(tree, "LIKE with UNNEST is not supported");
  }
  const likes = source.elements.map((element) =>
    negatedIf(
      analysis,
      tree.negated,
      applyOperator(analysis, "$like", [operand, analysis.expression(element, context)], tree),
      tree,
    ),
  );
  const [only] = likes;
  if (only !== undefined && likes.length === 1) return only;
  const isAny = quantifier === "ANY";
  return { kind: isAny ? "or" : "and", type: BOOL, operands: likes };
}

/** IS NULL, TRUE, FALSE and UNKNOWN. */
export function analyzeIs(analysis: Analysis, tree: Is, context: ExpressionContext): Expression {
  const operand = analysis.expression(tree.operand, context);
  const isNull = tree.test === "NULL" || tree.test === "UNKNOWN";
  const value =
    tree.test === "NULL" ? operand : toBool(analysis, operand, tree, `Operand of IS ${tree.test}`);
  const name = isNull ? "$is_null" : tree.test === "TRUE" ? "$is_true" : "$is_false";
  return negatedIf(analysis, tree.negated, applyOperator(analysis, name, [value], tree), tree);
}

/** IS DISTINCT FROM. */
export function analyzeDistinctFrom(
  analysis: Analysis,
  tree: DistinctFrom,
  context: ExpressionContext,
): Expression {
  const operands = [tree.left, tree.right].map((each) => analysis.expression(each, context));
  const distinct = applyOperator(analysis, "$is_distinct_from", operands, tree);
  return negatedIf(analysis, tree.negated, distinct, tree);
}
