// SPDX-License-Identifier: Apache-2.0
// How two inputs are joined. A right side that reads columns of the left runs anew for every row, or,
// when it is just an array, flattens the row. Otherwise equal columns decide: a right side that can be
// sought by them, batch by batch, is looked up when the left is small; else it is hashed.
import { columnsReadBy, freeColumnsOf, type Subqueries } from "../analyzer/columns-read.ts";
import type { ComputedColumn, Join, Relation, TableScan } from "../analyzer/resolved.ts";
import type { Expression } from "../expression/expression.ts";
import { isStable, subqueriesIn } from "../expression/walk.ts";
import { findBatchKey, planAccess } from "./access.ts";
import type { Building, Demand } from "./building.ts";
import { conjunctionOf, conjunctsOf } from "./filters.ts";
import type { AggregateNode, HashJoinNode, JoinKey, PlanNode } from "./plan.ts";

/** Builds a node for a relation; the entrance of `build`. */
export type Builder = (building: Building, relation: Relation, demand: Demand) => PlanNode;

/** A left side is small when so many of its rows go into one of the right's. */
const LOOKUP_RATIO = 20;

/** Builds a join. */
export function buildJoin(
  building: Building,
  relation: Join,
  demand: Demand,
  build: Builder,
): PlanNode {
  const conjuncts = conjunctsOf(relation.condition);
  const required = new Set(demand.required);
  for (const each of conjuncts) {
    for (const column of columnsReadBy(building.statement, each)) required.add(column);
  }
  const free = freeColumnsOf(building.statement, relation.right);
  const withFree = new Set([...required, ...free]);
  const left = build(building, relation.left, { required: withFree, wanted: demand.wanted });
  const bound = left.columns.filter((column) => free.has(column));
  if (bound.length > 0) return applied(building, relation, left, bound, required, build);
  const looked = lookUp(building, relation, left, conjuncts, required);
  if (looked !== undefined) return looked;
  const right = build(building, relation.right, { required, wanted: undefined });
  const swapped = swappedLookUp(building, relation, right, conjuncts, required, left);
  return swapped ?? hashed(building, relation, left, right, conjuncts);
}

function applied(
  building: Building,
  relation: Join,
  left: PlanNode,
  bound: readonly number[],
  required: ReadonlySet<number>,
  build: Builder,
): PlanNode {
  const join = relation.join === "inner" ? "inner" : "left";
  const { condition } = relation;
  const subqueries = condition === undefined ? [] : subqueriesIn(condition);
  if (relation.right.kind === "unnest") {
    const { array, element, offset } = relation.right;
    return {
      kind: "flatten",
      input: left,
      array,
      hasOffset: offset !== undefined,
      isOuter: join === "left",
      condition,
      subqueries: [...subqueriesIn(array), ...subqueries],
      columns: [...left.columns, element, ...(offset === undefined ? [] : [offset])],
      order: left.order,
      rows: left.rows * 10,
    };
  }
  const right = build(building, relation.right, { required, wanted: undefined });
  return {
    kind: "apply join",
    join,
    left,
    right,
    bound,
    condition,
    subqueries,
    columns: [...left.columns, ...right.columns],
    order: left.order,
    rows: left.rows * right.rows,
  };
}

/** The scan at the bottom of a right side that is nothing but a filtered table. */
function scanOf(
  relation: Relation,
): { readonly scan: TableScan; readonly conjuncts: readonly Expression[] } | undefined {
  if (relation.kind === "scan") return { scan: relation, conjuncts: [] };
  if (relation.kind !== "filter" || relation.input.kind !== "scan") return undefined;
  return { scan: relation.input, conjuncts: conjunctsOf(relation.condition) };
}

function lookUp(
  building: Building,
  relation: Join,
  left: PlanNode,
  conjuncts: readonly Expression[],
  required: ReadonlySet<number>,
): PlanNode | undefined {
  const right = scanOf(relation.right);
  if (right === undefined || relation.join === "full") return undefined;
  if (relation.method === "HASH" || relation.method === "HASH_JOIN") return undefined;
  const own = new Set(right.scan.columns.map(({ column }) => column));
  const isOfLeft = (expression: Expression): boolean =>
    isStable(expression) &&
    ![...columnsReadBy(building.statement, expression)].some((column) => own.has(column));
  const equalities = conjuncts.flatMap((conjunct) => {
    const found = equalityWith(conjunct, own, isOfLeft);
    return found === undefined ? [] : [{ conjunct, ...found }];
  });
  const columns = [...new Set(equalities.map(({ column }) => column))];
  const batch = findBatchKey(building.schema, right.scan, columns);
  if (batch === undefined) return undefined;
  const slot = building.newSlot();
  const rightRequired = new Set([...required, ...batch.columns]);
  const node = planAccess({
    statement: building.statement,
    schema: building.schema,
    scan: right.scan,
    conjuncts: right.conjuncts,
    required: rightRequired,
    wanted: undefined,
    batch: { columns: batch.columns, slot },
    newSlot: building.newSlot,
  });
  if (!isWorthLookingUp(relation, left, building, right)) return undefined;
  const used = batch.columns.flatMap((column) => {
    const found = equalities.find((each) => each.column === column);
    return found === undefined ? [] : [found];
  });
  const rest = conjunctionOf(
    conjuncts.filter((each) => !used.some(({ conjunct }) => conjunct === each)),
  );
  return {
    kind: "lookup join",
    join: relation.join,
    left,
    right: node,
    key: batch.key,
    keys: used.map(({ left: value, right: reference }) => ({ left: value, right: reference })),
    isSameRow: false,
    slot,
    condition: rest,
    subqueries: rest === undefined ? [] : subqueriesIn(rest),
    columns: columnsOfJoin(relation, left, node),
    order: left.order,
    rows: keepsLeft(relation) ? left.rows * 0.5 : left.rows * Math.max(node.rows, 1),
  };
}

/** Compares what the left would look up with what the right would read by itself. */
function isWorthLookingUp(
  relation: Join,
  left: PlanNode,
  building: Building,
  right: { readonly scan: TableScan; readonly conjuncts: readonly Expression[] },
): boolean {
  if (relation.method !== undefined) return true;
  const alone = planAccess({
    statement: building.statement,
    schema: building.schema,
    scan: right.scan,
    conjuncts: right.conjuncts,
    required: new Set(),
    wanted: undefined,
    batch: undefined,
    newSlot: building.newSlot,
  });
  return left.rows * LOOKUP_RATIO <= rowsRead(alone);
}

function rowsRead(node: PlanNode): number {
  return node.kind === "filter" || node.kind === "probe" ? rowsRead(node.input) : node.rows;
}

function equalityWith(
  conjunct: Expression,
  own: ReadonlySet<number>,
  isOfLeft: (expression: Expression) => boolean,
): (JoinKey & { readonly column: number }) | undefined {
  if (conjunct.kind !== "call" || conjunct.overload.name !== "$equal") return undefined;
  const [a, b] = conjunct.arguments;
  if (a === undefined || b === undefined) return undefined;
  if (b.kind === "column" && own.has(b.column) && isOfLeft(a)) {
    return { left: a, right: b, column: b.column };
  }
  if (a.kind === "column" && own.has(a.column) && isOfLeft(b)) {
    return { left: b, right: a, column: a.column };
  }
  return undefined;
}

/**
 * An inner join may also look its left side up from its right side. So may a semi join, from the
 * distinct keys of its right side, when these are all that it asks.
 */
function swappedLookUp(
  building: Building,
  relation: Join,
  right: PlanNode,
  conjuncts: readonly Expression[],
  required: ReadonlySet<number>,
  left: PlanNode,
): PlanNode | undefined {
  if (right.rows * LOOKUP_RATIO > left.rows) return undefined;
  if (freeColumnsOf(building.statement, relation.left).size > 0) return undefined;
  const source = relation.join === "semi" ? distinctKeys(building, right, left, conjuncts) : right;
  if (source === undefined || (relation.join !== "inner" && relation.join !== "semi")) {
    return undefined;
  }
  const mirrored: Join = {
    ...relation,
    join: "inner",
    left: relation.right,
    right: relation.left,
  };
  return lookUp(building, mirrored, source, conjuncts, required);
}

/** Each key that a semi join's right side has, once; undefined when it asks for more than its keys. */
function distinctKeys(
  building: Building,
  right: PlanNode,
  left: PlanNode,
  conjuncts: readonly Expression[],
): AggregateNode | undefined {
  const [leftColumns, rightColumns] = [new Set(left.columns), new Set(right.columns)];
  const groups: ComputedColumn[] = [];
  for (const conjunct of conjuncts) {
    const key = equalSides(building.statement, conjunct, leftColumns, rightColumns);
    if (key?.right.kind !== "column") return undefined;
    groups.push({ column: key.right.column, expression: key.right });
  }
  return {
    kind: "aggregate",
    input: right,
    isGrouped: true,
    groups,
    aggregates: [],
    columns: groups.map(({ column }) => column),
    order: [],
    rows: right.rows,
  };
}

function hashed(
  building: Building,
  relation: Join,
  left: PlanNode,
  right: PlanNode,
  conjuncts: readonly Expression[],
): HashJoinNode {
  const leftColumns = new Set(left.columns);
  const rightColumns = new Set(right.columns);
  const keys: JoinKey[] = [];
  const rest: Expression[] = [];
  for (const conjunct of conjuncts) {
    const key = equalSides(building.statement, conjunct, leftColumns, rightColumns);
    if (key === undefined) rest.push(conjunct);
    else keys.push(key);
  }
  const condition = conjunctionOf(rest);
  return {
    kind: "hash join",
    join: relation.join,
    left,
    right,
    keys,
    condition,
    subqueries: condition === undefined ? [] : subqueriesIn(condition),
    columns: columnsOfJoin(relation, left, right),
    order: relation.join === "full" ? [] : left.order,
    rows: rowsOfHashJoin(relation, left, right, keys),
  };
}

/** Whether a join has nothing but rows of its left side. */
function keepsLeft({ join }: Join): boolean {
  return join === "semi" || join === "anti";
}

function columnsOfJoin(relation: Join, left: PlanNode, right: PlanNode): readonly number[] {
  return keepsLeft(relation) ? left.columns : [...left.columns, ...right.columns];
}

function rowsOfHashJoin(
  relation: Join,
  left: PlanNode,
  right: PlanNode,
  keys: readonly JoinKey[],
): number {
  if (keepsLeft(relation)) return left.rows * 0.5;
  return keys.length === 0 ? left.rows * right.rows : Math.max(left.rows, right.rows);
}

/** The sides of an equality between columns of a left and columns of a right relation. */
export function equalSides(
  statement: Subqueries,
  conjunct: Expression,
  left: ReadonlySet<number>,
  right: ReadonlySet<number>,
): JoinKey | undefined {
  if (conjunct.kind !== "call" || conjunct.overload.name !== "$equal") return undefined;
  const [a, b] = conjunct.arguments;
  if (a === undefined || b === undefined || !isStable(conjunct)) return undefined;
  if (a.type.kind === "STRUCT" || a.type.kind === "ARRAY") return undefined;
  const reads = (expression: Expression, columns: ReadonlySet<number>): boolean =>
    [...columnsReadBy(statement, expression)].some((column) => columns.has(column));
  if (reads(a, left) && !reads(a, right) && reads(b, right) && !reads(b, left)) {
    return { left: a, right: b };
  }
  if (reads(b, left) && !reads(b, right) && reads(a, right) && !reads(a, left)) {
    return { left: b, right: a };
  }
  return undefined;
}
