// SPDX-License-Identifier: Apache-2.0
// What a fault rule can have really happen, by the name in its `effect`: not a status that looks so, but
// the thing itself, with all that follows from it for other requests.
//
//   lose-session       the session of the request is gone, as Cloud Spanner may forget one at any time;
//                      what it had open is over, and its locks are free
//   abort-transaction  the transaction of the request is aborted and its locks are free, as when an
//                      older one wants them; every later call on it is ABORTED with a delay
import { assert } from "@spandrel/base";
import type { FaultEffect, InterceptedCall } from "@spandrel/rpc";
import { abortedByRule } from "../errors/control.ts";
import type { Places } from "../service/places.ts";
import { begunIdOf, fieldsOf, isReadWriteAtOnce, transactionIdOf } from "./request-fields.ts";

/** The names of the effects. */
export type EffectName = "lose-session" | "abort-transaction";

/** The effects on what a server holds. */
export function faultEffects(places: Places): Readonly<Record<EffectName, FaultEffect>> {
  return {
    "lose-session": (call) => {
      const { session } = fieldsOf(call);
      if (session !== undefined) loseSession(places, session);
    },
    "abort-transaction": (call, answer) => abortTransaction(places, call, answer),
  };
}

/** Has a session gone, with all that it has open. Whether there was one. */
export function loseSession({ sessions }: Places, name: string): boolean {
  return sessions.lose(name);
}

/** @throws {StatusError} ABORTED when the request is to begin the transaction that is to be aborted. */
function abortTransaction(places: Places, call: InterceptedCall, answer: unknown): void {
  const id = transactionIdOf(call.request) ?? begunIdOf(answer);
  if (id === undefined) {
    if (answer === undefined && isReadWriteAtOnce(call)) throw abortedByRule();
    return;
  }
  const open = places.transactions.find(id);
  if (open?.kind !== "read-write") return;
  open.transaction.invalidate(abortedByRule());
  assert(open.transaction.progress !== "active", "what was aborted is over");
}
