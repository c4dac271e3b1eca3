// SPDX-License-Identifier: Apache-2.0
// The header `grpc-timeout`: at most eight digits and a unit. `250m` is a quarter of a second.
import { malformedTimeout } from "./errors.ts";

const millisByUnit: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

const DIGITS_MAX = 99_999_999;

/** Prints a timeout so that the reader never waits less: rounded up to the unit that holds it. */
export function printTimeout(millis: number): string {
  const whole = Math.max(0, Math.ceil(millis));
  if (whole <= DIGITS_MAX) return `${whole}m`;
  const seconds = Math.ceil(whole / 1_000);
  if (seconds <= DIGITS_MAX) return `${seconds}S`;
  return `${Math.min(DIGITS_MAX, Math.ceil(seconds / 3_600))}H`;
}

/**
 * Reads a timeout as milliseconds; may be a fraction.
 *
 * @throws {StatusError} INTERNAL when the text is no timeout.
 */
export function parseTimeout(text: string): number {
  const unit = millisByUnit[text.slice(-1)];
  const digits = text.slice(0, -1);
  if (unit === undefined || !/^[0-9]{1,8}$/.test(digits)) throw malformedTimeout(text);
  return Number(digits) * unit;
}
