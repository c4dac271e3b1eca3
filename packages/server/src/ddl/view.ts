// SPDX-License-Identifier: Apache-2.0
// Views: queries that make sense now, and must go on making sense while what they read changes. A
// change that would break a view, or the types of its columns, is refused.
// https://cloud.google.com/spanner/docs/views
import { StatusError } from "@spandrel/base";
import { printType, typesEqual } from "@spandrel/model";
import { type CreateView, type Path, parseQuery, type TreeNode, walk } from "@spandrel/sql";
import { analyzeStatement } from "../analyzer/analyze.ts";
import type { Place } from "../errors/query.ts";
import {
  builtInFunctionName,
  recursiveView,
  tableNeededByViews,
  tooManyFunctions,
  viewBroken,
  viewColumnRepeated,
  viewColumnUnnamed,
  viewForUpdate,
  viewInvalid,
  viewReplacedInvalid,
  viewSecurityMissing,
  viewTooDeep,
  viewTypeChanged,
  viewWithDefinitions,
  viewWithParameters,
} from "../errors/view.ts";
import { findAggregate, findFunction } from "../functions/registry.ts";
import type { Column, Definition, ReadColumns, Schema, Table } from "../schema/schema.ts";
import { define, definitionsOf, putDefinition, type ViewBody } from "./definition.ts";
import { nameOf } from "./name.ts";
import type { ChangeContext, SchemaChange } from "./schema-change.ts";

/** CREATE [OR REPLACE] VIEW. */
export function createView(
  schema: Schema,
  statement: CreateView,
  context: ChangeContext,
): SchemaChange {
  const name = nameOf(statement.name);
  if (isFunctionName(name)) throw builtInFunctionName("View", name);
  if (statement.security === undefined) throw viewSecurityMissing(name);
  const { start, end } = statement.query.position;
  const text = context.text.slice(start, end).trim();
  const clean = { ...statement, orReplace: false, ifNotExists: false };
  const present = schema.definitions.get(name.toLowerCase());
  if (!statement.orReplace || present?.kind !== "VIEW") {
    const { functionsPerDatabaseMax } = context.limits;
    if (definitionsOf(schema, "VIEW").length >= functionsPerDatabaseMax) {
      throw tooManyFunctions(name, functionsPerDatabaseMax);
    }
    const view = analyzedBody(schema, text, (cause) => viewInvalid(name, cause));
    const { ifNotExists } = statement;
    const options = { kind: "VIEW", name, statement: clean, ifNotExists, view } as const;
    const change = define(schema, options, context);
    requireDepth(change.schema, [name], context);
    return change;
  }
  if (readsView(schema, viewsIn(schema, statement.query), name)) throw recursiveView(name);
  const view = analyzedBody(schema, text, (cause) => viewReplacedInvalid(name, cause));
  const replaced = putDefinition(schema, { ...present, name, statement: clean, ...view });
  const rechecked = recheckViews(replaced, `VIEW \`${name}\``);
  const views = definitionsOf(rechecked, "VIEW").map((each) => each.name);
  requireDepth(rechecked, [name, ...views], context);
  return { schema: rechecked, effects: [] };
}

/**
 * The schema with every view analyzed anew, after something that it reads has changed.
 *
 * @throws {StatusError} FAILED_PRECONDITION when a view makes no sense any more, or has other types.
 */
export function recheckViews(schema: Schema, changed: string): Schema {
  let result = schema;
  for (const view of schema.definitions.values()) {
    if (view.kind !== "VIEW") continue;
    const body = analyzedBody(result, view.text, (cause) => viewBroken(changed, view.name, cause));
    for (const [place, { type }] of body.columns.entries()) {
      const before = view.columns[place]?.type;
      if (before === undefined || typesEqual(before, type)) continue;
      throw viewTypeChanged(changed, view.name, printType(before), printType(type));
    }
    result = putDefinition(result, { ...view, ...body });
  }
  return result;
}

/** The views that read a table, or a column of it. */
export function readersOf(
  schema: Schema,
  table: Table,
  column: Column | undefined,
): readonly string[] {
  return definitionsOf(schema, "VIEW").flatMap(({ name, reads }) => {
    const isRead = reads.some(
      ({ tableId, columnIds }) =>
        tableId === table.id && (column === undefined || columnIds.includes(column.id)),
    );
    return isRead ? [name] : [];
  });
}

/** @throws {StatusError} FAILED_PRECONDITION when a view reads the table. */
export function requireUnread(schema: Schema, table: Table): void {
  const views = readersOf(schema, table, undefined);
  if (views.length > 0) throw tableNeededByViews(table.name, views);
}

/** Views in the order of their creation, each behind those that it reads. */
export function inReadingOrder(definitions: readonly Definition[]): readonly Definition[] {
  const ordered: Definition[] = [];
  const visit = (definition: Definition): void => {
    if (ordered.includes(definition)) return;
    for (const each of definitions) {
      if (each !== definition && definition.views.includes(each.name.toLowerCase())) visit(each);
    }
    ordered.push(definition);
  };
  for (const definition of definitions) visit(definition);
  return ordered;
}

function analyzedBody(
  schema: Schema,
  text: string,
  invalid: (cause: StatusError) => StatusError,
): ViewBody {
  try {
    const tree = parseQuery(text);
    if (tree.with !== undefined) throw viewWithDefinitions();
    if (tree.forUpdate) throw viewForUpdate();
    const statement = analyzeStatement(tree, schema, {
      parameterTypes: new Map(),
      text,
      keptAs: "view",
    });
    if (statement.parameters.size > 0) throw viewWithParameters();
    const isValueTable = statement.kind === "query" && statement.query.isValueTable;
    if (!isValueTable) requireNames(statement.columns, { text, offset: tree.position.start });
    const { columns } = statement;
    return { text, reads: scansIn(statement), views: viewsIn(schema, tree), columns };
  } catch (thrown) {
    throw invalid(StatusError.from(thrown));
  }
}

/** @throws {StatusError} FAILED_PRECONDITION when a view reads views that read views, too deep. */
function requireDepth(
  schema: Schema,
  names: readonly string[],
  { limits: { viewDepthMax } }: ChangeContext,
): void {
  const depths = new Map<string, number>();
  const depthOf = (key: string): number => {
    const views = schema.definitions.get(key)?.views ?? [];
    const depth = depths.get(key) ?? 1 + Math.max(0, ...views.map(depthOf));
    depths.set(key, depth);
    return depth;
  };
  for (const name of names) {
    if (depthOf(name.toLowerCase()) > viewDepthMax) throw viewTooDeep(name, viewDepthMax);
  }
}

function isFunctionName(name: string): boolean {
  const upper = name.toUpperCase();
  return findFunction(upper) !== undefined || findAggregate(upper) !== undefined;
}

/** @throws {StatusError} INVALID_ARGUMENT when a column has no name, or that of another one. */
function requireNames(columns: readonly { readonly name: string }[], at: Place): void {
  const seen = new Set<string>();
  for (const [place, { name }] of columns.entries()) {
    if (name === "") throw viewColumnUnnamed(place + 1, at);
    if (seen.has(name.toLowerCase())) throw viewColumnRepeated(name, at);
    seen.add(name.toLowerCase());
  }
}

/** The views that a query names, in lower case. */
function viewsIn(schema: Schema, tree: TreeNode): readonly string[] {
  const found = new Set<string>();
  walk(tree, (node) => {
    if (isPath(node)) {
      const name = nameOf(node).toLowerCase();
      if (schema.definitions.get(name)?.kind === "VIEW") found.add(name);
    }
    return true;
  });
  return [...found];
}

function isPath(node: TreeNode): node is Path {
  return node.kind === "path";
}

/** Whether some views read a view, themselves or through others. */
function readsView(schema: Schema, views: readonly string[], name: string): boolean {
  const wanted = name.toLowerCase();
  return views.some(
    (each) =>
      each === wanted || readsView(schema, schema.definitions.get(each)?.views ?? [], wanted),
  );
}

interface Scan {
  readonly kind: "scan";
  readonly table: Table;
  readonly columns: readonly { readonly column: number; readonly source: Column }[];
}

/** Every scan in a resolved query, wherever it stands, with the columns whose numbers are read. */
function scansIn(statement: object): readonly ReadColumns[] {
  const scans: Scan[] = [];
  const numbers = new Set<number>();
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (isScan(value)) {
      // A scan's own columns are those that it could give, not those that are read.
      scans.push(value);
      return;
    }
    if ("column" in value && typeof value.column === "number") numbers.add(value.column);
    for (const field of Object.values(value)) visit(field);
  };
  visit(statement);
  return scans.map(({ table, columns }) => ({
    tableId: table.id,
    columnIds: columns.filter(({ column }) => numbers.has(column)).map(({ source }) => source.id),
  }));
}

function isScan(value: object): value is Scan {
  return "kind" in value && value.kind === "scan" && "table" in value;
}
