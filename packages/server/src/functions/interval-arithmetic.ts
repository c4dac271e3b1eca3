// SPDX-License-Identifier: Apache-2.0
import type { IntervalValue } from "@spandrel/model";
import { divisionByZero } from "../errors/query.ts";
import { checked, writeInterval } from "./interval-text.ts";

const NANOS_PER_DAY = 86_400_000_000_000n;

/** The sum of two intervals, or their difference with a sign of -1. */
export function addIntervals(
  left: IntervalValue,
  right: IntervalValue,
  sign: 1 | -1,
): IntervalValue {
  return checked({
    months: left.months + sign * right.months,
    days: left.days + sign * right.days,
    nanos: left.nanos + BigInt(sign) * right.nanos,
  });
}

/** An interval so many times. */
export function scaleInterval(interval: IntervalValue, count: bigint): IntervalValue {
  return checked({
    months: Number(BigInt(interval.months) * count) + 0,
    days: Number(BigInt(interval.days) * count) + 0,
    nanos: interval.nanos * count,
  });
}

/** An interval divided; what is left of months and days goes on into smaller parts. */
export function divideInterval(interval: IntervalValue, divisor: bigint): IntervalValue {
  if (divisor === 0n) throw divisionByZero(`${writeInterval(interval)} / 0`);
  const months = BigInt(interval.months);
  const days = BigInt(interval.days) + (months % divisor) * 30n;
  // Below the day a part is cut, not rounded, as microseconds are the finest that division keeps.
  const nanos = interval.nanos + (days % divisor) * NANOS_PER_DAY;
  return checked({
    months: Number(months / divisor),
    days: Number(days / divisor),
    nanos: nanos / divisor,
  });
}

/** 24 hours become a day, with equal signs of both. */
export function justifyHours(interval: IntervalValue): IntervalValue {
  const total = BigInt(interval.days) * NANOS_PER_DAY + interval.nanos;
  return checked({
    months: interval.months,
    days: Number(total / NANOS_PER_DAY),
    nanos: total % NANOS_PER_DAY,
  });
}

/** 30 days become a month, with equal signs of both. */
export function justifyDays(interval: IntervalValue): IntervalValue {
  const total = interval.months * 30 + interval.days;
  return checked({
    months: Math.trunc(total / 30),
    days: total % 30,
    nanos: interval.nanos,
  });
}

/** Hours become days and days months, all with one sign. */
export function justifyInterval(interval: IntervalValue): IntervalValue {
  const total = BigInt(interval.months * 30 + interval.days) * NANOS_PER_DAY + interval.nanos;
  const days = total / NANOS_PER_DAY;
  return checked({
    months: Number(days / 30n),
    days: Number(days % 30n),
    nanos: total % NANOS_PER_DAY,
  });
}
