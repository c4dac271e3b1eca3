// SPDX-License-Identifier: Apache-2.0
// Functions over TIMESTAMP and INTERVAL. A moment has no zone; where the civil time matters it is that
// of an argument, or of the default zone.
// https://cloud.google.com/spanner/docs/reference/standard-sql/timestamp_functions
import { INT64, INTERVAL, STRING, TIMESTAMP } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import {
  addIntervalToTimestamp,
  addToTimestamp,
  checkTimestamp,
  NANOS_OF_PART,
  truncateTimestamp,
  unsupportedPart,
} from "./date-arithmetic.ts";
import {
  addIntervals,
  justifyDays,
  justifyHours,
  justifyInterval,
  scaleInterval,
} from "./interval-arithmetic.ts";
import { checked, readIntervalPart } from "./interval-text.ts";
import {
  define,
  defineInContext,
  int64,
  interval,
  named,
  type Overload,
  optional,
  part,
  string,
  timestamp,
} from "./signature.ts";
import { readTimestamp, writeTimestamp } from "./timestamp-text.ts";

/** Whole units before a moment, for moments before the epoch too. */
function floorUnits(nanos: bigint, unit: bigint): bigint {
  const units = nanos / unit;
  return units * unit > nanos ? units - 1n : units;
}

function differenceIn(left: bigint, right: bigint, name: string): bigint {
  const unit = NANOS_OF_PART.get(name);
  if (unit === undefined) throw unsupportedPart("TIMESTAMP_DIFF", name);
  const difference = (left - right) / unit;
  if (BigInt.asIntN(64, difference) !== difference) {
    throw evaluationFailed(`TIMESTAMP_DIFF at ${name} precision would overflow an INT64`);
  }
  return difference;
}

/** An interval of so many of one part. */
function intervalOf(count: bigint, name: string): ReturnType<typeof checked> {
  const number = Number(count);
  const nothing = { months: 0, days: 0, nanos: 0n };
  switch (name) {
    case "YEAR":
      return checked({ ...nothing, months: number * 12 });
    case "QUARTER":
      return checked({ ...nothing, months: number * 3 });
    case "MONTH":
      return checked({ ...nothing, months: number });
    case "WEEK":
      return checked({ ...nothing, days: number * 7 });
    case "DAY":
      return checked({ ...nothing, days: number });
    default: {
      const unit = NANOS_OF_PART.get(name);
      if (unit === undefined) throw unsupportedPart("INTERVAL", name);
      return checked({ ...nothing, nanos: count * unit });
    }
  }
}

/** Of seconds a text may also have a fraction. */
function intervalOfText(text: string, name: string): ReturnType<typeof checked> {
  const match = /^\s*([+-]?)(\d+)(?:\.(\d{0,9}))?\s*$/.exec(text);
  if (match === null || (match[3] !== undefined && name !== "SECOND")) {
    throw evaluationFailed(`Invalid INTERVAL value '${text}'`);
  }
  const magnitude = BigInt(match[2] ?? 0);
  if (name !== "SECOND") return intervalOf(match[1] === "-" ? -magnitude : magnitude, name);
  const nanos = magnitude * 1_000_000_000n + BigInt((match[3] ?? "").padEnd(9, "0"));
  return intervalOf(match[1] === "-" ? -nanos : nanos, "NANOSECOND");
}

const units = [
  ["SECONDS", 1_000_000_000n],
  ["MILLIS", 1_000_000n],
  ["MICROS", 1_000n],
] as const;

export const timestampFunctions: readonly Overload[] = [
  defineInContext("CURRENT_TIMESTAMP", [], TIMESTAMP, (context) => context.nowNanos),
  defineInContext("TIMESTAMP", [string, optional(string)], TIMESTAMP, (context, text, zone) => {
    if (zone !== undefined && /(?:[A-SU-Za-su-z]|:.*[+-]|\d[+-]\d+$)/.test(text.slice(8))) {
      throw evaluationFailed(`Timezone is not allowed in "${text}"`);
    }
    return readTimestamp(text, zone ?? context.timeZone);
  }),
  define("TIMESTAMP", [timestamp], TIMESTAMP, (moment) => moment),
  defineInContext("STRING", [timestamp, optional(string)], STRING, (context, moment, zone) =>
    writeTimestamp(moment, zone ?? context.timeZone),
  ),
  define("TIMESTAMP_ADD", [timestamp, int64, part], TIMESTAMP, addToTimestamp),
  define("TIMESTAMP_SUB", [timestamp, int64, part], TIMESTAMP, (moment, count, unit) =>
    addToTimestamp(moment, -count, unit),
  ),
  define("TIMESTAMP_ADD", [timestamp, interval], TIMESTAMP, addIntervalToTimestamp),
  define("TIMESTAMP_SUB", [timestamp, interval], TIMESTAMP, (moment, span) =>
    addIntervalToTimestamp(moment, scaleInterval(span, -1n)),
  ),
  define("TIMESTAMP_DIFF", [timestamp, timestamp, part], INT64, differenceIn),
  defineInContext(
    "TIMESTAMP_TRUNC",
    [timestamp, part, optional(string)],
    TIMESTAMP,
    (context, moment, unit, zone) => truncateTimestamp(moment, unit, zone ?? context.timeZone),
  ),
  ...units.flatMap(([name, unit]) => [
    define(`TIMESTAMP_${name}`, [int64], TIMESTAMP, (count) => checkTimestamp(count * unit)),
    define(`UNIX_${name}`, [timestamp], INT64, (moment) => floorUnits(moment, unit)),
  ]),
  define("$interval", [int64, part], INTERVAL, intervalOf),
  define("$interval", [string, part], INTERVAL, intervalOfText),
  define("$interval", [string, part, part], INTERVAL, readIntervalPart),
  define(
    "MAKE_INTERVAL",
    [
      optional(int64),
      optional(int64),
      optional(int64),
      optional(int64),
      optional(int64),
      optional(int64),
    ],
    INTERVAL,
    (...values) => makeInterval(values),
  ),
  define(
    "MAKE_INTERVAL",
    [
      named("year", int64),
      named("month", int64),
      named("day", int64),
      named("hour", int64),
      named("minute", int64),
      named("second", int64),
    ],
    INTERVAL,
    (...values) => makeInterval(values),
  ),
  define("JUSTIFY_HOURS", [interval], INTERVAL, justifyHours),
  define("JUSTIFY_DAYS", [interval], INTERVAL, justifyDays),
  define("JUSTIFY_INTERVAL", [interval], INTERVAL, justifyInterval),
];

const partNames = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"] as const;

function makeInterval(values: readonly (bigint | undefined)[]): ReturnType<typeof checked> {
  return partNames.reduce(
    (sum, name, index) => addIntervals(sum, intervalOf(values[index] ?? 0n, name), 1),
    checked({ months: 0, days: 0, nanos: 0n }),
  );
}
