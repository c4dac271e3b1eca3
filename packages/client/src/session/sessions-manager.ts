// SPDX-License-Identifier: Apache-2.0
// Decides which session an operation uses: the database's one multiplexed session, or one from the
// pool for a kind of transaction that the environment switches off.
//
// The multiplexed session in its states:
//
//   empty ──getSession──▶ creating ──created──▶ ready ──7 days old──▶ ready with a new session
//     ▲                      │ failed             │ lost                   (the old one is forgotten,
//     └──────────────────────┘◀───────────────────┘                        never deleted)
//
// Invariants: at most one CreateSession for it is in flight, whoever asks; a failed creation is told
// to all who waited for it, and the next caller tries again; a failed rotation keeps the old session
// and is tried again at the next look. What is in flight on a session that was replaced goes on.
// The look at the age never keeps the process alive, nor the manager.
import { type Clock, Code } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import { classifyError } from "../call/classify-error.ts";
import { closed, noSessionInTime } from "../errors/session.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { MULTIPLEXED_AGE_MILLIS_MAX, MULTIPLEXED_POLL_MILLIS } from "./limits.ts";
import { nanosOfMillis, Session, type SessionHome } from "./session.ts";
import type { AbstractSessionPool } from "./session-pool.ts";

/** The kinds of transaction, by which a session is asked for. */
export const TransactionType = {
  READ_ONLY: "READ_ONLY",
  READ_WRITE: "READ_WRITE",
  PARTITIONED: "PARTITIONED",
} as const;

/** A kind of transaction. */
export type TransactionType = (typeof TransactionType)[keyof typeof TransactionType];

/** Variables of the environment, such as `process.env`; read anew at each checkout. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** For each kind of transaction the variable that switches multiplexed sessions, and its default. */
const switches: Readonly<Record<TransactionType, { variable: string; isOn: boolean }>> = {
  READ_ONLY: { variable: "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS", isOn: true },
  READ_WRITE: { variable: "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW", isOn: true },
  PARTITIONED: {
    variable: "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS",
    isOn: false,
  },
};

/** An environment in which all kinds of transactions use the multiplexed session. */
export const multiplexedForAll: Environment = Object.fromEntries(
  Object.values(switches).map(({ variable }) => [variable, "true"]),
);

/**
 * Whether transactions of a kind use the multiplexed session.
 *
 * A variable that is set switches it on, unless it says `false`, in any case and with any blanks
 * around. Unset, read-only and read-write are on, partitioned operations off.
 */
export function usesMultiplexedSession(type: TransactionType, environment: Environment): boolean {
  const { variable, isOn } = switches[type];
  const value = environment[variable];
  return value === undefined ? isOn : value.trim().toLowerCase() !== "false";
}

type State =
  | { readonly kind: "empty" }
  | { readonly kind: "creating"; readonly created: Promise<Session> }
  | { readonly kind: "ready"; readonly session: Session }
  | { readonly kind: "closed" };

/** What a manager is made of. */
export interface SessionsManagerOptions {
  readonly home: SessionHome;
  readonly pool: AbstractSessionPool;
  readonly environment: Environment;
}

/** Numbers of the multiplexed session, for watching it. */
export interface SessionsManagerStats {
  /** Full name of the multiplexed session; undefined when there is none. */
  readonly multiplexedSession: string | undefined;
  /** Its age in milliseconds; zero when there is none. */
  readonly ageMillis: number;
  /** How many were created so far, rotations included. */
  readonly created: number;
  /** How many creations failed so far. */
  readonly failed: number;
}

const ageNanosMax = nanosOfMillis(MULTIPLEXED_AGE_MILLIS_MAX);

/** Lends sessions to the operations of one database. */
export class DatabaseSessionsManager {
  readonly #home: SessionHome;
  readonly #pool: AbstractSessionPool;
  readonly #environment: Environment;
  readonly #closing = new AbortController();
  #state: State = { kind: "empty" };
  #isWatching = false;
  #created = 0;
  #failed = 0;
  /** Why the session that is being created is not there yet. */
  #failure: SpannerError | undefined;

  constructor(options: SessionsManagerOptions) {
    this.#home = options.home;
    this.#pool = options.pool;
    this.#environment = options.environment;
  }

  /**
   * Lends a session for a kind of transaction; it must come back through `putSession`.
   *
   * @throws {SpannerError} the failure to create one, or FAILED_PRECONDITION after `close()`.
   */
  async getSession(type: TransactionType, options: OperationOptions = {}): Promise<Session> {
    if (this.#state.kind === "closed") throw closed("database");
    if (!usesMultiplexedSession(type, this.#environment)) return this.#pool.get(options);
    const ready = this.readySession(type);
    if (ready !== undefined) return ready;
    if (options.signal?.aborted) throw classifyError(options.signal.reason, "");
    const { caller, name } = this.#home;
    const { instruments } = caller.observer;
    try {
      const session = await caller.waitFor(this.#create(), options, () =>
        noSessionInTime(this.#failure),
      );
      instruments?.sessionAcquired(name, true);
      return session;
    } catch (error) {
      const isLate = error instanceof SpannerError && error.code === Code.DEADLINE_EXCEEDED;
      if (isLate) instruments?.sessionTimedOut(name, true);
      throw error;
    }
  }

  /** The multiplexed session if it is for such a transaction and ready; it need not come back. */
  readySession(type: TransactionType): Session | undefined {
    const state = this.#state;
    if (state.kind !== "ready" || state.session.isLost) return undefined;
    if (!usesMultiplexedSession(type, this.#environment)) return undefined;
    this.#home.caller.observer.instruments?.sessionAcquired(this.#home.name, true);
    return state.session;
  }

  /** Takes a session back. For the multiplexed session nothing needs doing but to count. */
  async putSession(session: Session): Promise<void> {
    if (session.isMultiplexed) this.multiplexedReleased();
    else await this.#pool.put(session);
  }

  /** Counts that somebody who had the multiplexed session has no more use for it. */
  multiplexedReleased(): void {
    this.#home.caller.observer.instruments?.sessionReleased(this.#home.name, true);
  }

  /**
   * Notes that the server no longer has a session, so that nobody is lent it again.
   *
   * The next `getSession` makes a new multiplexed session, once for all who ask.
   */
  sessionLost(session: Session): void {
    session.markLost();
    if (this.#state.kind === "ready" && this.#state.session === session)
      this.#state = { kind: "empty" };
  }

  /** Ends the manager, at once: nothing is waited for, and the multiplexed session is left to expire. */
  async close(): Promise<void> {
    this.#state = { kind: "closed" };
    this.#closing.abort();
  }

  /** How the multiplexed session is doing. */
  stats(): SessionsManagerStats {
    const session = this.#state.kind === "ready" ? this.#state.session : undefined;
    return {
      multiplexedSession: session?.name,
      ageMillis: session === undefined ? 0 : Number(session.ageNanos / 1_000_000n),
      created: this.#created,
      failed: this.#failed,
    };
  }

  /**
   * Replaces the multiplexed session when it is old; gives whether it did.
   *
   * A failure keeps the old session, for the next look to try again.
   */
  async rotateIfOld(): Promise<boolean> {
    const state = this.#state;
    if (state.kind !== "ready" || state.session.ageNanos < ageNanosMax) return false;
    try {
      const session = await this.#newSession();
      if (this.#state === state) this.#state = { kind: "ready", session };
      return true;
    } catch (error) {
      this.#log("warn", "the multiplexed session could not be replaced", { error });
      return false;
    }
  }

  /** Creates the multiplexed session, or joins whoever does. */
  #create(): Promise<Session> {
    if (this.#state.kind === "creating") return this.#state.created;
    const created = this.#createAndKeep();
    this.#state = { kind: "creating", created };
    return created;
  }

  async #createAndKeep(): Promise<Session> {
    try {
      const session = await this.#newSession();
      if (this.#state.kind === "closed") throw closed("database");
      this.#state = { kind: "ready", session };
      this.#watch();
      return session;
    } catch (error) {
      if (this.#state.kind !== "closed") this.#state = { kind: "empty" };
      throw error;
    }
  }

  async #newSession(): Promise<Session> {
    const session = new Session(this.#home, { isMultiplexed: true });
    const tryingAgain = (failure: SpannerError): void => {
      this.#failure = failure;
    };
    try {
      await session.create({ signal: this.#closing.signal, tryingAgain });
      this.#failure = undefined;
      this.#created += 1;
      return session;
    } catch (error) {
      this.#failed += 1;
      throw error;
    }
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const { clock } = this.#home.caller;
    watch(new WeakRef(this), clock, this.#closing.signal).catch((error) => {
      this.#log("error", "the multiplexed session is no longer watched", { error });
    });
  }

  #log(level: "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>): void {
    this.#home.caller.logger.log(level, event, fields);
  }
}

/** Looks at the session's age every ten minutes, as long as somebody else holds the manager. */
async function watch(
  manager: WeakRef<DatabaseSessionsManager>,
  clock: Clock,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    try {
      await clock.sleep(MULTIPLEXED_POLL_MILLIS, { signal: closing, background: true });
    } catch (error) {
      if (closing.aborted) return;
      throw error;
    }
    const held = manager.deref();
    if (held === undefined) return;
    await held.rotateIfOld();
  }
}
