// SPDX-License-Identifier: Apache-2.0
import { type Clock, type SleepOptions, systemClock } from "@spandrel/base";

/** The machine's clock, which can be put forward: an hour passes in no time. */
export class AdjustableClock implements Clock {
  #aheadNanos = 0n;

  /** Puts the clock forward. Waits that are under way do not notice. */
  advance(millis: number): void {
    this.#aheadNanos += BigInt(millis) * 1_000_000n;
  }

  now(): bigint {
    return systemClock.now() + this.#aheadNanos;
  }

  monotonic(): bigint {
    return systemClock.monotonic() + this.#aheadNanos;
  }

  sleep(millis: number, options?: SleepOptions): Promise<void> {
    return systemClock.sleep(millis, options);
  }
}
