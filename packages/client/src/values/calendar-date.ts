// SPDX-License-Identifier: Apache-2.0
import { civilFromDays, daysFromCivil, isCivilDay, parseDate, printDate } from "@spandrel/model";
import { badValue } from "./bad-value.ts";
import { type AnyPlainDate, isPlainDate, type TemporalPlainDate, temporal } from "./temporal.ts";

/**
 * A DATE: a day of the calendar, in no time zone.
 *
 * Immutable. Two of the same day are deeply equal.
 * https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#date_type
 */
export class CalendarDate {
  /** From 1 to 9999. */
  readonly year: number;
  /** From 1 to 12. */
  readonly month: number;
  /** From 1 to 31. */
  readonly day: number;

  /** @throws {StatusError} INVALID_ARGUMENT when there is no such day. */
  constructor(year: number, month: number, day: number) {
    if (!isCivilDay(year, month, day)) throw badValue("DATE", `${year}-${month}-${day}`);
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /**
   * Makes a date from its text, `2026-11-20`, or a Temporal.PlainDate of any calendar: the day counts.
   *
   * @throws {StatusError} INVALID_ARGUMENT when it is no day between year 1 and year 9999.
   */
  static from(value: string | CalendarDate | AnyPlainDate): CalendarDate {
    if (value instanceof CalendarDate) return value;
    const text = isPlainDate(value) ? value.toString({ calendarName: "never" }) : value;
    const days = parseDate(text);
    if (days === undefined) throw badValue("DATE", text);
    return CalendarDate.fromEpochDays(days);
  }

  /** Makes a date from the number of days since 1970-01-01. */
  static fromEpochDays(days: number): CalendarDate {
    const { year, month, day } = civilFromDays(days);
    return new CalendarDate(year, month, day);
  }

  /** Days since 1970-01-01. */
  get epochDays(): number {
    return daysFromCivil(this.year, this.month, this.day);
  }

  /**
   * The same day as a Temporal.PlainDate of the ISO calendar.
   *
   * @throws {StatusError} FAILED_PRECONDITION when there is no `globalThis.Temporal`.
   */
  toPlainDate(): TemporalPlainDate {
    return temporal("toString(), or year, month and day").PlainDate.from(this.toString());
  }

  /** The day as text: `2026-11-20`. */
  toString(): string {
    return printDate(this.epochDays);
  }

  toJSON(): string {
    return this.toString();
  }

  /** Whether both are the same day. */
  equals(other: CalendarDate): boolean {
    return this.epochDays === other.epochDays;
  }
}
