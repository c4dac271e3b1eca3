// SPDX-License-Identifier: Apache-2.0
import {
  type IntervalValue,
  isIntervalInRange,
  parseInterval,
  printInterval,
} from "@spandrel/model";
import { badValue } from "./bad-value.ts";
import { type AnyDuration, isDuration, type TemporalDuration, temporal } from "./temporal.ts";

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * An INTERVAL: months, days and nanoseconds, none of which is converted into another.
 *
 * https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#interval_type
 */
export class Interval implements IntervalValue {
  readonly months: number;
  readonly days: number;
  readonly nanos: bigint;

  /** @throws {StatusError} INVALID_ARGUMENT when a part is out of its range. */
  constructor(months: number, days: number, nanos: bigint) {
    if (!isIntervalInRange({ months, days, nanos }))
      throw badValue("INTERVAL", `${months} months ${days} days ${nanos} nanoseconds`);
    this.months = months;
    this.days = days;
    this.nanos = nanos;
  }

  /**
   * Makes an interval from ISO 8601 text, `P1Y2M3DT4H5M6.5S`, or a Temporal.Duration.
   *
   * @throws {StatusError} INVALID_ARGUMENT when a part is out of its range.
   */
  static from(value: string | Interval | AnyDuration): Interval {
    if (value instanceof Interval) return value;
    if (isDuration(value)) return Interval.#fromDuration(value);
    const parts = parseInterval(value);
    if (parts === undefined) throw badValue("INTERVAL", value);
    return new Interval(parts.months, parts.days, parts.nanos);
  }

  static #fromDuration(duration: AnyDuration): Interval {
    const { years, months, weeks, days, hours, minutes, seconds } = duration;
    const { milliseconds, microseconds, nanoseconds } = duration;
    const nanos =
      (BigInt(hours) * 3_600n + BigInt(minutes) * 60n + BigInt(seconds)) * NANOS_PER_SECOND +
      BigInt(milliseconds) * 1_000_000n +
      BigInt(microseconds) * 1_000n +
      BigInt(nanoseconds);
    return new Interval(years * 12 + months, weeks * 7 + days, nanos);
  }

  /**
   * The interval as a Temporal.Duration of months, days, seconds and nanoseconds.
   *
   * @throws {StatusError} FAILED_PRECONDITION when there is no `globalThis.Temporal`.
   * @throws {RangeError} Temporal's own, when parts have different signs: a duration has one.
   */
  toDuration(): TemporalDuration {
    const { months, days, nanos } = this;
    return temporal("toString(), or months, days and nanos").Duration.from({
      months,
      days,
      seconds: Number(nanos / NANOS_PER_SECOND),
      nanoseconds: Number(nanos % NANOS_PER_SECOND),
    });
  }

  /** The interval as ISO 8601. */
  toString(): string {
    return printInterval(this);
  }

  toJSON(): string {
    return this.toString();
  }
}
