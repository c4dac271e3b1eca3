// SPDX-License-Identifier: Apache-2.0
// NUMERIC: 29 digits before the point and 9 behind it, exact, as a bigint in units of 10^-9.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#numeric_type

/** Units in one: 10^9. */
export const NUMERIC_SCALE = 1_000_000_000n;

/** The largest NUMERIC, in units of 10^-9; the smallest is its negative. */
export const NUMERIC_MAX: bigint = 10n ** 38n - 1n;

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Whether so many units of 10^-9 are a NUMERIC. */
export function isNumericInRange(units: bigint): boolean {
  return units <= NUMERIC_MAX && units >= -NUMERIC_MAX;
}

/**
 * Reads a decimal number, with an exponent or without.
 *
 * Gives undefined when the text is no number, has more than nine digits behind the point that are
 * not zero, or is out of range. With `round`, digits beyond the ninth are rounded half away from zero.
 */
export function parseNumeric(text: string, round = false): bigint | undefined {
  const match = pattern.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = `${whole}${fraction}`;
  if (digits === "") return undefined;
  const shift = 9 + Number(exponent) - fraction.length;
  if (shift > 60 && /[1-9]/.test(digits)) return undefined;
  const units = shift >= 0 ? shiftUp(digits, shift) : shiftDown(digits, -shift, round);
  if (units === undefined) return undefined;
  const signed = sign === "-" ? -units : units;
  return isNumericInRange(signed) ? signed : undefined;
}

function shiftUp(digits: string, places: number): bigint {
  return /[1-9]/.test(digits) ? BigInt(digits) * 10n ** BigInt(places) : 0n;
}

function shiftDown(digits: string, places: number, round: boolean): bigint | undefined {
  const kept = digits.slice(0, Math.max(0, digits.length - places));
  const dropped = digits.slice(kept.length).padStart(places, "0");
  const units = kept === "" ? 0n : BigInt(kept);
  if (!/[1-9]/.test(dropped)) return units;
  if (!round) return undefined;
  return dropped.charCodeAt(0) >= 53 ? units + 1n : units;
}

/** Writes a NUMERIC without an exponent and without trailing zeros: `-3.5`. */
export function printNumeric(units: bigint): string {
  const negative = units < 0n;
  const magnitude = negative ? -units : units;
  const whole = magnitude / NUMERIC_SCALE;
  const rest = magnitude % NUMERIC_SCALE;
  const fraction = rest === 0n ? "" : `.${rest.toString().padStart(9, "0").replace(/0+$/, "")}`;
  return `${negative ? "-" : ""}${whole}${fraction}`;
}
