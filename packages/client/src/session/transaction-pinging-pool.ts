// SPDX-License-Identifier: Apache-2.0
import type { OperationOptions } from "../call/caller.ts";
import { LimitedSizePool } from "./limited-size-pool.ts";
import { type PingingPoolOptions, pingIntervalMillis } from "./pinging-pool.ts";
import type { Session } from "./session.ts";

/**
 * A pinging pool whose sessions come with a read-write transaction begun ahead.
 *
 * A session that is put back has used its transaction; `beginPendingTransactions()` begins new ones,
 * and is called by the program when it has time. `get` prefers nobody: a session whose turn has come
 * and that has no transaction yet gets one before it is handed out. Since transactions begin
 * with their first statement anyway, this pool is worth its calls only where that first statement
 * must not wait. The server aborts transactions that are idle for long; such a one is retried.
 */
export class TransactionPingingPool extends LimitedSizePool {
  constructor(options: PingingPoolOptions = {}) {
    super(options, {
      order: "oldest",
      idleMillisMax: pingIntervalMillis(options),
      makeReady: beginIfNone,
    });
  }

  /** Creates a session for every place that has none yet, and begins a transaction in each. */
  override async fill(options: OperationOptions = {}): Promise<void> {
    await super.fill(options);
    await this.beginPendingTransactions();
  }

  /**
   * Begins a transaction in every idle session that has none.
   *
   * @returns how many were begun.
   * @throws {SpannerError} the first failure other than a session that is gone, after all were tried.
   */
  beginPendingTransactions(): Promise<number> {
    return this.touchIdle(
      (session) => !session.hasPreparedTransaction,
      (session) => beginIfNone(session, {}),
    );
  }

  /** How many idle sessions have no transaction yet. */
  get pending(): number {
    return this.idle.filter((session) => !session.hasPreparedTransaction).length;
  }
}

async function beginIfNone(session: Session, options: OperationOptions): Promise<void> {
  if (!session.hasPreparedTransaction) await session.prepareTransaction({ signal: options.signal });
}
