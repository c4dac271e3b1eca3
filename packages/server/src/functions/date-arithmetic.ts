// SPDX-License-Identifier: Apache-2.0
// Sums, differences and truncations of DATE and TIMESTAMP by parts of the calendar.
// https://cloud.google.com/spanner/docs/reference/standard-sql/date_functions
import {
  civilFromDays,
  DATE_MAX,
  DATE_MIN,
  daysFromCivil,
  daysInMonth,
  type IntervalValue,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { civilTimeOf, momentOf, NANOS_PER_DAY, weekdayOf } from "./time-zone.ts";
import { writeTimestamp } from "./timestamp-text.ts";

/** Nanoseconds of the parts that have a fixed length. */
export const NANOS_OF_PART: ReadonlyMap<string, bigint> = new Map([
  ["NANOSECOND", 1n],
  ["MICROSECOND", 1_000n],
  ["MILLISECOND", 1_000_000n],
  ["SECOND", 1_000_000_000n],
  ["MINUTE", 60_000_000_000n],
  ["HOUR", 3_600_000_000_000n],
  ["DAY", NANOS_PER_DAY],
]);

function checkDate(days: number): number {
  if (!(days >= DATE_MIN && days <= DATE_MAX)) {
    throw evaluationFailed(
      "Date arithmetic overflowed: the result is not within 0001-01-01 and 9999-12-31",
    );
  }
  return days;
}

/** Gives a moment back when it is within the years 1 to 9999. */
export function checkTimestamp(nanos: bigint): bigint {
  if (nanos < TIMESTAMP_MIN || nanos > TIMESTAMP_MAX) {
    throw evaluationFailed("Timestamp overflow: the result is not within the years 1 to 9999");
  }
  return nanos;
}

/** A date so many days later. */
export function addDays(days: number, count: bigint): number {
  return checkDate(days + Number(count));
}

/** A date so many months later, on the last day of the month when the day is past it. */
function addMonths(days: number, count: bigint): number {
  const { year, month, day } = civilFromDays(days);
  const months = BigInt(year * 12 + (month - 1)) + count;
  const [newYear, newMonth] = [Number(months / 12n), Number(months % 12n) + 1];
  if (months < 12n || newYear > 9999) return checkDate(Number.NaN);
  return daysFromCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

/** A date so many parts later: DATE_ADD. */
export function addToDate(days: number, count: bigint, part: string): number {
  switch (part) {
    case "DAY":
      return addDays(days, count);
    case "WEEK":
      return addDays(days, count * 7n);
    case "MONTH":
      return addMonths(days, count);
    case "QUARTER":
      return addMonths(days, count * 3n);
    case "YEAR":
      return addMonths(days, count * 12n);
    default:
      throw unsupportedPart("DATE_ADD", part);
  }
}

/** An error of a part that the function has no meaning for. */
export function unsupportedPart(name: string, part: string): Error {
  return evaluationFailed(`Unsupported date part ${part} in ${name}`);
}

/** A moment so many parts of fixed length later: TIMESTAMP_ADD. */
export function addToTimestamp(nanos: bigint, count: bigint, part: string): bigint {
  const unit = NANOS_OF_PART.get(part);
  if (unit === undefined) throw unsupportedPart("TIMESTAMP_ADD", part);
  return checkTimestamp(nanos + count * unit);
}

/** The day of a moment in a zone: OUT_OF_RANGE when the calendar has begun or ended there. */
export function dateAt(nanos: bigint, zone: string): number {
  const { days } = civilTimeOf(nanos, zone);
  if (days < DATE_MIN || days > DATE_MAX) {
    throw evaluationFailed(`Invalid date extracted from timestamp ${writeTimestamp(nanos, zone)}`);
  }
  return days;
}

/** A moment and an interval of days and less: how long a month is, a moment cannot tell. */
export function addIntervalToTimestamp(nanos: bigint, interval: IntervalValue): bigint {
  if (interval.months !== 0) {
    throw evaluationFailed(
      "TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.",
    );
  }
  return checkTimestamp(nanos + BigInt(interval.days) * NANOS_PER_DAY + interval.nanos);
}

/** A day and an interval, in UTC; months are those of the calendar. */
export function addIntervalToDate(days: number, interval: IntervalValue): bigint {
  const moved = addMonths(days, BigInt(interval.months));
  return addIntervalToTimestamp(momentOf({ days: moved, nanos: 0n }, "UTC"), {
    ...interval,
    months: 0,
  });
}

/** The time between two moments, as an interval of hours and less. */
export function differenceOfTimestamps(left: bigint, right: bigint): IntervalValue {
  return { months: 0, days: 0, nanos: left - right };
}

const weekdays: readonly string[] = [
  "SUNDAY",
  "MONDAY",
  "TUESDAY",
  "WEDNESDAY",
  "THURSDAY",
  "FRIDAY",
  "SATURDAY",
];

/** The day that a part such as WEEK, WEEK(MONDAY) or ISOWEEK begins its weeks with. */
export function firstWeekday(part: string): number | undefined {
  if (part === "WEEK") return 0;
  if (part === "ISOWEEK") return 1;
  const match = /^WEEK\((\w+)\)$/.exec(part);
  const index = weekdays.indexOf(match?.[1] ?? "");
  return index < 0 ? undefined : index;
}

/** The first day of the part that a day is in: DATE_TRUNC. */
export function truncateDate(days: number, part: string): number {
  const { year, month } = civilFromDays(days);
  const weekday = firstWeekday(part);
  if (weekday !== undefined) return checkDate(days - ((weekdayOf(days) - weekday + 7) % 7));
  switch (part) {
    case "DAY":
      return days;
    case "MONTH":
      return daysFromCivil(year, month, 1);
    case "QUARTER":
      return daysFromCivil(year, Math.floor((month - 1) / 3) * 3 + 1, 1);
    case "YEAR":
      return daysFromCivil(year, 1, 1);
    case "ISOYEAR":
      return checkDate(firstOfIsoYear(isoYearOf(checkDate(days))));
    default:
      throw unsupportedPart("DATE_TRUNC", part);
  }
}

/** The moment at which the part that a moment is in began, by the civil time of a zone. */
export function truncateTimestamp(nanos: bigint, part: string, zone: string): bigint {
  const unit = NANOS_OF_PART.get(part);
  // The zone has to be one, also where it makes no difference.
  const civil = civilTimeOf(nanos, zone);
  if (unit !== undefined && part !== "DAY" && part !== "HOUR" && part !== "MINUTE") {
    return floorTo(nanos, unit);
  }
  if (unit !== undefined && part !== "DAY") {
    // Within a day the offset of the moment itself counts, not one before a change of the clock.
    const ofDay = civil.nanos;
    return checkTimestamp(nanos - (ofDay - floorTo(ofDay, unit)));
  }
  try {
    return checkTimestamp(momentOf({ days: truncateDate(civil.days, part), nanos: 0n }, zone));
  } catch (error) {
    throw evaluationFailed(
      `Truncating ${writeTimestamp(nanos, zone)} to ${part}: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

function floorTo(value: bigint, unit: bigint): bigint {
  const rest = value % unit;
  return rest < 0n ? value - rest - unit : value - rest;
}

/** The year that the ISO week of a day belongs to. */
export function isoYearOf(days: number): number {
  // The Thursday of a week is always in the week's own year.
  const thursday = days - ((weekdayOf(days) + 6) % 7) + 3;
  return civilFromDays(thursday).year;
}

/** The Monday on which an ISO year begins. */
export function firstOfIsoYear(year: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - ((weekdayOf(fourth) + 6) % 7);
}

/** How many boundaries of a part lie between two days: DATE_DIFF. */
export function differenceOfDates(left: number, right: number, part: string): number {
  const weekday = firstWeekday(part);
  if (weekday !== undefined) {
    return (weekStart(left, weekday) - weekStart(right, weekday)) / 7;
  }
  const [a, b] = [civilFromDays(left), civilFromDays(right)];
  switch (part) {
    case "DAY":
      return left - right;
    case "MONTH":
      return (a.year - b.year) * 12 + (a.month - b.month);
    case "QUARTER":
      return (
        (a.year - b.year) * 4 + (Math.floor((a.month - 1) / 3) - Math.floor((b.month - 1) / 3))
      );
    case "YEAR":
      return a.year - b.year;
    case "ISOYEAR":
      return isoYearOf(left) - isoYearOf(right);
    default:
      throw unsupportedPart("DATE_DIFF", part);
  }
}

function weekStart(days: number, weekday: number): number {
  return days - ((weekdayOf(days) - weekday + 7) % 7);
}
