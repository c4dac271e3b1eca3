// SPDX-License-Identifier: Apache-2.0
// Where a call belongs: its session, the database of that session, and the transaction that it works
// on. Every call that names a session comes through here, so that a session that is gone, or a
// database that was dropped, is told alike by all of them.
//
// What the place is used for is no matter here; what to do when the use fails is: a transaction that
// begins with a request is not known to the client before it has the answer, so a request that fails
// must not leave one behind that holds locks.
import { Code, StatusError } from "@spandrel/base";
import type { TransactionSelector } from "@spandrel/protocol";
import type { Database } from "../database/database.ts";
import { invalidResumeToken, resumedAfterWrite } from "../errors/result.ts";
import { malformedSessionName } from "../errors/session.ts";
import type { Registry } from "../instance/registry.ts";
import { type ResumePoint, stateOf } from "./resume-token.ts";
import { type Selected, select } from "./selectors.ts";
import type { Session, Sessions } from "./sessions.ts";
import { timestampOfMicros } from "./timestamp-message.ts";
import type { Transactions } from "./transactions.ts";

/** A session, and the database that it is a session of. */
export interface Place {
  readonly session: Session;
  readonly database: Database;
}

/** The places of a server; see the top of this file. */
export class Places {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly transactions: Transactions;

  constructor(registry: Registry, sessions: Sessions, transactions: Transactions) {
    this.registry = registry;
    this.sessions = sessions;
    this.transactions = transactions;
  }

  /**
   * The session of a name, which counts as used now.
   *
   * @throws {StatusError} INVALID_ARGUMENT for what is no session's name, NOT_FOUND when there is none.
   */
  session(name: string): Session {
    if (!sessionNamePattern.test(name)) throw malformedSessionName(name);
    return this.sessions.use(name);
  }

  /**
   * The session of a name, and its database.
   *
   * @throws {StatusError} as `session` does, and NOT_FOUND when the database is gone.
   */
  of(name = ""): Place {
    const session = this.session(name);
    return { session, database: this.registry.get(session.database) };
  }

  /**
   * The transaction of a request; a stream that goes on reads what it read before.
   *
   * @throws {StatusError} as finding or beginning one does; INVALID_ARGUMENT when a stream would go on
   * at another moment, ABORTED when its own transaction has written since.
   */
  async select(
    place: Place,
    selector: TransactionSelector | undefined,
    signal: AbortSignal,
    resumed?: ResumePoint,
  ): Promise<Selected> {
    const context = { ...place, transactions: this.transactions, signal };
    const chosen = selector?.selector?.$case ?? "singleUse";
    if (resumed !== undefined && chosen === "singleUse") {
      return select(singleUseAt(resumed.state), context);
    }
    const selected = await select(selector, context);
    if (resumed !== undefined) requireState(selected, resumed);
    return selected;
  }
}

/** Does the work of a statement: one that begins a transaction and fails leaves none behind. */
export async function attempt<T>(selected: Selected, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const isNew = selected.kind === "open" && selected.isNew;
    if (isNew && selected.transaction.kind === "read-write") {
      const { transaction } = selected.transaction;
      transaction.invalidate(StatusError.from(thrown, Code.INTERNAL));
    }
    throw thrown;
  }
}

const sessionNamePattern = /^projects\/[^/]+\/instances\/[^/]+\/databases\/[^/]+\/sessions\/[^/]+$/;

function singleUseAt(micros: number): TransactionSelector {
  const readTimestamp = timestampOfMicros(micros);
  const timestampBound = { $case: "readTimestamp", readTimestamp } as const;
  const readOnly = { timestampBound, returnReadTimestamp: true };
  const singleUse = { mode: { $case: "readOnly", readOnly } as const };
  return { selector: { $case: "singleUse", singleUse } };
}

/** The rows behind a resume token are the same only if what is read is the same. */
function requireState(selected: Selected, { state }: ResumePoint): void {
  if (stateOf(selected) === state) return;
  if (selected.kind === "single use" || selected.transaction.kind !== "read-write") {
    throw invalidResumeToken();
  }
  const error = resumedAfterWrite();
  selected.transaction.transaction.invalidate(error);
  throw error;
}
