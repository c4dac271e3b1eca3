// SPDX-License-Identifier: Apache-2.0
import {
  type IntervalValue,
  isIntervalInRange,
  parseInterval,
  printInterval,
} from "@spandrel/model";
import { badValue } from "./bad-value.ts";

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

  /** Makes an interval from ISO 8601 text: `P1Y2M3DT4H5M6.5S`. */
  static from(value: string | Interval): Interval {
    if (value instanceof Interval) return value;
    const parts = parseInterval(value);
    if (parts === undefined) throw badValue("INTERVAL", value);
    return new Interval(parts.months, parts.days, parts.nanos);
  }

  /** The interval as ISO 8601. */
  toString(): string {
    return printInterval(this);
  }

  toJSON(): string {
    return this.toString();
  }
}
