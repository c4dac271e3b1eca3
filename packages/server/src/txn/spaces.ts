// SPDX-License-Identifier: Apache-2.0
// All keys of a database, apart by space, and the keeping of order among their versions.
//
// There is no collector that runs beside the work: each commit sweeps a few keys more than it has
// written, round and round through all spaces. So what is dead is found at the pace at which it comes
// to be, no commit pauses for longer than its own size warrants, and a database that is not written to
// costs nothing.
import { Versions } from "../mvcc/versions.ts";

/** Keys that a commit sweeps for each one it writes, and besides. */
const sweptPerWrite = 2;
const sweptBesides = 4;

/** Keys that one commit sweeps at most, so that a large one is not held up even longer. */
const sweptMax = 20_000;

/** See the top of this file; a space appears when it is first asked for. */
export class Spaces {
  readonly #versions: Map<number, Versions>;
  /** Spaces of tables and indexes that are gone, and since when. */
  readonly #forgotten: Map<number, number>;
  /** The space that the round has come to, and those still before it. */
  #round: Iterator<Versions> = [].values();
  #current: Versions | undefined;
  #horizonMicros: number;

  constructor(
    versions: Iterable<readonly [space: number, versions: Versions]> = [],
    forgotten: Iterable<readonly [space: number, sinceMicros: number]> = [],
    horizonMicros = 0,
  ) {
    this.#versions = new Map(versions);
    this.#forgotten = new Map(forgotten);
    this.#horizonMicros = horizonMicros;
  }

  of(space: number): Versions {
    let versions = this.#versions.get(space);
    if (versions === undefined) {
      // A space that was dropped, and is asked for at an old moment, must not look empty.
      versions = new Versions(undefined, this.#horizonMicros);
      this.#versions.set(space, versions);
    }
    return versions;
  }

  /** Nothing after this moment reads a space: it is dropped once the horizon has passed the moment. */
  forget(space: number, atMicros: number): void {
    this.#forgotten.set(space, atMicros);
  }

  /** All spaces by number, those included that only old reads see. */
  get all(): ReadonlyMap<number, Versions> {
    return this.#versions;
  }

  /** The spaces that are dropped once the horizon has passed the moment beside them. */
  get forgotten(): ReadonlyMap<number, number> {
    return this.#forgotten;
  }

  /** Reads before this moment are refused. */
  get horizonMicros(): number {
    return this.#horizonMicros;
  }

  /** A copy; it takes no longer when there are more rows, nor any room for them. */
  fork(): Spaces {
    const copies = [...this.#versions].map(
      ([space, versions]) => [space, versions.fork()] as const,
    );
    return new Spaces(copies, this.#forgotten, this.#horizonMicros);
  }

  /** How many spaces and keys there are, for tests and for people. */
  get size(): { readonly spaces: number; readonly keys: number } {
    let keys = 0;
    for (const { size } of this.#versions.values()) keys += size;
    return { spaces: this.#versions.size, keys };
  }

  /** Sweeps on behalf of a commit that wrote so many keys; nobody reads before the horizon. */
  sweep(keysWritten: number, horizonMicros: number): void {
    this.#horizonMicros = Math.max(this.#horizonMicros, horizonMicros);
    this.#dropForgotten();
    let keysLeft = Math.min(keysWritten * sweptPerWrite + sweptBesides, sweptMax);
    for (let spaces = 0; spaces < this.#versions.size && keysLeft > 0; spaces++) {
      this.#current ??= this.#next();
      if (this.#current === undefined) return;
      // A space that is empty counts as a key, since there may be thousands of them.
      keysLeft -= this.#current.sweep(keysLeft, horizonMicros) + 1;
      if (this.#current.isRoundComplete) this.#current = undefined;
    }
  }

  #dropForgotten(): void {
    for (const [space, sinceMicros] of this.#forgotten) {
      if (sinceMicros > this.#horizonMicros) continue;
      this.#versions.delete(space);
      this.#forgotten.delete(space);
    }
  }

  #next(): Versions | undefined {
    let next = this.#round.next();
    if (next.done) {
      this.#round = this.#versions.values();
      next = this.#round.next();
    }
    return next.done ? undefined : next.value;
  }
}
