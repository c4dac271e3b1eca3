// SPDX-License-Identifier: Apache-2.0
// A transaction begins with its first statement: that one asks the server to begin, the answer brings
// the id, and all others name the id. Statements that come in between wait at this gate.
//
//   unbegun ──enter: gets the ticket──▶ beginning ──ticket.begun(id)──▶ begun
//      ▲                                   │
//      └──────────ticket.leave()───────────┘   the next in line gets the ticket
//
// Invariant: at most one statement holds the ticket, so at most one transaction is begun.
import { assert, createDeferred, type Deferred } from "@spandrel/base";

type GateState =
  | { readonly kind: "unbegun" }
  | { readonly kind: "beginning"; readonly decided: Deferred<void> }
  | { readonly kind: "begun"; readonly id: Uint8Array };

/** The right, and the duty, to begin the transaction. */
export interface BeginTicket {
  /** The transaction is begun; those who wait go on with its id. Later calls change nothing. */
  begun(id: Uint8Array): void;
  /** Gives up, unless it was begun. */
  leave(): void;
}

/** What a statement does at the gate: begin the transaction, or name it. */
export type Entry =
  | { readonly kind: "begin"; readonly ticket: BeginTicket }
  | { readonly kind: "use"; readonly id: Uint8Array };

/** Waits for something, or throws when it waits no longer. */
export type Wait = (until: Promise<void>) => Promise<void>;

const patiently: Wait = (until) => until;

/** The beginning of one transaction. */
export class BeginGate {
  #state: GateState = { kind: "unbegun" };

  /** The id of the transaction; undefined as long as it was not begun. */
  get id(): Uint8Array | undefined {
    return this.#state.kind === "begun" ? this.#state.id : undefined;
  }

  /** Whether nobody began, or is about to. */
  get isUntouched(): boolean {
    return this.#state.kind === "unbegun";
  }

  /** The transaction was begun elsewhere, before any of its statements. */
  adopt(id: Uint8Array): void {
    assert(this.#state.kind === "unbegun", "a transaction begins once");
    this.#state = { kind: "begun", id };
  }

  /**
   * Waits until this statement may begin the transaction, or somebody else has.
   *
   * It waits by `wait`, which may give up by throwing: then the statement is in nobody's way.
   */
  async enter(wait: Wait = patiently): Promise<Entry> {
    for (;;) {
      const state = this.#state;
      if (state.kind === "begun") return { kind: "use", id: state.id };
      if (state.kind === "unbegun") return { kind: "begin", ticket: this.#giveTicket() };
      await wait(state.decided.promise);
    }
  }

  /** Waits until it is decided whether the statement under way begins the transaction. */
  async decided(): Promise<void> {
    while (this.#state.kind === "beginning") await this.#state.decided.promise;
  }

  #giveTicket(): BeginTicket {
    const decided = createDeferred<void>();
    const beginning: GateState = { kind: "beginning", decided };
    this.#state = beginning;
    const decide = (state: GateState): void => {
      if (this.#state !== beginning) return;
      this.#state = state;
      decided.resolve();
    };
    return {
      begun: (id) => decide({ kind: "begun", id }),
      leave: () => decide({ kind: "unbegun" }),
    };
  }
}
