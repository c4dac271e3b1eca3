// SPDX-License-Identifier: Apache-2.0
// What writing into a table has to do, worked out once for a schema: at which place every value
// stands, which expressions are evaluated and in which order, which indexes, children and foreign
// keys go along. Writing a row then looks nothing up.
//
// Places are positions in the table's columns. Nothing here reads or writes.
import { assert } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import { generatedColumnWritten, keyColumnsMissing } from "../errors/row.ts";
import { compile } from "../expression/compile.ts";
import type { Evaluator } from "../expression/frame.ts";
import { columnsIn } from "../expression/walk.ts";
import { type Access, columnSet, rowExists } from "../locks/columns.ts";
import type { CheckConstraint } from "../schema/constraint.ts";
import {
  type Column,
  childrenOf,
  findTable,
  type Identity,
  type Index,
  indexesOf,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { type ForeignKeyProgram, foreignKeysInto, foreignKeysOf } from "./foreign-key-program.ts";
import { indexLayout, type Layout, tableLayout } from "./layout.ts";
import { RowUnpacker } from "./row-codec.ts";

/** A column whose value is worked out. */
export interface ComputedColumn {
  readonly place: number;
  readonly column: Column;
  readonly evaluate: Evaluator;
}

/** A column that counts itself. */
export interface IdentityColumn {
  readonly place: number;
  readonly id: number;
  readonly identity: Identity;
}

/** How the entries of an index follow from a row. */
export interface IndexProgram {
  readonly index: Index;
  readonly layout: Layout;
  /** Where the entry's columns stand in the row. */
  readonly places: readonly number[];
  /** How many of the entry's first parts are the key that the index was given. */
  readonly ownKeyLength: number;
  /** Places in the row where a NULL means that there is no entry. */
  readonly notNullPlaces: readonly number[];
  readonly mayAwaitTimestamp: boolean;
}

/** See the top of this file. */
export interface TableProgram {
  readonly table: Table;
  readonly layout: Layout;
  readonly keyPlaces: readonly number[];
  readonly unpacker: RowUnpacker;
  readonly defaults: readonly ComputedColumn[];
  readonly identities: readonly IdentityColumn[];
  /** In an order in which each one finds what it depends on. */
  readonly generated: readonly ComputedColumn[];
  /** What an update writes beside the columns that it names. */
  readonly onUpdate: readonly ComputedColumn[];
  readonly checks: readonly { readonly check: CheckConstraint; readonly evaluate: Evaluator }[];
  readonly indexes: readonly IndexProgram[];
  readonly hasUniqueIndex: boolean;
  readonly mayAwaitTimestamp: boolean;
  readonly parent: Table | undefined;
  readonly children: readonly Table[];
  /** Foreign keys of this table, and those of any table that refer to this one. */
  readonly outgoing: readonly ForeignKeyProgram[];
  readonly incoming: readonly ForeignKeyProgram[];
  /** Whether nothing follows from what a row was before: no entries, children or rows that refer. */
  readonly standsAlone: boolean;
}

const programs = new WeakMap<Schema, Map<number, TableProgram>>();

/** What writing into a table has to do. */
export function tableProgram(schema: Schema, table: Table): TableProgram {
  let ofSchema = programs.get(schema);
  if (ofSchema === undefined) {
    ofSchema = new Map();
    programs.set(schema, ofSchema);
  }
  let program = ofSchema.get(table.id);
  if (program === undefined) {
    program = compileTable(schema, table);
    ofSchema.set(table.id, program);
  }
  return program;
}

function compileTable(schema: Schema, table: Table): TableProgram {
  const { columns, interleave } = table;
  const indexes = indexesOf(schema, table).map((index) => compileIndex(index, table));
  const children = childrenOf(schema, table).filter(
    (child) => child.interleave?.kind === "IN PARENT",
  );
  const incoming = foreignKeysInto(schema, table);
  return {
    table,
    layout: tableLayout(table),
    keyPlaces: table.primaryKey.map(({ column }) => placeOf(table, column)),
    unpacker: new RowUnpacker(columns),
    defaults: computedBy(columns, (column) => column.defaultValue),
    identities: columns.flatMap(({ id, identity }, place) =>
      identity === undefined ? [] : [{ place, id, identity }],
    ),
    generated: inOrder(computedBy(columns, (column) => column.generated)),
    onUpdate: computedBy(columns, (column) => column.onUpdate),
    checks: table.checks.map((check) => ({ check, evaluate: compile(check.expression) })),
    indexes,
    hasUniqueIndex: indexes.some(({ index }) => index.isUnique),
    mayAwaitTimestamp: columns.some(awaitsTimestamp),
    parent: interleave?.kind === "IN PARENT" ? findTable(schema, interleave.parent) : undefined,
    children,
    outgoing: foreignKeysOf(schema, table),
    incoming,
    standsAlone: indexes.length + children.length + incoming.length === 0,
  };
}

function compileIndex(index: Index, table: Table): IndexProgram {
  const layout = indexLayout(index, table);
  const filtered = index.isNullFiltered ? index.key.map(({ column }) => column) : [];
  return {
    index,
    layout,
    places: layout.columns.map((column) => placeOf(table, column)),
    ownKeyLength: index.key.length,
    notNullPlaces: [...filtered, ...index.notNullColumns].map((column) => placeOf(table, column)),
    mayAwaitTimestamp: layout.columns.some(awaitsTimestamp),
  };
}

function awaitsTimestamp(column: Column): boolean {
  return column.allowsCommitTimestamp === true;
}

function placeOf(table: Table, column: Column): number {
  const place = table.columns.findIndex((each) => each.id === column.id);
  assert(place >= 0, "a key, an index and a write name columns of their own table");
  return place;
}

function computedBy(
  columns: readonly Column[],
  source: (column: Column) => Column["defaultValue"],
): readonly ComputedColumn[] {
  return columns.flatMap((column, place) => {
    const value = source(column);
    return value === undefined ? [] : [{ place, column, evaluate: compile(value.expression) }];
  });
}

/** Generated columns, each behind those that it reads; the schema has made sure of no circle. */
function inOrder(columns: readonly ComputedColumn[]): readonly ComputedColumn[] {
  const ordered: ComputedColumn[] = [];
  const visit = (computed: ComputedColumn): void => {
    if (ordered.includes(computed)) return;
    const reads = dependenciesOf(computed.column);
    for (const each of columns) if (reads.has(each.place)) visit(each);
    ordered.push(computed);
  };
  for (const computed of columns) visit(computed);
  return ordered;
}

/** Places of the columns that a generated column reads. */
export function dependenciesOf(column: Column): ReadonlySet<number> {
  return column.generated === undefined ? new Set() : columnsIn(column.generated.expression);
}

/** How rows that are given by some columns become whole. Made once for a list of columns. */
export interface WriteShape {
  readonly columns: readonly Column[];
  /** Where each given value stands in the row. */
  readonly places: readonly number[];
  readonly givenPlaces: ReadonlySet<number>;
  /** Defaults of the columns that are not given. */
  readonly defaults: readonly ComputedColumn[];
  readonly identities: readonly IdentityColumn[];
  /** Columns that are not given and must not stay NULL. */
  readonly missing: readonly Column[];
  /** Whether the key stands among the given values, at these positions. */
  readonly keyPositions: readonly number[] | undefined;
  /** Whether a row is the same after an insert and after a change: nothing of the old one is left. */
  readonly isWholeRow: boolean;
  readonly change: ChangeShape;
  /** Columns that a new row is written with, those included that are worked out: its mutations. */
  readonly columnsInserted: number;
  /** Columns that a change writes, the key included, and those that follow: its mutations. */
  readonly columnsChanged: number;
}

/** What changing a row by some columns touches of it. */
export interface ChangeShape {
  /** The columns that are written, and those that must stay as they are until the commit. */
  readonly access: Access;
  /** Places of the columns that are written, those of the key apart. */
  readonly writtenPlaces: readonly number[];
  /** Their ids. */
  readonly writtenColumns: readonly number[];
}

/**
 * Works out how rows given by some columns become whole rows.
 *
 * @throws {StatusError} FAILED_PRECONDITION for a generated column among those of an insert, or one that
 * is not part of the key among those of an update; for an insert without a key column that needs a value.
 */
export function writeShape(
  program: TableProgram,
  columns: readonly Column[],
  kind: "insert" | "update",
): WriteShape {
  const { table, keyPlaces } = program;
  const places = columns.map((column) => placeOf(table, column));
  for (const [position, column] of columns.entries()) {
    if (column.generated === undefined) continue;
    if (kind === "update" && keyPlaces.includes(places[position] ?? -1)) continue;
    throw generatedColumnWritten(table.name, column.name);
  }
  const givenPlaces = new Set(places);
  const { defaults, identities, generated } = program;
  const computed = new Set([...defaults, ...identities, ...generated].map(({ place }) => place));
  for (const place of keyPlaces) {
    const column = table.columns[place];
    if (column?.isNotNull !== true || givenPlaces.has(place)) continue;
    if (!computed.has(place)) throw keyColumnsMissing(table.name, column.name);
  }
  const keyPositions = keyPlaces.map((place) => places.indexOf(place));
  const change = changeShape(program, givenPlaces);
  const isKeyKnown = keyPlaces.every((place) => givenPlaces.has(place) || !computed.has(place));
  return {
    columns,
    places,
    givenPlaces,
    defaults: defaults.filter(({ place }) => !givenPlaces.has(place)),
    identities: identities.filter(({ place }) => !givenPlaces.has(place)),
    missing: table.columns.filter(
      (column, place) => column.isNotNull && !givenPlaces.has(place) && !computed.has(place),
    ),
    keyPositions: isKeyKnown ? keyPositions : undefined,
    isWholeRow: table.columns.every(
      (column, place) => column.generated !== undefined || givenPlaces.has(place),
    ),
    change,
    columnsInserted: union(givenPlaces, computed).size,
    columnsChanged: union(givenPlaces, change.writtenPlaces).size,
  };
}

function union(left: Iterable<number>, right: Iterable<number>): ReadonlySet<number> {
  return new Set([...left, ...right]);
}

/**
 * Works out what a change of some columns touches. Beside these columns it writes those that follow from
 * them. It relies on the others that stand with one of them in a generated column or a check; and where an
 * index or a foreign key has one of them, on all that this has, since what was there is looked at.
 */
function changeShape(program: TableProgram, givenPlaces: ReadonlySet<number>): ChangeShape {
  const { table, keyPlaces } = program;
  const written = new Set(givenPlaces);
  for (const { place } of program.onUpdate) written.add(place);
  for (const place of keyPlaces) written.delete(place);
  const isTouched = (places: readonly number[]) => places.some((place) => written.has(place));
  const computing: number[] = [];
  for (const { place, column } of program.generated) {
    const places = [...dependenciesOf(column)];
    if (!isTouched(places)) continue;
    written.add(place);
    computing.push(...places);
  }
  const checking = program.checks.map(({ check }) => [...columnsIn(check.expression)]);
  computing.push(...checking.filter(isTouched).flat());
  const comparing = [
    ...program.indexes.map(({ places, notNullPlaces }) => [...places, ...notNullPlaces]),
    ...program.outgoing.map(({ places }) => places),
    ...program.incoming.map(({ referencedPlaces }) => referencedPlaces),
  ];
  const read = new Set(computing.filter((place) => !written.has(place)));
  for (const place of comparing.filter(isTouched).flat()) read.add(place);
  const columnsAt = (places: ReadonlySet<number>) =>
    table.columns.filter((_, place) => places.has(place));
  const access = {
    readerShared: rowExists | columnSet(columnsAt(read)),
    writerShared: columnSet(columnsAt(written)),
  };
  return {
    access,
    writtenPlaces: [...written],
    writtenColumns: columnsAt(written).map(({ id }) => id),
  };
}

/** The values at some places of a row. */
export function valuesAt(row: readonly Value[], places: readonly number[]): Value[] {
  const values: Value[] = new Array(places.length);
  for (let index = 0; index < places.length; index++)
    values[index] = row[places[index] ?? -1] ?? null;
  return values;
}
