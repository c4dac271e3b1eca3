// SPDX-License-Identifier: Apache-2.0
// Reading at one moment, without locks. Single use: one read, begun and ended by itself. Multi-use:
// any number of reads of the same moment, begun by the first.
import type { OperationOptions } from "../call/caller.ts";
import type { Session } from "../session/session.ts";
import type { Row, StreamedResultSet } from "../stream/streamed-result-set.ts";
import type { KeySetInput } from "../values/key-set.ts";
import type { StatementInput } from "../values/statement.ts";
import type { Timestamp } from "../values/timestamp.ts";
import type { DataContext } from "./context.ts";
import { ReadOnlyHost } from "./read-only-host.ts";
import type { QueryRequestOptions, ReadRequestOptions } from "./request-options.ts";
import { executeSql, readRows } from "./statements.ts";
import type { TimestampBound } from "./timestamp-bound.ts";

/** How a snapshot is made. */
export interface SnapshotOptions extends TimestampBound {
  /** Whether it serves several reads of one moment. Default false. */
  readonly multiUse?: boolean;
  /** The session to read in. Default: one from the database's manager. */
  readonly session?: Session | undefined;
}

/** A read-only view of a database at one moment. */
export class Snapshot implements AsyncDisposable {
  readonly #host: ReadOnlyHost;

  /** @throws {SpannerError} INVALID_ARGUMENT when the timestamp bound makes no sense. */
  constructor(context: DataContext, options: SnapshotOptions = {}) {
    this.#host = new ReadOnlyHost(context, options);
  }

  /** The moment that the snapshot shows; undefined before the first answer. */
  get readTimestamp(): Timestamp | undefined {
    return this.#host.readTimestamp;
  }

  /** The id of a multi-use snapshot; undefined before the first answer. */
  get id(): Uint8Array | undefined {
    return this.#host.gate.id;
  }

  /**
   * Begins a multi-use snapshot by a call of its own, which fixes its moment.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when it is single-use, or was begun.
   */
  begin(options: OperationOptions = {}): Promise<void> {
    return this.#host.begin(options);
  }

  /**
   * Runs a query.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when a single-use snapshot was used before.
   */
  executeSql<T = Row>(
    statement: StatementInput,
    options: QueryRequestOptions = {},
  ): StreamedResultSet<T> {
    this.#host.use();
    return executeSql<T>(this.#host, statement, options);
  }

  /** Runs a query; another name for `executeSql`. */
  query<T = Row>(
    statement: StatementInput,
    options: QueryRequestOptions = {},
  ): StreamedResultSet<T> {
    return this.executeSql<T>(statement, options);
  }

  /**
   * Reads rows by key.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when a single-use snapshot was used before.
   */
  read<T = Row>(
    table: string,
    columns: readonly string[],
    keys: KeySetInput,
    options: ReadRequestOptions = {},
  ): StreamedResultSet<T> {
    this.#host.use();
    return readRows<T>(this.#host, table, columns, keys, options);
  }

  /** Gives the session back. Nothing is sent; results that are still being read become invalid. */
  async close(): Promise<void> {
    await this.#host.lease.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
