// SPDX-License-Identifier: Apache-2.0
// ORDER BY over the columns of a result, by name, ordinal or expression.
import { STRING } from "@spandrel/model";
import type { OrderItem, Parameter } from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { invalidCollation, isCollation } from "../functions/collation.ts";
import type { Analysis, Definitions } from "./analysis.ts";
import { coerce, isPlainLiteral } from "./coercion.ts";
import { kindName, supportsOrder } from "./operator-call.ts";
import type { CollationParameter, OutputColumn, ResolvedQuery, SortKey } from "./resolved.ts";
import { type Scope, scopeOf } from "./scope.ts";

/** Sorts a query by the columns of its result. */
export function orderBySelected(
  analysis: Analysis,
  query: ResolvedQuery,
  items: readonly OrderItem[],
  outer: Scope | undefined,
  definitions: Definitions,
): ResolvedQuery {
  const scope = scopeOf([{ columns: namedOutputs(query.columns), variables: [] }], outer);
  const context = { scope, clause: "ORDER BY clause", aggregates: undefined, definitions };
  const keys = items.map((item) =>
    sortKeyOf(analysis, item, query.columns, () => analysis.expression(item.value, context)),
  );
  return { ...query, relation: { kind: "sort", input: query.relation, keys } };
}

/** Output columns as names to refer to. */
export function namedOutputs(
  columns: readonly OutputColumn[],
): readonly { readonly name: string; readonly expression: Expression }[] {
  return columns.map((column) => ({ name: column.name, expression: referenceTo(column) }));
}

/** A reference to an output column. */
export function referenceTo({ name, column, type }: OutputColumn): Expression {
  return { kind: "column", type, column, name };
}

/** One key: an ordinal names an output column, anything else is an expression. */
export function sortKeyOf(
  analysis: Analysis,
  item: OrderItem,
  columns: readonly OutputColumn[],
  analyze: () => Expression,
): SortKey {
  const expression = ordinalOf(analysis, item, columns) ?? analyze();
  if (!supportsOrder(expression.type)) {
    throw analysis.error(
      item.value,
      `ORDER BY does not support expressions of type ${kindName(expression.type)}`,
    );
  }
  const isDescending = item.direction === "DESC";
  const nullsFirst = item.nulls === undefined ? !isDescending : item.nulls === "FIRST";
  const collation = collationOf(analysis, item, expression);
  return { expression, isDescending, nullsFirst, collation };
}

function collationOf(
  analysis: Analysis,
  { collation, value }: OrderItem,
  expression: Expression,
): SortKey["collation"] {
  if (collation === undefined) return undefined;
  if (expression.type.kind !== "STRING") {
    throw analysis.error(value, "COLLATE can only be applied to expressions of type STRING");
  }
  if (collation.kind === "parameter") return collationParameter(analysis, collation);
  if (collation.kind !== "string") {
    const message = "COLLATE takes a string literal or a parameter only";
    throw unsupportedQuery(message, analysis.place(collation));
  }
  if (!isCollation(collation.value)) {
    if (/^[^:]+:(?:ci|cs):/.test(collation.value)) throw invalidCollation(collation.value);
    throw analysis.error(collation, `COLLATE has invalid collation name '${collation.value}'`);
  }
  return collation.value;
}

function collationParameter(analysis: Analysis, tree: Parameter): CollationParameter {
  const parameter = analysis.parameter(tree.name);
  const { type } = coerce(analysis, parameter, STRING, tree);
  if (type.kind !== "STRING" || parameter.kind !== "parameter") {
    throw analysis.error(tree, "COLLATE must be followed by a STRING");
  }
  return { parameter: parameter.name };
}

function ordinalOf(
  analysis: Analysis,
  item: OrderItem,
  columns: readonly OutputColumn[],
): Expression | undefined {
  const { value } = item;
  if (value.kind !== "integer") {
    if (isPlainLiteral(value)) throw analysis.error(value, "Cannot ORDER BY literal values");
    return undefined;
  }
  const column = columns[Number(value.value) - 1];
  if (column === undefined) {
    throw analysis.error(
      value,
      `ORDER BY column number item is out of range. Column numbers must be between 1 and ${columns.length}`,
    );
  }
  return referenceTo(column);
}
