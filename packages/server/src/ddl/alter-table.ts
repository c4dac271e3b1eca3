// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#alter_table
import type { AlterTable, AlterTableAction, ColumnDefinition } from "@spandrel/sql";
import { columnNeededByChangeStream } from "../errors/change-stream.ts";
import { columnInUse, keyColumnDropped, notNullColumnAdded } from "../errors/column-change.ts";
import {
  columnNeededByCheck,
  columnNeededByForeignKeys,
  columnNeededByGenerated,
  constraintNotFound,
} from "../errors/constraint.ts";
import {
  cascadeAtOnce,
  interleavingChanged,
  notInterleaved,
  onDeleteWithoutParent,
  parentChanged,
} from "../errors/interleave.ts";
import {
  columnNeededByPolicy,
  deletionPolicyExists,
  deletionPolicyMissing,
} from "../errors/row-deletion-policy.ts";
import {
  duplicateColumn,
  primaryKeyNotExpected,
  schemaColumnNotFound,
  schemaTableNotFound,
  synonymExists,
  synonymNotFound,
  tooManyColumns,
} from "../errors/schema.ts";
import { columnNeededByViews } from "../errors/view.ts";
import { columnsIn } from "../expression/walk.ts";
import { findColumn, findTable, indexesOf, type Schema, type Table } from "../schema/schema.ts";
import { alterColumn } from "./alter-column.ts";
import { watchersOf } from "./change-stream.ts";
import { makeColumn, requireOnUpdate } from "./column.ts";
import { resolveTable } from "./column-expression.ts";
import {
  addManagedIndexes,
  constraintName,
  dropUnusedIndexes,
  foreignKeysOn,
  makeCheck,
  makeForeignKey,
} from "./constraint.ts";
import { isKey, tableOptions } from "./create-table.ts";
import { makeInterleave, requireParentKey } from "./interleave.ts";
import { localityGroupOf } from "./locality.ts";
import { nameOf, requireNewName } from "./name.ts";
import { requireOptions } from "./options.ts";
import { putTable } from "./put-table.ts";
import { renameTable } from "./rename-table.ts";
import { makeRowDeletionPolicy } from "./row-deletion-policy.ts";
import { type ChangeContext, type Effect, type SchemaChange, unchanged } from "./schema-change.ts";
import { indexesOver } from "./search-index.ts";
import { readersOf } from "./view.ts";

/**
 * The schema with a table changed.
 *
 * @throws {StatusError} when the table, what depends on it, or a limit do not allow it.
 */
export function alterTable(
  schema: Schema,
  statement: AlterTable,
  context: ChangeContext,
): SchemaChange {
  const name = nameOf(statement.name);
  const table = findTable(schema, name);
  if (table === undefined) throw schemaTableNotFound(name);
  const { action } = statement;
  switch (action.kind) {
    case "add-column":
      return addColumn(schema, table, action.column, action.ifNotExists, context);
    case "drop-column":
      return changed(schema, dropColumn(schema, table, action.column.name));
    case "alter-column":
      return alterColumn(schema, table, action.column.name, action.change, context);
    case "add-constraint":
      return addConstraint(schema, table, action.constraint, context);
    case "drop-constraint":
      return dropConstraint(schema, table, action.name.name);
    case "set-on-delete":
    case "set-interleave":
      return setInterleave(schema, table, action, context);
    case "add-row-deletion-policy":
    case "replace-row-deletion-policy":
    case "drop-row-deletion-policy":
      return changed(schema, withPolicy(schema, table, action));
    case "add-synonym":
      return addSynonym(schema, table, action.synonym.name, context);
    case "drop-synonym":
      return dropSynonym(schema, table, action.synonym.name);
    case "rename-to": {
      const renamed = renameTable(schema, table, nameOf(action.name), context);
      if (action.synonym === undefined) return renamed;
      const after = findTable(renamed.schema, nameOf(action.name)) ?? table;
      return addSynonym(renamed.schema, after, action.synonym.name, context);
    }
    case "set-options": {
      requireOptions(action.options, tableOptions, context);
      return changed(schema, { ...table, localityGroup: localityGroupOf(schema, action.options) });
    }
  }
}

/** The schema with a table changed; effects are made of the table as it stands in it. */
function changed(
  schema: Schema,
  table: Table,
  effectsOn: (whole: Table) => readonly Effect[] = () => [],
): SchemaChange {
  const after = putTable(schema, table);
  return { schema: after, effects: effectsOn(findTable(after, table.name) ?? table) };
}

function addColumn(
  schema: Schema,
  table: Table,
  definition: ColumnDefinition,
  ifNotExists: boolean,
  context: ChangeContext,
): SchemaChange {
  const { columnsPerTableMax } = context.limits;
  if (findColumn(table, definition.name.name) !== undefined) {
    if (ifNotExists) return unchanged(schema);
    throw duplicateColumn(table.name, definition.name.name);
  }
  if (table.columns.length >= columnsPerTableMax) {
    throw tooManyColumns(table.name, columnsPerTableMax);
  }
  if (definition.primaryKey) throw primaryKeyNotExpected(context.text);
  const column = makeColumn(schema, table.name, definition, schema.nextId, context);
  const { defaultValue, generated, identity } = column;
  const isFilled = [defaultValue, generated, identity].some((source) => source !== undefined);
  if (column.isNotNull && !isFilled) throw notNullColumnAdded(table.name, column.name);
  requireOnUpdate(table.name, column, false);
  const after = resolveTable(schema, { ...table, columns: [...table.columns, column] });
  const next = { ...schema, nextId: schema.nextId + 1 };
  if (!isFilled) return changed(next, after);
  return changed(next, after, (whole) => [
    { kind: "rewrite", before: table, after: whole, filled: whole.columns.slice(-1) },
  ]);
}

function dropColumn(schema: Schema, table: Table, name: string): Table {
  const column = findColumn(table, name);
  if (column === undefined) throw schemaColumnNotFound(table.name, name);
  if (isKey(table, column)) throw keyColumnDropped(table.name, column.name);
  for (const index of indexesOf(schema, table)) {
    if (index.isManaged) continue;
    const used = [...index.key.map((part) => part.column), ...index.storing];
    if ([...used, ...index.notNullColumns].some((each) => each.id === column.id)) {
      throw columnInUse(table.name, column.name, `index ${index.name}`);
    }
  }
  for (const index of indexesOver(schema, table, column)) {
    throw columnInUse(table.name, column.name, `index ${index}`);
  }
  const place = table.columns.indexOf(column);
  for (const each of table.columns) {
    if (each.generated !== undefined && columnsIn(each.generated.expression).has(place)) {
      throw columnNeededByGenerated(table.name, column.name, each.name);
    }
  }
  for (const check of table.checks) {
    if (columnsIn(check.expression).has(place)) {
      throw columnNeededByCheck(table.name, column.name, check.name);
    }
  }
  const foreignKeys = foreignKeysOn(schema, table, column.name).map((each) => each.name);
  if (foreignKeys.length > 0) {
    throw columnNeededByForeignKeys(table.name, column.name, foreignKeys);
  }
  if (table.rowDeletionPolicy?.column === column.name) {
    throw columnNeededByPolicy(table.name, column.name);
  }
  const views = readersOf(schema, table, column);
  if (views.length > 0) throw columnNeededByViews(column.name, views);
  const streams = watchersOf(schema, table, column);
  if (streams.length > 0) throw columnNeededByChangeStream(table.name, column.name, streams);
  const columns = table.columns.filter((each) => each !== column);
  return resolveTable(schema, { ...table, columns });
}

type AddConstraint = Extract<AlterTableAction, { kind: "add-constraint" }>;

function addConstraint(
  schema: Schema,
  table: Table,
  constraint: AddConstraint["constraint"],
  context: ChangeContext,
): SchemaChange {
  if (constraint.kind === "check") {
    const check = makeCheck(schema, table, constraint, context);
    const after = resolveTable(schema, { ...table, checks: [...table.checks, check] });
    return changed(schema, after, (whole) => [
      {
        kind: "validate",
        table: whole,
        columns: [],
        checks: whole.checks.slice(-1),
        foreignKeys: [],
      },
    ]);
  }
  const foreignKey = makeForeignKey(schema, table, constraint, context);
  const after = { ...table, foreignKeys: [...table.foreignKeys, foreignKey] };
  const indexed = addManagedIndexes(putTable(schema, after), after, context);
  const foreignKeys = foreignKey.isEnforced ? [foreignKey] : [];
  const validate: Effect = {
    kind: "validate",
    table: after,
    columns: [],
    checks: [],
    foreignKeys,
  };
  return { schema: indexed.schema, effects: [...indexed.effects, validate] };
}

function dropConstraint(schema: Schema, table: Table, name: string): SchemaChange {
  const lower = constraintName(table, name).toLowerCase();
  const isOther = (each: { readonly name: string }): boolean => each.name.toLowerCase() !== lower;
  const checks = table.checks.filter(isOther);
  const foreignKeys = table.foreignKeys.filter(isOther);
  if (checks.length === table.checks.length && foreignKeys.length === table.foreignKeys.length) {
    throw constraintNotFound(table.name, name);
  }
  const without = putTable(schema, { ...table, checks, foreignKeys });
  return { schema: dropUnusedIndexes(without), effects: [] };
}

type InterleaveAction = Extract<AlterTableAction, { kind: "set-on-delete" | "set-interleave" }>;

function setInterleave(
  schema: Schema,
  table: Table,
  action: InterleaveAction,
  { limits }: ChangeContext,
): SchemaChange {
  const { interleave } = table;
  if (action.kind === "set-on-delete") {
    if (interleave === undefined) throw notInterleaved(table.name);
    if (interleave.kind === "IN") throw onDeleteWithoutParent(table.name);
    const after = { ...table, interleave: { ...interleave, onDelete: action.action } };
    requireParentKey(schema, after, limits);
    return changed(schema, after);
  }
  const wanted = makeInterleave(schema, action.interleave);
  if (interleave === undefined) throw interleavingChanged(table.name);
  if (interleave.parent !== wanted.parent) throw parentChanged(table.name);
  const isMigration = interleave.kind === "IN" && wanted.kind === "IN PARENT";
  if (isMigration && wanted.onDelete === "CASCADE") throw cascadeAtOnce(table.name);
  const after = { ...table, interleave: wanted };
  requireParentKey(schema, after, limits);
  if (!isMigration) return changed(schema, after);
  const parent = findTable(schema, wanted.parent);
  return changed(schema, after, (whole) => [
    { kind: "validate", table: whole, columns: [], checks: [], foreignKeys: [], parent },
  ]);
}

type PolicyAction = Extract<
  AlterTableAction,
  {
    kind: "add-row-deletion-policy" | "replace-row-deletion-policy" | "drop-row-deletion-policy";
  }
>;

function withPolicy(schema: Schema, table: Table, action: PolicyAction): Table {
  const present = table.rowDeletionPolicy;
  if (action.kind === "add-row-deletion-policy") {
    if (present !== undefined) throw deletionPolicyExists(table.name, present.column);
  } else if (present === undefined) throw deletionPolicyMissing(table.name);
  if (action.kind === "drop-row-deletion-policy") return { ...table, rowDeletionPolicy: undefined };
  return { ...table, rowDeletionPolicy: makeRowDeletionPolicy(schema, table, action.policy) };
}

function addSynonym(
  schema: Schema,
  table: Table,
  name: string,
  { limits }: ChangeContext,
): SchemaChange {
  if (table.synonym !== undefined) throw synonymExists(table.name, table.synonym);
  requireNewName(schema, "Table", name, limits);
  const put = putTable(schema, { ...table, synonym: name });
  const synonyms = new Map(put.synonyms).set(name.toLowerCase(), table.name);
  return { schema: { ...put, synonyms }, effects: [] };
}

function dropSynonym(schema: Schema, table: Table, name: string): SchemaChange {
  if (table.synonym?.toLowerCase() !== name.toLowerCase()) throw synonymNotFound(table.name, name);
  const put = putTable(schema, { ...table, synonym: undefined });
  const synonyms = new Map(put.synonyms);
  synonyms.delete(name.toLowerCase());
  return { schema: { ...put, synonyms }, effects: [] };
}
