// SPDX-License-Identifier: Apache-2.0

import { Code } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import { limitsFromNow } from "../call/limits-until.ts";
import { noSessionInTime } from "../errors/session.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { Session } from "../session/session.ts";
import type { DatabaseSessionsManager, TransactionType } from "../session/sessions-manager.ts";
import type { DataContext } from "./context.ts";

/**
 * The session of one transaction: taken when it is first needed, the same until it is given back.
 *
 * A session that the program brought along itself is never given back here.
 */
export class SessionLease {
  readonly #context: DataContext;
  readonly #type: TransactionType;
  readonly #own: Session | undefined;
  #taken: Session | Promise<Session> | undefined;

  constructor(context: DataContext, type: TransactionType, own?: Session) {
    this.#context = context;
    this.#type = type;
    this.#own = own;
  }

  /** The session; the first caller takes it from the manager, and all wait as long as each likes. */
  get(options: OperationOptions): Session | Promise<Session> {
    if (this.#own !== undefined) return this.#own;
    this.#taken ??= this.#sessions.readySession(this.#type);
    if (this.#taken instanceof Session) return this.#taken;
    return this.#taken === undefined ? this.#take(options) : this.#join(this.#taken, options);
  }

  #take(options: OperationOptions): Promise<Session> {
    const taken = this.#sessions.getSession(this.#type, options);
    this.#taken = taken;
    taken.then(
      (session) => {
        if (this.#taken === taken) this.#taken = session;
      },
      () => {
        // Whoever comes after a failure tries again.
        if (this.#taken === taken) this.#taken = undefined;
      },
    );
    return taken;
  }

  /** Waits for a session that another one takes; takes it instead of one who has no more time. */
  async #join(taken: Promise<Session>, options: OperationOptions): Promise<Session> {
    const { caller } = this.#context;
    const limits = limitsFromNow(caller.clock, options);
    const settled = Promise.allSettled([taken]);
    const [outcome] = await caller.waitFor(settled, limits, () => noSessionInTime(undefined));
    if (outcome.status === "fulfilled") return outcome.value;
    if (!isOfOneCaller(outcome.reason)) throw outcome.reason;
    return this.get(limits);
  }

  get #sessions(): DatabaseSessionsManager {
    return this.#context.sessions;
  }

  /** The server no longer has the session: it is replaced, and the next `get` takes another. */
  async lost(): Promise<void> {
    this.#own?.markLost();
    const session = await this.#release();
    if (session === undefined) return;
    this.#sessions.sessionLost(session);
    await this.#sessions.putSession(session);
  }

  /** Whether another session can be taken in place of a lost one. */
  get isReplaceable(): boolean {
    return this.#own === undefined;
  }

  /** Gives the session back, if one was taken; undefined when there is nothing to wait for. */
  release(): Promise<void> | undefined {
    const taken = this.#taken;
    if (taken === undefined) return undefined;
    if (taken instanceof Session && taken.isMultiplexed) {
      this.#taken = undefined;
      this.#sessions.multiplexedReleased();
      return undefined;
    }
    return this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    const session = await this.#release();
    if (session !== undefined) await this.#sessions.putSession(session);
  }

  async #release(): Promise<Session | undefined> {
    const taken = this.#taken;
    this.#taken = undefined;
    try {
      return await taken;
    } catch {
      return undefined; // None was taken; whoever asked for it was told why.
    }
  }
}

/** Whether an error says that who waited was out of time, or left: it is no news for others. */
function isOfOneCaller(error: unknown): boolean {
  if (!(error instanceof SpannerError)) return false;
  return error.code === Code.DEADLINE_EXCEEDED || error.code === Code.CANCELLED;
}
