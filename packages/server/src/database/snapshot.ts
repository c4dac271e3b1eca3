// SPDX-License-Identifier: Apache-2.0
// A read-only transaction on a database: reads and queries at one moment, whole or in partitions.
import { assert, type StatusError } from "@spandrel/base";
import { dmlInReadOnly } from "../errors/transaction.ts";
import { afterPrefix } from "../keys/part.ts";
import type { LockRange } from "../locks/lock-table.ts";
import { allKeys, type Row } from "../rows/contract.ts";
import { tableLayout } from "../rows/layout.ts";
import { Rows } from "../rows/read.ts";
import type { Column, Schema, Table } from "../schema/schema.ts";
import { asking, clipped } from "../txn/partial-reader.ts";
import type { Snapshot } from "../txn/snapshot.ts";
import {
  cut,
  isFullyPartitionable,
  type Partition,
  type PartitionHints,
  requireRootPartitionable,
  tableWalked,
} from "./partition.ts";
import {
  prepareStatement,
  type QueryContext,
  type QueryResult,
  type Running,
  runQuery,
  type Statement,
} from "./query.ts";
import { type ReadRequest, resolveRead } from "./resolve.ts";
import { limited, type RowStream } from "./row-stream.ts";

/** What a snapshot works with. */
export interface DatabaseSnapshotOptions extends QueryContext {
  readonly snapshot: Snapshot;
  readonly schema: Schema;
}

/** See the top of this file. */
export class DatabaseSnapshot {
  readonly #options: DatabaseSnapshotOptions;
  readonly #rows: Rows;

  constructor(options: DatabaseSnapshotOptions) {
    this.#options = options;
    this.#rows = new Rows(options.snapshot);
  }

  /** The moment that is read at, in microseconds since the Unix epoch. */
  get atMicros(): number {
    return this.#options.snapshot.atMicros;
  }

  /**
   * Reads rows by their keys; those of one partition when it is given.
   *
   * @throws {StatusError} as `resolveRead` does.
   */
  read(request: ReadRequest, partition?: Partition): RowStream {
    const read = resolveRead(this.#options.schema, request);
    return limited(this.#within(partition), read, false);
  }

  /**
   * Runs a query; over the rows of one partition when it is given.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong, or that writes.
   */
  query(
    statement: Statement,
    signal: AbortSignal,
    onDml: () => StatusError = dmlInReadOnly,
    partition?: Partition,
  ): QueryResult {
    return runQuery(statement, this.#within(partition), this.#running(signal), onDml);
  }

  /** All rows of a table, by some of its columns. */
  scan(table: Table, columns: readonly Column[]): AsyncIterable<readonly Row[]> {
    const whole = { index: undefined, ranges: [allKeys], isReverse: false, isForUpdate: false };
    return this.#rows.scan({ table, columns, ...whole });
  }

  /**
   * Cuts a read into partitions.
   *
   * @throws {StatusError} as `read` does.
   */
  async partitionRead(request: ReadRequest, hints: PartitionHints): Promise<readonly Partition[]> {
    const read = resolveRead(this.#options.schema, request);
    const asked: LockRange[] = [];
    await drained(limited(new Rows(asking(asked)), read, false));
    return cut(this.#options.snapshot, asked, hints);
  }

  /**
   * Cuts a query into partitions.
   *
   * @throws {StatusError} as `query` does, INVALID_ARGUMENT for a query that cannot be cut.
   */
  async partitionQuery(
    statement: Statement,
    hints: PartitionHints,
    signal: AbortSignal,
  ): Promise<readonly Partition[]> {
    const { schema, statements, snapshot } = this.#options;
    const { plan } = statements.prepare(statement.text, statement.parameterTypes, schema);
    requireRootPartitionable(plan, schema);
    const asked: LockRange[] = [];
    const rows = new Rows(asking(asked));
    await drained(runQuery(statement, rows, this.#running(signal), dmlInReadOnly));
    return cut(snapshot, asked, hints);
  }

  /**
   * Cuts an UPDATE or DELETE into partitions of its table, at least one; an undefined one is the whole.
   * Undefined when the statement does not work on each row by itself.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong.
   */
  partitionDml(statement: Statement): readonly (Partition | undefined)[] | undefined {
    const { schema, snapshot } = this.#options;
    const { plan } = prepareStatement(statement, schema, this.#options);
    if (!isFullyPartitionable(plan, schema)) return undefined;
    const table = tableWalked(plan);
    if (table === undefined || statement.isPlanOnly) return [undefined];
    const whole = { space: tableLayout(table).space, start: "", end: afterPrefix };
    return cut(snapshot, [whole], { sizeBytes: 0, partitionsMax: 0 });
  }

  #within(partition: Partition | undefined): Rows {
    if (partition === undefined) return this.#rows;
    return new Rows(clipped(this.#options.snapshot, partition));
  }

  #running(signal: AbortSignal): Running {
    return { schema: this.#options.schema, context: this.#options, signal };
  }
}

/** Reads to the end, for what reading does on its way. */
async function drained({ batches }: RowStream): Promise<void> {
  for await (const batch of batches) assert(batch.length === 0, "nothing is there to be read");
}
