// SPDX-License-Identifier: Apache-2.0
// The shape of an operator's rows: which column is in which cell. Operators that choose rows or put
// them side by side leave the rows of a table packed; what computes values reads them out.
import type { Value } from "@spandrel/model";
import type { Layout, Place } from "../expression/layout.ts";
import type { ScanNode } from "../planner/plan.ts";
import { ColumnReader } from "../rows/column-reader.ts";
import type { Row } from "../rows/contract.ts";

/** See the top of this file. */
export interface Shape {
  /** How many cells a row has. */
  readonly cells: number;
  readonly places: ReadonlyMap<number, Place>;
  /** The cells that hold packed rows. */
  readonly packedCells: ReadonlySet<number>;
}

/** Rows that are lists of values, one for each column. */
export function shapeOf(columns: readonly number[]): Shape {
  const places = new Map(columns.map((column, position) => [column, position]));
  return { cells: columns.length, places, packedCells: new Set() };
}

/** Rows of a scan that stay packed. */
export function packedShapeOf({ columns, sources }: ScanNode): Shape {
  const places = new Map<number, Place>();
  for (const [index, column] of columns.entries()) {
    const source = sources[index];
    if (source !== undefined) places.set(column, { cell: 0, packed: new ColumnReader(source) });
  }
  return { cells: 1, places, packedCells: new Set([0]) };
}

/** The cells of one row, then those of another. */
export function shapeBeside(left: Shape, right: Shape): Shape {
  const places = new Map(left.places);
  for (const [column, place] of right.places) {
    const moved =
      typeof place === "number" ? place + left.cells : { ...place, cell: place.cell + left.cells };
    places.set(column, moved);
  }
  const packedCells = new Set(left.packedCells);
  for (const cell of right.packedCells) packedCells.add(cell + left.cells);
  return { cells: left.cells + right.cells, places, packedCells };
}

/** Where expressions find the columns of such rows. */
export function layoutOf({ places }: Shape): Layout {
  return (column) => places.get(column);
}

/** Two rows side by side. */
export function beside(left: Row, right: Row): Row {
  if (left.length === 1 && right.length === 1) return [left[0] ?? null, right[0] ?? null];
  const row: Value[] = [];
  for (let cell = 0; cell < left.length; cell++) row.push(left[cell] ?? null);
  for (let cell = 0; cell < right.length; cell++) row.push(right[cell] ?? null);
  return row;
}
