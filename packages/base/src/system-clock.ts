// SPDX-License-Identifier: Apache-2.0
// The only file that reads the machine's time.
import type { Clock, SleepOptions } from "./clock.ts";

/** The machine's clock. `now` has the resolution of a microsecond where the platform offers it. */
export const systemClock: Clock = {
  now(): bigint {
    const millis = performance.timeOrigin + performance.now();
    const drift = Date.now() - millis;
    // performance.timeOrigin does not follow steps of the wall clock; follow them once they show.
    const corrected = Math.abs(drift) > 5 ? Date.now() : millis;
    return BigInt(Math.round(corrected * 1_000)) * 1_000n;
  },

  monotonic(): bigint {
    return BigInt(Math.round(performance.now() * 1_000)) * 1_000n;
  },

  sleep(millis: number, options: SleepOptions = {}): Promise<void> {
    const { signal, background = false } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const ended = (): void => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      };
      // Timers hold 31 bits of milliseconds; a longer wait ends early, and callers look at the clock.
      const timer: unknown = setTimeout(ended, Math.min(millis, 2 ** 31 - 1));
      const aborted = (): void => {
        clearTimeout(timer as number);
        reject(signal?.reason);
      };
      if (background && typeof timer === "object" && timer !== null && "unref" in timer) {
        (timer as { unref(): void }).unref();
      }
      signal?.addEventListener("abort", aborted, { once: true });
    });
  },
};
