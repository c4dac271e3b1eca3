// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "@spandrel/base";
import { NANOS_PER_MILLI } from "@spandrel/base";

/** The moment by which an operation must be done, all of its attempts and waits included. */
export class Deadline {
  readonly #clock: Clock;
  readonly #startNanos: bigint;
  readonly #timeoutMillis: number;

  /** A deadline so many milliseconds from now; Infinity for none. */
  constructor(clock: Clock, timeoutMillis: number) {
    this.#clock = clock;
    this.#startNanos = clock.monotonic();
    this.#timeoutMillis = timeoutMillis;
  }

  /** Milliseconds left, zero when none are; Infinity without a deadline. */
  remainingMillis(): number {
    if (this.#timeoutMillis === Number.POSITIVE_INFINITY) return this.#timeoutMillis;
    const elapsed = Number(this.#clock.monotonic() - this.#startNanos) / Number(NANOS_PER_MILLI);
    return Math.max(0, this.#timeoutMillis - elapsed);
  }

  /** What a transport takes: undefined without a deadline. */
  forTransport(): number | undefined {
    const remaining = this.remainingMillis();
    return remaining === Number.POSITIVE_INFINITY ? undefined : remaining;
  }
}
