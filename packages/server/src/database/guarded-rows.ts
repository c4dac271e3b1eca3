// SPDX-License-Identifier: Apache-2.0
// Rows as the statements of one transaction see them: what holds a commit timestamp that is not known
// yet cannot be read until the transaction is over.
// https://cloud.google.com/spanner/docs/commit-timestamp-dml
import type { Value } from "@spandrel/model";
import { pendingCommitTimestamp } from "../errors/transaction.ts";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import type { InsertMode, KeyPrefix, Row, RowReader, RowWriter, Scan } from "../rows/contract.ts";
import { type Column, entryKeyOf, type Table } from "../schema/schema.ts";

/** Which columns hold a commit timestamp to come, by the ids of table and column. */
export class PendingTimestamps {
  readonly #columns = new Set<string>();

  add(table: Table, column: Column): void {
    this.#columns.add(`${table.id}/${column.id}`);
  }

  addAll(others: PendingTimestamps): void {
    for (const each of others.#columns) this.#columns.add(each);
  }

  /** @throws {StatusError} INVALID_ARGUMENT when a scan would come by one of them. */
  check({ table, index, columns }: Scan): void {
    if (this.#columns.size === 0) return;
    const isPending = (column: Column): boolean => this.#columns.has(`${table.id}/${column.id}`);
    if (table.primaryKey.some((part) => isPending(part.column))) {
      throw pendingCommitTimestamp(`Table ${table.name}`);
    }
    const inIndex = index === undefined ? [] : entryKeyOf(index, table).map((part) => part.column);
    const column = [...inIndex, ...columns].find(isPending);
    if (column !== undefined) throw pendingCommitTimestamp(`Column ${column.name}`);
  }
}

/** A reader that keeps away from pending commit timestamps. */
export function guardedReader(reader: RowReader, pending: PendingTimestamps): RowReader {
  return {
    scan(scan) {
      pending.check(scan);
      return reader.scan(scan);
    },
  };
}

/**
 * What one DML statement works with: it reads through the one, writes through the other, and what it
 * leaves pending is added to `left`, which is for the statements after it.
 */
export function guardedWriter(
  reader: RowReader,
  writer: Omit<RowWriter, "scan">,
  left: PendingTimestamps,
): RowWriter {
  const note = (table: Table, columns: readonly Column[], rows: readonly (Row | undefined)[]) => {
    for (const row of rows) {
      for (const [place, column] of columns.entries()) {
        if (isPendingValue(row?.[place])) left.add(table, column);
      }
    }
  };
  return {
    scan: (scan) => reader.scan(scan),
    async insert(
      table: Table,
      columns: readonly Column[],
      rows: readonly Row[],
      mode: InsertMode,
      isReturned: boolean,
    ) {
      const written = await writer.insert(table, columns, rows, mode, isReturned);
      note(table, table.columns, written);
      return written;
    },
    async update(
      table: Table,
      columns: readonly Column[],
      rows: readonly Row[],
      isReturned: boolean,
    ) {
      const written = await writer.update(table, columns, rows, isReturned);
      note(table, table.columns, written);
      return written;
    },
    delete: (table: Table, keys: readonly KeyPrefix[]) => writer.delete(table, keys),
  };
}

function isPendingValue(value: Value | undefined): boolean {
  return value === PENDING_COMMIT_TIMESTAMP;
}
