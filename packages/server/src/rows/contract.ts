// SPDX-License-Identifier: Apache-2.0
// What the floors above may ask of rows: read them in key order, write them with every effect that a
// write has. Within a transaction a read sees what the transaction's own statements wrote.
//
// A row is an array of values in the order of the columns that were asked for. Reading may wait for a
// lock, so it is asynchronous, but by the batch: rows inside a batch cost no promise.
import type { Value } from "@spandrel/model";
import type { Column, Index, Table } from "../schema/schema.ts";

/** Values of the columns that were asked for, in that order. */
export type Row = readonly Value[];

/** The first values of a key, in the order of the key's parts; a whole key, a prefix, or nothing. */
export type KeyPrefix = readonly Value[];

/**
 * A range of keys in the order of the table or index: on a descending part, from large to small.
 *
 * A closed bound holds every key that begins with it, an open bound none of them. An empty prefix,
 * closed, stands for the very start or end.
 */
export interface KeyRange {
  readonly start: KeyPrefix;
  readonly isStartClosed: boolean;
  readonly end: KeyPrefix;
  readonly isEndClosed: boolean;
}

/** Every key. */
export const allKeys: KeyRange = { start: [], isStartClosed: true, end: [], isEndClosed: true };

/** The range of the keys that begin with a prefix; of a single key, when it is whole. */
export function keysWith(prefix: KeyPrefix): KeyRange {
  return { start: prefix, isStartClosed: true, end: prefix, isEndClosed: true };
}

/** What to read. */
export interface Scan {
  readonly table: Table;
  /** The index to read from; undefined reads the table itself. Only its columns may be asked for. */
  readonly index: Index | undefined;
  /** Which columns of the table each row holds. */
  readonly columns: readonly Column[];
  /** Ranges to read; each row comes once, in key order over all ranges. */
  readonly ranges: readonly KeyRange[];
  /** Backward through the key order. */
  readonly isReverse: boolean;
  /** Whether the rows will be written: locks are taken exclusively. */
  readonly isForUpdate: boolean;
  /** The columns that will be written; by default whole rows, when any. */
  readonly written?: readonly Column[] | undefined;
  /** Rows come as they are stored: a row is then a list of one text, out of which columns are read. */
  readonly isPacked?: boolean;
}

/** Reads rows at one moment, or in one transaction. */
export interface RowReader {
  /**
   * Rows in key order, in batches of at most a few hundred.
   *
   * @throws {StatusError} ABORTED when the transaction had to give way.
   */
  scan(scan: Scan): AsyncIterable<readonly Row[]>;
}

/** What an INSERT does about a row that exists already. */
export type InsertMode = "INSERT" | "INSERT_OR_UPDATE" | "INSERT_OR_IGNORE" | "REPLACE";

/** Writes rows in a read-write transaction, with every effect: defaults, generated columns, checks,
 * index entries, parents and children. Later reads in the transaction see what was written. */
export interface RowWriter extends RowReader {
  /**
   * Inserts rows given by some of their columns; what is not named gets its default, or NULL.
   *
   * Gives, for each row, the values of all of the table's columns after the write; undefined for a
   * row that was ignored. Without `isReturned`, of a row that was there already only the columns that
   * were written are what they will be: others may write the other ones meanwhile.
   *
   * @throws {StatusError} ALREADY_EXISTS, FAILED_PRECONDITION, NOT_FOUND … as the row's constraints say.
   */
  insert(
    table: Table,
    columns: readonly Column[],
    rows: readonly Row[],
    mode: InsertMode,
    isReturned: boolean,
  ): Promise<readonly (Row | undefined)[]>;

  /**
   * Changes rows; `columns` name the whole primary key and what changes.
   *
   * Gives the values of all of the table's columns after the write, to be relied on as with `insert`.
   *
   * @throws {StatusError} NOT_FOUND when a row is missing, and as `insert` does.
   */
  update(
    table: Table,
    columns: readonly Column[],
    rows: readonly Row[],
    isReturned: boolean,
  ): Promise<readonly Row[]>;

  /**
   * Deletes the rows of some whole keys; a key without a row is passed over.
   *
   * @throws {StatusError} FAILED_PRECONDITION when a child row stands in the way.
   */
  delete(table: Table, keys: readonly KeyPrefix[]): Promise<void>;
}
