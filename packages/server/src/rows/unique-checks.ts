// SPDX-License-Identifier: Apache-2.0
// Uniqueness of a transaction's writes: which values have to be looked at when a statement or a commit
// is complete. Two NULLs are equal here, as they are in Spanner's unique indexes.
import { uniqueViolation } from "../errors/row.ts";
import { afterPrefix } from "../keys/part.ts";
import type { Table } from "../schema/schema.ts";
import type { KeyValueReader } from "../txn/key-values.ts";
import { keyBytes, printKey, tableLayout } from "./layout.ts";
import { RowUnpacker } from "./row-codec.ts";
import { type IndexProgram, valuesAt } from "./table-program.ts";

interface Pending {
  readonly program: IndexProgram;
  readonly table: Table;
  /** The beginning of the keys of all entries with some values. */
  readonly prefix: string;
}

/** See the top of this file. */
export class UniqueChecks {
  readonly #keyValues: KeyValueReader;
  readonly #pending = new Map<string, Pending>();
  /** Rows that were written, by table and key: who came first is told from who came later. */
  readonly #written = new Set<string>();

  constructor(keyValues: KeyValueReader) {
    this.#keyValues = keyValues;
  }

  /** Takes note of an entry that is about to be written; its prefix is locked. */
  note(program: IndexProgram, table: Table, prefix: string): void {
    this.#pending.set(`${program.index.id}/${prefix}`, { program, table, prefix });
  }

  /** Takes note of a row that was written. */
  noteWritten(table: Table, key: string): void {
    this.#written.add(`${table.id}/${key}`);
  }

  /**
   * Judges everything that was noted.
   *
   * @throws {StatusError} ALREADY_EXISTS when two rows share a value of a unique index.
   */
  check(): void {
    for (const pending of this.#pending.values()) this.#checkOne(pending);
    this.#pending.clear();
  }

  #checkOne({ program, table, prefix }: Pending): void {
    const { layout, index } = program;
    const entries = this.#keyValues.scan(layout.space, prefix, prefix + afterPrefix, false);
    const [first, second] = [entries.next(), entries.next()];
    if (first.done || second.done) return;
    // The entry that stood here before names the row that the new one collides with.
    const columns = layout.key.map(({ column }) => column);
    const unpacker = new RowUnpacker(columns);
    const rows = [unpacker.unpack(first.value[1]), unpacker.unpack(second.value[1])];
    const keyPlaces = table.primaryKey.map(({ column }) => columns.indexOf(column));
    const [one = [], other = []] = rows.map((row) => valuesAt(row, keyPlaces));
    const isNew = this.#written.has(`${table.id}/${keyBytes(tableLayout(table), other)}`);
    throw uniqueViolation(
      index.name,
      printKey(layout.key, rows[1] ?? []),
      table.name,
      printKey(table.primaryKey, isNew ? one : other),
    );
  }
}
