// SPDX-License-Identifier: Apache-2.0
// The counters behind identity columns and sequences. They stand outside of transactions: a number that
// was given out is never given out again, whatever becomes of the transaction.
//
// Where commits are kept, so is where a counter stands, but not at every number: a whole block of numbers
// is reserved, and the next block when this one is used up. Nobody may see a number before its block is
// kept. A crash loses what is left of a block, and repeats nothing.
import type { CounterList } from "../mvcc/packed-bytes.ts";
import type { Identity } from "../schema/schema.ts";
import type { CounterReservation } from "../txn/commits.ts";

/** How something counts. */
export type Counting = Pick<Identity, "startCounterWith" | "skipRange">;

const numbersInBlock = 1_000n;

interface Counter {
  /** The number that is given out next. */
  next: bigint;
  /** After a crash the counter goes on from here; behind `next` while that has to be kept yet. */
  kept: bigint;
}

/** Counters by the id of what they count for; one set serves a whole database. */
export class Counters {
  readonly #counters = new Map<number, Counter>();
  /** Those that have gone beyond what is kept. */
  readonly #ahead = new Set<number>();

  constructor(next: Iterable<readonly [id: number, counter: bigint]> = []) {
    for (const [id, counter] of next) this.resume(id, counter);
  }

  /** Where each counter stands: the number that it gives out next. */
  get all(): ReadonlyMap<number, bigint> {
    return new Map(Array.from(this.#counters, ([id, { next }]) => [id, next]));
  }

  /** Where each counter has to go on from after a crash. */
  get reserved(): CounterList {
    return Array.from(this.#counters, ([id, counter]) => [id, reservedBy(counter)]);
  }

  /** A copy; neither side sees what the other gives out. */
  fork(): Counters {
    const copy = new Counters();
    for (const [id, counter] of this.#counters) copy.#counters.set(id, { ...counter });
    return copy;
  }

  /** What has to be kept before the numbers given out so far may be seen; undefined when it is. */
  reservation(): CounterReservation | undefined {
    if (this.#ahead.size === 0) return undefined;
    const reserving = [...this.#ahead].flatMap((id) => {
      const counter = this.#counters.get(id);
      return counter === undefined ? [] : [{ id, counter, upTo: reservedBy(counter) }];
    });
    return {
      counters: reserving.map(({ id, upTo }) => [id, upTo]),
      kept: () => {
        for (const { id, counter, upTo } of reserving) {
          if (upTo > counter.kept) counter.kept = upTo;
          // A counter that was restarted meanwhile is another one.
          const isCurrent = this.#counters.get(id) === counter;
          if (isCurrent && counter.next <= counter.kept) this.#ahead.delete(id);
        }
      },
    };
  }

  /**
   * Gives back what is reserved and was not given out: from now on every number has to be kept first.
   * Gives where the counters stand that this is true of.
   */
  release(): CounterList {
    const released: [id: number, counter: bigint][] = [];
    for (const [id, counter] of this.#counters) {
      if (counter.kept <= counter.next) continue;
      counter.kept = counter.next;
      released.push([id, counter.next]);
    }
    return released;
  }

  /** The next number, positive, with its bits reversed so that numbers lie far apart. */
  take(id: number, { startCounterWith, skipRange }: Counting): bigint {
    let counter = this.#counters.get(id);
    if (counter === undefined) {
      const next = startCounterWith ?? 1n;
      counter = { next, kept: next };
      this.#counters.set(id, counter);
    }
    for (;;) {
      const number = reverseBits(counter.next);
      counter.next++;
      const isSkipped =
        skipRange !== undefined && number >= skipRange.low && number <= skipRange.high;
      if (isSkipped) continue;
      if (counter.next > counter.kept) this.#ahead.add(id);
      return number;
    }
  }

  /** The counter behind the last number that was given out; undefined when there was none. */
  lastOf(id: number): bigint | undefined {
    const counter = this.#counters.get(id);
    return counter === undefined ? undefined : counter.next - 1n;
  }

  /** The counter goes on from here, which has to be kept. */
  restart(id: number, counter: bigint): void {
    this.#counters.set(id, { next: counter, kept: counter - 1n });
    this.#ahead.add(id);
  }

  /** The counter goes on from here, as was kept. */
  resume(id: number, counter: bigint): void {
    this.#counters.set(id, { next: counter, kept: counter });
  }
}

function reservedBy({ next, kept }: Counter): bigint {
  return next > kept ? next + numbersInBlock : kept;
}

/** The low 63 bits in the opposite order. */
function reverseBits(counter: bigint): bigint {
  const bits = BigInt.asUintN(63, counter).toString(2).padStart(63, "0");
  return BigInt(`0b${[...bits].reverse().join("")}`);
}
