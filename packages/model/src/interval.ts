// SPDX-License-Identifier: Apache-2.0
// INTERVAL on the wire: ISO 8601, each part with a sign of its own, `P0Y` for nothing.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#interval_type
import type { IntervalValue } from "./value.ts";

/** The bounds of each part, either side of zero. */
export const INTERVAL_MONTHS_MAX = 120_000;
export const INTERVAL_DAYS_MAX = 3_660_000;
export const INTERVAL_NANOS_MAX: bigint = 316_224_000_000n * 1_000_000_000n;

const pattern =
  /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d*)(?:[.,](\d{1,9}))?S)?)?$/;

/** Reads an ISO 8601 duration. Undefined when it is none, or out of range. */
export function parseInterval(text: string): IntervalValue | undefined {
  const match = pattern.exec(text);
  if (match === null || text === "P" || text.endsWith("T")) return undefined;
  const [, years, months, weeks, days, hours, minutes, sign, seconds, fraction] = match;
  if (seconds === "" && fraction === undefined) return undefined;
  const clock = BigInt(hours ?? 0) * 3_600n + BigInt(minutes ?? 0) * 60n;
  const tail = BigInt(seconds || 0) * 1_000_000_000n + BigInt((fraction ?? "").padEnd(9, "0"));
  const interval = {
    months: Number(years ?? 0) * 12 + Number(months ?? 0),
    days: Number(weeks ?? 0) * 7 + Number(days ?? 0),
    nanos: clock * 1_000_000_000n + (sign === "-" ? -tail : tail),
  };
  return isIntervalInRange(interval) ? interval : undefined;
}

/** Whether each part is within its bounds. */
export function isIntervalInRange({ months, days, nanos }: IntervalValue): boolean {
  return (
    Math.abs(months) <= INTERVAL_MONTHS_MAX &&
    Math.abs(days) <= INTERVAL_DAYS_MAX &&
    nanos <= INTERVAL_NANOS_MAX &&
    nanos >= -INTERVAL_NANOS_MAX
  );
}

/** Writes the canonical text: parts that are zero are left out, fractions have 3, 6 or 9 digits. */
export function printInterval({ months, days, nanos }: IntervalValue): string {
  const date = [
    part(BigInt(Math.trunc(months / 12)), "Y"),
    part(BigInt(months % 12), "M"),
    part(BigInt(days), "D"),
  ].join("");
  const seconds = nanos / 1_000_000_000n;
  const time = [
    part(seconds / 3_600n, "H"),
    part((seconds / 60n) % 60n, "M"),
    printSeconds(seconds % 60n, nanos % 1_000_000_000n),
  ].join("");
  if (date === "" && time === "") return "P0Y";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}

function part(count: bigint, unit: string): string {
  return count === 0n ? "" : `${count}${unit}`;
}

function printSeconds(seconds: bigint, rest: bigint): string {
  if (seconds === 0n && rest === 0n) return "";
  const sign = seconds < 0n || rest < 0n ? "-" : "";
  const digits = String(rest < 0n ? -rest : rest).padStart(9, "0");
  const fraction = rest === 0n ? "" : `.${digits.replace(/(?:000){1,2}$/, "")}`;
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction}S`;
}
