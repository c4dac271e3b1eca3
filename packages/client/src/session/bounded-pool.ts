// SPDX-License-Identifier: Apache-2.0
// The engine of the pools of limited size: it does what `pool-state` has in its books. Sessions are
// created in batches for all places at once, checked before they are handed out when they were idle
// for long, and replaced when they are gone or near the end of their life. A check or a replacement
// that fails costs the pool nothing: the session keeps its place, or the place is filled again when
// somebody next needs it.
import { createDeferred, type Deferred } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import { classifyError } from "../call/classify-error.ts";
import type { Instruments } from "../call/instruments.ts";
import {
  closed,
  poolAlreadyBound,
  poolExhausted,
  poolFull,
  poolNotBound,
} from "../errors/session.ts";
import type { PoolCounts } from "../errors/spanner-error.ts";
import { createSessions } from "./create-sessions.ts";
import { LeakWatch } from "./leaks.ts";
import { DELETE_TIMEOUT_MILLIS, SESSION_AGE_MILLIS_MAX } from "./limits.ts";
import { type PoolOrder, PoolState } from "./pool-state.ts";
import { isNotFound, nanosOfMillis, type Session, type SessionHome } from "./session.ts";

/** What a pool of limited size is. */
export interface BoundedPoolOptions {
  readonly size: number;
  readonly order: PoolOrder;
  /** How long `get` waits when its caller does not say. */
  readonly defaultTimeoutMillis: number;
  /** Idle for longer, a session is looked at before it is handed out. */
  readonly idleMillisMax: number;
  /** A session with the pool's labels and role, not created yet. */
  readonly newSession: (home: SessionHome) => Session;
  /** Whether to remember where each session was checked out. */
  readonly traceCheckouts: boolean;
  /** What else a session needs before it is handed out. Default nothing. */
  readonly makeReady?: (session: Session, options: OperationOptions) => Promise<void>;
}

const agedNanosMax = nanosOfMillis(SESSION_AGE_MILLIS_MAX);

/** A limited number of sessions, and a line of callers who wait for one. */
export class BoundedPool {
  readonly #options: BoundedPoolOptions;
  readonly #state: PoolState<Session, Deferred<Session>>;
  readonly #idleNanosMax: bigint;
  /** Sessions that are checked out, with where that was when it is to be remembered. */
  readonly #checkouts = new Map<Session, string>();
  readonly #leaks = new LeakWatch();
  #home: SessionHome | undefined;
  #isClosed = false;

  constructor(options: BoundedPoolOptions) {
    this.#options = options;
    this.#state = new PoolState(options.size, options.order);
    this.#idleNanosMax = nanosOfMillis(options.idleMillisMax);
  }

  get counts(): PoolCounts {
    return this.#state.counts;
  }

  get idle(): readonly Session[] {
    return this.#state.idle;
  }

  /** Where each session was checked out, the longest ago first; empty unless that is traced. */
  get checkouts(): readonly string[] {
    return this.#options.traceCheckouts ? [...this.#checkouts.values()] : [];
  }

  bind(home: SessionHome): void {
    if (this.#home !== undefined && this.#home !== home) throw poolAlreadyBound(this.#home.name);
    this.#home = home;
  }

  /** Creates a session for every place that has none. */
  async fill(options: OperationOptions = {}): Promise<void> {
    const claimed = this.#state.fillStarted();
    if (claimed === 0) return;
    const template = this.#options.newSession(this.#boundHome());
    const { sessions, error } = await createSessions(template, claimed, options);
    this.#state.fillEnded(claimed, sessions.slice(0, claimed));
    this.#handOut();
    if (error === undefined) return;
    for (const waiter of this.#state.takeWaiters(this.#state.missing)) waiter.reject(error);
    this.#serveWaiters();
    throw error;
  }

  /** Hands out a session that is believed to be alive. */
  async get(options: OperationOptions = {}): Promise<Session> {
    if (this.#isClosed) throw closed("session pool");
    this.#leaks.look(this.#boundHome(), this.#checkouts);
    if (options.signal?.aborted) throw classifyError(options.signal.reason, "");
    const trace = (this.#options.traceCheckouts && new Error("checked out here").stack) || "";
    const idle = this.#state.canLend ? this.#state.lend() : undefined;
    const session = await this.#check(idle ?? (await this.#wait(options)), options);
    this.#checkouts.set(session, trace);
    this.#instruments?.sessionAcquired(this.#boundHome().name, false);
    return session;
  }

  /** Takes a session back; one that the server no longer has frees its place. */
  async put(session: Session): Promise<void> {
    if (this.#checkouts.delete(session))
      this.#instruments?.sessionReleased(this.#boundHome().name, false);
    if (this.#isClosed) {
      this.#state.drop(session);
      await this.#deleteQuietly(session);
    } else if (session.isLost) {
      this.#state.drop(session);
    } else if (this.#state.giveBack(session) === "full") {
      throw poolFull(this.#state.counts, session.name);
    }
    this.#serveWaiters();
  }

  /** Deletes the idle sessions; what fails to be deleted is thrown when all were tried. */
  async clear(): Promise<void> {
    const outcomes = await Promise.allSettled(
      this.#state
        .takeIdle()
        .map((session) => session.delete({ timeoutMillis: DELETE_TIMEOUT_MILLIS })),
    );
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Sends everybody who waits away, and clears. */
  async close(): Promise<void> {
    if (!this.#isClosed && this.#home !== undefined) this.#leaks.end(this.#home, this.#checkouts);
    this.#isClosed = true;
    const waiters = this.#state.takeWaiters(this.#state.counts.waiting);
    for (const waiter of waiters) waiter.reject(closed("session pool"));
    await this.clear();
  }

  /** Pings each session that was idle for too long; see `touchIdle`. */
  pingIdle(): Promise<number> {
    return this.touchIdle(
      (session) => session.idleNanos >= this.#idleNanosMax || isTooOld(session),
      (session) => session.ping(),
    );
  }

  /**
   * Runs `touch` in each idle session that `isDue`, one after the other, out of reach of others.
   *
   * A session that turns out to be gone is replaced. Any other failure leaves the session in its
   * place; the first such failure is thrown after all were tried.
   *
   * @returns how many sessions were touched.
   */
  async touchIdle(
    isDue: (session: Session) => boolean,
    touch: (session: Session) => Promise<void>,
  ): Promise<number> {
    const failures: unknown[] = [];
    let touched = 0;
    for (const session of [...this.#state.idle]) {
      if (!isDue(session) || !this.#state.lendThis(session)) continue;
      try {
        await this.put(await this.#touchOrReplace(session, touch));
        touched += 1;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return touched;
  }

  async #touchOrReplace(
    session: Session,
    touch: (session: Session) => Promise<void>,
  ): Promise<Session> {
    try {
      if (!isTooOld(session) && (await wasThere(session, touch))) return session;
      return await this.#replace(session, {});
    } catch (error) {
      this.#keepUnused(session);
      throw error;
    }
  }

  async #check(session: Session, options: OperationOptions): Promise<Session> {
    let current = session;
    try {
      if (isTooOld(current) || !(await this.#isAlive(current, options)))
        current = await this.#replace(current, options);
      await this.#options.makeReady?.(current, options);
    } catch (error) {
      this.#keepUnused(current);
      throw error;
    }
    current.markUsed();
    return current;
  }

  async #isAlive(session: Session, options: OperationOptions): Promise<boolean> {
    if (session.isLost) return false;
    if (session.idleNanos < this.#idleNanosMax) return true;
    return session.exists({ signal: options.signal });
  }

  /**
   * Creates another session for the place of a lent one.
   *
   * When that fails, a session that is only old is kept; the place of one that is gone becomes free.
   */
  async #replace(old: Session, options: OperationOptions): Promise<Session> {
    const session = this.#options.newSession(this.#boundHome());
    try {
      await session.create({ signal: options.signal });
    } catch (error) {
      if (!old.isLost && isTooOld(old)) return old;
      old.markLost();
      throw error;
    }
    this.#state.replace(old, session);
    if (!old.isLost) await this.#deleteQuietly(old);
    return session;
  }

  async #deleteQuietly(session: Session): Promise<void> {
    try {
      await session.delete();
    } catch (error) {
      // Its successor is ready; the server will let the old one expire.
      this.#log("an old session could not be deleted", { session: session.name, error });
    }
  }

  /** After a failure: a live session goes back to its place in line, a dead one frees it. */
  #keepUnused(session: Session): void {
    if (session.isLost) this.#state.drop(session);
    else this.#state.giveBackUnused(session);
    this.#serveWaiters();
  }

  /** Waits in line until a session comes, the time is over, or the signal is aborted. */
  async #wait(options: OperationOptions): Promise<Session> {
    const { clock } = this.#boundHome().caller;
    const timeoutMillis = options.timeoutMillis ?? this.#options.defaultTimeoutMillis;
    const waiter = createDeferred<Session>();
    this.#state.wait(waiter);
    this.#serveWaiters();
    const timer = new AbortController();
    const giveUp = (errorOf: () => unknown): void => {
      if (this.#state.leave(waiter)) waiter.reject(errorOf());
    };
    const aborted = (): void => giveUp(() => classifyError(options.signal?.reason, ""));
    options.signal?.addEventListener("abort", aborted, { once: true });
    const timed = clock.sleep(timeoutMillis, { signal: timer.signal }).then(
      () =>
        giveUp(() => {
          this.#instruments?.sessionTimedOut(this.#boundHome().name, false);
          return poolExhausted(this.counts, timeoutMillis, this.checkouts);
        }),
      () => undefined, // The wait is over for another reason.
    );
    try {
      return await waiter.promise;
    } finally {
      options.signal?.removeEventListener("abort", aborted);
      timer.abort("the session has come");
      await timed;
    }
  }

  /** Hands idle sessions to those who wait, and starts to fill places for the others. */
  #serveWaiters(): void {
    this.#handOut();
    if (!this.#state.shouldFill) return;
    // A failure reaches the callers who wait for these places; here it has nobody else to tell.
    this.fill().catch((error) => this.#log("sessions could not be created", { error }));
  }

  #handOut(): void {
    for (let served = this.#state.serve(); served !== undefined; served = this.#state.serve())
      served.waiter.resolve(served.session);
  }

  #boundHome(): SessionHome {
    if (this.#home === undefined) throw poolNotBound();
    return this.#home;
  }

  get #instruments(): Instruments | undefined {
    return this.#home?.caller.observer.instruments;
  }

  #log(event: string, fields: Readonly<Record<string, unknown>>): void {
    this.#home?.caller.logger.log("warn", event, fields);
  }
}

function isTooOld(session: Session): boolean {
  return session.ageNanos >= agedNanosMax;
}

/** Runs `touch`; false when the session turned out to be gone. */
async function wasThere(
  session: Session,
  touch: (session: Session) => Promise<void>,
): Promise<boolean> {
  try {
    await touch(session);
    return true;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    session.markLost();
    return false;
  }
}
