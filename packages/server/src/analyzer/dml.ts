// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE and DELETE. Each becomes a query that gives the rows to write, or their keys, and a
// note of what to do with them; the query sees the table as it is before the statement.
import { INT64 } from "@spandrel/model";
import type {
  Assignment,
  Delete,
  Expression as ExpressionTree,
  Identifier,
  Insert,
  OnConflict,
  Update,
} from "@spandrel/sql";
import { structResult, tokenListResult, unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { holdsTokenList } from "../functions/token-list.ts";
import { type Column, findColumn, type Table } from "../schema/schema.ts";
import type { Analysis } from "./analysis.ts";
import { toBool } from "./case.ts";
import { coerce, coercionCost } from "./coercion.ts";
import { checkHint } from "./hint.ts";
import { givenPlaces, selectedRows, valuesOf, writtenValue } from "./insert-source.ts";
import { analyzeNested } from "./nested-dml.ts";
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
import { returningOf, rowNames } from "./returning.ts";
import { type NamedColumn, type Names, scopeOf } from "./scope.ts";
import { resolveTable, scanOf } from "./table.ts";

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
  // Known once the assignments are; what is wrong with the condition is to be said first.
  const targets: Column[] = [];
  const { relation: scan, names } = scanOf(analysis, table, alias, tree.tableHint, true, targets);
  const filtered = filter(analysis, scan, names, tree.where);
  const assigned = [
    ...assignments(analysis, table, tree.assignments, names, alias),
    ...analyzeNested(analysis, table, tree.nested, names),
  ];
  targets.push(...assigned.map(({ target }) => target));
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
    targets,
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
  if (items.some(({ type }) => holdsTokenList(type))) throw tokenListResult();
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
