// SPDX-License-Identifier: Apache-2.0
// Functions over DATE. A week begins on Sunday, or on the day that its part names.
// https://cloud.google.com/spanner/docs/reference/standard-sql/date_functions
import {
  civilFromDays,
  DATE,
  DATE_MAX,
  DATE_MIN,
  daysFromCivil,
  INT64,
  isCivilDay,
  TIMESTAMP,
} from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import {
  addToDate,
  checkTimestamp,
  dateAt,
  differenceOfDates,
  firstOfIsoYear,
  firstWeekday,
  isoYearOf,
  NANOS_OF_PART,
  truncateDate,
  unsupportedPart,
} from "./date-arithmetic.ts";
import {
  date,
  define,
  defineInContext,
  int64,
  interval,
  type Overload,
  optional,
  part,
  string,
  timestamp,
} from "./signature.ts";
import { type CivilTime, civilTimeOf, dayOfYear, momentOf, weekdayOf } from "./time-zone.ts";

/** A part of a day: EXTRACT. */
function extractFromDate(name: string, days: number): bigint {
  const { year, month, day } = civilFromDays(days);
  switch (name) {
    case "YEAR":
      return BigInt(year);
    case "QUARTER":
      return BigInt(Math.floor((month - 1) / 3) + 1);
    case "MONTH":
      return BigInt(month);
    case "DAY":
      return BigInt(day);
    case "DAYOFWEEK":
      return BigInt(weekdayOf(days) + 1);
    case "DAYOFYEAR":
      return BigInt(dayOfYear(days));
    case "ISOYEAR":
      return BigInt(isoYearOf(days));
    case "ISOWEEK":
      return BigInt(isoWeekOf(days));
    default: {
      const first = firstWeekday(name);
      if (first === undefined) throw unsupportedPart("EXTRACT", name);
      return BigInt(weekOfYear(days, first));
    }
  }
}

/** The week of the year, 0 before the first day that begins a week. */
export function weekOfYear(days: number, firstDay: number): number {
  const sinceStart = (weekdayOf(days) - firstDay + 7) % 7;
  return Math.floor((dayOfYear(days) + 6 - sinceStart) / 7);
}

/** The ISO week, from 1 to 53. */
export function isoWeekOf(days: number): number {
  return Math.floor((days - firstOfIsoYear(isoYearOf(days))) / 7) + 1;
}

/** A part of a civil time: EXTRACT. */
function extractFromTime(name: string, { days, nanos }: CivilTime): bigint {
  switch (name) {
    case "HOUR":
      return nanos / 3_600_000_000_000n;
    case "MINUTE":
      return (nanos / 60_000_000_000n) % 60n;
    case "SECOND":
      return (nanos / 1_000_000_000n) % 60n;
    default: {
      const unit = NANOS_OF_PART.get(name);
      const isWithinSecond = unit !== undefined && unit < 1_000_000_000n;
      return isWithinSecond ? (nanos % 1_000_000_000n) / unit : extractFromDate(name, days);
    }
  }
}

function checkedDate(days: number, what: string): number {
  if (!(days >= DATE_MIN && days <= DATE_MAX)) throw evaluationFailed(`Invalid date: ${what}`);
  return days;
}

function dateOf(year: bigint, month: bigint, day: bigint): number {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  if (!isCivilDay(y, m, d)) {
    throw evaluationFailed(`Input calculates to invalid date: ${year}-${month}-${day}`);
  }
  return daysFromCivil(y, m, d);
}

export const dateFunctions: readonly Overload[] = [
  defineInContext("CURRENT_DATE", [optional(string)], DATE, (context, zone) =>
    dateAt(context.nowNanos, zone ?? context.timeZone),
  ),
  define("DATE", [int64, int64, int64], DATE, dateOf),
  defineInContext("DATE", [timestamp, optional(string)], DATE, (context, moment, zone) =>
    dateAt(moment, zone ?? context.timeZone),
  ),
  define("DATE", [date], DATE, (days) => days),
  ...["DATE_ADD", "ADDDATE"].map((name) =>
    define(name, [date, int64, part], DATE, (days, count, unit) => addToDate(days, count, unit)),
  ),
  ...["DATE_SUB", "SUBDATE"].map((name) =>
    define(name, [date, int64, part], DATE, (days, count, unit) => addToDate(days, -count, unit)),
  ),
  define("ADDDATE", [date, int64], DATE, (days, count) => addToDate(days, count, "DAY")),
  define("SUBDATE", [date, int64], DATE, (days, count) => addToDate(days, -count, "DAY")),
  define("DATE_DIFF", [date, date, part], INT64, (left, right, unit) =>
    BigInt(differenceOfDates(left, right, unit)),
  ),
  define("DATE_TRUNC", [date, part], DATE, truncateDate),
  define("DATE_FROM_UNIX_DATE", [int64], DATE, (days) => checkedDate(Number(days), `${days} days`)),
  define("UNIX_DATE", [date], INT64, (days) => BigInt(days)),
  define("$extract", [part, date], INT64, (name, days) => extractFromDate(name, days)),
  defineInContext(
    "$extract",
    [part, timestamp, optional(string)],
    INT64,
    (context, name, moment, zone) =>
      extractFromTime(name, civilTimeOf(moment, zone ?? context.timeZone)),
  ),
  define("$extract", [part, interval], INT64, (name, { months, days, nanos }) => {
    switch (name) {
      case "YEAR":
        return BigInt(Math.trunc(months / 12));
      case "MONTH":
        return BigInt(months % 12);
      case "DAY":
        return BigInt(days);
      case "HOUR":
        return nanos / 3_600_000_000_000n;
      case "MINUTE":
        return (nanos / 60_000_000_000n) % 60n;
      case "SECOND":
        return (nanos / 1_000_000_000n) % 60n;
      default: {
        const unit = NANOS_OF_PART.get(name);
        if (unit === undefined || unit >= 1_000_000_000n) throw unsupportedPart("EXTRACT", name);
        return (nanos % 1_000_000_000n) / unit;
      }
    }
  }),
  defineInContext(
    "$extract_date",
    [part, timestamp, optional(string)],
    DATE,
    (context, _name, moment, zone) => dateAt(moment, zone ?? context.timeZone),
  ),
  defineInContext("TIMESTAMP", [date, optional(string)], TIMESTAMP, (context, days, zone) =>
    checkTimestamp(momentOf({ days, nanos: 0n }, zone ?? context.timeZone)),
  ),
];
