// SPDX-License-Identifier: Apache-2.0
// FROM: tables, WITH queries, arrays, subqueries and their joins, and the names they bring into
// sight. An item sees the items to its left.
import { FLOAT64, INT64, type Type } from "@spandrel/model";
import {
  type FromItem,
  type Identifier,
  type Join as JoinTree,
  type Path,
  type PipeJoin,
  parseQuery,
  type SubqueryItem,
  type TableItem,
  type TableSample,
  type UnnestItem,
} from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { findInformationTable } from "../information/tables.ts";
import { findTable } from "../schema/schema.ts";
import type { Analysis, Definitions } from "./analysis.ts";
import { coerce, coercionCost } from "./coercion.ts";
import { impliedName } from "./constructor.ts";
import type { FromClause, FromContext } from "./from-clause.ts";
import { checkHint } from "./hint.ts";
import { checkAliases, conditionOf, type JoinStep, methodOf } from "./join-condition.ts";
import { printTypesOf } from "./match.ts";
import type { Join, OutputColumn, Relation } from "./resolved.ts";
import {
  fieldsOf,
  lookUp,
  mergeNames,
  type NamedColumn,
  type Names,
  noNames,
  type RangeVariable,
  type Scope,
  scopeOf,
} from "./scope.ts";
import { nameOf, resolveTable, scanOf } from "./table.ts";

/** Analyzes a FROM clause. */
export function analyzeFromClause(
  analysis: Analysis,
  item: FromItem,
  outer: Scope | undefined,
  definitions: Definitions,
  left: Names = noNames,
): FromClause {
  return analyzeItem(item, { analysis, left, outer, definitions });
}

function analyzeItem(item: FromItem, context: FromContext): FromClause {
  switch (item.kind) {
    case "table":
      return analyzeTableItem(item, context);
    case "unnest":
      return analyzeUnnestItem(item, context);
    case "subquery-item":
      return analyzeSubqueryItem(item, context);
    case "table-function":
      throw unsupportedQuery(
        "Table-valued functions are not supported",
        context.analysis.place(item),
      );
    case "graph-table":
      throw unsupportedQuery("Graph queries are not supported", context.analysis.place(item));
    case "join":
      return analyzeJoin(item, context);
    case "parenthesized-join": {
      const joined = analyzeJoin(item.join, context);
      return sampled(joined, item.sample, context);
    }
  }
}

function analyzeTableItem(item: TableItem, context: FromContext): FromClause {
  const { analysis } = context;
  if (item.systemTime !== undefined) {
    throw unsupportedQuery("FOR SYSTEM_TIME is not supported", analysis.place(item.systemTime));
  }
  const [first, ...rest] = item.path.parts;
  if (first === undefined) throw analysis.error(item, "Empty table name");
  const isCorrelated = rest.length > 0 && seesName(first, context) && !isTable(item.path, context);
  if (isCorrelated || item.offset !== undefined) return arrayPath(item, context);
  const alias = item.alias?.name ?? item.path.parts.at(-1)?.name ?? "";
  const definition =
    rest.length === 0 ? context.definitions.get(first.name.toLowerCase()) : undefined;
  if (definition !== undefined) {
    return sampled(referenceDefinition(definition, alias, context), item.sample, context);
  }
  const view = viewNamed(analysis, nameOf(item.path), alias);
  if (view !== undefined) return sampled(view, item.sample, context);
  const table = findInformationTable(nameOf(item.path)) ?? resolveTable(analysis, item.path);
  return sampled(scanOf(analysis, table, alias, item.hint), item.sample, context);
}

function seesName(name: Identifier, { left, outer }: FromContext): boolean {
  return lookUp(scopeOf([left], outer), name.name) !== undefined;
}

function isTable(path: Path, { analysis }: FromContext): boolean {
  const name = nameOf(path);
  return (findInformationTable(name) ?? findTable(analysis.schema, name)) !== undefined;
}

/** A view is its query: the names around the reference mean nothing in it. */
function viewNamed(analysis: Analysis, name: string, alias: string): FromClause | undefined {
  const view = analysis.schema.definitions.get(name.toLowerCase());
  if (view?.statement.kind !== "create-view") return undefined;
  const query = analysis.queryOf(view.text, parseQuery(view.text));
  return {
    relation: query.relation,
    names: namesOf(query.columns, alias, query.isValueTable),
  };
}

function referenceDefinition(number: number, alias: string, { analysis }: FromContext): FromClause {
  const query = analysis.definitions[number];
  const columns = (query?.columns ?? []).map(
    (column): OutputColumn => ({ ...column, column: analysis.newColumn() }),
  );
  const relation: Relation = {
    kind: "definition",
    definition: number,
    columns: columns.map(({ column }) => column),
  };
  return { relation, names: namesOf(columns, alias, query?.isValueTable === true) };
}

/** The names of a subquery's columns; a value table's row is the value itself. */
export function namesOf(
  columns: readonly OutputColumn[],
  alias: string,
  isValueTable: boolean,
): Names {
  const named = columns.map(
    ({ name, column, type }): NamedColumn => ({
      name,
      expression: { kind: "column", type, column, name },
    }),
  );
  const [only] = named;
  if (isValueTable && only !== undefined) return namesOfValue(only.expression, alias);
  return { columns: named, variables: [{ name: alias, columns: named, value: undefined }] };
}

/** The names of a value: those of its fields when it is a struct, else its alias. */
function namesOfValue(value: Expression, alias: string): Names {
  const fields = fieldsOf(value);
  const variable: RangeVariable = { name: alias, columns: fields, value };
  if (value.type.kind === "STRUCT") return { columns: fields, variables: [variable] };
  return { columns: [{ name: alias, expression: value }], variables: [] };
}

function analyzeSubqueryItem(item: SubqueryItem, context: FromContext): FromClause {
  const { analysis, outer, definitions } = context;
  const scope = item.lateral ? scopeOf([context.left], outer) : outer;
  const query = analysis.query(item.query, scope, definitions);
  // Numbers of its own, so that a subquery's columns are never taken for another's.
  const names = namesOf(query.columns, item.alias?.name ?? "", query.isValueTable);
  return sampled({ relation: query.relation, names }, item.sample, context);
}

function analyzeUnnestItem(item: UnnestItem, context: FromContext): FromClause {
  const { analysis } = context;
  const [tree, ...more] = item.arrays;
  if (tree === undefined || more.length > 0) {
    throw unsupportedQuery("UNNEST with several arrays is not supported", analysis.place(item));
  }
  const scope = scopeOf([context.left], context.outer);
  const array = analysis.expression(tree, {
    scope,
    clause: "FROM clause",
    aggregates: undefined,
    definitions: context.definitions,
  });
  const alias = item.alias?.name ?? "";
  return sampled(unnest(item, array, alias, item.offset, context), item.sample, context);
}

/** `FROM T, T.items`: a path that begins with a name to the left. */
function arrayPath(item: TableItem, context: FromContext): FromClause {
  const scope = scopeOf([context.left], context.outer);
  const array = context.analysis.expression(item.path, {
    scope,
    clause: "FROM clause",
    aggregates: undefined,
    definitions: context.definitions,
  });
  const alias = item.alias?.name ?? impliedName(item.path);
  return unnest(item, array, alias, item.offset, context);
}

function unnest(
  item: FromItem,
  array: Expression,
  alias: string,
  offset: UnnestItem["offset"],
  { analysis }: FromContext,
): FromClause {
  if (array.type.kind !== "ARRAY") {
    throw analysis.error(
      item,
      `Values referenced in UNNEST must be arrays. UNNEST contains expression of type ${printTypesOf([array])[0]}`,
    );
  }
  const element = analysis.newColumn();
  const type: Type = array.type.element;
  const value: Expression = { kind: "column", type, column: element, name: alias };
  const names = namesOfValue(value, alias);
  const at = offset === undefined ? undefined : analysis.newColumn();
  const relation: Relation = { kind: "unnest", array, element, offset: at };
  if (at === undefined || offset === undefined) return { relation, names };
  const offsetName = offset.alias?.name ?? "offset";
  const position: NamedColumn = {
    name: offsetName,
    expression: { kind: "column", type: INT64, column: at, name: offsetName },
  };
  return { relation, names: { ...names, columns: [...names.columns, position] } };
}

function analyzeJoin(tree: JoinTree, context: FromContext): FromClause {
  return joinTo(analyzeItem(tree.left, context), tree, context);
}

/** Joins what is there already with another item: the step of a pipe. */
export function joinStep(
  analysis: Analysis,
  left: FromClause,
  tree: PipeJoin,
  outer: Scope | undefined,
  definitions: Definitions,
): FromClause {
  return joinTo(left, tree, { analysis, left: noNames, outer, definitions });
}

/** Takes a part of what is there already: the step of a pipe. */
export function sampleStep(
  analysis: Analysis,
  from: FromClause,
  sample: TableSample,
  definitions: Definitions,
): FromClause {
  return sampled(from, sample, { analysis, left: noNames, outer: undefined, definitions });
}

function joinTo(left: FromClause, tree: JoinStep, context: FromContext): FromClause {
  const isOneSided = tree.type === "RIGHT" || tree.type === "FULL";
  const right = analyzeItem(tree.right, {
    ...context,
    left: mergeNames(context.left, left.names),
  });
  checkHint(context.analysis, tree.hint);
  checkAliases(tree, left.names, right.names, context);
  const { condition, names, computed } = conditionOf(tree, left, right, context);
  const join =
    tree.type === "FULL" ? "full" : isOneSided || tree.type === "LEFT" ? "left" : "inner";
  const isSwapped = tree.type === "RIGHT";
  const relation: Join = {
    kind: "join",
    join,
    left: isSwapped ? right.relation : left.relation,
    right: isSwapped ? left.relation : right.relation,
    condition,
    method: tree.method ?? methodOf(tree.hint),
  };
  if (computed.length === 0) return { relation, names };
  return { relation: { kind: "compute", input: relation, columns: computed }, names };
}

function sampled(
  from: FromClause,
  sample: TableSample | undefined,
  { analysis, definitions }: FromContext,
): FromClause {
  if (sample === undefined) return from;
  const method = sample.method.name.toUpperCase();
  if (method !== "BERNOULLI" && method !== "RESERVOIR") {
    throw analysis.error(sample.method, `Unsupported sampling method: ${sample.method.name}`);
  }
  if (sample.repeatable !== undefined || sample.partitionBy.length > 0) {
    throw unsupportedQuery(
      "REPEATABLE and PARTITION BY are not supported in TABLESAMPLE",
      analysis.place(sample),
    );
  }
  const isBernoulli = method === "BERNOULLI";
  if (isBernoulli !== (sample.unit === "PERCENT")) {
    throw analysis.error(
      sample,
      `${method} sampling must specify ${isBernoulli ? "PERCENT" : "ROWS"}`,
    );
  }
  const context = { scope: undefined, clause: "TABLESAMPLE", aggregates: undefined, definitions };
  const size = analysis.expression(sample.size, context);
  const type: Type = isBernoulli ? { kind: "FLOAT64" } : INT64;
  if (coercionCost(size, type) === undefined) {
    throw analysis.error(
      sample.size,
      `Expected ${isBernoulli ? "a percentage" : "INT64"} in TABLESAMPLE`,
    );
  }
  const weight = sample.weight === undefined ? undefined : analysis.newColumn();
  const relation: Relation = {
    kind: "sample",
    input: from.relation,
    method,
    size: coerce(analysis, size, type, sample.size),
    weight,
  };
  return { relation, names: withWeight(from.names, weight, sample.weight?.alias) };
}

function withWeight(names: Names, column: number | undefined, alias?: Identifier): Names {
  if (column === undefined) return names;
  const name = alias?.name ?? "weight";
  const expression: Expression = { kind: "column", type: FLOAT64, column, name };
  return { ...names, columns: [...names.columns, { name, expression }] };
}
