// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test moves it. Seven days pass in the time that the program takes
// to do what those days hold, in the order of the moments, always in the same way.
import type { Clock, SleepOptions } from "@spandrel/base";

interface Sleeper {
  readonly dueNanos: bigint;
  readonly order: number;
  readonly isBackground: boolean;
  wake(): void;
}

/** How many turns of the event loop count as peace: a call may need some to reach its next wait. */
const TURNS_UNTIL_SETTLED = 4;

/** How many moments `until` passes before it holds the program to be stuck. */
const STEPS_MAX = 1_000_000;

/** A clock moved by hand. */
export class VirtualClock implements Clock {
  readonly #startNanos: bigint;
  readonly #sleepers = new Set<Sleeper>();
  #elapsedNanos = 0n;
  #sleeps = 0;

  /** A clock that stands at a moment, by default 2026-01-01T00:00:00Z. */
  constructor(startNanos = 1_767_225_600_000_000_000n) {
    this.#startNanos = startNanos;
  }

  now(): bigint {
    return this.#startNanos + this.#elapsedNanos;
  }

  monotonic(): bigint {
    return this.#elapsedNanos;
  }

  /** How many waits are pending. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(millis: number, options: SleepOptions = {}): Promise<void> {
    const { signal, background = false } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const aborted = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      this.#sleeps += 1;
      const sleeper: Sleeper = {
        dueNanos: this.#elapsedNanos + BigInt(Math.ceil(Math.max(0, millis) * 1e6)),
        order: this.#sleeps,
        isBackground: background,
        wake: () => {
          signal?.removeEventListener("abort", aborted);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  /** Lets everything run that can run without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_UNTIL_SETTLED; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets so much time pass; every wait that ends in it ends at its own moment. */
  async advance(millis: number): Promise<void> {
    const target = this.#elapsedNanos + BigInt(Math.round(millis * 1e6));
    await this.settle();
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      this.#wake(next);
      await this.settle();
    }
    this.#elapsedNanos = target;
    await this.settle();
  }

  /**
   * Lets as much time pass as a promise needs to settle, and gives what it gives.
   *
   * @throws {Error} when it waits for nothing that time would bring.
   */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    for (let step = 0; step < STEPS_MAX; step++) {
      await this.settle();
      if (isSettled) return promise;
      const next = this.#next(undefined);
      if (next === undefined)
        throw new Error("the promise waits for nothing that time would bring");
      this.#wake(next);
    }
    throw new Error(`the promise did not settle within ${STEPS_MAX} moments`);
  }

  #next(target: bigint | undefined): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (target !== undefined && sleeper.dueNanos > target) continue;
      if (first === undefined || isBefore(sleeper, first)) first = sleeper;
    }
    return first;
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    if (sleeper.dueNanos > this.#elapsedNanos) this.#elapsedNanos = sleeper.dueNanos;
    sleeper.wake();
  }
}

function isBefore(left: Sleeper, right: Sleeper): boolean {
  if (left.dueNanos !== right.dueNanos) return left.dueNanos < right.dueNanos;
  return left.order < right.order;
}
