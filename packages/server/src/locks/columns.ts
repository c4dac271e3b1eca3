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
export function columnSet(columns: Iterable<{ readonly id: number }>): ColumnSet {
  let set = 0;
  for (const { id } of columns) set |= columnBit(id);
  return set;
}

/** What somebody wants to do with the columns of a row: others may read along, or not. */
export interface Access {
  readonly shared: ColumnSet;
  readonly exclusive: ColumnSet;
}

/** Reads whole rows, and that there are no others. */
export const readRows: Access = { shared: allColumns, exclusive: 0 };

/** Relies on rows being there, or not being there. */
export const rowsExist: Access = { shared: rowExists, exclusive: 0 };

/** Writes whole rows, makes them and takes them away. */
export const writeRows: Access = { shared: 0, exclusive: allColumns };

/** The columns that two cannot access at once. */
export function clash(left: Access, right: Access): ColumnSet {
  return (left.exclusive & (right.shared | right.exclusive)) | (left.shared & right.exclusive);
}
