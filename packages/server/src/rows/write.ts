// SPDX-License-Identifier: Apache-2.0
// Writing rows, with every effect that a write has: NOT NULL and lengths, the parent that must be
// there, the children that go along or stand in the way, the entries of every index. Each effect is
// a step of its own, taken in the same order for every kind of write.
//
// Uniqueness is judged when a statement or a commit is complete (`checkUnique`), not row by row: two
// rows may trade their unique values in one commit.
import type { Clock } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import {
  childExists,
  generatedColumnWritten,
  keyColumnsMissing,
  keyTooLarge,
  notNullMissing,
  parentMissing,
  rowAlreadyExists,
  rowMissing,
  uniqueViolation,
} from "../errors/row.ts";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import { afterPrefix } from "../keys/part.ts";
import type { Limits } from "../limits/limits.ts";
import { singleKey } from "../locks/lock-table.ts";
import {
  type Column,
  childrenOf,
  findTable,
  type Index,
  indexesOf,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import type { Finish, KeyValueWriter } from "../txn/key-values.ts";
import { checkValue, type ValueBounds } from "./check-value.ts";
import type { InsertMode, KeyPrefix, KeyRange, Row, RowWriter, Scan } from "./contract.ts";
import { indexLayout, keyBytes, type Layout, printKey, rangeBytes, tableLayout } from "./layout.ts";
import { Rows } from "./read.ts";
import { packRow, RowUnpacker } from "./row-codec.ts";

/** What writing works with. */
export interface RowWriterOptions {
  readonly keyValues: KeyValueWriter;
  readonly schema: Schema;
  readonly limits: Limits;
  readonly clock: Clock;
}

interface UniqueCheck {
  readonly index: Index;
  readonly table: Table;
  readonly layout: Layout;
  readonly prefix: string;
}

/** See the top of this file. */
export class WritableRows implements RowWriter {
  readonly #keyValues: KeyValueWriter;
  readonly #schema: Schema;
  readonly #limits: Limits;
  readonly #bounds: ValueBounds;
  readonly #reader: Rows;
  readonly #indexes = new Map<number, readonly Index[]>();
  readonly #children = new Map<number, readonly Table[]>();
  readonly #uniqueChecks = new Map<string, UniqueCheck>();
  #mutations = 0;
  #writes = 0;

  constructor({ keyValues, schema, limits, clock }: RowWriterOptions) {
    this.#keyValues = keyValues;
    this.#schema = schema;
    this.#limits = limits;
    this.#bounds = { cellBytesMax: limits.cellBytesMax, nowNanos: clock.now() };
    this.#reader = new Rows(keyValues);
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
  ): Promise<readonly (Row | undefined)[]> {
    const places = placesOf(table, columns);
    const written: (Row | undefined)[] = [];
    for (const row of rows) written.push(await this.#insertRow(table, columns, places, row, mode));
    return written;
  }

  async update(
    table: Table,
    columns: readonly Column[],
    rows: readonly Row[],
  ): Promise<readonly Row[]> {
    const places = placesOf(table, columns);
    const written: Row[] = [];
    for (const row of rows) {
      const key = keyOf(table, columns, row);
      const existing = await this.#lockAndGet(table, key);
      if (existing === undefined) throw rowMissing(table.name, printKey(table.primaryKey, key));
      written.push(await this.#change(table, places, existing, row));
    }
    return written;
  }

  async delete(table: Table, keys: readonly KeyPrefix[]): Promise<void> {
    for (const key of keys) {
      const existing = await this.#lockAndGet(table, key);
      this.#mutations++;
      if (existing !== undefined) await this.#remove(table, existing);
    }
  }

  /** Deletes every row of a range of keys. */
  async deleteRange(table: Table, range: KeyRange): Promise<void> {
    const layout = tableLayout(table);
    const bytes = rangeBytes(layout, range);
    this.#mutations++;
    if (bytes === undefined) return;
    await this.#keyValues.lock({ space: layout.space, ...bytes }, "exclusive");
    for (const row of this.#rowsWithin(table, bytes.start, bytes.end)) {
      await this.#remove(table, row);
    }
  }

  /**
   * Judges the uniqueness of all that was written since the last time.
   *
   * @throws {StatusError} ALREADY_EXISTS when two rows share a value of a unique index.
   */
  checkUnique(): void {
    for (const { index, table, layout, prefix } of this.#uniqueChecks.values()) {
      const entries = this.#keyValues.scan(layout.space, prefix, prefix + afterPrefix, false);
      const columns = layout.key.map(({ column }) => column);
      const unpacker = new RowUnpacker(columns);
      const [first, second] = [entries.next(), entries.next()];
      if (first.done || second.done) continue;
      // The entry that stood here before names the row that the new one collides with.
      const rows = [unpacker.unpack(first.value[1]), unpacker.unpack(second.value[1])];
      const keys = rows.map((row) => keyOf(table, columns, row));
      const [one = [], other = []] = keys;
      throw uniqueViolation(
        index.name,
        printKey(layout.key, rows[1] ?? []),
        table.name,
        printKey(table.primaryKey, this.#wasThereBefore(other, table) ? other : one),
      );
    }
    this.#uniqueChecks.clear();
  }

  /** Fills an index that has no entries yet from the rows of its table. */
  async backfill(index: Index, table: Table): Promise<void> {
    const layout = tableLayout(table);
    const bytes = { start: "", end: afterPrefix };
    await this.#keyValues.lock({ space: layout.space, ...bytes }, "shared");
    for (const row of this.#rowsWithin(table, bytes.start, bytes.end)) {
      await this.#addEntry(index, table, row);
    }
  }

  #wasThereBefore(key: Row, table: Table): boolean {
    return !this.#written.has(`${table.id}/${keyBytes(tableLayout(table), key)}`);
  }

  readonly #written = new Set<string>();

  async #insertRow(
    table: Table,
    columns: readonly Column[],
    places: readonly number[],
    row: Row,
    mode: InsertMode,
  ): Promise<Row | undefined> {
    const key = keyOf(table, columns, row);
    const existing = await this.#lockAndGet(table, key);
    if (existing !== undefined) {
      if (mode === "INSERT") throw rowAlreadyExists(table.name, printKey(table.primaryKey, key));
      if (mode === "INSERT_OR_IGNORE") return undefined;
      if (mode === "INSERT_OR_UPDATE") return this.#change(table, places, existing, row);
      await this.#remove(table, existing);
    }
    const values: Value[] = table.columns.map(() => null);
    for (const [index, place] of places.entries()) values[place] = row[index] ?? null;
    requireNotNull(table, places, values);
    await this.#requireParent(table, key);
    await this.#store(table, undefined, values);
    this.#mutations += places.length;
    return values;
  }

  async #change(
    table: Table,
    places: readonly number[],
    existing: readonly Value[],
    row: Row,
  ): Promise<Row> {
    const values = [...existing];
    for (const [index, place] of places.entries()) values[place] = row[index] ?? null;
    await this.#store(table, existing, values);
    this.#mutations += places.length;
    return values;
  }

  /** Writes a row that is complete, and the entries that change with it. */
  async #store(
    table: Table,
    before: readonly Value[] | undefined,
    values: readonly Value[],
  ): Promise<void> {
    const layout = tableLayout(table);
    for (const [place, column] of table.columns.entries()) {
      const value = values[place] ?? null;
      if (before === undefined || before[place] !== value) {
        checkValue(table, column, value, this.#bounds);
      }
    }
    for (const index of this.#indexesOf(table)) {
      if (before !== undefined) {
        if (!isAffected(index, table, before, values)) continue;
        await this.#dropEntry(index, table, before);
      }
      await this.#addEntry(index, table, values);
    }
    this.#put(layout, table.columns, values);
    this.#written.add(`${table.id}/${keyBytes(layout, keyOf(table, table.columns, values))}`);
  }

  /** Takes a row away, with its entries, and its children where they go along. */
  async #remove(table: Table, values: readonly Value[]): Promise<void> {
    const key = keyOf(table, table.columns, values);
    for (const child of this.#childrenOf(table)) await this.#removeChildren(child, key);
    for (const index of this.#indexesOf(table)) await this.#dropEntry(index, table, values);
    const layout = tableLayout(table);
    this.#writes++;
    this.#keyValues.put(layout.space, keyBytes(layout, key), null);
  }

  async #removeChildren(child: Table, parentKey: Row): Promise<void> {
    if (child.interleave?.kind !== "IN PARENT") return;
    const layout = tableLayout(child);
    const start = keyBytes(layout, parentKey);
    const end = start + afterPrefix;
    const mode = child.interleave.onDelete === "CASCADE" ? "exclusive" : "shared";
    const locked = this.#keyValues.lock({ space: layout.space, start, end }, mode);
    if (locked !== undefined) await locked;
    for (const row of this.#rowsWithin(child, start, end)) {
      if (child.interleave.onDelete !== "CASCADE") {
        const key = keyOf(child, child.columns, row);
        throw childExists(child.name, printKey(child.primaryKey, key));
      }
      await this.#remove(child, row);
    }
  }

  async #requireParent(table: Table, key: Row): Promise<void> {
    const { interleave } = table;
    if (interleave?.kind !== "IN PARENT") return;
    const parent = findTable(this.#schema, interleave.parent);
    if (parent === undefined) return;
    const layout = tableLayout(parent);
    const parentKey = keyBytes(layout, key.slice(0, parent.primaryKey.length));
    const locked = this.#keyValues.lock(singleKey(layout.space, parentKey), "shared");
    if (locked !== undefined) await locked;
    if (this.#keyValues.get(layout.space, parentKey) === null) {
      throw parentMissing(table.name, printKey(table.primaryKey, key));
    }
  }

  async #addEntry(index: Index, table: Table, values: readonly Value[]): Promise<void> {
    const layout = indexLayout(index, table);
    const entry = pick(table, layout.columns, values);
    if (index.isNullFiltered && hasNullKey(index, entry)) return;
    const key = keyBytes(layout, entry.slice(0, layout.key.length));
    const prefix = keyBytes(layout, entry.slice(0, index.key.length));
    const range = index.isUnique
      ? { space: layout.space, start: prefix, end: prefix + afterPrefix }
      : singleKey(layout.space, key);
    const locked = this.#keyValues.lock(range, "exclusive");
    if (locked !== undefined) await locked;
    if (index.isUnique) {
      this.#uniqueChecks.set(`${index.id}/${prefix}`, { index, table, layout, prefix });
    }
    this.#put(layout, layout.columns, entry);
    this.#mutations += layout.columns.length;
  }

  async #dropEntry(index: Index, table: Table, values: readonly Value[]): Promise<void> {
    const layout = indexLayout(index, table);
    const entry = pick(table, layout.columns, values);
    if (index.isNullFiltered && hasNullKey(index, entry)) return;
    const key = keyBytes(layout, entry.slice(0, layout.key.length));
    const locked = this.#keyValues.lock(singleKey(layout.space, key), "exclusive");
    if (locked !== undefined) await locked;
    this.#writes++;
    this.#keyValues.put(layout.space, key, null);
  }

  /** Puts a row or an entry; one with a commit timestamp to come is packed again at the commit. */
  #put(layout: Layout, columns: readonly Column[], values: readonly Value[]): void {
    const key = keyBytes(layout, keyValues(layout, columns, values));
    if (key.length > this.#limits.keyBytesMax) {
      throw keyTooLarge(layout.owner, key.length, this.#limits.keyBytesMax);
    }
    const finish = finishOf(layout, columns, values);
    this.#writes++;
    this.#keyValues.put(layout.space, key, packRow(columns, values), finish);
  }

  /** The row under a whole key, all columns; undefined when there is none. */
  async #lockAndGet(table: Table, key: Row): Promise<Value[] | undefined> {
    const layout = tableLayout(table);
    const bytes = keyBytes(layout, key);
    const locked = this.#keyValues.lock(singleKey(layout.space, bytes), "exclusive");
    if (locked !== undefined) await locked;
    const row = this.#keyValues.get(layout.space, bytes);
    return row === null ? undefined : new RowUnpacker(table.columns).unpack(row);
  }

  /** Rows within bounds that are locked already; all of them at once, since they are about to go. */
  #rowsWithin(table: Table, start: string, end: string): readonly Value[][] {
    const unpacker = new RowUnpacker(table.columns);
    const entries = this.#keyValues.scan(table.id, start, end, false);
    return Array.from(entries, ([, row]) => unpacker.unpack(row));
  }

  #indexesOf(table: Table): readonly Index[] {
    let indexes = this.#indexes.get(table.id);
    if (indexes === undefined) {
      indexes = indexesOf(this.#schema, table);
      this.#indexes.set(table.id, indexes);
    }
    return indexes;
  }

  #childrenOf(table: Table): readonly Table[] {
    let children = this.#children.get(table.id);
    if (children === undefined) {
      children = childrenOf(this.#schema, table);
      this.#children.set(table.id, children);
    }
    return children;
  }
}

/** Where each column stands in its table. */
function placesOf(table: Table, columns: readonly Column[]): readonly number[] {
  return columns.map((column) => {
    if (column.generated !== undefined) throw generatedColumnWritten(table.name, column.name);
    return table.columns.indexOf(column);
  });
}

/** The primary key of a row that is given by some columns. */
function keyOf(table: Table, columns: readonly Column[], row: Row): Row {
  return table.primaryKey.map(({ column }) => {
    const index = columns.indexOf(column);
    if (index < 0 && column.isNotNull) throw keyColumnsMissing(table.name, column.name);
    return index < 0 ? null : (row[index] ?? null);
  });
}

function keyValues(layout: Layout, columns: readonly Column[], values: readonly Value[]): Row {
  return layout.key.map(({ column }) => values[columns.indexOf(column)] ?? null);
}

function pick(table: Table, columns: readonly Column[], values: readonly Value[]): Row {
  return columns.map((column) => values[table.columns.indexOf(column)] ?? null);
}

/** Whether an index's entry for a row differs after a change of the row. */
function isAffected(
  index: Index,
  table: Table,
  before: readonly Value[],
  after: readonly Value[],
): boolean {
  return indexLayout(index, table).columns.some((column) => {
    const place = table.columns.indexOf(column);
    return before[place] !== after[place];
  });
}

function hasNullKey(index: Index, entry: Row): boolean {
  return index.key.some((_, place) => entry[place] === null);
}

function requireNotNull(table: Table, places: readonly number[], values: readonly Value[]): void {
  const missing = table.columns.filter(
    (column, place) => column.isNotNull && values[place] === null && !places.includes(place),
  );
  if (missing.length > 0) {
    throw notNullMissing(
      table.name,
      missing.map(({ name }) => name),
    );
  }
}

function finishOf(
  layout: Layout,
  columns: readonly Column[],
  values: readonly Value[],
): Finish | undefined {
  if (!values.includes(PENDING_COMMIT_TIMESTAMP)) return undefined;
  return (commitMicros) => {
    const atNanos = BigInt(commitMicros) * 1_000n;
    const known = values.map((value) => (value === PENDING_COMMIT_TIMESTAMP ? atNanos : value));
    return {
      key: keyBytes(layout, keyValues(layout, columns, known)),
      row: packRow(columns, known),
    };
  };
}
