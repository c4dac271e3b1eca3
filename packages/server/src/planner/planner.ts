// SPDX-License-Identifier: Apache-2.0
// The planner: from a resolved statement to a plan. First rules rewrite the relations, in order; each
// rule keeps the meaning. Then operators are chosen. The plan depends on the statement and the schema
// alone, so it is as reusable as they are.
import { freeColumnsOfQuery } from "../analyzer/columns-read.ts";
import type { Relation, ResolvedQuery, ResolvedStatement } from "../analyzer/resolved.ts";
import type { Schema } from "../schema/schema.ts";
import { build, project } from "./build.ts";
import type { Building } from "./building.ts";
import { pushFilters } from "./filters.ts";
import { countUses, inlineDefinitions } from "./inline.ts";
import type { Plan, PlanNode, PlannedQuery, WriteStep } from "./plan.ts";
import { joinSubqueries, type SemiJoining } from "./semi-join.ts";

/** A rewriting that keeps the meaning of a relation. */
type Rule = (relation: Relation) => Relation;

/** Plans a statement. */
export function plan(statement: ResolvedStatement, schema: Schema): Plan {
  const main = statement.kind === "query" ? statement.query : statement.source;
  const uses = countUses(main.relation, statement.definitions, statement.subqueries);
  const rules: readonly Rule[] = [
    (relation) => inlineDefinitions(relation, statement.definitions, uses),
    (relation) => pushFilters(statement, relation),
    (relation) => joinSubqueries(joining, relation),
  ];
  const ruled = (relation: Relation): Relation =>
    rules.reduce((each, rule) => rule(each), relation);
  const joined = new Set<number>();
  const joining: SemiJoining = {
    statement,
    ruled,
    joined: (query) => joined.add(query),
  };
  let slots = 0;
  const building: Building = { statement, schema, newSlot: () => slots++ };
  const planQuery = (query: ResolvedQuery): PlannedQuery =>
    plannedQuery(building, query, ruled(query.relation));
  const query = planQuery(main);
  const planned = statement.subqueries.map(planQuery);
  const definitions = statement.definitions.map(planQuery);
  const subqueries = planned.map((each, number) => (joined.has(number) ? undefined : each));
  return { query, write: writeStepOf(statement), subqueries, definitions, slots };
}

function plannedQuery(building: Building, query: ResolvedQuery, relation: Relation): PlannedQuery {
  const columns = query.columns.map(({ column }) => column);
  const node = build(building, relation, { required: new Set(columns), wanted: undefined });
  return {
    root: exactly(node, query),
    types: query.columns.map(({ type }) => type),
    bound: [...freeColumnsOfQuery(building.statement, { relation, columns: query.columns })],
  };
}

/** Just the columns of the result, in their order; a column may come twice. */
function exactly(node: PlanNode, query: ResolvedQuery): PlanNode {
  const columns = query.columns.map(({ column }) => column);
  const isSame =
    node.columns.length === columns.length &&
    columns.every((column, index) => node.columns[index] === column);
  if (isSame) return node;
  return project(
    node,
    query.columns.map(({ column, type, name }) => ({
      column,
      expression: { kind: "column", type, column, name },
    })),
  );
}

function writeStepOf(statement: ResolvedStatement): WriteStep | undefined {
  switch (statement.kind) {
    case "query":
      return undefined;
    case "insert": {
      const { kind, table, targets, mode, onConflict, returning, expectedRows } = statement;
      return { kind, table, targets, mode, onConflict, returning, expectedRows };
    }
    case "update": {
      const { kind, table, targets, returning, expectedRows } = statement;
      return { kind, table, targets, returning, expectedRows };
    }
    case "delete": {
      const { kind, table, returning, expectedRows } = statement;
      return { kind, table, returning, expectedRows };
    }
  }
}
