// SPDX-License-Identifier: Apache-2.0
// The description of a database at one moment, as immutable data. A schema change makes a new Schema;
// whoever holds an old one keeps it whole. Nothing here parses, checks or changes anything: the room
// `ddl` does, above.
//
// Names are found without regard to case, as everywhere in Spanner; maps are keyed by the name in
// lower case, and a name in a named schema by `schema.name`. Ids never change while a thing lives,
// survive renaming, and are never used twice in a database: stored rows and keys refer to ids only.
import type { Type } from "@spandrel/model";
import type { DdlStatement } from "@spandrel/sql";
import type { Column } from "./column.ts";
import type { CheckConstraint, ForeignKey } from "./constraint.ts";

export {
  type Column,
  type ColumnExpression,
  type GeneratedColumn,
  type Identity,
  plainColumn,
} from "./column.ts";

/** A whole database's description. */
export interface Schema {
  /** Rises with every change. */
  readonly version: number;
  /** The next id that a table, index or column will get. */
  readonly nextId: number;
  readonly tables: ReadonlyMap<string, Table>;
  readonly indexes: ReadonlyMap<string, Index>;
  /** Second names of tables, and the names that they stand for. */
  readonly synonyms: ReadonlyMap<string, string>;
  /** Everything that holds no rows of its own, by its name. */
  readonly definitions: ReadonlyMap<string, Definition>;
  /** What roles may do, in the order of the granting. */
  readonly privileges: readonly Privilege[];
  readonly memberships: readonly RoleMembership[];
  /** Options of the database, in the order in which they were first set. */
  readonly options: DatabaseOptions | undefined;
}

/** What `ALTER DATABASE … SET OPTIONS` has set. */
export interface DatabaseOptions {
  /** The database's name, as the statement spelled it. */
  readonly database: string;
  /** Values as SQL literals. */
  readonly values: ReadonlyMap<string, string>;
}

/** One thing that a role may do. https://cloud.google.com/spanner/docs/fgac-privileges */
export interface Privilege {
  readonly privilege: "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "EXECUTE" | "USAGE";
  /** Empty for the whole object. */
  readonly columns: readonly string[];
  /** `TABLE`, `VIEW`, `CHANGE STREAM` … */
  readonly objectKind: string;
  readonly object: string;
  readonly role: string;
}

/** A role that has, as a member of another, what that one has. */
export interface RoleMembership {
  readonly role: string;
  readonly member: string;
}

/** A thing that is known by the statement that defines it: a view, a sequence, a named schema … */
export interface Definition {
  readonly id: number;
  readonly name: string;
  readonly kind: DefinitionKind;
  /** The statement as it holds now, changes included. */
  readonly statement: DdlStatement;
  /** The text of a view's query, as it was written. */
  readonly text: string;
  /** What a view or an index reads, so that nothing of it can be dropped. */
  readonly reads: readonly ReadColumns[];
  /** The views that a view names, in lower case. */
  readonly views: readonly string[];
  /** The columns of a view. */
  readonly columns: readonly { readonly name: string; readonly type: Type }[];
}

/** The kinds of definitions, in the words of DROP. */
export type DefinitionKind =
  | "VIEW"
  | "SEQUENCE"
  | "SCHEMA"
  | "CHANGE STREAM"
  | "ROLE"
  | "MODEL"
  | "SEARCH INDEX"
  | "VECTOR INDEX"
  | "LOCALITY GROUP"
  | "PLACEMENT";

/** Columns of a table that something reads. */
export interface ReadColumns {
  readonly tableId: number;
  readonly columnIds: readonly number[];
}

/** A table, its columns in the order of their creation. */
export interface Table {
  readonly id: number;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly KeyPart[];
  /** The table that this one is interleaved in, when it is. */
  readonly interleave: Interleave | undefined;
  readonly synonym: string | undefined;
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly CheckConstraint[];
  readonly rowDeletionPolicy: RowDeletionPolicy | undefined;
  readonly localityGroup?: string | undefined;
}

/** What a new table has when its definition says nothing but its name, columns and key. */
export const plainTable: Omit<Table, "id" | "name" | "columns" | "primaryKey"> = {
  interleave: undefined,
  synonym: undefined,
  foreignKeys: [],
  checks: [],
  rowDeletionPolicy: undefined,
};

/** https://cloud.google.com/spanner/docs/ttl */
export interface RowDeletionPolicy {
  readonly column: string;
  readonly days: bigint;
}

/** https://cloud.google.com/spanner/docs/schema-and-data-model#creating-interleaved-tables */
export interface Interleave {
  /** Name of the parent table. */
  readonly parent: string;
  /** `IN PARENT` asks for a parent row; `IN` only places rows together. */
  readonly kind: "IN PARENT" | "IN";
  readonly onDelete: "NO ACTION" | "CASCADE";
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
  /** `WHERE … IS NOT NULL`: the columns whose NULL keeps a row out of the index. */
  readonly notNullColumns: readonly Column[];
  /** Made by the database for a foreign key; no statement created it, none drops it. */
  readonly isManaged: boolean;
  /** Name of the table whose rows the entries are placed with, when they are. */
  readonly interleavedIn: string | undefined;
  readonly localityGroup?: string | undefined;
}

/** A database with nothing in it. */
export const emptySchema: Schema = {
  version: 0,
  nextId: 1,
  tables: new Map(),
  indexes: new Map(),
  synonyms: new Map(),
  definitions: new Map(),
  privileges: [],
  memberships: [],
  options: undefined,
};

/** Finds a table by its name or its synonym. */
export function findTable(schema: Schema, name: string): Table | undefined {
  const lower = name.toLowerCase();
  const table = schema.tables.get(lower);
  if (table !== undefined || schema.synonyms.size === 0) return table;
  const synonym = schema.synonyms.get(lower);
  return synonym === undefined ? undefined : schema.tables.get(synonym.toLowerCase());
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

/** Whether rows can be missing from an index, so that it does not answer for the table. */
export function isPartial(index: Index): boolean {
  return index.isNullFiltered || index.notNullColumns.length > 0;
}

/**
 * The whole key of an index's entries: its own parts, then the parts of the table's primary key that
 * are not among them.
 */
export function entryKeyOf(index: Index, table: Table): readonly KeyPart[] {
  const named = new Set(index.key.map((part) => part.column.id));
  return [...index.key, ...table.primaryKey.filter((part) => !named.has(part.column.id))];
}
