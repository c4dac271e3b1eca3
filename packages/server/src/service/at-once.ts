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
}
