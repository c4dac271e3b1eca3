// SPDX-License-Identifier: Apache-2.0
// What the pools of limited size have in common: everything a program sees of them, done by the
// engine in `bounded-pool`. A pool that builds on this one says which session comes first, when an
// idle one is due for a look, and what else a session needs before it is handed out.
//
// It is not an extension point; a pool of your own extends AbstractSessionPool.
import type { OperationOptions } from "../call/caller.ts";
import type { PoolCounts } from "../errors/spanner-error.ts";
import { BoundedPool, type BoundedPoolOptions } from "./bounded-pool.ts";
import { POOL_SESSIONS, POOL_TIMEOUT_MILLIS } from "./limits.ts";
import type { Session, SessionHome } from "./session.ts";
import {
  AbstractSessionPool,
  type GetSessionOptions,
  type SessionPoolOptions,
} from "./session-pool.ts";

/** What every pool of limited size may be made with. */
export interface LimitedSizePoolOptions extends SessionPoolOptions {
  /** How many sessions the pool keeps. Default 10. */
  readonly size?: number;
  /** How long `get` waits for a session, in milliseconds, when its caller does not say. Default 10 s. */
  readonly defaultTimeoutMillis?: number;
  /** Whether to remember where each session was checked out, which costs time. Default false. */
  readonly traceCheckouts?: boolean;
}

/** What tells one kind of pool of limited size from another. */
export type LimitedSizePoolKind = Pick<BoundedPoolOptions, "order" | "idleMillisMax" | "makeReady">;

/** Keeps a limited number of sessions and makes callers wait, in order, when all are checked out. */
export abstract class LimitedSizePool extends AbstractSessionPool {
  readonly size: number;
  readonly defaultTimeoutMillis: number;
  readonly #pool: BoundedPool;

  constructor(options: LimitedSizePoolOptions, kind: LimitedSizePoolKind) {
    super(options);
    this.size = options.size ?? POOL_SESSIONS;
    this.defaultTimeoutMillis = options.defaultTimeoutMillis ?? POOL_TIMEOUT_MILLIS;
    this.#pool = new BoundedPool({
      ...kind,
      size: this.size,
      defaultTimeoutMillis: this.defaultTimeoutMillis,
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

  override get counts(): PoolCounts {
    return this.#pool.counts;
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

  /** The sessions that nobody has checked out. */
  protected get idle(): readonly Session[] {
    return this.#pool.idle;
  }

  /** Runs `touch` in each idle session that `isDue`, as `ping` does its statement. */
  protected touchIdle(
    isDue: (session: Session) => boolean,
    touch: (session: Session) => Promise<void>,
  ): Promise<number> {
    return this.#pool.touchIdle(isDue, touch);
  }
}
