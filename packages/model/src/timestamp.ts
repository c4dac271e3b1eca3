// SPDX-License-Identifier: Apache-2.0
// TIMESTAMP: a moment with nanoseconds, from year 1 to year 9999, as nanoseconds since the Unix
// epoch. On the wire it is RFC 3339 in UTC with a final `Z`.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#timestamp_type
import { DATE_MAX, DATE_MIN, daysFromCivil, isCivilDay, printDate, twoDigits } from "./date.ts";

const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_DAY = 86_400n * NANOS_PER_SECOND;

/** 0001-01-01T00:00:00Z in nanoseconds since the Unix epoch. */
export const TIMESTAMP_MIN: bigint = BigInt(DATE_MIN) * NANOS_PER_DAY;
/** 9999-12-31T23:59:59.999999999Z in nanoseconds since the Unix epoch. */
export const TIMESTAMP_MAX: bigint = BigInt(DATE_MAX + 1) * NANOS_PER_DAY - 1n;

const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z$/;

/** Reads RFC 3339 in UTC, as the wire has it. Undefined when it is no such moment. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  if (!isCivilDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = daysFromCivil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
  return BigInt(seconds) * NANOS_PER_SECOND + BigInt((match[7] ?? "").padEnd(9, "0"));
}

/** Writes RFC 3339 in UTC without trailing zeros; whole seconds have no fraction. */
export function printTimestamp(nanos: bigint): string {
  let seconds = nanos / NANOS_PER_SECOND;
  let rest = nanos % NANOS_PER_SECOND;
  if (rest < 0n) {
    rest += NANOS_PER_SECOND;
    seconds -= 1n;
  }
  const whole = Number(seconds);
  const days = Math.floor(whole / 86_400);
  const ofDay = whole - days * 86_400;
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
  const time = `${twoDigits(Math.floor(ofDay / 3_600))}:${twoDigits(Math.floor(ofDay / 60) % 60)}:${twoDigits(ofDay % 60)}`;
  return `${printDate(days)}T${time}${fraction}Z`;
}

/** A google.protobuf.Timestamp or Duration: both are seconds and nanoseconds. */
export interface SecondsAndNanos {
  readonly seconds?: bigint | undefined;
  readonly nanos?: number | undefined;
}

/** Nanoseconds of a google.protobuf.Timestamp or Duration. */
export function nanosFromProto(message: SecondsAndNanos): bigint {
  return (message.seconds ?? 0n) * NANOS_PER_SECOND + BigInt(message.nanos ?? 0);
}

/** A google.protobuf.Timestamp; its `nanos` are never negative. */
export function timestampToProto(nanos: bigint): { seconds: bigint; nanos: number } {
  let seconds = nanos / NANOS_PER_SECOND;
  let rest = nanos % NANOS_PER_SECOND;
  if (rest < 0n) {
    rest += NANOS_PER_SECOND;
    seconds -= 1n;
  }
  return { seconds, nanos: Number(rest) };
}

/** A google.protobuf.Duration; both of its parts have the sign of the whole. */
export function durationToProto(nanos: bigint): { seconds: bigint; nanos: number } {
  return { seconds: nanos / NANOS_PER_SECOND, nanos: Number(nanos % NANOS_PER_SECOND) };
}
