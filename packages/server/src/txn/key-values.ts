// SPDX-License-Identifier: Apache-2.0
// What a transaction offers to the floors above: bytes by key, with isolation. Spaces are numbered:
// one for the rows of each table, one for the entries of each index.
//
// Locks come first: whoever reads in a read-write transaction locks the range before, and then reads
// it without waiting. A snapshot needs no locks and its `lock` does nothing.
import type { Access, ColumnSet } from "../locks/columns.ts";
import type { LockRange } from "../locks/lock-table.ts";
import type { StoredRow, VersionedEntry } from "../mvcc/versions.ts";

/** Reads at one moment, or in one transaction. */
export interface KeyValueReader {
  /**
   * Makes a range safe to read or write. Undefined when that is so at once, else a promise for it.
   *
   * @throws {StatusError} ABORTED, now or later, when the transaction had to give way.
   */
  lock(range: LockRange, access: Access): Promise<void> | undefined;

  /** The row under a key; null when there is none. */
  get(space: number, key: string): StoredRow;

  /** The rows from `start` (included) to `end` (excluded), backward when asked. */
  scan(
    space: number,
    start: string,
    end: string,
    isReverse: boolean,
  ): IterableIterator<VersionedEntry>;

  /** The same without the keys, many rows at a time; absent where each row has to be looked after. */
  rows?(
    space: number,
    start: string,
    end: string,
    isReverse: boolean,
  ): IterableIterator<readonly string[]>;
}

/** Makes an entry final once the commit timestamp is known: its key and row with it filled in. */
export type Finish = (commitMicros: number) => { readonly key: string; readonly row: StoredRow };

/** That only some columns of a row are written; others may write the other ones meanwhile. */
export interface PartialRow {
  /** The row as it was before, by what the transaction saw then. */
  readonly base: string;
  /** The columns that are written, by their ids. */
  readonly columns: readonly number[];
}

/** What transactions have to know of rows, which are only bytes to them: which part is which column. */
export interface RowColumns {
  /** A row with some columns, by their ids, as they are in another one. */
  lay(columns: readonly number[], from: string, over: string): string;

  /** In which columns two rows differ; in all of them when only one is there. */
  difference(before: StoredRow, after: StoredRow): ColumnSet;
}

/** Reads and writes in a read-write transaction; writes are seen by its own reads at once. */
export interface KeyValueWriter extends KeyValueReader {
  /** Puts a row under a key, or takes it away with null. Every column must be locked for writing. */
  put(space: number, key: string, row: StoredRow, finish?: Finish): void;

  /**
   * Writes some columns of the row under a key, which is `row` with them. These columns must be locked
   * for writing, and that the row is there for reading.
   */
  putPart(space: number, key: string, row: string, part: PartialRow, finish?: Finish): void;
}
