// SPDX-License-Identifier: Apache-2.0
// The moments that a database gives out. All are microseconds since the Unix epoch.
//
// Two promises hold at any clock, also at one that stands still or steps back:
//  - a commit gets a moment above every one given before, to commits and to strong reads alike, so
//    that nothing is ever written into a past that somebody has read;
//  - a strong read gets a moment at which every acknowledged commit is visible.
//
// A commit that has its moment, and is not published yet since the disk still works on it, holds up
// nobody but those who ask for its moment or a later one by number: a strong read gets the moment just
// before it, which is right because nobody has been told of the commit. Commits are published in the
// order of their moments.
// https://cloud.google.com/spanner/docs/true-time-external-consistency
import { assert, type Clock, createDeferred, type Deferred } from "@spandrel/base";

interface UnderWay {
  readonly atMicros: number;
  readonly over: Deferred<void>;
}

/** Gives out the moments of one database. */
export class Timestamps {
  readonly #clock: Clock;
  #lastMicros = 0;
  /** Commits that have their moment and are not published, oldest first. */
  readonly #underWay: UnderWay[] = [];

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
    const oldest = this.#underWay[0];
    if (oldest !== undefined) return oldest.atMicros - 1;
    this.#lastMicros = Math.max(this.nowMicros(), this.#lastMicros);
    return this.#lastMicros;
  }

  /** The moment of a commit that will be published, or not, when `ended` is called. */
  beginCommit(): number {
    const atMicros = this.nextCommitMicros();
    this.#underWay.push({ atMicros, over: createDeferred<void>() });
    return atMicros;
  }

  /** The oldest of the commits that have begun is published, or will never be. */
  endCommit(atMicros: number): void {
    const oldest = this.#underWay.shift();
    assert(oldest?.atMicros === atMicros, "commits are published in the order of their moments");
    oldest.over.resolve();
  }

  /** Whether a commit at this moment or before has yet to be published. */
  isUnsettled(micros: number): boolean {
    return (this.#underWay[0]?.atMicros ?? Number.POSITIVE_INFINITY) <= micros;
  }

  /** Returns when every commit up to this moment has been published. */
  async settled(micros: number): Promise<void> {
    while (this.isUnsettled(micros)) await this.#underWay[0]?.over.promise;
  }

  /** The last moment that was given out. */
  get lastMicros(): number {
    return this.#lastMicros;
  }

  /** A read at this moment was promised: no commit may get it, or an earlier one. */
  promise(micros: number): void {
    this.#lastMicros = Math.max(this.#lastMicros, micros);
  }
}
