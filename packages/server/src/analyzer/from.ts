// SPDX-License-Identifier: Apache-2.0
// FROM: tables, WITH queries, arrays, subqueries and their joins, and the names they bring into
// sight. An item sees the items to its left.
import { BOOL, INT64, type Type } from "@spandrel/model";
import type {
  FromItem,
  Hint,
  Identifier,
  Join as JoinTree,
  Path,
  PipeJoin,
  SubqueryItem,
  TableItem,
  TableSample,
  UnnestItem,
} from "@spandrel/sql";
import { tableNotFound, unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { findInformationTable } from "../information/tables.ts";
import { findIndex, findTable, type Table } from "../schema/schema.ts";
import type { Analysis, Definitions } from "./analysis.ts";
import { toBool } from "./case.ts";
import { coerce, coercionCost } from "./coercion.ts";
import { impliedName } from "./constructor.ts";
import { checkHint } from "./hint.ts";
import { printTypesOf } from "./match.ts";
import { applyOperator } from "./operator-call.ts";
import type { Join, OutputColumn, Relation, TableScan } from "./resolved.ts";
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
import { suggest } from "./suggest.ts";

/** What FROM gives: rows, and names for their columns. */
export interface FromClause {
  readonly relation: Relation;
  readonly names: Names;
}

/** What an item of FROM is analyzed with. */
interface FromContext {
  readonly analysis: Analysis;
  /** What lies to the left. */
  readonly left: Names;
  readonly outer: Scope | undefined;
  readonly definitions: Definitions;
}

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
  const query = analysis.query(view.statement.query, undefined, new Map());
  return {
    relation: query.relation,
    names: namesOf(query.columns, alias, query.isValueTable),
  };
}

function nameOf(path: Path): string {
  return path.parts.map((part) => part.name).join(".");
}

/** Finds a table, or says that there is none. */
export function resolveTable(analysis: Analysis, path: Path): Table {
  const name = nameOf(path);
  const table = findTable(analysis.schema, name);
  if (table !== undefined) return table;
  const names = [...analysis.schema.tables.values()].map((each) => each.name);
  throw tableNotFound(name, suggest(name, names), analysis.place(path));
}

/** A scan of a whole table, each column under a number of its own. */
export function scanOf(
  analysis: Analysis,
  table: Table,
  alias: string,
  hint: Hint | undefined,
  isForUpdate = false,
): { readonly relation: TableScan; readonly names: Names } {
  const columns = table.columns.map((source) => ({ column: analysis.newColumn(), source }));
  const named = columns.map(
    ({ column, source }): NamedColumn => ({
      name: source.name,
      expression: { kind: "column", type: source.type, column, name: source.name },
      isHidden: source.isHidden,
    }),
  );
  const relation: TableScan = {
    kind: "scan",
    table,
    columns,
    forcedIndex: forcedIndexOf(analysis, table, hint),
    isForUpdate,
  };
  return {
    relation,
    names: { columns: named, variables: [{ name: alias, columns: named, value: undefined }] },
  };
}

function forcedIndexOf(
  analysis: Analysis,
  table: Table,
  hint: Hint | undefined,
): string | undefined {
  checkHint(analysis, hint);
  for (const entry of hint?.entries ?? []) {
    if (entry.qualifier !== undefined && entry.qualifier.name.toUpperCase() !== "SPANNER") continue;
    if (entry.name.name.toUpperCase() !== "FORCE_INDEX") continue;
    const name = entry.value.kind === "string" ? entry.value.value : analysis.textOf(entry.value);
    const plain = name.replaceAll("`", "");
    if (plain.toUpperCase() === "_BASE_TABLE") return "_BASE_TABLE";
    const index = findIndex(analysis.schema, plain);
    if (index === undefined || index.table.toLowerCase() !== table.name.toLowerCase()) {
      throw analysis.error(
        entry.value,
        `The table ${table.name} does not have a secondary index called ${plain}`,
      );
    }
    return index.name;
  }
  return undefined;
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

/** A join but for its left side. */
type JoinStep = Omit<JoinTree, "left" | "kind"> &
  Pick<JoinTree, "position"> & { readonly kind: string };

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

function methodOf(hint: Hint | undefined): string | undefined {
  const entry = hint?.entries.find((each) =>
    ["JOIN_METHOD", "JOIN_TYPE"].includes(each.name.name.toUpperCase()),
  );
  if (entry === undefined) return undefined;
  const { value } = entry;
  return value.kind === "path" ? value.parts[0]?.name.toUpperCase() : undefined;
}

function checkAliases(tree: JoinStep, left: Names, right: Names, { analysis }: FromContext): void {
  const taken = new Set(left.variables.map(({ name }) => name.toLowerCase()));
  for (const { name } of right.variables) {
    if (name !== "" && taken.has(name.toLowerCase())) {
      throw analysis.error(tree.right, `Duplicate table alias ${name} in the same FROM clause`);
    }
  }
}

interface JoinNames {
  readonly condition: Expression | undefined;
  readonly names: Names;
  /** Columns that only a computation over both sides gives. */
  readonly computed: readonly { readonly column: number; readonly expression: Expression }[];
}

function conditionOf(
  tree: JoinStep,
  left: FromClause,
  right: FromClause,
  context: FromContext,
): JoinNames {
  const { analysis } = context;
  const both = mergeNames(left.names, right.names);
  const { condition } = tree;
  if (condition === undefined) {
    const isArrayJoin =
      right.relation.kind === "unnest" && (tree.type === "INNER" || tree.type === "LEFT");
    if (tree.type !== "CROSS" && tree.type !== "COMMA" && !isArrayJoin) {
      throw analysis.error(
        tree,
        `${tree.type} JOIN must have an immediately following ON or USING clause`,
      );
    }
    return { condition: undefined, names: both, computed: [] };
  }
  if (condition.kind === "using")
    return usingColumns(tree, condition.columns, left, right, context);
  const on = analysis.expression(condition.condition, {
    scope: scopeOf([mergeNames(context.left, both)], context.outer),
    clause: "JOIN ON clause",
    aggregates: undefined,
    definitions: context.definitions,
  });
  return {
    condition: toBool(analysis, on, condition.condition, "JOIN ON clause"),
    names: both,
    computed: [],
  };
}

/** USING names columns of both sides; each comes once, first, from the side that surely has it. */
function usingColumns(
  tree: JoinStep,
  names: readonly Identifier[],
  left: FromClause,
  right: FromClause,
  { analysis }: FromContext,
): JoinNames {
  const tests: Expression[] = [];
  const merged: NamedColumn[] = [];
  const computed: { column: number; expression: Expression }[] = [];
  for (const name of names) {
    const a = usedColumn(analysis, name, left.names, "left");
    const b = usedColumn(analysis, name, right.names, "right");
    tests.push(applyOperator(analysis, "$equal", [a, b], name));
    if (tree.type !== "FULL") {
      merged.push({ name: name.name, expression: tree.type === "RIGHT" ? b : a });
      continue;
    }
    const column = analysis.newColumn();
    const other = coercionCost(b, a.type) === undefined ? b : coerce(analysis, b, a.type, name);
    computed.push({
      column,
      expression: { kind: "coalesce", type: a.type, operands: [a, other] },
    });
    merged.push({
      name: name.name,
      expression: { kind: "column", type: a.type, column, name: name.name },
    });
  }
  const used = new Set(names.map((name) => name.name.toLowerCase()));
  const rest = (side: Names): readonly NamedColumn[] =>
    side.columns.filter((column) => !used.has(column.name.toLowerCase()));
  const [only] = tests;
  return {
    condition:
      only !== undefined && tests.length === 1
        ? only
        : { kind: "and", type: BOOL, operands: tests },
    names: {
      columns: [...merged, ...rest(left.names), ...rest(right.names)],
      variables: [...left.names.variables, ...right.names.variables],
    },
    computed,
  };
}

function usedColumn(
  analysis: Analysis,
  name: Identifier,
  names: Names,
  side: "left" | "right",
): Expression {
  const found = lookUp(scopeOf([{ ...names, variables: [] }], undefined), name.name);
  if (found?.kind === "column") return found.expression;
  if (found?.kind === "ambiguous") {
    throw analysis.error(
      name,
      `Column ${name.name} in USING clause is ambiguous on ${side} side of join`,
    );
  }
  throw analysis.error(
    name,
    `Column ${name.name} in USING clause not found on ${side} side of join`,
  );
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
  if (
    sample.repeatable !== undefined ||
    sample.weight !== undefined ||
    sample.partitionBy.length > 0
  ) {
    throw unsupportedQuery(
      "REPEATABLE, WITH WEIGHT and PARTITION BY are not supported in TABLESAMPLE",
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
  const relation: Relation = {
    kind: "sample",
    input: from.relation,
    method,
    size: coerce(analysis, size, type, sample.size),
  };
  return { ...from, relation };
}
