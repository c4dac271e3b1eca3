// SPDX-License-Identifier: Apache-2.0
// The list of a SELECT: values with their names, and stars spread out.
import type { Expression as ExpressionTree, SelectItem, SelectStar, TreeNode } from "@spandrel/sql";
import type { Expression } from "../expression/expression.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { impliedName } from "./constructor.ts";
import { fieldsOf, lookUp, type NamedColumn, type Names } from "./scope.ts";

/** One column of the list, with its value as written. */
export interface SelectedValue {
  readonly name: string;
  readonly expression: Expression;
  readonly node: TreeNode;
}

/** The values of one item of the list: one, or those of a star. */
export function selectedValues(
  analysis: Analysis,
  item: SelectItem,
  names: Names,
  context: ExpressionContext,
): readonly SelectedValue[] {
  if (item.kind === "select-expression") {
    const expression = analysis.expression(item.value, context);
    return [{ name: item.alias?.name ?? impliedName(item.value), expression, node: item }];
  }
  return expandStar(analysis, item, names, context);
}

function expandStar(
  analysis: Analysis,
  item: SelectStar,
  names: Names,
  context: ExpressionContext,
): readonly SelectedValue[] {
  if (analysis.keptAs === "view" && item.operand === undefined) {
    throw analysis.error(item, "SELECT * is not allowed in strict name resolution mode");
  }
  const inSight =
    item.operand === undefined
      ? names.columns
      : columnsOfOperand(analysis, item, item.operand, context);
  const columns = inSight.filter(({ isHidden }) => isHidden !== true);
  if (columns.length === 0 && item.operand === undefined) {
    throw analysis.error(item, "SELECT * must have a FROM clause");
  }
  const except = new Set(item.except.map((name) => name.name.toLowerCase()));
  for (const name of item.except) {
    if (!columns.some((column) => column.name.toLowerCase() === name.name.toLowerCase())) {
      throw analysis.error(name, `Column ${name.name} in SELECT * EXCEPT list does not exist`);
    }
  }
  const replaced = new Map(
    item.replace.map(({ value, column }) => {
      if (!columns.some((each) => each.name.toLowerCase() === column.name.toLowerCase())) {
        throw analysis.error(
          column,
          `Column ${column.name} in SELECT * REPLACE list does not exist`,
        );
      }
      return [column.name.toLowerCase(), analysis.expression(value, context)];
    }),
  );
  const kept = columns.filter((column) => !except.has(column.name.toLowerCase()));
  if (kept.length === 0)
    throw analysis.error(item, "SELECT * expands to zero columns after applying EXCEPT");
  return kept.map(({ name, expression }) => ({
    name,
    expression: replaced.get(name.toLowerCase()) ?? analysis.remember({ ...expression }, item),
    node: item,
  }));
}

function columnsOfOperand(
  analysis: Analysis,
  item: SelectStar,
  operand: ExpressionTree,
  context: ExpressionContext,
): readonly NamedColumn[] {
  if (operand.kind === "path" && operand.parts.length === 1) {
    const meaning = lookUp(context.scope, operand.parts[0]?.name ?? "");
    if (meaning?.kind === "variable" && meaning.variable.columns.length > 0) {
      return meaning.variable.columns;
    }
  }
  const value = analysis.expression(operand, context);
  const fields = fieldsOf(value);
  if (fields.length > 0) return fields;
  throw analysis.error(item, `Dot-star is not supported for type ${value.type.kind}`);
}
