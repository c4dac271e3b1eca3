// SPDX-License-Identifier: Apache-2.0
// TIMESTAMP as GoogleSQL writes and reads it in casts and literals:
// `YYYY-[M]M-[D]D[( |T)[H]H:[M]M:[S]S[.F]][time zone]`.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#canonical_format_3
import {
  daysFromCivil,
  isCivilDay,
  printDate,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from "@spandrel/model";
import { invalidTimestamp } from "../errors/query.ts";
import { civilTimeAt, momentOf, NANOS_PER_SECOND, offsetSecondsAt } from "./time-zone.ts";

const pattern =
  /^\s*(\d{1,5})-(\d{1,2})-(\d{1,2})(?:[ Tt]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?\s*([Zz]|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][A-Za-z0-9_/+-]*)?\s*$/;

/**
 * Reads a timestamp; without a zone of its own it is in `zone`.
 *
 * @throws {StatusError} OUT_OF_RANGE when the text names no moment within the years 1 to 9999.
 */
export function readTimestamp(text: string, zone: string): bigint {
  const match = pattern.exec(text);
  if (match === null) throw invalidTimestamp(text);
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [match[4], match[5], match[6]].map((digits) =>
    Number(digits ?? 0),
  );
  if (hour === undefined || minute === undefined || second === undefined)
    throw invalidTimestamp(text);
  if (!isCivilDay(year, month, day) || hour > 23 || minute > 59 || second > 60)
    throw invalidTimestamp(text);
  const seconds = BigInt(hour * 3_600 + minute * 60 + second);
  const nanos = seconds * NANOS_PER_SECOND + BigInt((match[7] ?? "").padEnd(9, "0"));
  const moment = momentOf({ days: daysFromCivil(year, month, day), nanos }, match[8] ?? zone);
  if (moment < TIMESTAMP_MIN || moment > TIMESTAMP_MAX) throw invalidTimestamp(text);
  return moment;
}

/** Writes a timestamp in a zone: `2014-09-27 12:30:00.450-08`. */
export function writeTimestamp(nanos: bigint, zone: string): string {
  const seconds = wholeMinutes(offsetSecondsAt(nanos, zone));
  const { days, nanos: ofDay } = civilTimeAt(nanos, seconds);
  return `${printDate(days)} ${printTimeOfDay(ofDay)}${printOffset(seconds)}`;
}

/** An offset as far as a text shows it: those of long ago have seconds too. */
export function wholeMinutes(seconds: number): number {
  return seconds - (seconds % 60);
}

/** A time of day with no, three, six or nine digits of a second. */
function printTimeOfDay(nanos: bigint): string {
  const seconds = Number(nanos / NANOS_PER_SECOND);
  const rest = nanos % NANOS_PER_SECOND;
  const fraction =
    rest === 0n
      ? ""
      : `.${String(rest)
          .padStart(9, "0")
          .replace(/(?:000){1,2}$/, "")}`;
  const [hour, minute] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(seconds % 60)}${fraction}`;
}

/** A number with at least two digits. */
export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** An offset as `-08`, or `+05:30` when it is not whole hours. */
function printOffset(seconds: number): string {
  const magnitude = Math.abs(seconds);
  const [hours, minutes] = [Math.floor(magnitude / 3_600), Math.floor(magnitude / 60) % 60];
  const tail = minutes === 0 ? "" : `:${twoDigits(minutes)}`;
  return `${seconds < 0 ? "-" : "+"}${twoDigits(hours)}${tail}`;
}
