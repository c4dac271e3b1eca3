// SPDX-License-Identifier: Apache-2.0
// How much may run at a time: reads of one session, partitioned statements of one database, restores
// into one instance.
import type { StatusError } from "@spandrel/base";

/** Counts what runs at a time for each of its owners. */
export class AtOnce<Owner> {
  readonly #max: number;
  readonly #refusal: (max: number) => StatusError;
  readonly #running = new Map<Owner, number>();

  constructor(max: number, refusal: (max: number) => StatusError) {
    this.#max = max;
    this.#refusal = refusal;
  }

  /**
   * Counts one more; what it gives is called once when that is over.
   *
   * @throws {StatusError} the refusal, when as many run as may.
   */
  enter(owner: Owner): () => void {
    const running = this.#running.get(owner) ?? 0;
    if (running >= this.#max) throw this.#refusal(this.#max);
    this.#running.set(owner, running + 1);
    return () => this.#leave(owner);
  }

  #leave(owner: Owner): void {
    const running = this.#running.get(owner) ?? 0;
    if (running > 1) this.#running.set(owner, running - 1);
    else this.#running.delete(owner);
  }

  /** Counts for as long as the work takes. @throws {StatusError} as `enter`, and as the work does. */
  async during<T>(owner: Owner, work: () => Promise<T>): Promise<T> {
    const leave = this.enter(owner);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Counts for as long as the results of the work are pulled. @throws {StatusError} as `during`. */
  async *whilePulled<T>(owner: Owner, work: () => AsyncIterable<T>): AsyncGenerator<T> {
    const leave = this.enter(owner);
    try {
      yield* work();
    } finally {
      leave();
    }
  }
}
