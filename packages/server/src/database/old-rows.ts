// SPDX-License-Identifier: Apache-2.0
// Which rows are too old, for row deletion policies.
import type { Row } from "../rows/contract.ts";
import type { Column, Table } from "../schema/schema.ts";

/** Rows of a table that hold an earlier moment in a column. */
export interface OldRows {
  readonly table: Table;
  readonly column: Column;
  readonly beforeNanos: bigint;
}

/** Whether the last value of a row is a moment before another; NULL is none. */
export function isOlder(row: Row, beforeNanos: bigint): boolean {
  const value = row.at(-1);
  return typeof value === "bigint" && value < beforeNanos;
}
