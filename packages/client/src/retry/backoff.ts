// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next attempt.
import type { Random } from "@spandrel/base";

/** A wait that grows from attempt to attempt up to a bound. */
export interface Backoff {
  readonly initialMillis: number;
  readonly factor: number;
  readonly maxMillis: number;
}

/** The wait of everything in the client: 10 to 20 ms at first, by half at random, 32 s at most. */
export const defaultBackoff: Backoff = { initialMillis: 20, factor: 1.3, maxMillis: 32_000 };

/** The wait of a poll for a long-running operation: 50 to 100 ms at first, 10 s at most. */
export const operationBackoff: Backoff = { initialMillis: 100, factor: 1.5, maxMillis: 10_000 };

/**
 * Milliseconds to wait after so many failures in a row, counted from one.
 *
 * Half of the wait is drawn, so that callers who failed together do not come back together.
 */
export function backoffMillis(
  failures: number,
  random: Random,
  backoff: Backoff = defaultBackoff,
): number {
  const full = Math.min(
    backoff.initialMillis * backoff.factor ** (failures - 1),
    backoff.maxMillis,
  );
  return full * (0.5 + random.next() / 2);
}
