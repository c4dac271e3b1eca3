// SPDX-License-Identifier: Apache-2.0
// The expressions of a table: defaults, generated columns, checks. They are kept as they were written
// and resolved anew whenever a column of the table comes, goes or changes, because a resolved column is
// a position.
import { StatusError } from "@spandrel/base";
import { BOOL, type Type } from "@spandrel/model";
import { type Expression as ExpressionTree, parseExpression, SqlErrors, walk } from "@spandrel/sql";
import { analyzeColumnExpression } from "../analyzer/analyze.ts";
import {
  checkWithoutColumn,
  commitTimestampDefaultOnly,
  commitTimestampInCheck,
  commitTimestampInGenerated,
  defaultReadsColumn,
  expressionInvalid,
  expressionTooDeep,
  generatedColumnCycle,
  nonDeterministicExpression,
  nonScalarExpression,
} from "../errors/constraint.ts";
import { syntaxErrors } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { columnsIn, partsOf, someParts } from "../expression/walk.ts";
import type { CheckConstraint } from "../schema/constraint.ts";
import type { Column, ColumnExpression, Schema, Table } from "../schema/schema.ts";
import { resolveTokens } from "./token-list.ts";

/** Stands for an expression that has not been resolved yet. */
const unresolved: Expression = { kind: "constant", type: BOOL, value: null, isUntyped: true };

/** The expression at some place of a statement, still to be resolved. */
export function written(text: string, tree: ExpressionTree): ColumnExpression {
  const { start, end } = tree.position;
  return { text: text.slice(start, end).trim(), expression: unresolved };
}

/**
 * Resolves every expression of a table over its columns as they are.
 *
 * @throws {StatusError} INVALID_ARGUMENT when one makes no sense, FAILED_PRECONDITION when it reads what it
 * must not.
 */
export function resolveTable(schema: Schema, table: Table): Table {
  const columns = table.columns.map((column) => resolveColumn(schema, table, column));
  requireNoCycle(columns);
  for (const column of columns) requireNoCommitTimestamp(columns, column);
  const resolved = { ...table, columns };
  const checks = table.checks.map((check) => resolveCheck(schema, resolved, check));
  return { ...resolved, checks };
}

function resolveColumn(schema: Schema, table: Table, column: Column): Column {
  const { defaultValue, generated, onUpdate } = column;
  return {
    ...column,
    defaultValue: defaultValue && resolveDefault(schema, table, column, defaultValue),
    onUpdate: onUpdate && resolveDefault(schema, table, column, onUpdate),
    generated: generated && {
      ...generated,
      expression: resolveGenerated(schema, table, column, generated),
    },
  };
}

function resolveDefault(
  schema: Schema,
  table: Table,
  column: Column,
  source: ColumnExpression,
): ColumnExpression {
  const owner = `the default value of column \`${table.name}\`.\`${column.name}\``;
  const expression = resolve(schema, table, source.text, column.type, {
    owner: `Error parsing ${owner}`,
    kind: "column default",
  });
  if (columnsIn(expression).size > 0) throw defaultReadsColumn(column.name);
  if (column.allowsCommitTimestamp === true && expression.kind !== "commit timestamp") {
    throw commitTimestampDefaultOnly(column.name);
  }
  return { text: source.text, expression };
}

function resolveGenerated(
  schema: Schema,
  table: Table,
  column: Column,
  { text, isStored }: { readonly text: string; readonly isStored: boolean },
): Expression {
  const owner = `Error parsing the definition of generated column \`${table.name}\`.\`${column.name}\``;
  const kind = isStored ? "stored generated columns" : "generated columns";
  const whole = `(${text})`;
  const expression =
    column.isTokenList === true
      ? resolveTokenList(schema, table, whole, { owner, kind })
      : resolve(schema, table, whole, column.type, { owner, kind });
  requireDeterministic(expression, owner, isStored ? "stored generated columns" : kind);
  return expression;
}

function resolveCheck(schema: Schema, table: Table, check: CheckConstraint): CheckConstraint {
  const name = check.isNameGiven ? check.name : "<unnamed>";
  const owner = `Error parsing expression '${check.text}' from check constraint '${name}' in table '${table.name}'`;
  const kind = "check constraints";
  const expression = resolve(schema, table, check.text, BOOL, { owner, kind });
  requireDeterministic(expression, owner, kind);
  const reads = columnsBehind(table.columns, expression);
  for (const place of reads) {
    const column = table.columns[place];
    if (column?.allowsCommitTimestamp === true) throw commitTimestampInCheck(column.name);
  }
  const isFree = [...reads].some((place) => table.columns[place]?.generated === undefined);
  if (!isFree) throw checkWithoutColumn(table.name, check.name, check.text);
  return { ...check, expression };
}

interface Owner {
  readonly owner: string;
  readonly kind: string;
}

function resolve(
  schema: Schema,
  table: Table,
  text: string,
  type: Type,
  { owner, kind }: Owner,
): Expression {
  try {
    const tree = parse(text);
    refuseSubqueries(tree, kind);
    const { columns } = table;
    const expression = analyzeColumnExpression(tree, schema, { text, columns, type });
    const depth = depthOf(expression);
    if (depth > depthMax) throw expressionTooDeep(depth, depthMax);
    return expression;
  } catch (thrown) {
    throw expressionInvalid(owner, StatusError.from(thrown));
  }
}

function resolveTokenList(
  schema: Schema,
  table: Table,
  text: string,
  { owner, kind }: Owner,
): Expression {
  const tree = parse(text);
  refuseSubqueries(tree, kind);
  return resolveTokens(schema, tree, { owner, text, columns: table.columns });
}

/** How deep an expression of a schema may be nested, casts that were put in included. */
const depthMax = 20;

function depthOf(expression: Expression): number {
  return 1 + Math.max(0, ...partsOf(expression).map(depthOf));
}

function parse(text: string): ExpressionTree {
  try {
    return parseExpression(text);
  } catch (thrown) {
    if (thrown instanceof SqlErrors) throw syntaxErrors(thrown);
    throw thrown;
  }
}

function refuseSubqueries(tree: ExpressionTree, kind: string): void {
  walk(tree, (node) => {
    if (node.kind === "subquery" || node.kind === "query-source" || node.kind === "query") {
      throw nonScalarExpression(kind);
    }
    return true;
  });
}

function requireDeterministic(expression: Expression, owner: string, kind: string): void {
  someParts(expression, (part) => {
    if (part.kind === "commit timestamp") {
      throw nonDeterministicExpression(owner, "PENDING_COMMIT_TIMESTAMP", kind);
    }
    if (part.kind !== "call") return false;
    const { name, isVolatile } = part.overload;
    const isRandom = isVolatile && name.toUpperCase() !== "ERROR";
    if (isRandom || momentary.has(name.toUpperCase())) {
      throw nonDeterministicExpression(owner, name.toUpperCase(), kind);
    }
    return false;
  });
}

/** Functions whose value depends on when they are called, not on their arguments alone. */
const momentary = new Set(["CURRENT_TIMESTAMP", "CURRENT_DATE", "GENERATE_UUID", "NEW_UUID"]);

/** Every column that an expression depends on, also through generated ones. */
function columnsBehind(columns: readonly Column[], expression: Expression): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (each: Expression): void => {
    for (const place of columnsIn(each)) {
      if (found.has(place)) continue;
      found.add(place);
      const generated = columns[place]?.generated;
      if (generated !== undefined) visit(generated.expression);
    }
  };
  visit(expression);
  return found;
}

function requireNoCommitTimestamp(columns: readonly Column[], { generated }: Column): void {
  if (generated === undefined) return;
  for (const place of columnsIn(generated.expression)) {
    const column = columns[place];
    if (column?.allowsCommitTimestamp === true) throw commitTimestampInGenerated(column.name);
  }
}

/** Follows each generated column to what it reads; a circle is told from where it was entered. */
function requireNoCycle(columns: readonly Column[]): void {
  const done = new Set<number>();
  const path: number[] = [];
  const visit = (place: number): void => {
    if (done.has(place)) return;
    if (path.includes(place)) {
      throw generatedColumnCycle(path.map((each) => columns[each]?.name ?? ""));
    }
    const generated = columns[place]?.generated;
    if (generated === undefined) return;
    path.push(place);
    for (const each of columnsIn(generated.expression)) visit(each);
    path.pop();
    done.add(place);
  };
  for (const place of columns.keys()) visit(place);
}
