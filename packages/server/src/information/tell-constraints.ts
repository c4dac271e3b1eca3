// SPDX-License-Identifier: Apache-2.0
// Constraints: primary keys, NOT NULL, CHECK, foreign keys, and the unique indexes that foreign
// keys refer to. All six tables about them are told from one list.
import { columnsIn } from "../expression/walk.ts";
import type { ForeignKey } from "../schema/constraint.ts";
import { findTable, type Index, type Schema, type Table } from "../schema/schema.ts";
import {
  constraintName,
  type Fact,
  indexesOfListed,
  type ListedTable,
  listTables,
  splitName,
  type TableName,
  type Teller,
  tableName,
  yesOrNo,
} from "./description.ts";

interface ListedConstraint {
  readonly at: TableName;
  readonly name: string;
  readonly type: "PRIMARY KEY" | "FOREIGN KEY" | "CHECK" | "UNIQUE";
  readonly isEnforced: boolean;
  /** Columns of the table that the constraint makes a key of, in order. */
  readonly keyColumns: readonly string[];
  /** The table and columns that it relies on: of a foreign key, the referenced ones. */
  readonly used: { readonly at: TableName; readonly columns: readonly string[] };
  /** The condition of a check. */
  readonly clause: string | undefined;
  readonly foreignKey: ForeignKey | undefined;
}

function listConstraints(schema: Schema): readonly ListedConstraint[] {
  const referenced = referencedIndexes(schema);
  return listTables(schema).flatMap((listed) => [
    keyConstraint(
      listed,
      "PRIMARY KEY",
      `PK_${listed.at.TABLE_NAME}`,
      listed.table.primaryKey.map(({ column }) => column.name),
    ),
    ...listed.table.columns
      .filter(({ isNotNull }) => isNotNull)
      .map(({ name }) =>
        checkConstraint(
          listed,
          `CK_IS_NOT_NULL_${listed.at.TABLE_NAME}_${name}`,
          [name],
          `${name} IS NOT NULL`,
        ),
      ),
    ...listed.table.checks.map((check) =>
      checkConstraint(
        listed,
        check.name,
        columnNames(listed.table, columnsIn(check.expression)),
        check.text,
      ),
    ),
    ...indexesOfListed(schema, listed)
      .filter((index) => referenced.has(index))
      .map((index) =>
        keyConstraint(
          listed,
          "UNIQUE",
          index.name,
          index.key.map(({ column }) => column.name),
        ),
      ),
    ...listed.table.foreignKeys.map((foreignKey) => foreignKeyConstraint(listed, foreignKey)),
  ]);
}

function keyConstraint(
  { at }: ListedTable,
  type: "PRIMARY KEY" | "UNIQUE",
  name: string,
  columns: readonly string[],
): ListedConstraint {
  const used = { at, columns };
  return {
    at,
    name,
    type,
    isEnforced: true,
    keyColumns: columns,
    used,
    clause: undefined,
    foreignKey: undefined,
  };
}

function checkConstraint(
  { at }: ListedTable,
  name: string,
  columns: readonly string[],
  clause: string,
): ListedConstraint {
  const used = { at, columns };
  const none = { keyColumns: [], foreignKey: undefined };
  return { at, name, type: "CHECK", isEnforced: true, used, clause, ...none };
}

function foreignKeyConstraint({ at }: ListedTable, foreignKey: ForeignKey): ListedConstraint {
  const { name, columns, referencedTable, referencedColumns, isEnforced } = foreignKey;
  return {
    at,
    name,
    type: "FOREIGN KEY",
    isEnforced,
    keyColumns: columns,
    used: { at: tableName(referencedTable), columns: referencedColumns },
    clause: undefined,
    foreignKey,
  };
}

function columnNames(table: Table, places: Iterable<number>): readonly string[] {
  return [...places].flatMap((place) => table.columns[place]?.name ?? []);
}

/** The unique indexes that stand behind foreign keys. */
function referencedIndexes(schema: Schema): ReadonlySet<Index> {
  const all = [...schema.tables.values()].flatMap(({ foreignKeys }) => foreignKeys);
  return new Set(all.flatMap((foreignKey) => referencedIndex(schema, foreignKey) ?? []));
}

/** The unique index that a foreign key relies on; undefined when that is the primary key. */
function referencedIndex(
  schema: Schema,
  { referencedTable, referencedColumns }: ForeignKey,
): Index | undefined {
  const table = findTable(schema, referencedTable);
  if (table === undefined) return undefined;
  const wanted = sortedNames(referencedColumns);
  if (sortedNames(table.primaryKey.map(({ column }) => column.name)) === wanted) return undefined;
  return [...schema.indexes.values()].find(
    (index) =>
      index.isUnique &&
      index.table.toLowerCase() === table.name.toLowerCase() &&
      sortedNames(index.key.map(({ column }) => column.name)) === wanted,
  );
}

function sortedNames(names: readonly string[]): string {
  return names
    .map((name) => name.toLowerCase())
    .sort()
    .join();
}

function nameOf({ at, name }: ListedConstraint): Fact {
  return constraintName(at.TABLE_SCHEMA, splitName(name).name);
}

const tableConstraints: Teller = (schema) =>
  listConstraints(schema).map((each) => ({
    ...nameOf(each),
    ...each.at,
    CONSTRAINT_TYPE: each.type,
    IS_DEFERRABLE: "NO",
    INITIALLY_DEFERRED: "NO",
    ENFORCED: yesOrNo(each.isEnforced),
  }));

const constraintTableUsage: Teller = (schema) =>
  listConstraints(schema).map((each) => ({ ...each.used.at, ...nameOf(each) }));

const constraintColumnUsage: Teller = (schema) =>
  listConstraints(schema).flatMap((each) =>
    each.used.columns.map((column) => ({
      ...each.used.at,
      COLUMN_NAME: column,
      ...nameOf(each),
    })),
  );

const keyColumnUsage: Teller = (schema) =>
  listConstraints(schema).flatMap((each) =>
    each.keyColumns.map((column, place) => ({
      ...nameOf(each),
      ...each.at,
      COLUMN_NAME: column,
      ORDINAL_POSITION: BigInt(place + 1),
      POSITION_IN_UNIQUE_CONSTRAINT:
        each.foreignKey === undefined ? null : positionInReferenced(schema, each.foreignKey, place),
    })),
  );

function positionInReferenced(schema: Schema, foreignKey: ForeignKey, place: number): bigint {
  const key =
    referencedIndex(schema, foreignKey)?.key ??
    findTable(schema, foreignKey.referencedTable)?.primaryKey ??
    [];
  const wanted = foreignKey.referencedColumns[place]?.toLowerCase();
  return BigInt(key.findIndex(({ column }) => column.name.toLowerCase() === wanted) + 1);
}

const referentialConstraints: Teller = (schema) =>
  listConstraints(schema).flatMap((each) => {
    const { foreignKey, used } = each;
    if (foreignKey === undefined) return [];
    const index = referencedIndex(schema, foreignKey);
    const unique = index === undefined ? `PK_${used.at.TABLE_NAME}` : splitName(index.name).name;
    return {
      ...nameOf(each),
      UNIQUE_CONSTRAINT_CATALOG: "",
      UNIQUE_CONSTRAINT_SCHEMA: used.at.TABLE_SCHEMA,
      UNIQUE_CONSTRAINT_NAME: unique,
      MATCH_OPTION: "SIMPLE",
      UPDATE_RULE: "NO ACTION",
      DELETE_RULE: foreignKey.onDelete ?? "NO ACTION",
      SPANNER_STATE: "COMMITTED",
    };
  });

const checkConstraints: Teller = (schema) =>
  listConstraints(schema).flatMap((each) =>
    each.clause === undefined
      ? []
      : { ...nameOf(each), CHECK_CLAUSE: each.clause, SPANNER_STATE: "COMMITTED" },
  );

/** The tellers of these tables. */
export const constraintTellers: Readonly<Record<string, Teller>> = {
  TABLE_CONSTRAINTS: tableConstraints,
  CONSTRAINT_TABLE_USAGE: constraintTableUsage,
  CONSTRAINT_COLUMN_USAGE: constraintColumnUsage,
  KEY_COLUMN_USAGE: keyColumnUsage,
  REFERENTIAL_CONSTRAINTS: referentialConstraints,
  CHECK_CONSTRAINTS: checkConstraints,
};
