// SPDX-License-Identifier: Apache-2.0
// The rule that puts a WITH query in the place of its only reference, so that filters reach into it.
// A query that is referred to more than once, or from a subquery that may run often, stays apart and
// is run once.
import { mapInputs } from "../analyzer/map-inputs.ts";
import type { Relation, ResolvedQuery } from "../analyzer/resolved.ts";

/** Puts definitions that are used once in their places. */
export function inlineDefinitions(
  relation: Relation,
  definitions: readonly ResolvedQuery[],
  uses: ReadonlyMap<number, number>,
): Relation {
  const inline = (each: Relation): Relation => inlineDefinitions(each, definitions, uses);
  if (relation.kind !== "definition") return mapInputs(relation, inline);
  const query = definitions[relation.definition];
  if (query === undefined || uses.get(relation.definition) !== 1) return relation;
  const columns = query.columns.map((output, index) => ({
    column: relation.columns[index] ?? output.column,
    expression: {
      kind: "column",
      type: output.type,
      column: output.column,
      name: output.name,
    } as const,
  }));
  return { kind: "compute", input: inline(query.relation), columns };
}

/** Counts references; one from a subquery counts as many. */
export function countUses(
  main: Relation,
  definitions: readonly ResolvedQuery[],
  subqueries: readonly ResolvedQuery[],
): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  visit(main, 1, uses);
  for (const { relation } of definitions) visit(relation, 1, uses);
  for (const { relation } of subqueries) visit(relation, 2, uses);
  return uses;
}

function visit(relation: Relation, weight: number, uses: Map<number, number>): void {
  switch (relation.kind) {
    case "definition":
      uses.set(relation.definition, (uses.get(relation.definition) ?? 0) + weight);
      return;
    case "join":
      visit(relation.left, weight, uses);
      visit(relation.right, weight, uses);
      return;
    case "set operation":
      for (const input of relation.inputs) visit(input.relation, weight, uses);
      return;
    case "filter":
    case "compute":
    case "aggregate":
    case "sort":
    case "limit":
    case "sample":
      visit(relation.input, weight, uses);
      return;
    default:
      return;
  }
}
