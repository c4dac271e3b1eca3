// SPDX-License-Identifier: Apache-2.0
// How foreign keys are looked up, from both ends: where the columns stand in the rows, and which key,
// a table's own or an index's, begins with them.
import { assert, BugError } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import type { ForeignKey } from "../schema/constraint.ts";
import {
  findTable,
  type Index,
  indexesOf,
  isPartial,
  type KeyPart,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { indexLayout, keyBytes, type Layout, tableLayout } from "./layout.ts";

/** Where the rows with some values of some columns are found. */
export interface LookupPath {
  /** Undefined when the table's own key serves. */
  readonly index: Index | undefined;
  readonly layout: Layout;
  /** For each first part of the key, which of the columns it is. */
  readonly order: readonly number[];
}

/** A foreign key that is enforced. */
export interface ForeignKeyProgram {
  readonly foreignKey: ForeignKey;
  readonly table: Table;
  readonly referencedTable: Table;
  /** Where the columns stand in a row of the table. */
  readonly places: readonly number[];
  readonly referencedPlaces: readonly number[];
  readonly referencing: LookupPath;
  readonly referenced: LookupPath;
}

/** The enforced foreign keys of a table. */
export function foreignKeysOf(schema: Schema, table: Table): readonly ForeignKeyProgram[] {
  return table.foreignKeys
    .filter((foreignKey) => foreignKey.isEnforced)
    .map((foreignKey) => compileForeignKey(schema, table, foreignKey));
}

/** The enforced foreign keys that refer to a table. */
export function foreignKeysInto(schema: Schema, table: Table): readonly ForeignKeyProgram[] {
  return [...schema.tables.values()].flatMap((each) =>
    foreignKeysOf(schema, each).filter(({ referencedTable }) => referencedTable.id === table.id),
  );
}

function compileForeignKey(
  schema: Schema,
  table: Table,
  foreignKey: ForeignKey,
): ForeignKeyProgram {
  const referencedTable = findTable(schema, foreignKey.referencedTable);
  assert(referencedTable !== undefined, "a table that is referred to cannot be dropped");
  return {
    foreignKey,
    table,
    referencedTable,
    places: placesOf(table, foreignKey.columns),
    referencedPlaces: placesOf(referencedTable, foreignKey.referencedColumns),
    referencing: pathOf(schema, table, foreignKey.columns),
    referenced: pathOf(schema, referencedTable, foreignKey.referencedColumns),
  };
}

function placesOf(table: Table, names: readonly string[]): readonly number[] {
  return names.map((name) => table.columns.findIndex((column) => column.name === name));
}

function pathOf(schema: Schema, table: Table, names: readonly string[]): LookupPath {
  const own = orderIn(table.primaryKey, names);
  if (own !== undefined) return { index: undefined, layout: tableLayout(table), order: own };
  for (const index of indexesOf(schema, table)) {
    // An index that the database made leaves out NULL alone, and with NULL nothing is looked up.
    if (!index.isManaged && isPartial(index)) continue;
    const order = orderIn(index.key, names);
    if (order !== undefined) return { index, layout: indexLayout(index, table), order };
  }
  throw new BugError("a foreign key has a key or an index at both of its ends");
}

/** Which of the columns each first part of a key is; undefined when others stand before them. */
function orderIn(key: readonly KeyPart[], names: readonly string[]): readonly number[] | undefined {
  const order = key.slice(0, names.length).map(({ column }) => names.indexOf(column.name));
  return order.length === names.length && !order.includes(-1) ? order : undefined;
}

/** The beginning of the keys of rows with some values, given in the order of the foreign key. */
export function lookupPrefix({ layout, order }: LookupPath, values: readonly Value[]): string {
  return keyBytes(
    layout,
    order.map((position) => values[position] ?? null),
  );
}
