// SPDX-License-Identifier: Apache-2.0
import { isNumericInRange, NUMERIC_SCALE, parseNumeric, printNumeric } from "@spandrel/model";
import { badValue } from "./bad-value.ts";

/**
 * A NUMERIC: a decimal number with 29 digits before the point and 9 behind it, exact.
 *
 * Immutable. Two of the same number are deeply equal.
 * https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#decimal_type
 */
export class Numeric {
  /** The number in units of 10^-9. */
  readonly units: bigint;

  /** @throws {StatusError} INVALID_ARGUMENT when the number has too many digits. */
  constructor(units: bigint) {
    if (!isNumericInRange(units)) throw badValue("NUMERIC", units);
    this.units = units;
  }

  /**
   * Makes a number from decimal text or a whole number.
   *
   * @throws {StatusError} INVALID_ARGUMENT when it is no number, or has too many digits.
   */
  static from(value: string | bigint | Numeric): Numeric {
    if (value instanceof Numeric) return value;
    if (typeof value === "bigint") return new Numeric(value * NUMERIC_SCALE);
    const units = parseNumeric(value);
    if (units === undefined) throw badValue("NUMERIC", value);
    return new Numeric(units);
  }

  /** The nearest number of JavaScript; digits may be lost. */
  toNumber(): number {
    return Number(this.toString());
  }

  /** The number as text, without an exponent and without trailing zeros: `-3.5`. */
  toString(): string {
    return printNumeric(this.units);
  }

  toJSON(): string {
    return this.toString();
  }

  /** Whether both are the same number. */
  equals(other: Numeric): boolean {
    return this.units === other.units;
  }
}
