// SPDX-License-Identifier: Apache-2.0
// A whole query: WITH, the body, ORDER BY and LIMIT. A SELECT sorts by itself, for its ORDER BY sees
// more than its result; other bodies are sorted by the columns of their result.

import type {
  QueryBody,
  Query as QueryTree,
  SetOperation as SetOperationTree,
  WithClause,
} from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Analysis, Definitions } from "./analysis.ts";
import { analyzeFromClause, namesOf } from "./from.ts";
import { checkHint } from "./hint.ts";
import { mapInputs } from "./map-inputs.ts";
import { orderBySelected } from "./order-by.ts";
import { applyPipes } from "./pipe.ts";
import type { Relation, ResolvedQuery } from "./resolved.ts";
import type { Scope } from "./scope.ts";
import { analyzeSelect, queryOfNames } from "./select.ts";
import { combine, withLimit } from "./set-operation.ts";

/** Analyzes a query; the entrance of `Analysis.query`. */
export function analyzeQueryTree(
  analysis: Analysis,
  tree: QueryTree,
  scope: Scope | undefined,
  outer: Definitions,
): ResolvedQuery {
  checkHint(analysis, tree.hint);
  checkHint(analysis, tree.orderBy?.hint);
  const definitions = tree.with === undefined ? outer : define(analysis, tree.with, outer);
  const sorted =
    tree.body.kind === "select"
      ? analyzeSelect(analysis, tree.body, tree.orderBy?.items ?? [], scope, definitions)
      : sortedBody(analysis, tree, scope, definitions);
  const limited =
    tree.limit === undefined ? sorted : withLimit(analysis, sorted, tree.limit, definitions);
  const locked = locksRows(tree) ? { ...limited, relation: lockRows(limited.relation) } : limited;
  if (tree.pipes.length === 0) return locked;
  const start =
    tree.body.kind === "from-query" && limited === sorted
      ? analyzeFromClause(analysis, tree.body.from, scope, definitions)
      : { relation: locked.relation, names: namesOf(locked.columns, "", locked.isValueTable) };
  return applyPipes(analysis, start, tree.pipes, scope, definitions);
}

/** FOR UPDATE, or the hint that asks for the same. */
function locksRows(tree: QueryTree): boolean {
  if (tree.forUpdate) return true;
  return (tree.hint?.entries ?? []).some(
    ({ name, value }) =>
      name.name.toUpperCase() === "LOCK_SCANNED_RANGES" &&
      value.kind === "path" &&
      value.parts[0]?.name.toUpperCase() === "EXCLUSIVE",
  );
}

/** Has every table of a relation read for update. */
function lockRows(relation: Relation): Relation {
  return relation.kind === "scan"
    ? { ...relation, isForUpdate: true }
    : mapInputs(relation, lockRows);
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
    case "graph-query":
      throw unsupportedQuery("Graph queries are not supported", analysis.place(body));
  }
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
