// SPDX-License-Identifier: Apache-2.0
// The moments that a database gives out. All are microseconds since the Unix epoch.
//
// Two promises hold at any clock, also at one that stands still or steps back:
//  - a commit gets a moment above every one given before, to commits and to strong reads alike, so
//    that nothing is ever written into a past that somebody has read;
//  - a strong read gets a moment at which every acknowledged commit is visible.
// https://cloud.google.com/spanner/docs/true-time-external-consistency
import type { Clock } from "@spandrel/base";

/** Gives out the moments of one database. */
export class Timestamps {
  readonly #clock: Clock;
  #lastMicros = 0;

  constructor(clock: Clock, lastMicros = 0) {
    this.#clock = clock;
    this.#lastMicros = lastMicros;
  }

  /** The present by the clock. */
  nowMicros(): number {
    return Number(this.#clock.now() / 1_000n);
  }

  /** Whether a moment has come: the clock has reached it, or one as late was given out already. */
  hasCome(micros: number): boolean {
    return micros <= this.#lastMicros || micros <= this.nowMicros();
  }

  /** The moment of a commit that happens now. */
  nextCommitMicros(): number {
    this.#lastMicros = Math.max(this.nowMicros(), this.#lastMicros + 1);
    return this.#lastMicros;
  }

  /** The moment of a read that must see all commits so far. */
  strongReadMicros(): number {
    this.#lastMicros = Math.max(this.nowMicros(), this.#lastMicros);
    return this.#lastMicros;
  }

  /** A read at this moment was promised: no commit may get it, or an earlier one. */
  promise(micros: number): void {
    this.#lastMicros = Math.max(this.#lastMicros, micros);
  }
}
