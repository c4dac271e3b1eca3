// SPDX-License-Identifier: Apache-2.0

import type { OperationOptions } from "../call/caller.ts";
import type { PoolCounts } from "../errors/spanner-error.ts";
import { BoundedPool } from "./bounded-pool.ts";
import { POOL_SESSIONS, POOL_TIMEOUT_MILLIS, SESSION_IDLE_MILLIS_MAX } from "./limits.ts";
import type { Session, SessionHome } from "./session.ts";
import {
  AbstractSessionPool,
  type GetSessionOptions,
  type SessionPoolOptions,
} from "./session-pool.ts";

/** What a pool of fixed size may be made with. */
export interface FixedSizePoolOptions extends SessionPoolOptions {
  /** How many sessions the pool keeps. Default 10. */
  readonly size?: number;
  /** How long `get` waits for a session, in milliseconds, when its caller does not say. Default 10 s. */
  readonly defaultTimeoutMillis?: number;
  /** Whether to remember where each session was checked out, which costs time. Default false. */
  readonly traceCheckouts?: boolean;
  /** A session idle for longer is looked at before it is handed out, in minutes. Default 55. */
  readonly maxAgeMinutes?: number;
}

/**
 * Keeps a fixed number of sessions and makes callers wait, in order, when all are checked out.
 *
 * The session put back last is handed out first. All are created when the first is needed, or by
 * `fill()`. One that was idle for `maxAgeMinutes` is looked at with GetSession before it is handed
 * out, and replaced when the server no longer has it.
 */
export class FixedSizePool extends AbstractSessionPool {
  readonly size: number;
  readonly defaultTimeoutMillis: number;
  readonly #pool: BoundedPool;

  constructor(options: FixedSizePoolOptions = {}) {
    super(options);
    this.size = options.size ?? POOL_SESSIONS;
    this.defaultTimeoutMillis = options.defaultTimeoutMillis ?? POOL_TIMEOUT_MILLIS;
    const { maxAgeMinutes } = options;
    this.#pool = new BoundedPool({
      size: this.size,
      order: "newest",
      defaultTimeoutMillis: this.defaultTimeoutMillis,
      idleMillisMax: maxAgeMinutes === undefined ? SESSION_IDLE_MILLIS_MAX : maxAgeMinutes * 60_000,
      traceCheckouts: options.traceCheckouts ?? false,
      newSession: (home) => this.newSession(home),
    });
  }

  override bind(home: SessionHome): void {
    this.#pool.bind(home);
  }

  /** Creates a session for every place that has none yet. */
  fill(options: OperationOptions = {}): Promise<void> {
    return this.#pool.fill(options);
  }

  /**
   * Hands out a session, waiting for one to come back when all are checked out.
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

  /** Runs `SELECT 1` in each session idle for longer than `maxAgeMinutes`; gives their number. */
  ping(): Promise<number> {
    return this.#pool.pingIdle();
  }
}
