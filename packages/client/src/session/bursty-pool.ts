// SPDX-License-Identifier: Apache-2.0
import type { OperationOptions } from "../call/caller.ts";
import { classifyError } from "../call/classify-error.ts";
import { poolAlreadyBound, poolNotBound } from "../errors/session.ts";
import type { PoolCounts } from "../errors/spanner-error.ts";
import { createSessions } from "./create-sessions.ts";
import { LeakWatch } from "./leaks.ts";
import {
  DELETE_TIMEOUT_MILLIS,
  POOL_SESSIONS,
  SESSION_AGE_MILLIS_MAX,
  SESSION_IDLE_MILLIS_MAX,
} from "./limits.ts";
import { nanosOfMillis, type Session, type SessionHome } from "./session.ts";
import {
  AbstractSessionPool,
  type GetSessionOptions,
  type SessionPoolOptions,
} from "./session-pool.ts";

/** What a bursty pool may be made with. */
export interface BurstyPoolOptions extends SessionPoolOptions {
  /** How many idle sessions are kept. Default 10. */
  readonly targetSize?: number;
  /** Whether to remember where each session was checked out, which costs time. Default false. */
  readonly traceCheckouts?: boolean;
}

/** Numbers of a bursty pool at one moment. */
export interface BurstyPoolStats {
  readonly idle: number;
  readonly checkedOut: number;
  readonly targetSize: number;
}

const idleNanosMax = nanosOfMillis(SESSION_IDLE_MILLIS_MAX);
const agedNanosMax = nanosOfMillis(SESSION_AGE_MILLIS_MAX);

/**
 * Never makes anybody wait: creates a session when none is idle, and keeps `targetSize` of them.
 *
 * A session put back when enough are idle is deleted. The number checked out at once has no bound
 * here; the server has one. A session that was idle for 55 minutes is looked at before it is handed
 * out. This is the pool of a database that names none.
 */
export class BurstyPool extends AbstractSessionPool {
  readonly targetSize: number;
  readonly #idle: Session[] = [];
  /** Sessions that are checked out, with where that was when it is to be remembered. */
  readonly #lent = new Map<Session, string>();
  readonly #leaks = new LeakWatch();
  readonly #traceCheckouts: boolean;
  #home: SessionHome | undefined;
  #isClosed = false;

  constructor(options: BurstyPoolOptions = {}) {
    super(options);
    this.targetSize = options.targetSize ?? POOL_SESSIONS;
    this.#traceCheckouts = options.traceCheckouts ?? false;
  }

  override bind(home: SessionHome): void {
    if (this.#home !== undefined && this.#home !== home) throw poolAlreadyBound(this.#home.name);
    this.#home = home;
  }

  /** Creates idle sessions until there are `targetSize` of them. */
  async fill(options: OperationOptions = {}): Promise<void> {
    if (this.#home === undefined) throw poolNotBound();
    const missing = this.targetSize - this.#idle.length;
    if (missing <= 0) return;
    const { sessions, error } = await createSessions(this.newSession(this.#home), missing, options);
    // Others may have come back meanwhile: what is too much is deleted as any that is put back.
    for (const session of sessions) await this.put(session);
    if (error !== undefined) throw error;
  }

  /** Hands out the session put back last, or a new one. */
  override async get(options: GetSessionOptions = {}): Promise<Session> {
    if (this.#home === undefined) throw poolNotBound();
    this.#leaks.look(this.#home, this.#lent);
    if (options.signal?.aborted) throw classifyError(options.signal.reason, "");
    // Made before anything is waited for: then it shows who asked.
    const trace = (this.#traceCheckouts && new Error("checked out here").stack) || "";
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (await this.#isUsable(idle, options)) return this.#lend(idle, trace);
    }
    const session = this.newSession(this.#home);
    await session.create(options);
    return this.#lend(session, trace);
  }

  /** Takes a session back, or deletes it when enough are idle. */
  override async put(session: Session): Promise<void> {
    if (this.#lent.delete(session)) {
      const { name, caller } = session.home;
      caller.observer.instruments?.sessionReleased(name, false);
    }
    if (session.isLost || this.#idle.includes(session)) return;
    if (this.#isClosed || this.#idle.length >= this.targetSize) await session.delete();
    else this.#idle.push(session);
  }

  /** Deletes the sessions that nobody has checked out; what fails is thrown when all were tried. */
  override async clear(): Promise<void> {
    const deleted = this.#idle
      .splice(0)
      .map((session) => session.delete({ timeoutMillis: DELETE_TIMEOUT_MILLIS }));
    const failed = (await Promise.allSettled(deleted)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  override close(): Promise<void> {
    if (!this.#isClosed && this.#home !== undefined) this.#leaks.end(this.#home, this.#lent);
    this.#isClosed = true;
    return this.clear();
  }

  /** Where each session was checked out, the longest ago first; empty without `traceCheckouts`. */
  checkouts(): readonly string[] {
    return this.#traceCheckouts ? [...this.#lent.values()] : [];
  }

  /** As `stats()`; nobody waits for this pool, and it has no bound. */
  override get counts(): PoolCounts {
    const size = Number.POSITIVE_INFINITY;
    return { idle: this.#idle.length, checkedOut: this.#lent.size, waiting: 0, size };
  }

  /** How many sessions are idle and checked out. */
  stats(): BurstyPoolStats {
    const { targetSize } = this;
    return { idle: this.#idle.length, checkedOut: this.#lent.size, targetSize };
  }

  #lend(session: Session, trace: string): Session {
    session.markUsed();
    this.#lent.set(session, trace);
    const { name, caller } = session.home;
    caller.observer.instruments?.sessionAcquired(name, false);
    return session;
  }

  async #isUsable(session: Session, options: GetSessionOptions): Promise<boolean> {
    if (session.isLost) return false;
    if (session.ageNanos >= agedNanosMax) {
      await session.delete(options);
      return false;
    }
    if (session.idleNanos < idleNanosMax) return true;
    try {
      return await session.exists(options);
    } catch (error) {
      // Nothing is known about it now; it stays for the next caller to look at.
      this.#idle.push(session);
      throw error;
    }
  }
}
