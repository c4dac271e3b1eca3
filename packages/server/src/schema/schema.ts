// SPDX-License-Identifier: Apache-2.0
// The description of a database at one moment, as immutable data. A schema change makes a new Schema;
// whoever holds an old one keeps it whole. Nothing here parses, checks or changes anything: the room
// `ddl` does, above.
//
// Names are found without regard to case, as everywhere in Spanner; maps are keyed by the name in
// lower case, and a name in a named schema by `schema.name`. Ids never change while a thing lives,
// survive renaming, and are never used twice in a database: stored rows and keys refer to ids only.
import type { Type } from "@spandrel/model";
import type { Expression } from "../expression/expression.ts";

/** A whole database's description. */
export interface Schema {
  /** Rises with every change. */
  readonly version: number;
  /** The next id that a table, index or column will get. */
  readonly nextId: number;
  readonly tables: ReadonlyMap<string, Table>;
  readonly indexes: ReadonlyMap<string, Index>;
}

/** A table, its columns in the order of their creation. */
export interface Table {
  readonly id: number;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly KeyPart[];
  /** The table that this one is interleaved in, when it is. */
  readonly interleave: Interleave | undefined;
}

/** https://cloud.google.com/spanner/docs/schema-and-data-model#creating-interleaved-tables */
export interface Interleave {
  /** Name of the parent table. */
  readonly parent: string;
  /** `IN PARENT` asks for a parent row; `IN` only places rows together. */
  readonly kind: "IN PARENT" | "IN";
  readonly onDelete: "NO ACTION" | "CASCADE";
}

/** A column of a table. */
export interface Column {
  readonly id: number;
  readonly name: string;
  readonly type: Type;
  /** Characters of a STRING, bytes of BYTES, of the elements for an array; undefined is MAX. */
  readonly lengthMax: number | undefined;
  readonly isNotNull: boolean;
  /** What stands in for a value that is not given: the text of the DDL and what it means. */
  readonly defaultValue: ColumnExpression | undefined;
  readonly generated: GeneratedColumn | undefined;
  /** The column option allow_commit_timestamp; undefined when it was never set. */
  readonly allowsCommitTimestamp: boolean | undefined;
}

/** An expression as the DDL wrote it, and resolved. Column references are positions in the table. */
export interface ColumnExpression {
  readonly text: string;
  readonly expression: Expression;
}

/** A column whose value follows from other columns. */
export interface GeneratedColumn extends ColumnExpression {
  readonly isStored: boolean;
}

/** One column of a key. Ascending keys have NULL first, descending ones have it last. */
export interface KeyPart {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** A secondary index. Its entries are the key parts, then what the base table's key lacks in them. */
export interface Index {
  readonly id: number;
  readonly name: string;
  /** Name of the indexed table. */
  readonly table: string;
  readonly key: readonly KeyPart[];
  readonly storing: readonly Column[];
  readonly isUnique: boolean;
  readonly isNullFiltered: boolean;
  /** Name of the table whose rows the entries are placed with, when they are. */
  readonly interleavedIn: string | undefined;
}

/** A database with nothing in it. */
export const emptySchema: Schema = {
  version: 0,
  nextId: 1,
  tables: new Map(),
  indexes: new Map(),
};

/** Finds a table by name. */
export function findTable(schema: Schema, name: string): Table | undefined {
  return schema.tables.get(name.toLowerCase());
}

/** Finds an index by name. */
export function findIndex(schema: Schema, name: string): Index | undefined {
  return schema.indexes.get(name.toLowerCase());
}

/** Finds a column of a table by name. */
export function findColumn(table: Table, name: string): Column | undefined {
  const wanted = name.toLowerCase();
  return table.columns.find((column) => column.name.toLowerCase() === wanted);
}

/** The indexes of a table, in the order of their creation. */
export function indexesOf(schema: Schema, table: Table): readonly Index[] {
  const name = table.name.toLowerCase();
  return [...schema.indexes.values()].filter((index) => index.table.toLowerCase() === name);
}

/** The tables that are interleaved in a table, with or without PARENT, directly. */
export function childrenOf(schema: Schema, table: Table): readonly Table[] {
  const name = table.name.toLowerCase();
  return [...schema.tables.values()].filter(
    (child) => child.interleave?.parent.toLowerCase() === name,
  );
}

/**
 * The whole key of an index's entries: its own parts, then the parts of the table's primary key that
 * are not among them.
 */
export function entryKeyOf(index: Index, table: Table): readonly KeyPart[] {
  const named = new Set(index.key.map((part) => part.column.id));
  return [...index.key, ...table.primaryKey.filter((part) => !named.has(part.column.id))];
}
