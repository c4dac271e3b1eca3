// SPDX-License-Identifier: Apache-2.0
// Which columns of a row a lock is for, as bits of a number.
//
// The lowest bit is for the row's being there at all; Spanner calls it `_exists`. The other bits are
// shared by the columns, by their ids: in a table of more than 31 columns some share a bit, and are
// locked together. That makes somebody wait who need not, and never lets anybody pass who must not.

/** A set of columns; 0 is none. */
export type ColumnSet = number;

/** That the row is there. */
export const rowExists: ColumnSet = 1;

/** Every column, and that the row is there. */
export const allColumns: ColumnSet = -1;

/** The set of one column, by its id. */
export function columnBit(id: number): ColumnSet {
  return 2 << (id % 31);
}

/** The set of some columns. */
export function columnSet(columns: readonly { readonly id: number }[]): ColumnSet {
  return columnSetOf(columns.map(({ id }) => id));
}

/** The set of some columns, by their ids. */
export function columnSetOf(ids: readonly number[]): ColumnSet {
  let set = 0;
  for (const id of ids) set |= columnBit(id);
  return set;
}

/**
 * What somebody does with the columns of a row, in Spanner's modes. Readers share a column with readers,
 * and writers who have not read it share it with writers. Who does both has it alone: that is the mode
 * which Spanner calls exclusive.
 * https://cloud.google.com/spanner/docs/introspection/lock-statistics#explain-lock-modes
 */
export interface Access {
  readonly readerShared: ColumnSet;
  readonly writerShared: ColumnSet;
}

/** Reads some columns. */
export function readingOf(columns: ColumnSet): Access {
  return { readerShared: columns, writerShared: 0 };
}

/** Reads whole rows, and that there are no others. */
export const readRows: Access = readingOf(allColumns);

/** Relies on rows being there, or not being there. */
export const rowsExist: Access = readingOf(rowExists);

/** Makes rows, takes them away and writes them, by what was there; nobody else is let in. */
export const writeRows: Access = { readerShared: allColumns, writerShared: allColumns };

/** Makes rows and takes them away, whatever was there: others may do the same. */
export const overwriteRows: Access = { readerShared: 0, writerShared: allColumns };

/** The columns that two cannot access at once: one reads what the other writes. */
export function clash(left: Access, right: Access): ColumnSet {
  return (left.readerShared & right.writerShared) | (left.writerShared & right.readerShared);
}
