// SPDX-License-Identifier: Apache-2.0
// Writing rows, with every effect that a write has, always in the same order: defaults, generated
// columns, NOT NULL and lengths, checks, the parent that must be there, foreign keys, the entries of
// every index; on a deletion the children and the referring rows that go along or stand in the way.
//
// A write is blind when nothing of it depends on the row that was there: the row is replaced, deleted, or
// upserted with all of its columns, in a table without indexes, children and rows that refer to it. Such
// a row is not even looked at, and others may write it as blindly at the same time.
//
// Uniqueness and foreign keys are judged when a statement or a commit is complete
// (`checkConstraints`), not row by row: two rows may trade their unique values in one commit, and a row
// may refer to one that is written after it. What the judgment reads was locked when the row was
// written.
import type { Clock, Random } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import {
  checkViolated,
  childExists,
  generatedKeyUnknown,
  keyTooLarge,
  notNullMissing,
  parentMissing,
  rowAlreadyExists,
  rowMissing,
} from "../errors/row.ts";
import { type Frame, frameOf } from "../expression/frame.ts";
import { afterPrefix } from "../keys/part.ts";
import type { Limits } from "../limits/limits.ts";
import {
  type Access,
  allColumns,
  overwriteRows,
  readRows,
  rowsExist,
  writeRows,
} from "../locks/columns.ts";
import { singleKey } from "../locks/lock-table.ts";
import { defaultTimeZoneOf } from "../schema/database-options.ts";
import type { Column, Index, Schema, Table } from "../schema/schema.ts";
import type { KeyValueWriter, PartialRow } from "../txn/key-values.ts";
import { checkRow, checkValue, type ValueBounds } from "./check-value.ts";
import type { InsertMode, KeyPrefix, KeyRange, Row, RowWriter, Scan } from "./contract.ts";
import { Counters } from "./counters.ts";
import { ForeignKeyChecks, type ReferringRows } from "./foreign-key-checks.ts";
import { keyBytes, printKey, rangeBytes, tableLayout } from "./layout.ts";
import { type PlacedRow, putRow } from "./put-row.ts";
import { Rows } from "./read.ts";
import {
  dependenciesOf,
  type IndexProgram,
  type TableProgram,
  tableProgram,
  valuesAt,
  type WriteShape,
  writeShape,
} from "./table-program.ts";
import { UniqueChecks } from "./unique-checks.ts";

/** What writing works with. */
export interface RowWriterOptions {
  readonly keyValues: KeyValueWriter;
  readonly schema: Schema;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Random;
  /** The counters of identity columns; one set serves a whole database. */
  readonly counters?: Counters;
}

/** A row that is to be inserted where there may be one. */
interface Insertion {
  readonly bytes: string;
  readonly key: Row;
  readonly row: Row;
  readonly mode: InsertMode;
  readonly isReturned: boolean;
}

/** See the top of this file. */
export class WritableRows implements RowWriter {
  readonly #keyValues: KeyValueWriter;
  readonly #schema: Schema;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #counters: Counters;
  readonly #reader: Rows;
  readonly #unique: UniqueChecks;
  readonly #foreignKeys: ForeignKeyChecks;
  #bounds: ValueBounds;
  #frame: Frame;
  #lastShape: { program: TableProgram; kind: string; shape: WriteShape } | undefined;
  #mutations = 0;
  #writes = 0;

  constructor({ keyValues, schema, limits, clock, random, counters }: RowWriterOptions) {
    this.#keyValues = keyValues;
    this.#schema = schema;
    this.#limits = limits;
    this.#clock = clock;
    this.#random = random;
    this.#counters = counters ?? new Counters();
    this.#reader = new Rows(keyValues);
    this.#unique = new UniqueChecks(keyValues);
    this.#foreignKeys = new ForeignKeyChecks(keyValues);
    this.#bounds = boundsOf(limits, clock.now());
    this.#frame = this.#newFrame();
  }

  /** Mutations so far, as Spanner counts them: columns written, rows deleted, index entries' columns. */
  get mutations(): number {
    return this.#mutations;
  }

  /** Rows and entries that were put or taken away so far: whether a statement has left a trace. */
  get writes(): number {
    return this.#writes;
  }

  scan(scan: Scan): AsyncIterable<readonly Row[]> {
    return this.#reader.scan(scan);
  }

  async insert(
    table: Table,
    columns: readonly Column[],
    rows: readonly Row[],
    mode: InsertMode,
    isReturned: boolean,
  ): Promise<readonly (Row | undefined)[]> {
    this.#startStatement();
    const program = tableProgram(this.#schema, table);
    const shape = this.#shapeOf(program, columns, "insert");
    const written: (Row | undefined)[] = [];
    for (const row of rows) {
      written.push(await this.#insertRow(program, shape, row, mode, isReturned));
    }
    return written;
  }

  async update(
    table: Table,
    columns: readonly Column[],
    rows: readonly Row[],
    isReturned: boolean,
  ): Promise<readonly Row[]> {
    this.#startStatement();
    const program = tableProgram(this.#schema, table);
    const shape = this.#shapeOf(program, columns, "update");
    const access = accessOf(shape, isReturned);
    const written: Row[] = [];
    for (const row of rows) {
      const key = this.#keyForUpdate(program, shape, row);
      const packed = await this.#lockAndGet(program, keyBytes(program.layout, key), access);
      if (packed === null) throw rowMissing(table.name, printKey(table.primaryKey, key));
      written.push(await this.#change(program, shape, packed, row));
    }
    return written;
  }

  async delete(table: Table, keys: readonly KeyPrefix[]): Promise<void> {
    const program = tableProgram(this.#schema, table);
    for (const key of keys) {
      const bytes = keyBytes(program.layout, key);
      this.#mutations++;
      if (program.standsAlone) {
        await this.#lockToOverwrite(program, bytes);
        this.#writes++;
        this.#keyValues.put(program.layout.space, bytes, null);
        continue;
      }
      const packed = await this.#lockAndGet(program, bytes, writeRows);
      if (packed !== null) await this.#remove(program, program.unpacker.unpack(packed));
    }
  }

  /** Deletes every row of a range of keys. */
  async deleteRange(table: Table, range: KeyRange): Promise<void> {
    const program = tableProgram(this.#schema, table);
    const { space } = program.layout;
    const bytes = rangeBytes(program.layout, range);
    this.#mutations++;
    if (bytes === undefined) return;
    await this.#keyValues.lock({ space, ...bytes }, writeRows);
    for (const row of this.#rowsWithin(program, bytes.start, bytes.end)) {
      await this.#remove(program, row);
    }
  }

  /**
   * Judges the uniqueness and the foreign keys of all that was written since the last time.
   *
   * @throws {StatusError} ALREADY_EXISTS when two rows share a value of a unique index,
   * FAILED_PRECONDITION when a row refers to one that is not there.
   */
  checkConstraints(): void {
    this.#unique.check();
    this.#foreignKeys.check();
  }

  /** Fills an index from the rows of its table; entries that it has are written anew. */
  async backfill(index: Index, table: Table): Promise<void> {
    const program = tableProgram(this.#schema, table);
    const { space } = program.layout;
    const each = program.indexes.find((candidate) => candidate.index.id === index.id);
    await this.#keyValues.lock({ space, start: "", end: afterPrefix }, readRows);
    for (const row of this.#rowsWithin(program, "", afterPrefix)) {
      if (each !== undefined) await this.#addEntry(program, each, row);
    }
  }

  /** What holds while the rows of one call are written. */
  #startStatement(): void {
    const nowNanos = this.#clock.now();
    if (nowNanos === this.#bounds.nowNanos) return;
    this.#bounds = boundsOf(this.#limits, nowNanos);
    this.#frame = this.#newFrame();
  }

  #newFrame(): Frame {
    const { nowNanos } = this.#bounds;
    const [random, sequences] = [this.#random, this.#counters];
    const timeZone = defaultTimeZoneOf(this.#schema);
    return frameOf({ nowNanos, timeZone, random, sequences });
  }

  /** The shape of a list of columns; writes come in rows of rows with the same list. */
  #shapeOf(
    program: TableProgram,
    columns: readonly Column[],
    kind: "insert" | "update",
  ): WriteShape {
    const last = this.#lastShape;
    if (last !== undefined && last.program === program && last.kind === kind) {
      const known = last.shape.columns;
      const isSame =
        known.length === columns.length && known.every((each, place) => each === columns[place]);
      if (isSame) return last.shape;
    }
    const shape = writeShape(program, columns, kind);
    this.#lastShape = { program, kind, shape };
    return shape;
  }

  async #insertRow(
    program: TableProgram,
    shape: WriteShape,
    row: Row,
    mode: InsertMode,
    isReturned: boolean,
  ): Promise<Row | undefined> {
    const { table, layout } = program;
    // Where a part of the key is worked out, the whole row has to be worked out to find it.
    let values = shape.keyPositions === undefined ? this.#newRow(program, shape, row) : undefined;
    const key =
      values === undefined
        ? valuesAt(row, shape.keyPositions ?? [])
        : valuesAt(values, program.keyPlaces);
    const bytes = keyBytes(layout, key);
    const isBlind =
      program.standsAlone &&
      (mode === "REPLACE" || (mode === "INSERT_OR_UPDATE" && shape.isWholeRow));
    if (isBlind) await this.#lockToOverwrite(program, bytes);
    else {
      const changed = await this.#makeRoom(program, shape, { bytes, key, row, mode, isReturned });
      if (changed !== "free") return changed;
    }
    values ??= this.#newRow(program, shape, row);
    if (shape.missing.length > 0) {
      throw notNullMissing(
        table.name,
        shape.missing.map(({ name }) => name),
      );
    }
    if (program.parent !== undefined) await this.#requireParent(program.parent, table, key);
    await this.#store(program, undefined, values, bytes, undefined);
    this.#mutations += shape.columnsInserted;
    return values;
  }

  /** Locks a row that is to be inserted; what there is already is dealt with as the mode says. */
  async #makeRoom(
    program: TableProgram,
    shape: WriteShape,
    { bytes, key, row, mode, isReturned }: Insertion,
  ): Promise<Row | undefined | "free"> {
    const { table, layout } = program;
    // A row that seems to be there is changed by its columns; if it is gone by the time that they are
    // locked, it is made, for which it has to be locked whole.
    const isThere =
      mode === "INSERT_OR_UPDATE" && this.#keyValues.get(layout.space, bytes) !== null;
    let packed: string | null = null;
    if (isThere) packed = await this.#lockAndGet(program, bytes, accessOf(shape, isReturned));
    if (packed === null) {
      const locked = this.#keyValues.lock(singleKey(layout.space, bytes), writeRows);
      if (locked !== undefined) await locked;
      packed = this.#keyValues.get(layout.space, bytes);
    }
    if (packed === null) return "free";
    switch (mode) {
      case "INSERT":
        throw rowAlreadyExists(table.name, printKey(table.primaryKey, key));
      case "INSERT_OR_IGNORE":
        return undefined;
      case "INSERT_OR_UPDATE":
        return await this.#change(program, shape, packed, row);
      case "REPLACE":
        await this.#remove(program, program.unpacker.unpack(packed));
        return "free";
    }
  }

  /** Locks a row that is written, or taken away, whatever it was. */
  async #lockToOverwrite({ layout }: TableProgram, key: string): Promise<void> {
    const locked = this.#keyValues.lock(singleKey(layout.space, key), overwriteRows);
    if (locked !== undefined) await locked;
  }

  /** A new row: the given values, the defaults of the others, and what follows from them. */
  #newRow(program: TableProgram, shape: WriteShape, row: Row): Value[] {
    const values: Value[] = new Array(program.table.columns.length).fill(null);
    for (let index = 0; index < shape.places.length; index++) {
      values[shape.places[index] ?? -1] = row[index] ?? null;
    }
    for (const { place, evaluate } of shape.defaults) values[place] = evaluate([], this.#frame);
    for (const { place, id, identity } of shape.identities) {
      values[place] = this.#counters.take(id, identity);
    }
    this.#generate(program, values);
    return values;
  }

  #generate(program: TableProgram, values: Value[]): void {
    for (const { place, evaluate } of program.generated) {
      values[place] = evaluate(values, this.#frame);
    }
  }

  async #change(program: TableProgram, shape: WriteShape, packed: string, row: Row): Promise<Row> {
    const { unpacker } = program;
    const existing = unpacker.unpack(packed);
    const values = [...existing];
    for (let index = 0; index < shape.places.length; index++) {
      values[shape.places[index] ?? -1] = row[index] ?? null;
    }
    for (const { place, evaluate } of program.onUpdate) {
      if (!shape.givenPlaces.has(place)) values[place] = evaluate([], this.#frame);
    }
    this.#generate(program, values);
    const bytes = keyBytes(program.layout, valuesAt(values, program.keyPlaces));
    const part = { base: packed, columns: shape.change.writtenColumns };
    await this.#store(program, existing, values, bytes, part);
    this.#mutations += shape.columnsChanged;
    return values;
  }

  /** The key of a row that is to be updated; generated parts follow from the other parts. */
  #keyForUpdate(program: TableProgram, shape: WriteShape, row: Row): Row {
    const { table, keyPlaces } = program;
    const values: Value[] = new Array(table.columns.length).fill(null);
    for (const [index, place] of shape.places.entries()) values[place] = row[index] ?? null;
    if (shape.keyPositions !== undefined) return valuesAt(values, keyPlaces);
    const isGiven = (place: number): boolean => shape.givenPlaces.has(place);
    for (const { place, column, evaluate } of program.generated) {
      if (!keyPlaces.includes(place) || isGiven(place)) continue;
      const unknown = [...dependenciesOf(column)].find((each) => !isGiven(each));
      if (unknown !== undefined) {
        const parts = keyPlaces.map((each) => [values[each] ?? null, isGiven(each)] as const);
        const key = printKey(
          table.primaryKey,
          parts.map(([value]) => value),
          parts.map(([, isKnown]) => isKnown),
        );
        throw generatedKeyUnknown(column.name, table.columns[unknown]?.name ?? "", key);
      }
      values[place] = evaluate(values, this.#frame);
    }
    return valuesAt(values, keyPlaces);
  }

  /** Writes a row that is complete, and the entries that change with it. */
  async #store(
    program: TableProgram,
    before: readonly Value[] | undefined,
    values: readonly Value[],
    key: string,
    part: PartialRow | undefined,
  ): Promise<void> {
    const { table, layout } = program;
    const { columns } = table;
    for (let place = 0; place < columns.length; place++) {
      const column = columns[place] as Column; // below the length
      const value = values[place] ?? null;
      if (before !== undefined && before[place] === value) continue;
      checkValue(table, column, value, this.#bounds);
    }
    checkRow(table, values, program.keyPlaces, this.#bounds);
    for (const { check, evaluate } of program.checks) {
      if (evaluate(values, this.#frame) === false) {
        throw checkViolated(table.name, check.name, this.#printKeyOf(program, values));
      }
    }
    if (program.outgoing.length > 0 || program.incoming.length > 0) {
      await this.#foreignKeys.noteChange(program, before, values);
    }
    for (const index of program.indexes) {
      if (before !== undefined) {
        if (!isAffected(index, before, values)) continue;
        await this.#dropEntry(index, before);
      }
      const waiting = this.#addEntry(program, index, values);
      if (waiting !== undefined) await waiting;
    }
    const { mayAwaitTimestamp, keyPlaces } = program;
    this.#put({ layout, values, key, mayAwaitTimestamp, keyPlaces, part });
    if (program.hasUniqueIndex) this.#unique.noteWritten(table, key);
  }

  #printKeyOf({ table, keyPlaces }: TableProgram, values: readonly Value[]): string {
    return printKey(table.primaryKey, valuesAt(values, keyPlaces));
  }

  /** Takes a row away, with its entries, and the rows that go along with it. */
  async #remove(program: TableProgram, values: readonly Value[]): Promise<void> {
    const { layout, keyPlaces } = program;
    const key = valuesAt(values, keyPlaces);
    for (const child of program.children) await this.#removeChildren(child, key);
    for (const index of program.indexes) await this.#dropEntry(index, values);
    this.#writes++;
    this.#keyValues.put(layout.space, keyBytes(layout, key), null);
    if (program.incoming.length === 0) return;
    for (const referring of await this.#foreignKeys.noteRemoval(program, values)) {
      await this.#removeReferring(referring);
    }
  }

  /** ON DELETE CASCADE; a row that has gone already, around a circle, is passed over. */
  async #removeReferring({ table, keys }: ReferringRows): Promise<void> {
    const program = tableProgram(this.#schema, table);
    for (const key of keys) {
      const packed = await this.#lockAndGet(program, key, writeRows);
      if (packed !== null) await this.#remove(program, program.unpacker.unpack(packed));
    }
  }

  async #removeChildren(child: Table, parentKey: Row): Promise<void> {
    const program = tableProgram(this.#schema, child);
    const { space } = program.layout;
    const start = keyBytes(program.layout, parentKey);
    const end = start + afterPrefix;
    const isCascade = child.interleave?.onDelete === "CASCADE";
    const access = isCascade ? writeRows : rowsExist;
    const locked = this.#keyValues.lock({ space, start, end }, access);
    if (locked !== undefined) await locked;
    for (const row of this.#rowsWithin(program, start, end)) {
      if (!isCascade) throw childExists(child.name, this.#printKeyOf(program, row));
      await this.#remove(program, row);
    }
  }

  async #requireParent(parent: Table, table: Table, key: Row): Promise<void> {
    const layout = tableLayout(parent);
    const parentKey = keyBytes(layout, key.slice(0, parent.primaryKey.length));
    const locked = this.#keyValues.lock(singleKey(layout.space, parentKey), rowsExist);
    if (locked !== undefined) await locked;
    if (this.#keyValues.get(layout.space, parentKey) === null) {
      throw parentMissing(table.name, printKey(table.primaryKey, key));
    }
  }

  /** Undefined when it is done, else a promise that it will be, when the lock is granted. */
  #addEntry(
    { table }: TableProgram,
    program: IndexProgram,
    values: readonly Value[],
  ): Promise<void> | undefined {
    if (hasNullAt(values, program.notNullPlaces)) return undefined;
    const { index, layout } = program;
    const entry = valuesAt(values, program.places);
    // The key stands first in an entry; what comes after it is no part of the key's bytes.
    const key = keyBytes(layout, entry);
    if (!index.isUnique) {
      const locked = this.#keyValues.lock(singleKey(layout.space, key), writeRows);
      if (locked !== undefined) return locked.then(() => this.#putEntry(program, entry, key));
      this.#putEntry(program, entry, key);
      return undefined;
    }
    const prefix = keyBytes(layout, entry.slice(0, program.ownKeyLength));
    const range = { space: layout.space, start: prefix, end: prefix + afterPrefix };
    this.#unique.note(program, table, prefix);
    const locked = this.#keyValues.lock(range, writeRows);
    if (locked !== undefined) return locked.then(() => this.#putEntry(program, entry, key));
    this.#putEntry(program, entry, key);
    return undefined;
  }

  #putEntry(program: IndexProgram, entry: readonly Value[], key: string): void {
    const { layout, mayAwaitTimestamp } = program;
    this.#put({ layout, values: entry, key, mayAwaitTimestamp, keyPlaces: undefined });
    this.#mutations += layout.columns.length;
  }

  async #dropEntry(program: IndexProgram, values: readonly Value[]): Promise<void> {
    if (hasNullAt(values, program.notNullPlaces)) return;
    const { layout } = program;
    const key = keyBytes(layout, valuesAt(values, program.places));
    const locked = this.#keyValues.lock(singleKey(layout.space, key), writeRows);
    if (locked !== undefined) await locked;
    this.#writes++;
    this.#keyValues.put(layout.space, key, null);
  }

  /** Puts a row or an entry in its place. */
  #put(placed: PlacedRow): void {
    const { layout, key } = placed;
    if (key.length > this.#limits.keyBytesMax) {
      throw keyTooLarge(layout.owner, key.length, this.#limits.keyBytesMax);
    }
    this.#writes++;
    putRow(this.#keyValues, placed);
  }

  /** The packed row under a whole key, once it is locked; null when there is none. */
  async #lockAndGet({ layout }: TableProgram, key: string, access: Access): Promise<string | null> {
    const locked = this.#keyValues.lock(singleKey(layout.space, key), access);
    if (locked !== undefined) await locked;
    return this.#keyValues.get(layout.space, key);
  }

  /** Rows within bounds that are locked already; all of them at once, since they are about to go. */
  #rowsWithin({ layout, unpacker }: TableProgram, start: string, end: string): readonly Row[] {
    const entries = this.#keyValues.scan(layout.space, start, end, false);
    return Array.from(entries, ([, row]) => unpacker.unpack(row));
  }
}

/** What a change of a row locks; when the row is given back, all of it has to stay as it is. */
function accessOf({ change }: WriteShape, isReturned: boolean): Access {
  return isReturned ? { ...change.access, readerShared: allColumns } : change.access;
}

function boundsOf({ cellBytesMax, rowBytesMax }: Limits, nowNanos: bigint): ValueBounds {
  return { cellBytesMax, rowBytesMax, nowNanos };
}

/** Whether an index's entry for a row differs after a change of the row. */
function isAffected(
  { places, notNullPlaces }: IndexProgram,
  before: readonly Value[],
  after: readonly Value[],
): boolean {
  const differs = (place: number): boolean => before[place] !== after[place];
  return places.some(differs) || notNullPlaces.some(differs);
}

function hasNullAt(values: readonly Value[], places: readonly number[]): boolean {
  for (const place of places) if (values[place] === null) return true;
  return false;
}
