// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE and DELETE. Each becomes a query that gives the rows to write, or their keys, and a
// note of what to do with them; the query sees the table as it is before the statement.
import { INT64, printType, STRING } from "@spandrel/model";
import type {
  Assignment,
  DefaultValue,
  Delete,
  Expression as ExpressionTree,
  Identifier,
  Insert,
  InsertValues,
  OnConflict,
  Returning,
  TreeNode,
  Update,
} from "@spandrel/sql";
import { cannotWriteColumn, structResult, unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { type Column, findColumn, type Table } from "../schema/schema.ts";
import type { Analysis } from "./analysis.ts";
import { toBool } from "./case.ts";
import { coerce, coercionCost } from "./coercion.ts";
import { resolveTable, scanOf } from "./from.ts";
import { checkHint } from "./hint.ts";
import { printTypesOf } from "./match.ts";
import { analyzeNested } from "./nested-dml.ts";
import { referenceTo } from "./order-by.ts";
import type {
  ComputedColumn,
  ConflictUpdate,
  DeleteStatement,
  InsertStatement,
  OutputColumn,
  Relation,
  ResolvedQuery,
  ReturningClause,
  StatementParts,
  UpdateStatement,
} from "./resolved.ts";
import { type NamedColumn, type Names, scopeOf } from "./scope.ts";
import { selectedValues } from "./select-list.ts";

const modes = {
  INSERT: "INSERT",
  IGNORE: "INSERT_OR_IGNORE",
  UPDATE: "INSERT_OR_UPDATE",
  REPLACE: "REPLACE",
} as const;

/** Analyzes an INSERT. */
export function analyzeInsert(analysis: Analysis, tree: Insert): InsertStatement {
  checkHint(analysis, tree.hint);
  const table = resolveTable(analysis, tree.table);
  if (tree.columns === undefined) {
    throw analysis.error(tree, "INSERT must specify a column list");
  }
  if (tree.mode === "REPLACE") {
    throw unsupportedQuery("INSERT OR REPLACE is not supported", analysis.place(tree));
  }
  const named = targetColumns(analysis, table, tree.columns);
  const places = givenPlaces(tree, named);
  const targets = named.filter((_, place) => places.has(place));
  const source =
    tree.source.kind === "values"
      ? valuesOf(analysis, tree.source, table, named, places)
      : selectedRows(analysis, tree, analysis.query(tree.source, undefined, new Map()), targets);
  const rowColumns = table.columns.map(() => analysis.newColumn());
  const onConflict =
    tree.onConflict === undefined
      ? undefined
      : conflictUpdate(analysis, tree.onConflict, table, targets);
  const mode = tree.onConflict?.action.kind === "nothing" ? "INSERT_OR_IGNORE" : modes[tree.mode];
  const returning = returningOf(analysis, tree.returning, table, rowColumns, nameOf(tree.table));
  return {
    kind: "insert",
    table,
    targets,
    source,
    mode,
    onConflict,
    returning,
    expectedRows: expectedRows(analysis, tree.assertRowsModified),
    ...partsOf(analysis, returning),
  };
}

/** Analyzes an UPDATE. */
export function analyzeUpdate(analysis: Analysis, tree: Update): UpdateStatement {
  if (tree.from !== undefined) {
    throw unsupportedQuery("UPDATE with FROM is not supported", analysis.place(tree.from));
  }
  if (tree.where === undefined) throw analysis.error(tree, "UPDATE must have a WHERE clause");
  checkHint(analysis, tree.hint);
  const table = resolveTable(analysis, tree.table);
  const alias = tree.alias?.name ?? nameOf(tree.table);
  const { relation: scan, names } = scanOf(analysis, table, alias, tree.tableHint, true);
  const filtered = filter(analysis, scan, names, tree.where);
  const assigned = [
    ...assignments(analysis, table, tree.assignments, names, alias),
    ...analyzeNested(analysis, table, tree.nested, names),
  ];
  const computed = assigned.map(
    ({ value }): ComputedColumn => ({
      column: analysis.newColumn(),
      expression: value,
    }),
  );
  const source: ResolvedQuery = {
    relation: { kind: "compute", input: filtered, columns: computed },
    columns: [
      ...keyOutputs(table, names),
      ...computed.map(({ column, expression }) => ({ name: "", column, type: expression.type })),
    ],
    isValueTable: false,
  };
  const rowColumns = table.columns.map(() => analysis.newColumn());
  const returning = returningOf(analysis, tree.returning, table, rowColumns, alias);
  return {
    kind: "update",
    table,
    targets: assigned.map(({ target }) => target),
    source,
    returning,
    expectedRows: expectedRows(analysis, tree.assertRowsModified),
    ...partsOf(analysis, returning),
  };
}

/** Analyzes a DELETE. */
export function analyzeDelete(analysis: Analysis, tree: Delete): DeleteStatement {
  if (tree.where === undefined) throw analysis.error(tree, "DELETE must have a WHERE clause");
  checkHint(analysis, tree.hint);
  const table = resolveTable(analysis, tree.table);
  const alias = tree.alias?.name ?? nameOf(tree.table);
  const { relation: scan, names } = scanOf(analysis, table, alias, tree.tableHint, true);
  const relation = filter(analysis, scan, names, tree.where);
  const rowColumns = scan.columns.map(({ column }) => column);
  const returning = returningOf(analysis, tree.returning, table, rowColumns, alias);
  const whole = returning === undefined ? [] : outputsOf(names.columns);
  return {
    kind: "delete",
    table,
    source: { relation, columns: [...keyOutputs(table, names), ...whole], isValueTable: false },
    returning,
    expectedRows: expectedRows(analysis, tree.assertRowsModified),
    ...partsOf(analysis, returning),
  };
}

function partsOf(analysis: Analysis, returning: ReturningClause | undefined): StatementParts {
  const items = (returning?.items ?? []).map(({ name, expression }) => ({
    name,
    type: expression.type,
  }));
  if (items.some(({ type }) => type.kind === "STRUCT")) throw structResult();
  return {
    columns: items,
    parameters: analysis.parameters,
    subqueries: analysis.subqueries,
    definitions: analysis.definitions,
  };
}

function expectedRows(
  analysis: Analysis,
  tree: ExpressionTree | undefined,
): Expression | undefined {
  if (tree === undefined) return undefined;
  const expected = analysis.expression(tree, {
    scope: undefined,
    clause: "ASSERT_ROWS_MODIFIED",
    aggregates: undefined,
    definitions: new Map(),
  });
  if (coercionCost(expected, INT64) === undefined) {
    throw analysis.error(tree, "ASSERT_ROWS_MODIFIED expects an INT64");
  }
  return coerce(analysis, expected, INT64, tree);
}

function nameOf(path: Insert["table"]): string {
  return path.parts.at(-1)?.name ?? "";
}

function resolveColumn(analysis: Analysis, table: Table, name: Identifier): Column {
  const column = findColumn(table, name.name);
  if (column === undefined) {
    throw analysis.error(name, `Column ${name.name} is not present in table ${table.name}`);
  }
  return column;
}

function targetColumns(
  analysis: Analysis,
  table: Table,
  names: readonly Identifier[],
): readonly Column[] {
  const seen = new Set<Column>();
  return names.map((name) => {
    const column = resolveColumn(analysis, table, name);
    if (seen.has(column)) {
      throw analysis.error(name, `INSERT has columns with duplicate name: ${column.name}`);
    }
    seen.add(column);
    return column;
  });
}

/**
 * The columns that a statement really gives, by their places in its list: a column that makes its own
 * value, and is DEFAULT in every row, might as well not have been named.
 */
function givenPlaces({ source }: Insert, named: readonly Column[]): ReadonlySet<number> {
  const isGiven = ({ generated, identity }: Column, place: number): boolean => {
    if (source.kind !== "values" || (generated ?? identity) === undefined) return true;
    return source.rows.some(({ values }) => values[place]?.kind !== "default");
  };
  return new Set(
    [...named.keys()].filter((place) => {
      const column = named[place];
      return column !== undefined && isGiven(column, place);
    }),
  );
}

/** Values in the types of the columns that they are for; DEFAULT is what the column says. */
function valuesOf(
  analysis: Analysis,
  tree: InsertValues,
  table: Table,
  named: readonly Column[],
  places: ReadonlySet<number>,
): ResolvedQuery {
  const columns = named
    .filter((_, place) => places.has(place))
    .map(
      (target): OutputColumn => ({
        name: target.name,
        column: analysis.newColumn(),
        type: target.type,
      }),
    );
  const rows = tree.rows.map((row) => {
    if (row.values.length !== named.length) {
      throw analysis.error(
        row,
        `Inserted row has wrong column count; Has ${row.values.length}, expected ${named.length}`,
      );
    }
    return named.flatMap((target, place) => {
      if (!places.has(place)) return [];
      return writtenValue(analysis, row.values[place] ?? row, table, target, undefined);
    });
  });
  const relation: Relation = { kind: "values", columns: columns.map(({ column }) => column), rows };
  return { relation, columns, isValueTable: false };
}

/** A value for a column, cast to the column's type. */
function writtenValue(
  analysis: Analysis,
  tree: ExpressionTree | DefaultValue | TreeNode,
  table: Table,
  target: Column,
  names: Names | undefined,
): Expression {
  if (tree.kind === "default") return defaultOf(table, target);
  if (target.generated !== undefined) throw cannotWriteColumn(table.name, target.name);
  const value = analysis.expression(tree as ExpressionTree, {
    scope: names === undefined ? undefined : scopeOf([names], undefined),
    clause: names === undefined ? "INSERT VALUES" : "UPDATE SET",
    aggregates: undefined,
    definitions: new Map(),
  });
  return toColumn(analysis, value, target, tree);
}

function defaultOf(table: Table, target: Column): Expression {
  if (target.generated !== undefined) throw cannotWriteColumn(table.name, target.name);
  return (
    target.defaultValue?.expression ?? {
      kind: "constant",
      type: target.type,
      value: null,
      isUntyped: false,
    }
  );
}

function toColumn(analysis: Analysis, value: Expression, target: Column, at: TreeNode): Expression {
  if (coercionCost(value, target.type) === undefined) {
    throw analysis.error(
      at,
      `Value has type ${printTypesOf([value])[0]} which cannot be inserted into column ${target.name}, which has type ${printType(target.type)}`,
    );
  }
  return coerce(analysis, value, target.type, at);
}

function selectedRows(
  analysis: Analysis,
  tree: Insert,
  query: ResolvedQuery,
  targets: readonly Column[],
): ResolvedQuery {
  if (query.columns.length !== targets.length) {
    throw analysis.error(
      tree.source,
      `Inserted row has wrong column count; Has ${query.columns.length}, expected ${targets.length}`,
    );
  }
  const computed = targets.map((target, index): ComputedColumn => {
    const column = query.columns[index];
    if (target.generated !== undefined)
      throw cannotWriteColumn(tree.table.parts[0]?.name ?? "", target.name);
    const value: Expression =
      column === undefined
        ? { kind: "constant", type: target.type, value: null, isUntyped: true }
        : (openValue(query.relation, column.column) ?? referenceTo(column));
    return {
      column: analysis.newColumn(),
      expression: toColumn(analysis, value, target, tree.source),
    };
  });
  return {
    relation: { kind: "compute", input: query.relation, columns: computed },
    columns: computed.map(({ column }, index) => ({
      name: targets[index]?.name ?? "",
      column,
      type: targets[index]?.type ?? STRING,
    })),
    isValueTable: false,
  };
}

/** A literal or parameter in a SELECT list takes on the type of the column it is inserted into. */
function openValue(relation: Relation, column: number): Expression | undefined {
  if (relation.kind !== "compute") return undefined;
  const expression = relation.columns.find((each) => each.column === column)?.expression;
  return expression?.kind === "constant" || expression?.kind === "parameter"
    ? expression
    : undefined;
}

function filter(
  analysis: Analysis,
  input: Relation,
  names: Names,
  where: ExpressionTree,
): Relation {
  const condition = analysis.expression(where, {
    scope: scopeOf([names], undefined),
    clause: "WHERE clause",
    aggregates: undefined,
    definitions: new Map(),
  });
  return { kind: "filter", input, condition: toBool(analysis, condition, where, "WHERE clause") };
}

interface Assigned {
  readonly target: Column;
  readonly value: Expression;
}

function assignments(
  analysis: Analysis,
  table: Table,
  trees: readonly Assignment[],
  names: Names,
  alias: string,
): readonly Assigned[] {
  const seen = new Set<Column>();
  return trees.map((tree) => {
    const target = assignedColumn(analysis, table, tree, alias);
    if (seen.has(target)) {
      throw analysis.error(tree, `Update item ${target.name} assigned more than once`);
    }
    seen.add(target);
    if (table.primaryKey.some((part) => part.column.id === target.id)) {
      throw analysis.error(tree, `Cannot UPDATE value on primary key column ${target.name}`);
    }
    return { target, value: writtenValue(analysis, tree.value, table, target, names) };
  });
}

function assignedColumn(analysis: Analysis, table: Table, tree: Assignment, alias: string): Column {
  const { target } = tree;
  if (target.kind !== "path") {
    throw unsupportedQuery("UPDATE of a part of a value is not supported", analysis.place(target));
  }
  const [first, second, ...rest] = target.parts;
  if (first === undefined) throw analysis.error(target, "Empty assignment target");
  if (second === undefined) return resolveColumn(analysis, table, first);
  if (first.name.toLowerCase() === alias.toLowerCase() && rest.length === 0) {
    return resolveColumn(analysis, table, second);
  }
  throw unsupportedQuery("UPDATE of a part of a value is not supported", analysis.place(target));
}

function outputsOf(columns: readonly NamedColumn[]): readonly OutputColumn[] {
  return columns.flatMap(({ name, expression }) =>
    expression.kind === "column"
      ? [{ name, column: expression.column, type: expression.type }]
      : [],
  );
}

function keyOutputs(table: Table, names: Names): readonly OutputColumn[] {
  const outputs = outputsOf(names.columns);
  return table.primaryKey.flatMap((part) => {
    const place = table.columns.findIndex((column) => column.id === part.column.id);
    const output = outputs[place];
    return output === undefined ? [] : [output];
  });
}

function rowNames(table: Table, numbers: readonly number[], alias: string): Names {
  const columns = table.columns.map(
    (source, index): NamedColumn => ({
      name: source.name,
      expression: {
        kind: "column",
        type: source.type,
        column: numbers[index] ?? 0,
        name: source.name,
      },
      isHidden: source.isHidden,
    }),
  );
  return { columns, variables: [{ name: alias, columns, value: undefined }] };
}

function returningOf(
  analysis: Analysis,
  tree: Returning | undefined,
  table: Table,
  rowColumns: readonly number[],
  alias: string,
): ReturningClause | undefined {
  if (tree === undefined) return undefined;
  const names = rowNames(table, rowColumns, alias);
  const context = {
    scope: scopeOf([names], undefined),
    clause: "THEN RETURN clause",
    aggregates: undefined,
    definitions: new Map<string, number>(),
  };
  const items = tree.items.flatMap((item) => selectedValues(analysis, item, names, context));
  if (tree.action === undefined) {
    return { rowColumns, items, hasAction: false };
  }
  const action = {
    name: tree.action.alias?.name ?? "ACTION",
    // The executor knows what was done; this only says the type.
    expression: { kind: "constant", type: STRING, value: null, isUntyped: false } as const,
  };
  return { rowColumns, items: [...items, action], hasAction: true };
}

/** ON CONFLICT DO UPDATE sees the row that is there, and as `excluded` the row that was to be. */
function conflictUpdate(
  analysis: Analysis,
  tree: OnConflict,
  table: Table,
  targets: readonly Column[],
): ConflictUpdate | undefined {
  if (tree.action.kind === "nothing") return undefined;
  const rowColumns = table.columns.map(() => analysis.newColumn());
  const excludedColumns = targets.map(() => analysis.newColumn());
  const existing = rowNames(table, rowColumns, table.name);
  const excluded = targets.map(
    (target, index): NamedColumn => ({
      name: target.name,
      expression: {
        kind: "column",
        type: target.type,
        column: excludedColumns[index] ?? 0,
        name: target.name,
      },
    }),
  );
  const names: Names = {
    columns: existing.columns,
    variables: [...existing.variables, { name: "excluded", columns: excluded, value: undefined }],
  };
  const condition =
    tree.action.where === undefined
      ? undefined
      : analysis.expression(tree.action.where, {
          scope: scopeOf([names], undefined),
          clause: "WHERE clause",
          aggregates: undefined,
          definitions: new Map(),
        });
  return {
    rowColumns,
    excludedColumns,
    assignments: assignments(analysis, table, tree.action.assignments, names, table.name),
    condition,
  };
}
