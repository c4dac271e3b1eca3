// SPDX-License-Identifier: Apache-2.0
// CAST, EXTRACT and INTERVAL.
import { INT64, printType, STRING, type Type, typesEqual } from "@spandrel/model";
import type {
  Cast,
  Expression as ExpressionTree,
  Extract as ExtractTree,
  Identifier,
  IntervalExpression,
} from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { castBetween } from "../functions/cast.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { castTo, coerce, coercionCost, isUntyped } from "./coercion.ts";
import { applyOperator } from "./operator-call.ts";
import { resolveTypeName } from "./type-name.ts";

/** CAST and SAFE_CAST. Spanner's have no FORMAT. */
export function analyzeCast(
  analysis: Analysis,
  tree: Cast,
  context: ExpressionContext,
): Expression {
  if (tree.format !== undefined) {
    throw unsupportedQuery("CAST with FORMAT is not supported", analysis.place(tree.format));
  }
  const operand = analysis.expression(tree.operand, context);
  const type = resolveTypeName(analysis, tree.type);
  if (isUntyped(operand)) return typed(analysis, operand, type, tree);
  if (castBetween(operand.type, type) === undefined) {
    if (operand.kind === "array" && coercionCost(operand, type) !== undefined) {
      return coerce(analysis, operand, type, tree);
    }
    throw analysis.error(
      tree.operand,
      `Invalid cast from ${printType(operand.type)} to ${printType(type)}`,
    );
  }
  if (type.kind === "NUMERIC" && analysis.digitsOf(operand) !== undefined) {
    const literal = coerce(analysis, operand, type, tree);
    if (literal.kind === "constant") return castTo(literal, type, tree.safe);
  }
  if (typesEqual(operand.type, type) && operand.kind !== "constant") {
    return operand;
  }
  return { kind: "cast", type, operand, isSafe: tree.safe };
}

/** NULL and parameters take the type on; the cast stays, so that they are literals no more. */
function typed(analysis: Analysis, operand: Expression, type: Type, tree: Cast): Expression {
  if (operand.kind === "parameter") return analysis.settleParameter(operand.name, type);
  if (coercionCost(operand, type) === undefined) {
    throw analysis.error(tree, `Invalid cast from ARRAY<> to ${printType(type)}`);
  }
  const value = coerce(analysis, operand, type, tree);
  if (operand.kind === "call") return value;
  return {
    kind: "cast",
    type,
    operand: value,
    isSafe: true,
  };
}

/** EXTRACT(part FROM operand [AT TIME ZONE zone]). */
export function analyzeExtract(
  analysis: Analysis,
  tree: ExtractTree,
  context: ExpressionContext,
): Expression {
  const part = partOf(tree.part);
  if (part === undefined) throw analysis.error(tree.part, "A valid date part name is required");
  const operand = analysis.expression(tree.operand, context);
  const zone = tree.timeZone === undefined ? [] : [analysis.expression(tree.timeZone, context)];
  const name = part === "DATE" ? "$extract_date" : "$extract";
  return applyOperator(analysis, name, [partConstant(part), operand, ...zone], tree);
}

/** The text of a date part: `DAY`, `WEEK(MONDAY)`; undefined when the tree is none. */
export function partOf(tree: { readonly kind: string }): string | undefined {
  const node = tree as ExpressionTree;
  if (node.kind === "path" && node.parts.length === 1) return node.parts[0]?.name.toUpperCase();
  if (node.kind !== "call" || node.name.parts.length !== 1 || node.arguments.length !== 1) {
    return undefined;
  }
  const [argument] = node.arguments;
  const inner = argument === undefined ? undefined : partOf(argument);
  return inner === undefined ? undefined : `${node.name.parts[0]?.name.toUpperCase()}(${inner})`;
}

/** A date part as the constant that functions take. */
export function partConstant(part: string): Expression {
  return { kind: "constant", type: STRING, value: part, isUntyped: false };
}

/** INTERVAL 3 DAY, or INTERVAL '1-2' YEAR TO MONTH. */
export function analyzeInterval(
  analysis: Analysis,
  tree: IntervalExpression,
  context: ExpressionContext,
): Expression {
  const value = analysis.expression(tree.value, context);
  const part = partConstant(upper(tree.part));
  if (tree.lastPart !== undefined) {
    const last = partConstant(upper(tree.lastPart));
    return applyOperator(analysis, "$interval", [castTo(value, STRING), part, last], tree);
  }
  if (coercionCost(value, INT64) === undefined) {
    return applyOperator(analysis, "$interval", [value, part], tree);
  }
  return applyOperator(analysis, "$interval", [coerce(analysis, value, INT64, tree), part], tree);
}

function upper(name: Identifier): string {
  return name.name.toUpperCase();
}
