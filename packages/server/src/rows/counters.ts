// SPDX-License-Identifier: Apache-2.0
// The counters behind identity columns and sequences. They stand outside of transactions: a number that was given
// out is never given out again, whatever becomes of the transaction.
import type { Identity } from "../schema/schema.ts";

/** How something counts. */
export type Counting = Pick<Identity, "startCounterWith" | "skipRange">;

/** Counters by the id of what they count for; one set serves a whole database. */
export class Counters {
  readonly #next: Map<number, bigint>;
  /** Those that have moved since `takeMoved` was called last. */
  readonly #moved = new Set<number>();

  constructor(next: Iterable<readonly [id: number, counter: bigint]> = []) {
    this.#next = new Map(next);
  }

  /** Where each counter stands: the number that it gives out next. */
  get all(): ReadonlyMap<number, bigint> {
    return this.#next;
  }

  /** Where those counters stand that have moved since this was asked last. */
  takeMoved(): readonly (readonly [id: number, counter: bigint])[] {
    const moved = [...this.#moved].map((id) => [id, this.#next.get(id) ?? 1n] as const);
    this.#moved.clear();
    return moved;
  }

  /** The next number, positive, with its bits reversed so that numbers lie far apart. */
  take(id: number, { startCounterWith, skipRange }: Counting): bigint {
    for (;;) {
      const counter = this.#next.get(id) ?? startCounterWith ?? 1n;
      this.#next.set(id, counter + 1n);
      this.#moved.add(id);
      const number = reverseBits(counter);
      const isSkipped =
        skipRange !== undefined && number >= skipRange.low && number <= skipRange.high;
      if (!isSkipped) return number;
    }
  }

  /** The counter behind the last number that was given out; undefined when there was none. */
  lastOf(id: number): bigint | undefined {
    const next = this.#next.get(id);
    return next === undefined ? undefined : next - 1n;
  }

  /** The counter goes on from here. */
  restart(id: number, counter: bigint): void {
    this.#next.set(id, counter);
    this.#moved.add(id);
  }
}

/** The low 63 bits in the opposite order. */
function reverseBits(counter: bigint): bigint {
  const bits = BigInt.asUintN(63, counter).toString(2).padStart(63, "0");
  return BigInt(`0b${[...bits].reverse().join("")}`);
}
