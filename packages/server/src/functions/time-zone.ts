// SPDX-License-Identifier: Apache-2.0
// Time zones: the civil time of a moment, and the moment of a civil time. Zones are IANA names, as
// the runtime knows them, or fixed offsets such as `+05:30`.
//
// The runtime answers for one moment at a time and slowly, so answers are kept by zone and quarter of
// an hour: no zone changes its offset within one.
import { civilFromDays, daysFromCivil } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";

export const NANOS_PER_SECOND = 1_000_000_000n;
const QUARTER_HOUR_NANOS = 900n * NANOS_PER_SECOND;
const OFFSETS_MAX = 4_096;

interface Zone {
  readonly offsetAt: (nanos: bigint) => number;
}

const zones = new Map<string, Zone>();

/** A civil time, without a zone. */
export interface CivilTime {
  readonly days: number;
  /** Nanoseconds since midnight. */
  readonly nanos: bigint;
}

/** Seconds to add to UTC for the civil time of a zone at a moment. */
export function offsetSecondsAt(nanos: bigint, zone: string): number {
  return findZone(zone).offsetAt(nanos);
}

/** The civil time of a moment in a zone. */
export function civilTimeOf(nanos: bigint, zone: string): CivilTime {
  return civilTimeAt(nanos, offsetSecondsAt(nanos, zone));
}

/** The civil time of a moment at an offset from UTC. */
export function civilTimeAt(nanos: bigint, offsetSeconds: number): CivilTime {
  return splitDays(nanos + BigInt(offsetSeconds) * NANOS_PER_SECOND);
}

/**
 * The moment of a civil time in a zone.
 *
 * A time that a zone skips is read with the offset before the gap; one that comes twice is the first.
 */
export function momentOf({ days, nanos }: CivilTime, zone: string): bigint {
  const local = BigInt(days) * NANOS_PER_DAY + nanos;
  const before = local - offsetNanosAt(local - NANOS_PER_DAY, zone);
  const after = local - offsetNanosAt(local + NANOS_PER_DAY, zone);
  if (before === after) return before;
  const isBeforeValid = before + offsetNanosAt(before, zone) === local;
  return isBeforeValid || after + offsetNanosAt(after, zone) !== local ? before : after;
}

export const NANOS_PER_DAY: bigint = 86_400n * NANOS_PER_SECOND;

/** Splits nanoseconds since the epoch into days and nanoseconds of the day. */
function splitDays(nanos: bigint): CivilTime {
  let days = nanos / NANOS_PER_DAY;
  let rest = nanos % NANOS_PER_DAY;
  if (rest < 0n) {
    rest += NANOS_PER_DAY;
    days -= 1n;
  }
  return { days: Number(days), nanos: rest };
}

function offsetNanosAt(nanos: bigint, zone: string): bigint {
  return BigInt(offsetSecondsAt(nanos, zone)) * NANOS_PER_SECOND;
}

function findZone(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = fixedZone(name) ?? namedZone(name);
  zones.set(name, zone);
  return zone;
}

const fixedPattern = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/i;

function fixedZone(name: string): Zone | undefined {
  const upper = name.toUpperCase();
  if (upper === "UTC" || upper === "Z" || upper === "GMT") return { offsetAt: () => 0 };
  const match = fixedPattern.exec(name);
  if (match === null) return undefined;
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 14 || minutes > 59) throw invalidTimeZone(name);
  const seconds = (hours * 60 + minutes) * 60;
  const offset = match[1] === "-" ? -seconds : seconds;
  return { offsetAt: () => offset };
}

function invalidTimeZone(name: string): Error {
  return evaluationFailed(`Invalid time zone: ${name}`);
}

function namedZone(name: string): Zone {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) throw invalidTimeZone(name);
  const format = formatFor(name);
  const offsets = new Map<bigint, number>();
  const offsetAt = (nanos: bigint): number => {
    const quarter = nanos / QUARTER_HOUR_NANOS;
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = askRuntime(format, nanos);
    if (offsets.size >= OFFSETS_MAX) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  };
  return { offsetAt };
}

function formatFor(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "iso8601",
      numberingSystem: "latn",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
    });
  } catch {
    // The runtime refuses names that it does not know.
    throw invalidTimeZone(name);
  }
}

/** The third day of the year 1, in seconds since the epoch. */
const FIRST_ASKED_SECONDS = -62_135_424_000;

function askRuntime(format: Intl.DateTimeFormat, nanos: bigint): number {
  let seconds = nanos / NANOS_PER_SECOND;
  if (seconds * NANOS_PER_SECOND > nanos) seconds -= 1n;
  // The runtime tells years before the first apart from no others; no zone changed back then.
  const whole = Math.max(Number(seconds), FIRST_ASKED_SECONDS);
  const parts = new Map(
    format.formatToParts(whole * 1_000).map((piece) => [piece.type, piece.value]),
  );
  const number = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name) ?? 0);
  const days = daysFromCivil(number("year"), number("month"), number("day"));
  const local = days * 86_400 + number("hour") * 3_600 + number("minute") * 60 + number("second");
  return local - whole;
}

/** Day of the week of a day, Sunday being 0. */
export function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** Day of the year of a day, from 1. */
export function dayOfYear(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;
}
