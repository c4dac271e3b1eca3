// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE … ALTER COLUMN: what may change about a column, and what has to be looked at before it
// does, in the schema and in the rows.
// https://cloud.google.com/spanner/docs/schema-updates#supported-updates
import { printType, type Type, typesEqual } from "@spandrel/model";
import type { ColumnChange } from "@spandrel/sql";
import {
  columnTypeChanged,
  keyColumnChanged,
  keyColumnOfChildChanged,
  parentKeyColumnChanged,
  vectorLengthChanged,
} from "../errors/column-change.ts";
import {
  cannotBecomeGenerated,
  cannotBecomeRegular,
  checkOnChangedType,
  commitTimestampOnForeignKey,
  defaultOnGenerated,
  generatedExpressionChanged,
  generatedTypeChanged,
  identityChanged,
  notAnIdentityColumn,
  nullabilityOfForeignKey,
  storedAttributeChanged,
  typeBehindForeignKey,
  typeBehindGenerated,
} from "../errors/constraint.ts";
import { columnNeededByPolicy } from "../errors/row-deletion-policy.ts";
import { commitTimestampOptionOnWrongType, schemaColumnNotFound } from "../errors/schema.ts";
import { nullabilityOfIndex } from "../errors/secondary-index.ts";
import { columnsIn } from "../expression/walk.ts";
import {
  type Column,
  childrenOf,
  findColumn,
  findTable,
  indexesOf,
  type KeyPart,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { columnFrom, optionsOver, requireOnUpdate } from "./column.ts";
import { resolveTable, written } from "./column-expression.ts";
import { foreignKeysOn } from "./constraint.ts";
import { isKey } from "./create-table.ts";
import { putIndex, putTable } from "./put-table.ts";
import type { ChangeContext, Effect, SchemaChange } from "./schema-change.ts";
import { recheckViews } from "./view.ts";

/**
 * The schema with a column changed.
 *
 * @throws {StatusError} when the change is not one that Spanner makes, or something stands in its way.
 */
export function alterColumn(
  schema: Schema,
  table: Table,
  name: string,
  change: ColumnChange,
  context: ChangeContext,
): SchemaChange {
  const before = findColumn(table, name);
  if (before === undefined) throw schemaColumnNotFound(table.name, name);
  if (change.kind === "alter-identity") return alterIdentity(schema, table, before, change);
  const after = changedColumn(schema, table, before, change, context);
  if (change.kind === "change-column-type" && isKey(table, before)) {
    const label = `${table.name}.${before.name}`;
    if (isOfParent(schema, table, before)) throw parentKeyColumnChanged(label);
    if (isOfChild(schema, table, before)) throw keyColumnOfChildChanged(label);
  }
  requireAllowed(schema, table, before, after);
  const columns = table.columns.map((column) => (column === before ? after : column));
  const changed = resolveTable(schema, { ...table, columns });
  const put = recheckViews(putTable(schema, changed), `TABLE \`${table.name}\``);
  const whole = findTable(put, table.name) ?? changed;
  const effects = effectsOf(table, whole, before);
  if (typesEqual(before.type, after.type)) return { schema: put, effects };
  const rebuilt = rebuiltIndexes(put, whole, after);
  return { schema: rebuilt.schema, effects: [...effects, ...rebuilt.effects] };
}

type Change = Exclude<ColumnChange, { kind: "alter-identity" }>;

function changedColumn(
  schema: Schema,
  table: Table,
  before: Column,
  change: Change,
  context: ChangeContext,
): Column {
  const label = `${table.name}.${before.name}`;
  switch (change.kind) {
    case "change-column-type":
      return columnFrom(schema, table.name, before, change, context);
    case "set-default":
      if (before.generated !== undefined) throw defaultOnGenerated(label);
      return { ...before, defaultValue: written(context.text, change.expression) };
    case "drop-default":
      return { ...before, defaultValue: undefined };
    case "set-on-update":
      return { ...before, onUpdate: written(context.text, change.expression) };
    case "drop-on-update":
      return { ...before, onUpdate: undefined };
    case "set-not-null":
      return { ...before, isNotNull: true };
    case "drop-not-null":
      return { ...before, isNotNull: false };
    case "set-options": {
      const options = optionsOver(schema, before, change, context);
      if (options.allowsCommitTimestamp !== undefined && before.type.kind !== "TIMESTAMP") {
        throw commitTimestampOptionOnWrongType(table.name, before.name);
      }
      return { ...before, ...options };
    }
  }
}

function requireAllowed(schema: Schema, table: Table, before: Column, after: Column): void {
  const label = `${table.name}.${before.name}`;
  requireSameNature(label, before, after);
  const isRetyped = !typesEqual(before.type, after.type);
  const isNullabilityChanged = before.isNotNull !== after.isNotNull;
  if (isRetyped && table.rowDeletionPolicy?.column === before.name) {
    throw columnNeededByPolicy(table.name, before.name);
  }
  if (isRetyped && !isConvertible(before.type, after.type)) {
    throw columnTypeChanged(before.name, printType(before.type), printType(after.type));
  }
  if (isKey(table, before)) {
    if (isNullabilityChanged) {
      if (isOfParent(schema, table, before)) throw parentKeyColumnChanged(label);
      if (isOfChild(schema, table, before)) throw keyColumnOfChildChanged(label);
      throw keyColumnChanged(label);
    }
  }
  requireOnUpdate(table.name, after, isKey(table, before));
  if (before.generated !== undefined && before.generated.text !== after.generated?.text) {
    requireNothingFollows(schema, table, before);
  }
  if (isRetyped) requireRetypable(schema, table, before);
  if (isNullabilityChanged) requireFreeNullability(schema, table, before);
  if (after.allowsCommitTimestamp === true && before.allowsCommitTimestamp !== true) {
    const foreignKeys = foreignKeysOn(schema, table, before.name).map((each) => each.name);
    if (foreignKeys.length > 0) {
      throw commitTimestampOnForeignKey(table.name, before.name, foreignKeys);
    }
  }
}

/** A generated column stays one, an ordinary one too, and stored values follow the same rule as ever. */
function requireSameNature(label: string, before: Column, after: Column): void {
  const isMadeUp = after.defaultValue !== undefined || after.generated !== undefined;
  if (before.identity !== undefined && isMadeUp) {
    throw identityChanged(label, "to generated or default");
  }
  if ((before.identity === undefined) !== (after.identity === undefined)) {
    throw identityChanged(label, after.identity === undefined ? "drop identity" : "to identity");
  }
  if (before.vectorLength !== after.vectorLength) {
    const { name, vectorLength } = before;
    if (vectorLength === undefined) throw vectorLengthChanged(name, "add");
    throw vectorLengthChanged(name, after.vectorLength === undefined ? "remove" : "change");
  }
  if (before.generated === undefined) {
    if (after.generated !== undefined) throw cannotBecomeGenerated(label);
    return;
  }
  if (after.generated === undefined) throw cannotBecomeRegular(label);
  if (before.generated.isStored !== after.generated.isStored) throw storedAttributeChanged(label);
  if (!before.generated.isStored) return;
  if (!typesEqual(before.type, after.type)) throw generatedTypeChanged(label);
  if (before.generated.text !== after.generated.text) throw generatedExpressionChanged(label);
}

/** What was stored by the old expression would be wrong by the new one. */
function requireNothingFollows(schema: Schema, table: Table, column: Column): void {
  const label = `${table.name}.${column.name}`;
  const place = table.columns.indexOf(column);
  const isRead = table.columns.some(
    ({ generated }) => generated !== undefined && columnsIn(generated.expression).has(place),
  );
  const isIndexed = indexesOf(schema, table).some((index) =>
    [...index.key.map((part) => part.column), ...index.storing].some(({ id }) => id === column.id),
  );
  if (isRead || isIndexed) throw generatedExpressionChanged(label);
}

/** STRING and BYTES turn into each other, also in arrays; a proto enum is not a type here. */
function isConvertible(before: Type, after: Type): boolean {
  if (before.kind === "ARRAY" && after.kind === "ARRAY") {
    return isConvertible(before.element, after.element);
  }
  const texts = new Set(["STRING", "BYTES"]);
  return texts.has(before.kind) && texts.has(after.kind);
}

/** Whether a key column is a child's too. */
function isOfChild(schema: Schema, table: Table, { name }: Column): boolean {
  const lower = name.toLowerCase();
  return childrenOf(schema, table).some((child) =>
    child.primaryKey.some(({ column }) => column.name.toLowerCase() === lower),
  );
}

function isOfParent(schema: Schema, table: Table, column: Column): boolean {
  const parent = table.interleave && findTable(schema, table.interleave.parent);
  const isSame = (part: KeyPart): boolean =>
    part.column.name.toLowerCase() === column.name.toLowerCase();
  return parent?.primaryKey.some(isSame) === true;
}

function requireRetypable(schema: Schema, table: Table, before: Column): void {
  const place = table.columns.indexOf(before);
  for (const { generated } of table.columns) {
    if (generated?.isStored === true && columnsIn(generated.expression).has(place)) {
      throw typeBehindGenerated(before.name);
    }
  }
  for (const check of table.checks) {
    if (columnsIn(check.expression).has(place)) throw checkOnChangedType(before.name, check.name);
  }
  const foreignKeys = foreignKeysOn(schema, table, before.name).map(({ name }) => name);
  if (foreignKeys.length > 0) throw typeBehindForeignKey(table.name, before.name, foreignKeys);
}

/**
 * The schema in which the indexes that hold a column have moved to where nothing lies yet.
 *
 * Their entries are made anew there, of values of the new type; the old ones are forgotten.
 */
function rebuiltIndexes(
  schema: Schema,
  table: Table,
  column: Column,
): { readonly schema: Schema; readonly effects: readonly Effect[] } {
  let result = schema;
  const effects: Effect[] = [];
  for (const index of indexesOf(schema, table)) {
    const held = [...index.key.map((part) => part.column), ...index.storing];
    if (!isKey(table, column) && !held.some(({ id }) => id === column.id)) continue;
    const rebuilt = { ...index, id: result.nextId };
    result = putIndex({ ...result, nextId: result.nextId + 1 }, rebuilt);
    effects.push({ kind: "backfill", index: rebuilt, table });
  }
  return { schema: result, effects };
}

function requireFreeNullability(schema: Schema, table: Table, column: Column): void {
  const foreignKeys = foreignKeysOn(schema, table, column.name).map((each) => each.name);
  if (foreignKeys.length > 0) throw nullabilityOfForeignKey(table.name, column.name, foreignKeys);
  for (const index of indexesOf(schema, table)) {
    if (!index.isNullFiltered && index.key.some((part) => part.column.id === column.id)) {
      throw nullabilityOfIndex(column.name, index.name);
    }
  }
}

/** What the rows have to do with it: other bytes for another type, a look at each for a new rule. */
function effectsOf(table: Table, changed: Table, before: Column): readonly Effect[] {
  const after = changed.columns.find(({ id }) => id === before.id);
  if (after === undefined) return [];
  if (!typesEqual(before.type, after.type)) {
    return [{ kind: "rewrite", before: table, after: changed, filled: [] }];
  }
  if (before.generated !== undefined && before.generated.text !== after.generated?.text) {
    return [{ kind: "rewrite", before: table, after: changed, filled: [after] }];
  }
  const isNarrower = (after.lengthMax ?? Infinity) < (before.lengthMax ?? Infinity);
  const isStricter =
    (after.isNotNull && !before.isNotNull) ||
    (after.allowsCommitTimestamp === true && before.allowsCommitTimestamp !== true);
  if (!isNarrower && !isStricter) return [];
  return [{ kind: "validate", table: changed, columns: [after], checks: [], foreignKeys: [] }];
}

type AlterIdentity = Extract<ColumnChange, { kind: "alter-identity" }>;

function alterIdentity(
  schema: Schema,
  table: Table,
  column: Column,
  { change }: AlterIdentity,
): SchemaChange {
  const { identity } = column;
  if (identity === undefined) throw notAnIdentityColumn(table.name, column.name);
  const after =
    change.kind === "restart-counter"
      ? { ...identity, startCounterWith: change.value }
      : { ...identity, skipRange: change.kind === "set-skip-range" ? change.range : undefined };
  const columns = table.columns.map((each) =>
    each === column ? { ...column, identity: after } : each,
  );
  const effects: readonly Effect[] =
    change.kind === "restart-counter"
      ? [{ kind: "restart", id: column.id, counter: change.value }]
      : [];
  return { schema: putTable(schema, { ...table, columns }), effects };
}
