// SPDX-License-Identifier: Apache-2.0
import type { OperationOptions } from "../call/caller.ts";
import type { PoolCounts } from "../errors/spanner-error.ts";
import { BoundedPool } from "./bounded-pool.ts";
import { PING_INTERVAL_MILLIS, POOL_SESSIONS, POOL_TIMEOUT_MILLIS } from "./limits.ts";
import type { Session, SessionHome } from "./session.ts";
import {
  AbstractSessionPool,
  type GetSessionOptions,
  type SessionPoolOptions,
} from "./session-pool.ts";

/** What a pinging pool may be made with. */
export interface PingingPoolOptions extends SessionPoolOptions {
  /** How many sessions the pool keeps. Default 10. */
  readonly size?: number;
  /** How long `get` waits for a session, in milliseconds, when its caller does not say. Default 10 s. */
  readonly defaultTimeoutMillis?: number;
  /** Whether to remember where each session was checked out, which costs time. Default false. */
  readonly traceCheckouts?: boolean;
  /** How long a session may be idle before `ping()` touches it, in seconds. Default 3000. */
  readonly pingIntervalSeconds?: number;
}

/**
 * Keeps a fixed number of sessions alive by pings, for programs that are quiet for hours.
 *
 * The session put back first is handed out first. The program calls `ping()` from time to time, say
 * every minute: it touches the sessions that are due and returns. One that is handed out while it is
 * due is looked at first. Sessions are created when the first is needed, or by `fill()`.
 */
export class PingingPool extends AbstractSessionPool {
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
   * Hands out the session that was idle for longest, waiting when all are checked out.
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

  /**
   * Runs `SELECT 1` in each idle session that is due, and replaces those that are gone.
   *
   * @returns how many sessions were due; at once when none was.
   * @throws {SpannerError} the first failure other than a session that is gone, after all were tried.
   */
  ping(): Promise<number> {
    return this.#pool.pingIdle();
  }
}
