// SPDX-License-Identifier: Apache-2.0
// The operators of arithmetic and bits. INT64 is exact and never wraps: what does not fit is an
// error, and so is division by zero and an infinite result of finite operands.
// https://cloud.google.com/spanner/docs/reference/standard-sql/operators#arithmetic_operators
import {
  BYTES,
  DATE,
  FLOAT32,
  FLOAT64,
  INT64,
  INT64_MAX,
  INT64_MIN,
  INTERVAL,
  isNumericInRange,
  NUMERIC,
  NUMERIC_SCALE,
  printNumeric,
  TIMESTAMP,
} from "@spandrel/model";
import {
  divisionByZero,
  evaluationFailed,
  floatOverflow,
  int64Overflow,
  numericOverflow,
} from "../errors/query.ts";
import {
  addDays,
  addIntervalToDate,
  addIntervalToTimestamp,
  differenceOfTimestamps,
} from "./date-arithmetic.ts";
import { printFloat } from "./float-text.ts";
import { addIntervals, divideInterval, scaleInterval } from "./interval-arithmetic.ts";
import {
  bool,
  bytes,
  date,
  define,
  float32,
  float64,
  int64,
  interval,
  numeric,
  type Overload,
  timestamp,
} from "./signature.ts";

/** Gives an INT64 back when 64 bits hold it; `calculation` is only made up when they do not. */
export function checkInt64(value: bigint, calculation: () => string): bigint {
  if (value > INT64_MAX || value < INT64_MIN) throw int64Overflow(calculation());
  return value;
}

/** Gives a NUMERIC back when it is in range. */
export function checkNumeric(units: bigint, calculation: () => string): bigint {
  if (!isNumericInRange(units)) throw numericOverflow(calculation());
  return units;
}

/** Gives a float back unless it is infinite or NaN where its operands were finite. */
function checkFloat(value: number, left: number, right: number, operator: string): number {
  if (!Number.isFinite(value) && Number.isFinite(left) && Number.isFinite(right)) {
    throw floatOverflow("double", `${showFloat(left)} ${operator} ${showFloat(right)}`);
  }
  return value;
}

function showFloat(value: number): string {
  return printFloat(value, FLOAT64);
}

function showNumeric(left: bigint, operator: string, right: bigint): string {
  return `${printNumeric(left)} ${operator} ${printNumeric(right)}`;
}

/** Divides, rounding half away from zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const rest = dividend % divisor;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

export function addInt64(left: bigint, right: bigint): bigint {
  return checkInt64(left + right, () => `${left} + ${right}`);
}

export function subtractInt64(left: bigint, right: bigint): bigint {
  return checkInt64(left - right, () => `${left} - ${right}`);
}

export function multiplyInt64(left: bigint, right: bigint): bigint {
  return checkInt64(left * right, () => `${left} * ${right}`);
}

export function addNumeric(left: bigint, right: bigint): bigint {
  return checkNumeric(left + right, () => showNumeric(left, "+", right));
}

export function subtractNumeric(left: bigint, right: bigint): bigint {
  return checkNumeric(left - right, () => showNumeric(left, "-", right));
}

export function multiplyNumeric(left: bigint, right: bigint): bigint {
  const units = divideRounded(left * right, NUMERIC_SCALE);
  return checkNumeric(units, () => showNumeric(left, "*", right));
}

export function divideNumeric(left: bigint, right: bigint): bigint {
  if (right === 0n) throw divisionByZero(showNumeric(left, "/", right));
  const units = divideRounded(left * NUMERIC_SCALE, right);
  return checkNumeric(units, () => showNumeric(left, "/", right));
}

function divideFloat(left: number, right: number): number {
  if (right === 0) throw divisionByZero(`${showFloat(left)} / ${showFloat(right)}`);
  return checkFloat(left / right, left, right, "/");
}

function addFloat(left: number, right: number): number {
  return checkFloat(left + right, left, right, "+");
}

function subtractFloat(left: number, right: number): number {
  return checkFloat(left - right, left, right, "-");
}

function multiplyFloat(left: number, right: number): number {
  return checkFloat(left * right, left, right, "*");
}

export const arithmeticOperators: readonly Overload[] = [
  define("$add", [int64, int64], INT64, addInt64),
  define("$add", [numeric, numeric], NUMERIC, addNumeric),
  define("$add", [float64, float64], FLOAT64, addFloat),
  define("$add", [date, int64], DATE, (days, count) => addDays(days, count)),
  define("$add", [int64, date], DATE, (count, days) => addDays(days, count)),
  define("$add", [timestamp, interval], TIMESTAMP, addIntervalToTimestamp),
  define("$add", [interval, timestamp], TIMESTAMP, (span, moment) =>
    addIntervalToTimestamp(moment, span),
  ),
  define("$add", [date, interval], TIMESTAMP, addIntervalToDate),
  define("$add", [interval, interval], INTERVAL, (left, right) => addIntervals(left, right, 1)),
  define("$subtract", [int64, int64], INT64, subtractInt64),
  define("$subtract", [numeric, numeric], NUMERIC, subtractNumeric),
  define("$subtract", [float64, float64], FLOAT64, subtractFloat),
  define("$subtract", [date, int64], DATE, (days, count) => addDays(days, -count)),
  define("$subtract", [date, date], INTERVAL, (left, right) => ({
    months: 0,
    days: left - right,
    nanos: 0n,
  })),
  define("$subtract", [timestamp, timestamp], INTERVAL, differenceOfTimestamps),
  define("$subtract", [timestamp, interval], TIMESTAMP, (moment, span) =>
    addIntervalToTimestamp(moment, scaleInterval(span, -1n)),
  ),
  define("$subtract", [date, interval], TIMESTAMP, (days, span) =>
    addIntervalToDate(days, scaleInterval(span, -1n)),
  ),
  define("$subtract", [interval, interval], INTERVAL, (left, right) =>
    addIntervals(left, right, -1),
  ),
  define("$multiply", [int64, int64], INT64, multiplyInt64),
  define("$multiply", [numeric, numeric], NUMERIC, multiplyNumeric),
  define("$multiply", [float64, float64], FLOAT64, multiplyFloat),
  define("$multiply", [interval, int64], INTERVAL, scaleInterval),
  define("$multiply", [int64, interval], INTERVAL, (count, span) => scaleInterval(span, count)),
  define("$divide", [float64, float64], FLOAT64, divideFloat),
  define("$divide", [numeric, numeric], NUMERIC, divideNumeric),
  define("$divide", [interval, int64], INTERVAL, divideInterval),
  define("$negate", [int64], INT64, (value) => checkInt64(-value, () => `-(${value})`)),
  define("$negate", [float32], FLOAT32, (value) => -value),
  define("$negate", [float64], FLOAT64, (value) => -value),
  define("$negate", [numeric], NUMERIC, (value) => -value),
  define("$negate", [interval], INTERVAL, (value) => scaleInterval(value, -1n)),
  define("$plus", [int64], INT64, (value) => value),
  define("$plus", [float32], FLOAT32, (value) => value),
  define("$plus", [float64], FLOAT64, (value) => value),
  define("$plus", [numeric], NUMERIC, (value) => value),
];

function combineBytes(
  left: Uint8Array,
  right: Uint8Array,
  combine: (left: number, right: number) => number,
): Uint8Array {
  if (left.length !== right.length) {
    throw evaluationFailed(
      "Bitwise binary operator for BYTES requires equal length of the inputs. " +
        `Got ${left.length} bytes on the left hand side and ${right.length} bytes on the right hand side.`,
    );
  }
  return left.map((byte, index) => combine(byte, right[index] ?? 0));
}

function checkShift(count: bigint): void {
  if (count < 0n)
    throw evaluationFailed("Bitwise binary operator for INT64 requires non-negative shift");
}

function shiftBytes(value: Uint8Array, count: bigint, isLeft: boolean): Uint8Array {
  checkShift(count);
  const width = BigInt(value.length * 8);
  if (count >= width) return new Uint8Array(value.length);
  let number = 0n;
  for (const byte of value) number = (number << 8n) | BigInt(byte);
  let shifted = isLeft ? BigInt.asUintN(Number(width), number << count) : number >> count;
  const result = new Uint8Array(value.length);
  for (let index = value.length - 1; index >= 0; index--) {
    result[index] = Number(shifted & 0xffn);
    shifted >>= 8n;
  }
  return result;
}

export const bitOperators: readonly Overload[] = [
  define("$bitwise_not", [int64], INT64, (value) => ~value),
  define("$bitwise_not", [bytes], BYTES, (value) => value.map((byte) => ~byte)),
  define("$bitwise_and", [int64, int64], INT64, (left, right) => left & right),
  define("$bitwise_and", [bytes, bytes], BYTES, (left, right) =>
    combineBytes(left, right, (a, b) => a & b),
  ),
  define("$bitwise_or", [int64, int64], INT64, (left, right) => left | right),
  define("$bitwise_or", [bytes, bytes], BYTES, (left, right) =>
    combineBytes(left, right, (a, b) => a | b),
  ),
  define("$bitwise_xor", [int64, int64], INT64, (left, right) => left ^ right),
  define("$bitwise_xor", [bytes, bytes], BYTES, (left, right) =>
    combineBytes(left, right, (a, b) => a ^ b),
  ),
  define("$shift_left", [int64, int64], INT64, (value, count) => {
    checkShift(count);
    return count >= 64n ? 0n : BigInt.asIntN(64, value << count);
  }),
  define("$shift_left", [bytes, int64], BYTES, (value, count) => shiftBytes(value, count, true)),
  // A shift to the right fills with zeros, also where the sign was.
  define("$shift_right", [int64, int64], INT64, (value, count) => {
    checkShift(count);
    return count >= 64n ? 0n : BigInt.asIntN(64, BigInt.asUintN(64, value) >> count);
  }),
  define("$shift_right", [bytes, int64], BYTES, (value, count) => shiftBytes(value, count, false)),
  define("BIT_COUNT", [int64], INT64, (value) => countBits(BigInt.asUintN(64, value))),
  define("BIT_COUNT", [bytes], INT64, (value) =>
    value.reduce((count, byte) => count + countBits(BigInt(byte)), 0n),
  ),
  define("BIT_REVERSE", [int64, bool], INT64, reverseBits),
];

function countBits(value: bigint): bigint {
  let count = 0n;
  for (let rest = value; rest > 0n; rest &= rest - 1n) count += 1n;
  return count;
}

function reverseBits(value: bigint, preservesSign: boolean): bigint {
  const width = preservesSign ? 63 : 64;
  const bits = BigInt.asUintN(width, value).toString(2).padStart(width, "0");
  const reversed = BigInt(`0b${[...bits].reverse().join("")}`);
  if (!preservesSign) return BigInt.asIntN(64, reversed);
  return value < 0n ? BigInt.asIntN(64, reversed | (1n << 63n)) : reversed;
}
