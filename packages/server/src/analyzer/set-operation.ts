// SPDX-License-Identifier: Apache-2.0
// What is done to whole queries: combining them column by column, and LIMIT.
import { INT64, typesEqual } from "@spandrel/model";
import type {
  Expression as ExpressionTree,
  Limit as LimitTree,
  SetOperation as SetOperationTree,
  TreeNode,
} from "@spandrel/sql";
import type { Expression } from "../expression/expression.ts";
import type { Analysis, Definitions } from "./analysis.ts";
import { coerce, coercionCost, commonType } from "./coercion.ts";
import { printTypesOf } from "./match.ts";
import { kindName, supportsGrouping } from "./operator-call.ts";
import type { OutputColumn, Relation, ResolvedQuery } from "./resolved.ts";

/** LIMIT and OFFSET. */
export function withLimit(
  analysis: Analysis,
  query: ResolvedQuery,
  limit: LimitTree,
  definitions: Definitions,
): ResolvedQuery {
  const number = (tree: ExpressionTree | undefined, what: string): Expression | undefined => {
    if (tree === undefined) return undefined;
    const context = { scope: undefined, clause: what, aggregates: undefined, definitions };
    const value = analysis.expression(tree, context);
    const isNegative =
      value.kind === "constant" && typeof value.value === "bigint" && value.value < 0n;
    if (
      isNegative ||
      coercionCost(value, INT64) === undefined ||
      (value.kind === "constant" && value.value === null)
    ) {
      throw analysis.error(tree, `${what} expects a non-negative integer literal or parameter`);
    }
    return coerce(analysis, value, INT64, tree);
  };
  const relation: Relation = {
    kind: "limit",
    input: query.relation,
    count: number(limit.count, "LIMIT"),
    offset: number(limit.offset, "OFFSET"),
  };
  return { ...query, relation };
}

/** Combines queries column by column, each pair cast to a type they have in common. */
export function combine(
  analysis: Analysis,
  tree: TreeNode & Pick<SetOperationTree, "operator" | "distinct">,
  inputs: readonly ResolvedQuery[],
): ResolvedQuery {
  const what = `${tree.operator} ${tree.distinct ? "DISTINCT" : "ALL"}`;
  const [first] = inputs;
  if (first === undefined) throw analysis.error(tree, `${what} needs an input`);
  for (const [index, input] of inputs.entries()) {
    if (input.columns.length !== first.columns.length) {
      throw analysis.error(
        tree,
        `Queries in ${what} have mismatched column count; query 1 has ${first.columns.length} column${first.columns.length === 1 ? "" : "s"}, query ${index + 1} has ${input.columns.length} column${input.columns.length === 1 ? "" : "s"}`,
      );
    }
  }
  const columns = first.columns.map((column, index): OutputColumn => {
    const references = inputs.map((input) => referenceAt(input, index));
    const type = commonType(references);
    if (type === undefined) {
      throw analysis.error(
        tree,
        `Column ${index + 1} in ${what} has incompatible types: ${printTypesOf(references).join(", ")}`,
      );
    }
    if (tree.distinct && !supportsGrouping(type)) {
      throw analysis.error(
        tree,
        `Column ${index + 1} in ${what} has type that does not support set operation comparisons: ${kindName(type)}`,
      );
    }
    return { name: column.name, column: analysis.newColumn(), type };
  });
  const relation: Relation = {
    kind: "set operation",
    operator: tree.operator,
    isDistinct: tree.distinct,
    inputs: inputs.map((input) => castInput(analysis, input, columns, tree)),
    columns,
  };
  return { relation, columns, isValueTable: inputs.every((input) => input.isValueTable) };
}

/** A column of an input; one that is only ever NULL or a literal may take on other types. */
function referenceAt(input: ResolvedQuery, index: number): Expression {
  const output = input.columns[index];
  if (output === undefined) return { kind: "constant", type: INT64, value: null, isUntyped: true };
  const literal = literalBehind(input.relation, output.column);
  if (literal !== undefined) return literal;
  return { kind: "column", type: output.type, column: output.column, name: output.name };
}

function literalBehind(relation: Relation, column: number): Expression | undefined {
  if (relation.kind === "filter" || relation.kind === "sort" || relation.kind === "limit") {
    return literalBehind(relation.input, column);
  }
  if (relation.kind !== "compute") return undefined;
  const computed = relation.columns.find((each) => each.column === column);
  if (computed === undefined) return literalBehind(relation.input, column);
  const { expression } = computed;
  const isOpen =
    expression.kind === "constant" ||
    expression.kind === "parameter" ||
    expression.kind === "array";
  return isOpen ? expression : undefined;
}

function castInput(
  analysis: Analysis,
  input: ResolvedQuery,
  columns: readonly OutputColumn[],
  at: TreeNode,
): { readonly relation: Relation; readonly columns: readonly number[] } {
  const numbers: number[] = [];
  const casts: { column: number; expression: Expression }[] = [];
  for (const [index, output] of columns.entries()) {
    const reference = referenceAt(input, index);
    const own = input.columns[index]?.column ?? 0;
    if (typesEqual(reference.type, output.type) && reference.kind === "column") {
      numbers.push(own);
      continue;
    }
    const expression = coerce(analysis, reference, output.type, at);
    const column = analysis.newColumn();
    casts.push({ column, expression });
    numbers.push(column);
  }
  if (casts.length === 0) return { relation: input.relation, columns: numbers };
  return { relation: { kind: "compute", input: input.relation, columns: casts }, columns: numbers };
}
