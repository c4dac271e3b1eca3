// SPDX-License-Identifier: Apache-2.0
// The books of a pool of limited size: who has what, and who comes next. No calls, no clock, no
// promises; the pool around it does what the books say.
//
// Each of the `size` places is in exactly one of four conditions:
//
//              fillStarted                 fillEnded (created)
//   missing ───────────────▶ creating ───────────────────────▶ idle
//      ▲   ◀───────────────                                    │ ▲
//      │    fillEnded (the rest)                          lend │ │ giveBack
//      │                                                       ▼ │
//      └──────────────────────────────────────────────────── lent
//                     drop (gone on the server, or removed)
//
// Invariants: missing + creating + idle + lent = size. Waiters are served first come, first served;
// nobody who comes later takes a session while somebody waits.
import { assert } from "@spandrel/base";
import type { PoolCounts } from "../errors/spanner-error.ts";

/** Which idle session is handed out: the one given back last, or the one given back first. */
export type PoolOrder = "newest" | "oldest";

/** What follows from giving a session to the pool. */
export type PutDecision = "taken" | "alreadyIdle" | "full";

/** The places of a pool, the sessions in them, and those who wait. */
export class PoolState<S, W> {
  readonly size: number;
  readonly #order: PoolOrder;
  readonly #idle: S[] = [];
  readonly #lent = new Set<S>();
  readonly #waiters: W[] = [];
  #creating = 0;

  constructor(size: number, order: PoolOrder) {
    assert(Number.isInteger(size) && size >= 0, "a pool has a whole number of places");
    this.size = size;
    this.#order = order;
  }

  /** Places with no session in them and none on its way. */
  get missing(): number {
    return this.size - this.#idle.length - this.#lent.size - this.#creating;
  }

  get counts(): PoolCounts {
    return {
      idle: this.#idle.length,
      checkedOut: this.#lent.size,
      waiting: this.#waiters.length,
      size: this.size,
    };
  }

  /** The idle sessions, the one given back first in front. */
  get idle(): readonly S[] {
    return this.#idle;
  }

  /** Whether a caller who comes now is served now. */
  get canLend(): boolean {
    return this.#waiters.length === 0 && this.#idle.length > 0;
  }

  /** Takes the next idle session out, if there is one. */
  lend(): S | undefined {
    const session = this.#order === "newest" ? this.#idle.pop() : this.#idle.shift();
    if (session !== undefined) this.#lent.add(session);
    return session;
  }

  /** Takes one idle session out by name, for a check; false when it is not idle. */
  lendThis(session: S): boolean {
    const index = this.#idle.indexOf(session);
    if (index < 0) return false;
    this.#idle.splice(index, 1);
    this.#lent.add(session);
    return true;
  }

  /** Puts a session in; a stranger is taken when a place is free. */
  giveBack(session: S): PutDecision {
    if (this.#idle.includes(session)) return "alreadyIdle";
    if (!this.#lent.delete(session) && this.missing <= 0) return "full";
    this.#idle.push(session);
    assert(this.missing >= 0, "a pool never has more sessions than places");
    return "taken";
  }

  /** Puts a session back where it was before: next to be handed out, its place in line kept. */
  giveBackUnused(session: S): void {
    assert(this.#lent.delete(session), "only a lent session comes back unused");
    if (this.#order === "newest") this.#idle.push(session);
    else this.#idle.unshift(session);
  }

  /** Frees the place of a lent session that is no more. */
  drop(session: S): void {
    this.#lent.delete(session);
  }

  /** Another session takes the place of a lent one. */
  replace(old: S, session: S): void {
    assert(this.#lent.delete(old), "only a lent session is replaced");
    this.#lent.add(session);
  }

  /** Takes every idle session out for good, and frees their places. */
  takeIdle(): S[] {
    return this.#idle.splice(0);
  }

  /** Claims every missing place; gives their number. */
  fillStarted(): number {
    const claimed = this.missing;
    this.#creating += claimed;
    return claimed;
  }

  /** The places claimed are filled with what was created; the rest are missing again. */
  fillEnded(claimed: number, created: readonly S[]): void {
    assert(created.length <= claimed && claimed <= this.#creating, "no more than was claimed");
    this.#creating -= claimed;
    this.#idle.push(...created);
  }

  /** Puts a caller at the end of the line. */
  wait(waiter: W): void {
    this.#waiters.push(waiter);
  }

  /** Takes a caller out of the line; false when it was served already. */
  leave(waiter: W): boolean {
    const index = this.#waiters.indexOf(waiter);
    if (index >= 0) this.#waiters.splice(index, 1);
    return index >= 0;
  }

  /** Serves the first in line, if there is a session for it. */
  serve(): { readonly waiter: W; readonly session: S } | undefined {
    if (this.#waiters.length === 0 || this.#idle.length === 0) return undefined;
    const session = this.lend();
    const waiter = this.#waiters.shift();
    assert(session !== undefined && waiter !== undefined, "both were there a moment ago");
    return { waiter, session };
  }

  /** Whether somebody waits and a place could be filled for them. */
  get shouldFill(): boolean {
    return this.#waiters.length > 0 && this.missing > 0;
  }

  /** Takes the first so many callers out of the line. */
  takeWaiters(count: number): W[] {
    return this.#waiters.splice(0, count);
  }
}
