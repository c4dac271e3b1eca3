// SPDX-License-Identifier: Apache-2.0
// A whole query: WITH, the body, ORDER BY and LIMIT. A SELECT sorts by itself, for its ORDER BY sees
// more than its result; other bodies are sorted by the columns of their result.
import { INT64, typesEqual } from "@spandrel/model";
import type {
  Expression as ExpressionTree,
  Limit as LimitTree,
  QueryBody,
  Query as QueryTree,
  SetOperation as SetOperationTree,
  WithClause,
} from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import type { Analysis, Definitions } from "./analysis.ts";
import { coerce, coercionCost, commonType } from "./coercion.ts";
import { analyzeFromClause } from "./from.ts";
import { printTypesOf } from "./match.ts";
import { supportsGrouping } from "./operator-call.ts";
import { orderBySelected } from "./order-by.ts";
import { applyPipes } from "./pipe.ts";
import type { OutputColumn, Relation, ResolvedQuery } from "./resolved.ts";
import type { Scope } from "./scope.ts";
import { analyzeSelect, queryOfNames } from "./select.ts";

/** Analyzes a query; the entrance of `Analysis.query`. */
export function analyzeQueryTree(
  analysis: Analysis,
  tree: QueryTree,
  scope: Scope | undefined,
  outer: Definitions,
): ResolvedQuery {
  const definitions = tree.with === undefined ? outer : define(analysis, tree.with, outer);
  const sorted =
    tree.body.kind === "select"
      ? analyzeSelect(analysis, tree.body, tree.orderBy?.items ?? [], scope, definitions)
      : sortedBody(analysis, tree, scope, definitions);
  const limited =
    tree.limit === undefined ? sorted : withLimit(analysis, sorted, tree.limit, definitions);
  return applyPipes(analysis, limited, tree.pipes, scope, definitions);
}

/** WITH queries see the ones before them, and nothing of the query around. */
function define(analysis: Analysis, clause: WithClause, outer: Definitions): Definitions {
  if (clause.recursive) {
    throw unsupportedQuery("RECURSIVE is not supported in the WITH clause", analysis.place(clause));
  }
  const definitions = new Map(outer);
  const seen = new Set<string>();
  for (const entry of clause.entries) {
    const key = entry.name.name.toLowerCase();
    if (seen.has(key)) {
      throw analysis.error(entry.name, `Duplicate alias ${entry.name.name} for WITH subquery`);
    }
    seen.add(key);
    const query = analysis.query(entry.query, undefined, definitions);
    definitions.set(key, analysis.definitions.push(query) - 1);
  }
  return definitions;
}

function sortedBody(
  analysis: Analysis,
  tree: QueryTree,
  scope: Scope | undefined,
  definitions: Definitions,
): ResolvedQuery {
  const query = analyzeBody(analysis, tree.body, scope, definitions);
  const items = tree.orderBy?.items ?? [];
  return items.length === 0 ? query : orderBySelected(analysis, query, items, scope, definitions);
}

function analyzeBody(
  analysis: Analysis,
  body: QueryBody,
  scope: Scope | undefined,
  definitions: Definitions,
): ResolvedQuery {
  switch (body.kind) {
    case "select":
      return analyzeSelect(analysis, body, [], scope, definitions);
    case "query":
      return analysis.query(body, scope, definitions);
    case "set-operation":
      return analyzeSetOperation(analysis, body, scope, definitions);
    case "from-query": {
      const { relation, names } = analyzeFromClause(analysis, body.from, scope, definitions);
      return queryOfNames(analysis, relation, names);
    }
    case "table-query": {
      const item = { kind: "table", path: body.name, position: body.position } as const;
      const { relation, names } = analyzeFromClause(analysis, item, scope, definitions);
      return queryOfNames(analysis, relation, names);
    }
  }
}

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

function analyzeSetOperation(
  analysis: Analysis,
  tree: SetOperationTree,
  scope: Scope | undefined,
  definitions: Definitions,
): ResolvedQuery {
  if (tree.match !== undefined) {
    throw unsupportedQuery(
      `${tree.match.mode} is not supported in set operations`,
      analysis.place(tree.match),
    );
  }
  const inputs = tree.inputs.map((input) => analyzeBody(analysis, input, scope, definitions));
  return combine(analysis, tree, inputs);
}

/** Combines queries column by column, each pair cast to a type they have in common. */
export function combine(
  analysis: Analysis,
  tree: Pick<SetOperationTree, "operator" | "distinct" | "kind" | "position">,
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
        `Column ${index + 1} in ${what} has type that does not support set operation comparisons: ${type.kind}`,
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
  at: QueryBody | Pick<SetOperationTree, "kind" | "position">,
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
