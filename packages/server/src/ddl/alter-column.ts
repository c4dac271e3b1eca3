// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE … ALTER COLUMN: what may change about a column, and what has to be looked at before it
// does, in the schema and in the rows.
// https://cloud.google.com/spanner/docs/schema-updates#supported-updates
import { printType, type Type, typesEqual } from "@spandrel/model";
import type { ColumnChange } from "@spandrel/sql";
import {
  cannotBecomeGenerated,
  cannotBecomeRegular,
  checkOnChangedType,
  commitTimestampOnForeignKey,
  defaultOnGenerated,
  generatedExpressionChanged,
  generatedExpressionInUse,
  generatedTypeChanged,
  nullabilityOfForeignKey,
  storedAttributeChanged,
  typeBehindGenerated,
} from "../errors/constraint.ts";
import {
  columnTypeChanged,
  commitTimestampOptionOnWrongType,
  keyColumnChanged,
  nullabilityOfIndex,
  parentKeyColumnChanged,
  policyColumnChanged,
  schemaColumnNotFound,
  statementNotSupported,
} from "../errors/schema.ts";
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
import { columnFrom, commitTimestampOption, requireOnUpdate } from "./column.ts";
import { resolveTable, written } from "./column-expression.ts";
import { foreignKeysOn } from "./constraint.ts";
import { isKey } from "./create-table.ts";
import { putTable } from "./put-table.ts";
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
  const isRedefined = change.kind === "change-column-type";
  if (isRedefined && isKey(table, before) && isOfParent(schema, table, before)) {
    throw parentKeyColumnChanged(`${table.name}.${before.name}`);
  }
  requireAllowed(schema, table, before, after);
  const columns = table.columns.map((column) => (column === before ? after : column));
  const changed = resolveTable(schema, { ...table, columns });
  const put = recheckViews(putTable(schema, changed), `TABLE \`${table.name}\``);
  const whole = findTable(put, table.name) ?? changed;
  return { schema: put, effects: effectsOf(table, whole, before) };
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
    case "change-column-type": {
      const after = columnFrom(schema, table.name, before, change, context);
      return change.value === undefined ? { ...after, identity: before.identity } : after;
    }
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
      const allowsCommitTimestamp = commitTimestampOption(change.options);
      if (before.type.kind !== "TIMESTAMP") {
        throw commitTimestampOptionOnWrongType(table.name, before.name);
      }
      return { ...before, allowsCommitTimestamp };
    }
  }
}

function requireAllowed(schema: Schema, table: Table, before: Column, after: Column): void {
  const label = `${table.name}.${before.name}`;
  requireSameNature(label, before, after);
  const isRetyped = !typesEqual(before.type, after.type);
  const isResized = before.lengthMax !== after.lengthMax;
  const isNullabilityChanged = before.isNotNull !== after.isNotNull;
  if (isRetyped && !isConvertible(before.type, after.type)) {
    throw columnTypeChanged(before.name, printType(before.type), printType(after.type));
  }
  if (isKey(table, before)) {
    if (isRetyped || isResized || isNullabilityChanged) {
      if (isShared(schema, table, before)) throw parentKeyColumnChanged(label);
      if (isNullabilityChanged) throw keyColumnChanged(label);
    }
  }
  requireOnUpdate(table.name, after, isKey(table, before));
  if (before.generated !== undefined && before.generated.text !== after.generated?.text) {
    requireNothingFollows(schema, table, before);
  }
  if (isRetyped) requireRetypable(schema, table, before, after);
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
  if (isRead || isIndexed) throw generatedExpressionInUse(label);
}

/** STRING and BYTES turn into each other, also in arrays; a proto enum is not a type here. */
function isConvertible(before: Type, after: Type): boolean {
  if (before.kind === "ARRAY" && after.kind === "ARRAY") {
    return isConvertible(before.element, after.element);
  }
  const texts = new Set(["STRING", "BYTES"]);
  return texts.has(before.kind) && texts.has(after.kind);
}

/** Whether a key column is a parent's too, or a child's. */
function isShared(schema: Schema, table: Table, column: Column): boolean {
  return isOfParent(schema, table, column) || childrenOf(schema, table).length > 0;
}

function isOfParent(schema: Schema, table: Table, column: Column): boolean {
  const parent = table.interleave && findTable(schema, table.interleave.parent);
  const isSame = (part: KeyPart): boolean =>
    part.column.name.toLowerCase() === column.name.toLowerCase();
  return parent?.primaryKey.some(isSame) === true;
}

function requireRetypable(schema: Schema, table: Table, before: Column, after: Column): void {
  const place = table.columns.indexOf(before);
  for (const { generated } of table.columns) {
    if (generated?.isStored === true && columnsIn(generated.expression).has(place)) {
      throw typeBehindGenerated(before.name);
    }
  }
  for (const check of table.checks) {
    if (columnsIn(check.expression).has(place)) throw checkOnChangedType(before.name, check.name);
  }
  if (foreignKeysOn(schema, table, before.name).length > 0) {
    throw columnTypeChanged(before.name, printType(before.type), printType(after.type));
  }
  if (table.rowDeletionPolicy?.column === before.name) {
    throw policyColumnChanged(table.name, before.name);
  }
  for (const index of indexesOf(schema, table)) {
    const used = [...index.key.map(({ column }) => column), ...index.storing];
    if (used.some(({ id }) => id === before.id) || isKey(table, before)) {
      throw statementNotSupported(`Changing the type of a column of index ${index.name}`);
    }
  }
}

function requireFreeNullability(schema: Schema, table: Table, column: Column): void {
  const foreignKeys = foreignKeysOn(schema, table, column.name).map((each) => each.name);
  if (foreignKeys.length > 0) throw nullabilityOfForeignKey(table.name, column.name, foreignKeys);
  for (const index of indexesOf(schema, table)) {
    if (index.key.some((part) => part.column.id === column.id)) {
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
  const isStricter = after.isNotNull && !before.isNotNull;
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
  if (identity === undefined) {
    throw statementNotSupported(`ALTER IDENTITY of column ${column.name}, which has none`);
  }
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
