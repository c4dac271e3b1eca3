// SPDX-License-Identifier: Apache-2.0
// Where the columns of a row are. A row is a list of cells. A cell holds the value of one column, or a
// whole row of a table as it was stored, out of which columns are read when they are asked for: what
// no expression looks at is never unpacked, and a row travels through filters and joins as one cell.
import type { Value } from "@spandrel/model";
import type { Integer } from "../functions/integer.ts";

/** Reads one column out of packed rows; made once for many rows. */
export interface PackedColumn {
  /** The column's value. */
  value(packed: string): Value;
  /** The same of a column of type INT64, without making a bigint where a number will do. */
  integer(packed: string): Integer | null;
}

/** A column within a cell that holds a packed row; the cell of a row that is missing is NULL. */
export interface PackedPlace {
  readonly cell: number;
  readonly packed: PackedColumn;
}

/** Where a column's value is: a cell, or within one. */
export type Place = number | PackedPlace;

/** Where in a row a column's value is; undefined when the row does not have it. */
export type Layout = (column: number) => Place | undefined;
