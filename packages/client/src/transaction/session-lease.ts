// SPDX-License-Identifier: Apache-2.0
import type { OperationOptions } from "../call/caller.ts";
import { Session } from "../session/session.ts";
import type { DatabaseSessionsManager, TransactionType } from "../session/sessions-manager.ts";

/**
 * The session of one transaction: taken when it is first needed, the same until it is given back.
 *
 * A session that the program brought along itself is never given back here.
 */
export class SessionLease {
  readonly #sessions: DatabaseSessionsManager;
  readonly #type: TransactionType;
  readonly #own: Session | undefined;
  #taken: Session | Promise<Session> | undefined;

  constructor(sessions: DatabaseSessionsManager, type: TransactionType, own?: Session) {
    this.#sessions = sessions;
    this.#type = type;
    this.#own = own;
  }

  /** The session; taken from the manager by the first caller, whose limits count. */
  get(options: OperationOptions): Session | Promise<Session> {
    if (this.#own !== undefined) return this.#own;
    this.#taken ??= this.#sessions.readySession(this.#type);
    if (this.#taken === undefined) {
      const taken = this.#sessions.getSession(this.#type, options);
      this.#taken = taken;
      // Whoever comes after a failure tries again.
      taken.catch(() => {
        if (this.#taken === taken) this.#taken = undefined;
      });
    }
    return this.#taken;
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
