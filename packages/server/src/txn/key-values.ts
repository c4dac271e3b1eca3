// SPDX-License-Identifier: Apache-2.0
// What a transaction offers to the floors above: bytes by key, with isolation. Spaces are numbered:
// one for the rows of each table, one for the entries of each index.
//
// Locks come first: whoever reads in a read-write transaction locks the range before, and then reads
// it without waiting. A snapshot needs no locks and its `lock` does nothing.
import type { LockMode, LockRange } from "../locks/lock-table.ts";
import type { StoredRow, VersionedEntry } from "../mvcc/versions.ts";

/** Reads at one moment, or in one transaction. */
export interface KeyValueReader {
  /**
   * Makes a range safe to read or write. Undefined when that is so at once, else a promise for it.
   *
   * @throws {StatusError} ABORTED, now or later, when the transaction had to give way.
   */
  lock(range: LockRange, mode: LockMode): Promise<void> | undefined;

  /** The row under a key; null when there is none. */
  get(space: number, key: string): StoredRow;

  /** The rows from `start` (included) to `end` (excluded), backward when asked. */
  scan(
    space: number,
    start: string,
    end: string,
    isReverse: boolean,
  ): IterableIterator<VersionedEntry>;
}

/** Makes an entry final once the commit timestamp is known: its key and row with it filled in. */
export type Finish = (commitMicros: number) => { readonly key: string; readonly row: StoredRow };

/** Reads and writes in a read-write transaction; writes are seen by its own reads at once. */
export interface KeyValueWriter extends KeyValueReader {
  /** Puts a row under a key, or takes it away with null. The key must be locked exclusively. */
  put(space: number, key: string, row: StoredRow, finish?: Finish): void;
}
