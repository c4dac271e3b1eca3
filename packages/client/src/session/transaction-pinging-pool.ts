// SPDX-License-Identifier: Apache-2.0
import type { OperationOptions } from "../call/caller.ts";
import type { PoolCounts } from "../errors/spanner-error.ts";
import { BoundedPool } from "./bounded-pool.ts";
import { PING_INTERVAL_MILLIS, POOL_SESSIONS, POOL_TIMEOUT_MILLIS } from "./limits.ts";
import type { PingingPoolOptions } from "./pinging-pool.ts";
import type { Session, SessionHome } from "./session.ts";
import { AbstractSessionPool, type GetSessionOptions } from "./session-pool.ts";

/**
 * A pinging pool whose sessions come with a read-write transaction begun ahead.
 *
 * A session that is put back has used its transaction; `beginPendingTransactions()` begins new ones,
 * and is called by the program when it has time. `get` prefers nobody: a session whose turn has come
 * and that has no transaction yet gets one before it is handed out. Since transactions begin
 * with their first statement anyway, this pool is worth its calls only where that first statement
 * must not wait. The server aborts transactions that are idle for long; such a one is retried.
 */
export class TransactionPingingPool extends AbstractSessionPool {
  readonly size: number;
  readonly defaultTimeoutMillis: number;
  readonly #pool: BoundedPool;

  constructor(options: PingingPoolOptions = {}) {
    super(options);
    this.size = options.size ?? POOL_SESSIONS;
    this.defaultTimeoutMillis = options.defaultTimeoutMillis ?? POOL_TIMEOUT_MILLIS;
    const { pingIntervalSeconds } = options;
    this.#pool = new BoundedPool({
      size: this.size,
      order: "oldest",
      defaultTimeoutMillis: this.defaultTimeoutMillis,
      idleMillisMax:
        pingIntervalSeconds === undefined ? PING_INTERVAL_MILLIS : pingIntervalSeconds * 1_000,
      traceCheckouts: options.traceCheckouts ?? false,
      newSession: (home) => this.newSession(home),
      makeReady: beginIfNone,
    });
  }

  override bind(home: SessionHome): void {
    this.#pool.bind(home);
  }

  /** Creates a session for every place that has none yet, and begins a transaction in each. */
  async fill(options: OperationOptions = {}): Promise<void> {
    await this.#pool.fill(options);
    await this.beginPendingTransactions();
  }

  /**
   * Begins a transaction in every idle session that has none.
   *
   * @returns how many were begun.
   * @throws {SpannerError} the first failure other than a session that is gone, after all were tried.
   */
  beginPendingTransactions(): Promise<number> {
    return this.#pool.touchIdle(
      (session) => !session.hasPreparedTransaction,
      (session) => beginIfNone(session, {}),
    );
  }

  /**
   * Hands out a session with a transaction begun, waiting when all are checked out.
   *
   * @throws {SessionPoolExhaustedError} when none comes back in time.
   */
  override get(options: GetSessionOptions = {}): Promise<Session> {
    return this.#pool.get(options);
  }

  /**
   * Takes a session back.
   *
   * @throws {SessionPoolFullError} when it is not one of this pool and no place is free.
   */
  override put(session: Session): Promise<void> {
    return this.#pool.put(session);
  }

  /** Deletes the sessions that nobody has checked out. */
  override clear(): Promise<void> {
    return this.#pool.clear();
  }

  override close(): Promise<void> {
    return this.#pool.close();
  }

  /** Where each session was checked out, the longest ago first; empty without `traceCheckouts`. */
  checkouts(): readonly string[] {
    return this.#pool.checkouts;
  }

  /** How many sessions are idle and checked out, and how many callers wait. */
  stats(): PoolCounts {
    return this.#pool.counts;
  }

  /** How many idle sessions have no transaction yet. */
  get pending(): number {
    return this.#pool.idle.filter((session) => !session.hasPreparedTransaction).length;
  }

  /** Runs `SELECT 1` in each idle session that is due, and replaces those that are gone. */
  ping(): Promise<number> {
    return this.#pool.pingIdle();
  }
}

async function beginIfNone(session: Session, options: OperationOptions): Promise<void> {
  if (!session.hasPreparedTransaction) await session.prepareTransaction({ signal: options.signal });
}
