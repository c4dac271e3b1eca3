// SPDX-License-Identifier: Apache-2.0
// Pools of regular sessions: used for each kind of transaction that is switched off for multiplexed
// sessions, or by whoever takes a session out by hand.
//
// AbstractSessionPool is an extension point: a pool of your own extends it and implements bind, get,
// put and clear; nothing else is asked of it. Pools open no session before the first one is needed,
// unless their `fill` is called. Every session that a pool makes, on whichever path, has the pool's
// labels and its role (or the database's, when the pool names none).
import type { OperationOptions } from "../call/caller.ts";
import type { PoolCounts } from "../errors/spanner-error.ts";
import { Session, type SessionHome } from "./session.ts";

/** What every pool may be made with. */
export interface SessionPoolOptions {
  /** Labels of every session. Default none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The role of every session. Default: the database's. */
  readonly databaseRole?: string;
}

/** How to wait for a session: `timeoutMillis` bounds the wait, with the pool's own default. */
export type GetSessionOptions = OperationOptions;

/** A source of regular sessions. */
export abstract class AbstractSessionPool {
  readonly labels: Readonly<Record<string, string>>;
  /** The role of every session; empty for the database's. */
  readonly databaseRole: string;

  constructor(options: SessionPoolOptions = {}) {
    this.labels = { ...options.labels };
    this.databaseRole = options.databaseRole ?? "";
  }

  /** Tells the pool its database; called once, before anything else. */
  abstract bind(home: SessionHome): void | Promise<void>;

  /** Hands out a session that the caller has for itself until it puts it back. */
  abstract get(options?: GetSessionOptions): Promise<Session>;

  /** Takes a session back. */
  abstract put(session: Session): void | Promise<void>;

  /** Deletes the sessions that nobody has checked out. */
  abstract clear(): Promise<void>;

  /** Ends the pool; by default, clears it. */
  async close(): Promise<void> {
    await this.clear();
  }

  /** The pool's numbers now; undefined for a pool that does not count. */
  get counts(): PoolCounts | undefined {
    return undefined;
  }

  /** Checks a session out for a scope: `await using checkout = await pool.session()`. */
  async session(options: GetSessionOptions = {}): Promise<SessionCheckout> {
    return new SessionCheckout(this, await this.get(options));
  }

  /** A session with the pool's labels and role that was not created on the server yet. */
  protected newSession(home: SessionHome): Session {
    return new Session(home, { labels: this.labels, databaseRole: this.databaseRole });
  }
}

/** A session on loan. Giving it back twice is harmless. */
export class SessionCheckout implements AsyncDisposable {
  readonly session: Session;
  readonly #pool: AbstractSessionPool;
  #isReturned = false;

  constructor(pool: AbstractSessionPool, session: Session) {
    this.#pool = pool;
    this.session = session;
  }

  /** Puts the session back into its pool. */
  async release(): Promise<void> {
    if (this.#isReturned) return;
    this.#isReturned = true;
    await this.#pool.put(this.session);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
