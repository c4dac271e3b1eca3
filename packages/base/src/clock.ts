// SPDX-License-Identifier: Apache-2.0
// Time comes in through this door. Everything that asks what time it is, or waits, takes a Clock, so
// that a test can cross sixty minutes or seven days in no time.

/** Nanoseconds in a second. */
export const NANOS_PER_SECOND = 1_000_000_000n;
/** Nanoseconds in a millisecond. */
export const NANOS_PER_MILLI = 1_000_000n;

/** A source of time and of waiting. */
export interface Clock {
  /** The time of day in nanoseconds since the Unix epoch. May step when the machine's clock does. */
  now(): bigint;

  /** Nanoseconds that only rise, from an arbitrary start, for measuring how long something took. */
  monotonic(): bigint;

  /**
   * Waits, and keeps the process alive while it does unless `background` is set.
   *
   * @throws the signal's reason when it is aborted, at once and leaving no timer behind.
   */
  sleep(millis: number, options?: SleepOptions): Promise<void>;
}

/** How to wait. */
export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** A wait in the background never keeps a process alive. Default false. */
  readonly background?: boolean;
}
