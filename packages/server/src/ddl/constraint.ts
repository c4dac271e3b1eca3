// SPDX-License-Identifier: Apache-2.0
// Constraints as the DDL defines them: checks and foreign keys, their names, and the indexes that the
// database makes so that a foreign key is found from both of its ends.
// https://cloud.google.com/spanner/docs/foreign-keys/overview
import { typesEqual } from "@spandrel/model";
import type { CheckConstraint as CheckTree, ForeignKeyConstraint } from "@spandrel/sql";
import {
  checkNotEnforced,
  constraintPrefixReserved,
  foreignKeyColumnNotFound,
  foreignKeyColumnRepeated,
  foreignKeyColumnsDiffer,
  foreignKeyColumnType,
  foreignKeyOnCommitTimestamp,
  foreignKeyTypesDiffer,
  notEnforcedCascade,
} from "../errors/constraint.ts";
import { duplicateName, schemaTableNotFound } from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import type { CheckConstraint, ForeignKey } from "../schema/constraint.ts";
import {
  type Column,
  findColumn,
  findTable,
  type Index,
  indexesOf,
  type KeyPart,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { written } from "./column-expression.ts";
import { isUnkeyable } from "./key.ts";
import { isTaken, madeUpIndexName, madeUpName, nameOf, requireNewName } from "./name.ts";
import { putIndex, removeIndex } from "./put-table.ts";
import type { ChangeContext, Effect } from "./schema-change.ts";

/** A check constraint, still to be resolved; `table` has the constraints before it. */
export function makeCheck(
  schema: Schema,
  table: Table,
  tree: CheckTree,
  context: ChangeContext,
): CheckConstraint {
  if (tree.enforced === false) throw checkNotEnforced();
  const given = tree.name && constraintName(table, tree.name.name);
  if (given !== undefined) requireFree(schema, table, "Check Constraint", given, context);
  const name = given ?? newName(schema, table, `CK_${plain(table.name)}`, context);
  return { ...written(context.text, tree.expression), name, isNameGiven: given !== undefined };
}

/**
 * A foreign key; `table` has the constraints before it, and may refer to itself.
 *
 * @throws {StatusError} NOT_FOUND for a table that is not there, FAILED_PRECONDITION for columns that do not
 * match.
 */
export function makeForeignKey(
  schema: Schema,
  table: Table,
  tree: ForeignKeyConstraint,
  context: ChangeContext,
): ForeignKey {
  const referencedName = nameOf(tree.referencedTable);
  const isSelf = referencedName.toLowerCase() === table.name.toLowerCase();
  const referenced = isSelf ? table : findTable(schema, referencedName);
  if (referenced === undefined) throw schemaTableNotFound(referencedName);
  const given = tree.name && constraintName(table, tree.name.name);
  if (given !== undefined) requireFree(schema, table, "Foreign Key", given, context);
  const base = `FK_${plain(table.name)}_${plain(referenced.name)}`;
  const name = given ?? newName(schema, table, base, context);
  const columns = columnsOf(name, table, tree.columns);
  const referencedColumns = columnsOf(name, referenced, tree.referencedColumns);
  if (columns.length !== referencedColumns.length) {
    throw foreignKeyColumnsDiffer(name, table.name, referenced.name);
  }
  requireUsable(name, table, columns);
  requireUsable(name, referenced, referencedColumns);
  for (const [place, column] of columns.entries()) {
    const other = referencedColumns[place];
    if (other !== undefined && !typesEqual(column.type, other.type)) {
      throw foreignKeyTypesDiffer(name, table.name, column.name, referenced.name, other.name);
    }
  }
  if (tree.enforced === false && tree.onDelete === "CASCADE") throw notEnforcedCascade(name);
  return {
    name,
    isNameGiven: given !== undefined,
    columns: columns.map((column) => column.name),
    referencedTable: referenced.name,
    referencedColumns: referencedColumns.map((column) => column.name),
    onDelete: tree.onDelete,
    isEnforced: tree.enforced !== false,
  };
}

function columnsOf(
  foreignKey: string,
  table: Table,
  names: ForeignKeyConstraint["columns"],
): readonly Column[] {
  return names.map(({ name }) => {
    const column = findColumn(table, name);
    if (column === undefined) throw foreignKeyColumnNotFound(foreignKey, table.name, name);
    return column;
  });
}

/** @throws {StatusError} FAILED_PRECONDITION when a foreign key cannot be of such columns. */
function requireUsable(foreignKey: string, table: Table, columns: readonly Column[]): void {
  const seen = new Set<number>();
  for (const column of columns) {
    if (seen.has(column.id)) throw foreignKeyColumnRepeated(foreignKey, table.name, column.name);
    seen.add(column.id);
    if (isUnkeyable(column.type.kind) || column.isTokenList === true) {
      throw foreignKeyColumnType(foreignKey, table.name, column.name);
    }
    if (column.allowsCommitTimestamp === true) {
      throw foreignKeyOnCommitTimestamp(foreignKey, table.name, column.name);
    }
  }
}

/** A constraint's whole name: it is in the named schema of its table. */
export function constraintName(table: Table, name: string): string {
  const [namedSchema] = table.name.includes(".") ? table.name.split(".") : [];
  return namedSchema === undefined ? name : `${namedSchema}.${name}`;
}

function plain(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function newName(schema: Schema, table: Table, base: string, { limits }: ChangeContext): string {
  const isNameTaken = (name: string): boolean => isUsed(schema, table, constraintName(table, name));
  return constraintName(table, madeUpName(base, limits, isNameTaken));
}

function requireFree(
  schema: Schema,
  table: Table,
  kind: "Foreign Key" | "Check Constraint",
  name: string,
  { limits }: ChangeContext,
): void {
  requireNewName(schema, kind, name, limits);
  const prefix = /^(PK_|CK_IS_NOT_NULL_)/i.exec(plain(name))?.[0];
  if (prefix !== undefined) throw constraintPrefixReserved(kind, name, prefix.toUpperCase());
  if (isUsed(schema, table, name)) throw duplicateName(name);
}

/** Whether a name is taken in the schema, or by the table that is being made. */
function isUsed(schema: Schema, table: Table, name: string): boolean {
  const lower = name.toLowerCase();
  return (
    isTaken(schema, name) ||
    table.name.toLowerCase() === lower ||
    [...table.foreignKeys, ...table.checks].some((each) => each.name.toLowerCase() === lower)
  );
}

/** The schema with the indexes that a table's foreign keys need, to be filled from its rows. */
export function addManagedIndexes(
  schema: Schema,
  table: Table,
  { limits }: ChangeContext,
): { readonly schema: Schema; readonly effects: readonly Effect[] } {
  let changed = schema;
  const effects: Effect[] = [];
  for (const { isEnforced, columns, referencedTable, referencedColumns } of table.foreignKeys) {
    if (!isEnforced) continue;
    const ends = [
      { name: table.name, columns, isUnique: false },
      { name: referencedTable, columns: referencedColumns, isUnique: true },
    ];
    for (const end of ends) {
      const owner = findTable(changed, end.name);
      if (owner === undefined || isServed(changed, owner, end.columns, end.isUnique)) continue;
      const index = managedIndex(changed.nextId, owner, end, limits);
      changed = putIndex({ ...changed, nextId: changed.nextId + 1 }, index);
      effects.push({ kind: "backfill", index, table: owner });
    }
  }
  return { schema: changed, effects };
}

/** Whether a key of the table finds rows by these columns, and one row only where it must. */
function isServed(
  schema: Schema,
  table: Table,
  columns: readonly string[],
  isUnique: boolean,
): boolean {
  const serves = (key: readonly KeyPart[]): boolean =>
    (!isUnique || key.length === columns.length) &&
    key.slice(0, columns.length).filter(({ column }) => columns.includes(column.name)).length ===
      columns.length;
  if (serves(table.primaryKey)) return true;
  return indexesOf(schema, table).some(
    (index) => index.isManaged && !(isUnique && !index.isUnique) && serves(index.key),
  );
}

function managedIndex(
  id: number,
  table: Table,
  { columns, isUnique }: { readonly columns: readonly string[]; readonly isUnique: boolean },
  limits: Limits,
): Index {
  const key = columns.flatMap((name): KeyPart[] => {
    const column = findColumn(table, name);
    return column === undefined ? [] : [{ column, isDescending: false }];
  });
  const isNullFiltered = key.some(({ column }) => !column.isNotNull);
  const code = isUnique ? "U" : isNullFiltered ? "N" : "";
  return {
    id,
    name: constraintName(table, madeUpIndexName(plain(table.name), columns, code, limits)),
    table: table.name,
    key,
    storing: [],
    isUnique,
    isNullFiltered,
    notNullColumns: [],
    isManaged: true,
    interleavedIn: undefined,
  };
}

/** The schema without the managed indexes that no foreign key needs any more. */
export function dropUnusedIndexes(schema: Schema): Schema {
  let changed = schema;
  for (const index of schema.indexes.values()) {
    if (index.isManaged && foreignKeysUsing(schema, index).length === 0) {
      changed = removeIndex(changed, index);
    }
  }
  return changed;
}

/** The foreign keys that a managed index was made for. */
export function foreignKeysUsing(schema: Schema, index: Index): readonly ForeignKey[] {
  const named = new Set(index.key.map(({ column }) => column.name));
  const matches = (table: string, columns: readonly string[]): boolean =>
    table === index.table &&
    columns.length === named.size &&
    columns.every((each) => named.has(each));
  return [...schema.tables.values()].flatMap((table) =>
    table.foreignKeys.filter(
      (each) =>
        each.isEnforced &&
        (index.isUnique
          ? matches(each.referencedTable, each.referencedColumns)
          : matches(table.name, each.columns)),
    ),
  );
}

/** The foreign keys, of any table, that use some column of a table. */
export function foreignKeysOn(
  schema: Schema,
  table: Table,
  column: string | undefined,
): readonly ForeignKey[] {
  return [...schema.tables.values()].flatMap((each) =>
    each.foreignKeys.filter(
      (key) =>
        (each.id === table.id && (column === undefined || key.columns.includes(column))) ||
        (key.referencedTable === table.name &&
          (column === undefined || key.referencedColumns.includes(column))),
    ),
  );
}
