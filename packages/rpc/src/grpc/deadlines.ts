// SPDX-License-Identifier: Apache-2.0
// Deadlines of many calls behind one wait. Most calls end long before their deadline, so setting one
// and taking it back must cost next to nothing: a heap knows which comes first, one wait of the clock
// covers it, and those taken back are swept out once they are the majority.
import { assert, type Clock, Heap, NANOS_PER_MILLI } from "@spandrel/base";

/** A deadline that has been set. */
export interface Deadline {
  readonly atNanos: bigint;
  /** Takes the deadline back. Harmless when it has passed or was taken back before. */
  cancel(): void;
}

interface Entry {
  readonly atNanos: bigint;
  /** Undefined once the deadline has passed or was taken back. */
  expired: (() => void) | undefined;
}

/** So many taken-back deadlines are no trouble; sweeping starts above. */
const DEAD_ENTRIES_MIN = 256;

/** The longest wait that makes sense: a hundred years, beyond which timestamps are far away. */
const TIMEOUT_MILLIS_MAX = 100 * 365 * 24 * 3_600_000;

/** Why a wait is called off. Said once: an abort without a reason makes an error with a stack. */
const notNeeded = "the wait is not needed any more";

/** Calls back when deadlines pass, by a clock. Keeps the process alive while any is set. */
export class Deadlines {
  readonly #clock: Clock;
  #heap: Heap<Entry> = new Heap<Entry>(byTime);
  /** Every entry that may still be in the heap and counts. */
  #entriesLive = 0;
  #wait: { readonly atNanos: bigint; readonly controller: AbortController } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `expired` once after so many milliseconds, unless the deadline is taken back before. */
  set(timeoutMillis: number, expired: () => void): Deadline {
    const millis = Math.min(Math.max(0, timeoutMillis), TIMEOUT_MILLIS_MAX);
    const nanos = BigInt(Math.ceil(millis * 1_000)) * 1_000n;
    const entry: Entry = { atNanos: this.#clock.monotonic() + nanos, expired };
    this.#heap.push(entry);
    this.#entriesLive += 1;
    this.#waitForFirst();
    return {
      atNanos: entry.atNanos,
      cancel: () => {
        if (entry.expired === undefined) return;
        entry.expired = undefined;
        this.#removed();
      },
    };
  }

  #removed(): void {
    this.#entriesLive -= 1;
    assert(this.#entriesLive >= 0, "a deadline ends once");
    if (this.#entriesLive === 0) {
      this.#heap = new Heap<Entry>(byTime);
      this.#wait?.controller.abort(notNeeded);
      this.#wait = undefined;
    } else if (this.#heap.size > DEAD_ENTRIES_MIN && this.#heap.size > 2 * this.#entriesLive) {
      this.#sweep();
    }
  }

  #sweep(): void {
    const old = this.#heap;
    this.#heap = new Heap<Entry>(byTime);
    for (let entry = old.pop(); entry !== undefined; entry = old.pop()) {
      if (entry.expired !== undefined) this.#heap.push(entry);
    }
    assert(this.#heap.size === this.#entriesLive, "sweeping leaves the live deadlines");
  }

  #waitForFirst(): void {
    const first = this.#heap.peek();
    if (first === undefined) return;
    if (this.#wait !== undefined) {
      if (this.#wait.atNanos <= first.atNanos) return;
      this.#wait.controller.abort(notNeeded);
    }
    const controller = new AbortController();
    this.#wait = { atNanos: first.atNanos, controller };
    const nanos = first.atNanos - this.#clock.monotonic();
    const millis = Math.ceil(Number(nanos) / Number(NANOS_PER_MILLI));
    this.#clock.sleep(Math.max(0, millis), { signal: controller.signal }).then(
      () => this.#woke(controller),
      () => undefined, // only an abort ends a sleep early, and whoever aborts has seen to the rest
    );
  }

  #woke(controller: AbortController): void {
    if (this.#wait?.controller !== controller) return;
    this.#wait = undefined;
    const now = this.#clock.monotonic();
    for (let entry = this.#heap.peek(); entry !== undefined; entry = this.#heap.peek()) {
      if (entry.expired !== undefined && entry.atNanos > now) break;
      this.#heap.pop();
      const { expired } = entry;
      if (expired === undefined) continue;
      entry.expired = undefined;
      this.#entriesLive -= 1;
      expired();
    }
    this.#waitForFirst();
  }
}

function byTime(left: Entry, right: Entry): number {
  return left.atNanos < right.atNanos ? -1 : left.atNanos > right.atNanos ? 1 : 0;
}
