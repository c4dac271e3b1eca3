// SPDX-License-Identifier: Apache-2.0
// From relations to operators, from the top down: each relation is told which of its columns are
// needed and which order would be welcome, and answers with a node that has at least those columns.
import { columnsReadBy } from "../analyzer/columns-read.ts";
import type {
  Aggregation,
  Compute,
  Limit,
  Relation,
  SetOperation,
  Sort,
  SortKey,
} from "../analyzer/resolved.ts";
import type { Expression } from "../expression/expression.ts";
import { someParts, subqueriesIn } from "../expression/walk.ts";
import { filtered, planAccess } from "./access.ts";
import type { Building, Demand } from "./building.ts";
import { conjunctsOf } from "./filters.ts";
import { buildJoin } from "./join.ts";
import { satisfies, wantedOrder } from "./order.ts";
import type { OrderedColumn, PlanNode, ProjectNode, RowLimit } from "./plan.ts";

/** Builds the node of a relation. */
export function build(building: Building, relation: Relation, demand: Demand): PlanNode {
  switch (relation.kind) {
    case "one row":
      return { kind: "one row", columns: [], order: [], rows: 1 };
    case "values":
      return {
        kind: "values",
        columns: relation.columns,
        values: relation.rows,
        subqueries: relation.rows.flat().flatMap(subqueriesIn),
        order: [],
        rows: relation.rows.length,
      };
    case "scan":
    case "filter":
      return buildFiltered(building, relation, demand);
    case "unnest":
      return {
        kind: "unnest",
        array: relation.array,
        hasOffset: relation.offset !== undefined,
        subqueries: subqueriesIn(relation.array),
        columns: [relation.element, ...(relation.offset === undefined ? [] : [relation.offset])],
        order: [],
        rows: 10,
      };
    case "definition":
      return {
        kind: "definition",
        definition: relation.definition,
        columns: relation.columns,
        order: [],
        rows: 1_000,
      };
    case "compute":
      return buildCompute(building, relation, demand);
    case "aggregate":
      return buildAggregate(building, relation, demand);
    case "join":
      return buildJoin(building, relation, demand, build);
    case "sort":
      return buildSort(building, relation, demand, undefined);
    case "limit":
      return buildLimit(building, relation, demand);
    case "set operation":
      return buildSetOperation(building, relation);
    case "sample": {
      const input = build(building, relation.input, { ...demand, wanted: undefined });
      const { method, size, weight } = relation;
      const { order } = input;
      const hasWeight = weight !== undefined;
      const columns = hasWeight ? [...input.columns, weight] : input.columns;
      const rows = input.rows / 2;
      return { kind: "sample", input, method, size, hasWeight, columns, order, rows };
    }
  }
}

/** The demand with the columns that some expressions read. */
function demandWith(
  building: Building,
  required: ReadonlySet<number>,
  expressions: readonly (Expression | undefined)[],
): ReadonlySet<number> {
  const all = new Set(required);
  for (const expression of expressions) {
    if (expression === undefined) continue;
    for (const column of columnsReadBy(building.statement, expression)) all.add(column);
  }
  return all;
}

function buildFiltered(
  building: Building,
  relation: Extract<Relation, { kind: "scan" | "filter" }>,
  demand: Demand,
): PlanNode {
  const conjuncts = relation.kind === "filter" ? conjunctsOf(relation.condition) : [];
  const input = relation.kind === "filter" ? relation.input : relation;
  if (input.kind === "scan") {
    return planAccess({
      statement: building.statement,
      schema: building.schema,
      scan: input,
      conjuncts,
      required: demand.required,
      wanted: demand.wanted,
      batch: undefined,
      newSlot: building.newSlot,
    });
  }
  const required = demandWith(building, demand.required, conjuncts);
  const node = build(building, input, { required, wanted: demand.wanted });
  return filtered(building.statement, node, conjuncts);
}

/** Computes what is needed and drops what is not. */
function buildCompute(building: Building, relation: Compute, demand: Demand): PlanNode {
  const needed = relation.columns.filter(({ column }) => demand.required.has(column));
  const computed = new Set(relation.columns.map(({ column }) => column));
  const kept = new Set([...demand.required].filter((column) => !computed.has(column)));
  const required = demandWith(
    building,
    kept,
    needed.map(({ expression }) => expression),
  );
  // Columns that are renamed keep their order under the old name.
  const oldNames = new Map(
    needed.flatMap(({ column, expression }) =>
      expression.kind === "column" ? [[column, expression.column] as const] : [],
    ),
  );
  const wanted = demand.wanted?.map((each) => ({
    ...each,
    column: oldNames.get(each.column) ?? each.column,
  }));
  const input = build(building, relation.input, { required, wanted });
  if (needed.length === 0) return input;
  const own = relation.input.kind === "one row" ? new Set<number>() : new Set(input.columns);
  const passed = [...kept].filter((column) => own.has(column));
  const newNames = new Map([...oldNames].map(([column, old]) => [old, column]));
  return project(
    input,
    [...passed.map((column) => ({ column, expression: undefined })), ...needed],
    newNames,
  );
}

/** Rows of just these columns; an undefined expression passes the column on. */
export function project(
  input: PlanNode,
  columns: readonly { readonly column: number; readonly expression: Expression | undefined }[],
  newNames: ReadonlyMap<number, number> = new Map(),
): ProjectNode {
  const values = columns.map(
    ({ column, expression }): Expression =>
      expression ?? { kind: "column", type: { kind: "INT64" }, column, name: "" },
  );
  const present = new Set(columns.map(({ column }) => column));
  const order: OrderedColumn[] = [];
  for (const each of input.order) {
    const column = present.has(each.column) ? each.column : newNames.get(each.column);
    if (column === undefined || !present.has(column)) break;
    order.push({ ...each, column });
  }
  return {
    kind: "project",
    input,
    values,
    subqueries: values.flatMap(subqueriesIn),
    columns: columns.map(({ column }) => column),
    order,
    rows: input.rows,
  };
}

function buildAggregate(building: Building, relation: Aggregation, demand: Demand): PlanNode {
  const aggregates = relation.aggregates.filter(({ column }) => demand.required.has(column));
  const expressions = [
    ...relation.groups.map(({ expression }) => expression),
    ...aggregates.flatMap((each) => [
      ...each.arguments,
      each.having?.value,
      ...each.orderBy.map(({ expression }) => expression),
    ]),
  ];
  const required = demandWith(building, new Set(), expressions);
  const input = build(building, relation.input, { required, wanted: undefined });
  const prepared = withSubqueryColumns(input, expressions);
  return {
    kind: "aggregate",
    input: prepared.node,
    isGrouped: relation.isGrouped,
    groups: relation.groups.map((group) => ({
      ...group,
      expression: prepared.replace(group.expression),
    })),
    aggregates: aggregates.map((each) => ({
      ...each,
      arguments: each.arguments.map(prepared.replace),
      having:
        each.having === undefined
          ? undefined
          : { ...each.having, value: prepared.replace(each.having.value) },
      orderBy: each.orderBy.map((key) => ({
        ...key,
        expression: prepared.replace(key.expression),
      })),
    })),
    columns: [...relation.groups, ...aggregates].map(({ column }) => column),
    order: [],
    rows: relation.isGrouped ? Math.max(input.rows / 10, 1) : 1,
  };
}

interface Prepared {
  readonly node: PlanNode;
  readonly replace: (expression: Expression) => Expression;
}

// Columns that only stand for expressions with subqueries get numbers far from the statement's.
const PREPARED_COLUMNS = -1_000_000;

/** Only filters and projections run subqueries; others find their values as columns. */
function withSubqueryColumns(
  input: PlanNode,
  expressions: readonly (Expression | undefined)[],
): Prepared {
  const costly = expressions.filter(
    (each) => each !== undefined && someParts(each, (part) => part.kind === "subquery"),
  );
  const numbers = new Map<Expression, number>();
  for (const each of costly) {
    if (each !== undefined)
      numbers.set(each, PREPARED_COLUMNS - numbers.size - firstSubquery(each) * 1_000);
  }
  if (numbers.size === 0) return { node: input, replace: (expression) => expression };
  const node = project(input, [
    ...input.columns.map((column) => ({ column, expression: undefined })),
    ...[...numbers].map(([expression, column]) => ({ column, expression })),
  ]);
  const replace = (expression: Expression): Expression => {
    const column = numbers.get(expression);
    return column === undefined
      ? expression
      : { kind: "column", type: expression.type, column, name: "" };
  };
  return { node, replace };
}

function firstSubquery(expression: Expression): number {
  return subqueriesIn(expression)[0] ?? 0;
}

function buildSort(
  building: Building,
  relation: Sort,
  demand: Demand,
  limit: RowLimit | undefined,
): PlanNode {
  const expressions = relation.keys.map(({ expression }) => expression);
  const wanted = wantedOrder(relation.keys);
  const required = demandWith(building, demand.required, expressions);
  const input = build(building, relation.input, { required, wanted });
  if (satisfies(input.order, reduced(relation.keys, input))) {
    return limit === undefined ? input : limited(input, limit);
  }
  const prepared = withSubqueryColumns(input, expressions);
  return {
    kind: "sort",
    input: prepared.node,
    keys: relation.keys.map((key) => ({ ...key, expression: prepared.replace(key.expression) })),
    limit,
    columns: prepared.node.columns,
    order: wanted ?? [],
    rows: input.rows,
  };
}

/** What is left of an order when columns that a scan fixes to one value are taken out. */
function reduced(keys: readonly SortKey[], input: PlanNode): readonly OrderedColumn[] | undefined {
  const fixed = fixedColumns(input);
  return wantedOrder(keys)?.filter(({ column }) => !fixed.has(column));
}

function fixedColumns(node: PlanNode): ReadonlySet<number> {
  if (node.kind === "filter") return fixedColumns(node.input);
  if (node.kind === "lookup join") return fixedColumns(node.left);
  if (node.kind !== "scan" || node.seek.kind !== "key") return new Set();
  const { key, prefix } = node.seek;
  const fixed = new Set<number>();
  for (const [place, part] of prefix.entries()) {
    const id = key[place]?.column.id;
    const at = node.sources.findIndex((source) => source.id === id);
    const column = node.columns[at];
    if (column !== undefined && (part.kind === "equal" || part.kind === "null")) fixed.add(column);
  }
  return fixed;
}

function buildLimit(building: Building, relation: Limit, demand: Demand): PlanNode {
  const limit: RowLimit = { count: relation.count, offset: relation.offset };
  const { input } = relation;
  if (input.kind === "sort") return buildSort(building, input, demand, limit);
  return limited(build(building, input, demand), limit);
}

function limited(input: PlanNode, limit: RowLimit): PlanNode {
  return {
    kind: "limit",
    input,
    limit,
    columns: input.columns,
    order: input.order,
    rows: Math.min(input.rows, 100),
  };
}

function buildSetOperation(building: Building, relation: SetOperation): PlanNode {
  const columns = relation.columns.map(({ column }) => column);
  const types = relation.columns.map(({ type }) => type);
  const inputs = relation.inputs.map((input) => {
    const node = build(building, input.relation, {
      required: new Set(input.columns),
      wanted: undefined,
    });
    const values = input.columns.map((column, index) => ({
      column: columns[index] ?? column,
      expression: {
        kind: "column",
        type: types[index] ?? { kind: "INT64" },
        column,
        name: "",
      } as const,
    }));
    return project(node, values);
  });
  const rows = inputs.reduce((sum, input) => sum + input.rows, 0);
  if (relation.operator !== "UNION") {
    const { operator, isDistinct } = relation;
    return { kind: "multiset", operator, isDistinct, inputs, types, columns, order: [], rows };
  }
  const union: PlanNode = { kind: "union", inputs, columns, order: [], rows };
  if (!relation.isDistinct) return union;
  return {
    kind: "aggregate",
    input: union,
    isGrouped: true,
    groups: relation.columns.map(({ column, type }) => ({
      column,
      expression: { kind: "column", type, column, name: "" },
    })),
    aggregates: [],
    columns,
    order: [],
    rows,
  };
}
