// SPDX-License-Identifier: Apache-2.0
// Functions over numbers.
// https://cloud.google.com/spanner/docs/reference/standard-sql/mathematical_functions
import {
  BOOL,
  FLOAT32,
  FLOAT64,
  INT64,
  INT64_MIN,
  NUMERIC,
  NUMERIC_SCALE,
  parseNumeric,
  printNumeric,
} from "@spandrel/model";
import { divisionByZero, evaluationFailed, floatOverflow, int64Overflow } from "../errors/query.ts";
import {
  addInt64,
  addNumeric,
  checkInt64,
  checkNumeric,
  divideNumeric,
  divideRounded,
  multiplyInt64,
  multiplyNumeric,
  subtractInt64,
  subtractNumeric,
} from "./arithmetic.ts";
import { numericFromFloat, numericToFloat, roundHalfAway } from "./cast.ts";
import { printFloat } from "./float-text.ts";
import {
  arrays,
  define,
  float32,
  float64,
  int64,
  numeric,
  type Overload,
  optional,
  string,
} from "./signature.ts";

function show(value: number): string {
  return printFloat(value, FLOAT64);
}

/** A function of one float whose result of a finite argument must be finite. */
function ofFloat(name: string, evaluate: (value: number) => number): Overload {
  return define(name, [float64], FLOAT64, (value) => {
    const result = evaluate(value);
    if (Number.isFinite(value) && !Number.isFinite(result)) {
      if (Number.isNaN(result))
        throw evaluationFailed(`${name} is undefined for value: ${show(value)}`);
      throw floatOverflow("double", `${name}(${show(value)})`);
    }
    return result;
  });
}

/** A function of one float that is taken as it is, infinite or not. */
function plainOfFloat(name: string, evaluate: (value: number) => number): Overload {
  return define(name, [float64], FLOAT64, evaluate);
}

function logarithm(value: number, base: number): number {
  if (Number.isNaN(value) || Number.isNaN(base)) return Number.NaN;
  if (value === -Infinity || base === Infinity) return Number.NaN;
  if (base <= 0 || base === 1) throw evaluationFailed(`LOG is undefined for base: ${show(base)}`);
  if (value <= 0) throw evaluationFailed(`LOG is undefined for value: ${show(value)}`);
  if (base === 2) return Math.log2(value);
  if (base === 10) return Math.log10(value);
  return Math.log(value) / Math.log(base);
}

function naturalLogarithm(value: number): number {
  if (value === -Infinity) return Number.NaN;
  if (value <= 0)
    throw evaluationFailed(`LN is undefined for zero or negative value: LN(${show(value)})`);
  return Math.log(value);
}

function power(base: number, exponent: number): number {
  if (base === 1 || exponent === 0) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  const result = base ** exponent;
  if (Number.isFinite(base) && Number.isFinite(exponent) && !Number.isFinite(result)) {
    throw floatOverflow("double", `POW(${show(base)}, ${show(exponent)})`);
  }
  return result;
}

function numericPower(base: bigint, exponent: bigint): bigint {
  if (exponent % NUMERIC_SCALE !== 0n || exponent < 0n) {
    const result = numericToFloat(base) ** numericToFloat(exponent);
    if (Number.isNaN(result)) {
      throw evaluationFailed(
        `Negative NUMERIC value cannot be raised to a fractional power: POW(${printNumeric(base)}, ${printNumeric(exponent)})`,
      );
    }
    if (!Number.isFinite(result))
      throw divisionByZero(`POW(${printNumeric(base)}, ${printNumeric(exponent)})`);
    return numericFromFloat(result);
  }
  let result = NUMERIC_SCALE;
  let factor = base;
  for (let count = exponent / NUMERIC_SCALE; count > 0n; count >>= 1n) {
    if ((count & 1n) === 1n) result = multiplyNumeric(result, factor);
    if (count > 1n) factor = multiplyNumeric(factor, factor);
  }
  return result;
}

function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function numericSquareRoot(value: bigint): bigint {
  if (value < 0n) throw evaluationFailed("Argument to SQRT cannot be negative");
  const scaled = value * NUMERIC_SCALE;
  const root = integerSquareRoot(scaled);
  return scaled - root * root > root ? root + 1n : root;
}

/** Rounds a float at so many digits behind the point. */
function roundFloat(value: number, digits: bigint, round: (value: number) => number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const places = Number(digits);
  if (places > 308 + 17) return value;
  if (places < -308) return round === Math.trunc ? Math.trunc(0) : 0;
  if (places === 0) return round(value);
  return roundDecimal(value, places, round);
}

/** By way of decimal digits, so that ROUND(1.005, 2) sees the number that is written. */
function roundDecimal(value: number, places: number, round: (value: number) => number): number {
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  const shifted = Number(`${mantissa}e${Number(exponent) + places}`);
  // So large a number has no digits there.
  if (!Number.isFinite(shifted)) return value;
  const rounded = round(shifted);
  const [digits = "0", power = "0"] = rounded.toExponential().split("e");
  const result = Number(`${digits}e${Number(power) - places}`);
  if (!Number.isFinite(result)) throw floatOverflow("double", `ROUND(${show(value)}, ${places})`);
  return result;
}

type NumericRounding = (units: bigint, unit: bigint) => bigint;

const roundUnits: NumericRounding = (units, unit) => divideRounded(units, unit) * unit;
const truncateUnits: NumericRounding = (units, unit) => (units / unit) * unit;
const floorUnits: NumericRounding = (units, unit) => {
  const rest = units % unit;
  return rest < 0n ? units - rest - unit : units - rest;
};
const ceilUnits: NumericRounding = (units, unit) => -floorUnits(-units, unit);
const roundHalfEvenUnits: NumericRounding = (units, unit) => {
  const low = floorUnits(units, unit);
  const rest = (units - low) * 2n;
  if (rest !== unit) return rest < unit ? low : low + unit;
  return (low / unit) % 2n === 0n ? low : low + unit;
};

function roundNumericAt(
  units: bigint,
  digits: bigint,
  round: NumericRounding,
  name: string,
): bigint {
  if (digits >= 9n) return units;
  if (digits < -29n) return 0n;
  const result = round(units, 10n ** (9n - digits));
  return checkNumeric(result, () => `${name}(${printNumeric(units)}, ${digits})`);
}

function rounds(
  name: string,
  ofFloats: (value: number) => number,
  ofNumerics: NumericRounding,
): readonly Overload[] {
  return [
    define(name, [float64, optional(int64)], FLOAT64, (value, digits = 0n) =>
      roundFloat(value, digits, ofFloats),
    ),
    define(name, [numeric, optional(int64)], NUMERIC, (value, digits = 0n) =>
      roundNumericAt(value, digits, ofNumerics, name),
    ),
  ];
}

function wholes(
  name: string,
  ofFloats: (value: number) => number,
  ofNumerics: NumericRounding,
): readonly Overload[] {
  return [
    define(name, [float64], FLOAT64, ofFloats),
    define(name, [numeric], NUMERIC, (value) =>
      checkNumeric(ofNumerics(value, NUMERIC_SCALE), () => `${name}(${printNumeric(value)})`),
    ),
  ];
}

/** SAFE_ADD and its kin: NULL where the operator would fail. */
function safely<A extends readonly unknown[], R>(
  evaluate: (...values: A) => R,
): (...values: A) => R | null {
  return (...values) => {
    try {
      return evaluate(...values);
    } catch {
      // Arithmetic over plain numbers fails in one way: it has no result.
      return null;
    }
  };
}

function safeFloat(
  evaluate: (left: number, right: number) => number,
): (left: number, right: number) => number | null {
  return (left, right) => {
    const result = evaluate(left, right);
    const isOverflow = !Number.isFinite(result) && Number.isFinite(left) && Number.isFinite(right);
    return isOverflow ? null : result;
  };
}

function modulo(left: bigint, right: bigint): bigint {
  if (right === 0n) throw divisionByZero(`MOD(${left}, ${right})`);
  return left % right;
}

function integerDivision(left: bigint, right: bigint): bigint {
  if (right === 0n) throw divisionByZero(`${left} / ${right}`);
  if (left === INT64_MIN && right === -1n) throw int64Overflow(`${left} / ${right}`);
  return left / right;
}

function ieeeDivide(left: number, right: number): number {
  return left / right;
}

type Vector = readonly (number | bigint | null)[];

function vectorsOf(left: Vector, right: Vector, name: string): (readonly [number, number])[] {
  if (left.length !== right.length) {
    throw evaluationFailed(`Array length mismatch: ${left.length} and ${right.length} in ${name}.`);
  }
  return left.map((value, index) => {
    const other = right[index];
    if (value === null || other === null || other === undefined) {
      throw evaluationFailed(`NULL array element in ${name}.`);
    }
    return [Number(value), Number(other)] as const;
  });
}

function dotProduct(pairs: readonly (readonly [number, number])[]): number {
  return pairs.reduce((sum, [a, b]) => sum + a * b, 0);
}

function cosineDistance(left: Vector, right: Vector): number {
  const pairs = vectorsOf(left, right, "COSINE_DISTANCE");
  const leftNorm = Math.sqrt(pairs.reduce((sum, [a]) => sum + a * a, 0));
  const rightNorm = Math.sqrt(pairs.reduce((sum, [, b]) => sum + b * b, 0));
  if (leftNorm === 0 || rightNorm === 0) {
    throw evaluationFailed("Cannot compute cosine distance against zero vector.");
  }
  return 1 - dotProduct(pairs) / (leftNorm * rightNorm);
}

function euclideanDistance(left: Vector, right: Vector): number {
  const pairs = vectorsOf(left, right, "EUCLIDEAN_DISTANCE");
  return Math.sqrt(pairs.reduce((sum, [a, b]) => sum + (a - b) ** 2, 0));
}

function distances(
  name: string,
  measure: (left: Vector, right: Vector) => number,
): readonly Overload[] {
  return [
    define(name, [arrays(float64), arrays(float64)], FLOAT64, measure),
    define(name, [arrays(float32), arrays(float32)], FLOAT64, measure),
  ];
}

function sign(value: number): number {
  return Math.sign(value);
}

function parseMode(mode: string | undefined): "HALF_AWAY" | "HALF_EVEN" {
  if (mode === undefined || mode === "ROUND_HALF_AWAY_FROM_ZERO") return "HALF_AWAY";
  if (mode === "ROUND_HALF_EVEN") return "HALF_EVEN";
  throw evaluationFailed(`Invalid rounding mode: ${mode}`);
}

export const mathFunctions: readonly Overload[] = [
  define("ABS", [int64], INT64, (value) =>
    checkInt64(value < 0n ? -value : value, () => `ABS(${value})`),
  ),
  define("ABS", [float32], FLOAT32, Math.abs),
  define("ABS", [float64], FLOAT64, Math.abs),
  define("ABS", [numeric], NUMERIC, (value) => (value < 0n ? -value : value)),
  define("SIGN", [int64], INT64, (value) => (value > 0n ? 1n : value < 0n ? -1n : 0n)),
  define("SIGN", [float32], FLOAT32, sign),
  define("SIGN", [float64], FLOAT64, sign),
  define("SIGN", [numeric], NUMERIC, (value) =>
    value > 0n ? NUMERIC_SCALE : value < 0n ? -NUMERIC_SCALE : 0n,
  ),
  define("IS_INF", [float64], BOOL, (value) => value === Infinity || value === -Infinity),
  define("IS_NAN", [float64], BOOL, Number.isNaN),
  define("IEEE_DIVIDE", [float64, float64], FLOAT64, ieeeDivide),
  define("MOD", [int64, int64], INT64, modulo),
  define("MOD", [numeric, numeric], NUMERIC, (left, right) => {
    if (right === 0n) throw divisionByZero(`MOD(${printNumeric(left)}, 0)`);
    return left % right;
  }),
  define("DIV", [int64, int64], INT64, integerDivision),
  define("DIV", [numeric, numeric], NUMERIC, (left, right) => {
    if (right === 0n) throw divisionByZero(`${printNumeric(left)} / 0`);
    return checkNumeric((left / right) * NUMERIC_SCALE, () => `DIV(${printNumeric(left)})`);
  }),
  define("SAFE_ADD", [int64, int64], INT64, safely(addInt64)),
  define("SAFE_ADD", [numeric, numeric], NUMERIC, safely(addNumeric)),
  define(
    "SAFE_ADD",
    [float64, float64],
    FLOAT64,
    safeFloat((left, right) => left + right),
  ),
  define("SAFE_SUBTRACT", [int64, int64], INT64, safely(subtractInt64)),
  define("SAFE_SUBTRACT", [numeric, numeric], NUMERIC, safely(subtractNumeric)),
  define(
    "SAFE_SUBTRACT",
    [float64, float64],
    FLOAT64,
    safeFloat((left, right) => left - right),
  ),
  define("SAFE_MULTIPLY", [int64, int64], INT64, safely(multiplyInt64)),
  define("SAFE_MULTIPLY", [numeric, numeric], NUMERIC, safely(multiplyNumeric)),
  define(
    "SAFE_MULTIPLY",
    [float64, float64],
    FLOAT64,
    safeFloat((left, right) => left * right),
  ),
  define("SAFE_DIVIDE", [numeric, numeric], NUMERIC, safely(divideNumeric)),
  define("SAFE_DIVIDE", [float64, float64], FLOAT64, (left, right) =>
    right === 0 ? null : safeFloat(ieeeDivide)(left, right),
  ),
  define("SAFE_NEGATE", [int64], INT64, (value) => (value === INT64_MIN ? null : -value)),
  define("SAFE_NEGATE", [float32], FLOAT32, (value) => -value),
  define("SAFE_NEGATE", [float64], FLOAT64, (value) => -value),
  define("SAFE_NEGATE", [numeric], NUMERIC, (value) => -value),
  ...rounds("ROUND", roundHalfAway, roundUnits),
  define("ROUND", [numeric, int64, string], NUMERIC, (value, digits, mode) =>
    roundNumericAt(
      value,
      digits,
      parseMode(mode) === "HALF_EVEN" ? roundHalfEvenUnits : roundUnits,
      "ROUND",
    ),
  ),
  ...rounds("TRUNC", Math.trunc, truncateUnits),
  ...wholes("CEIL", Math.ceil, ceilUnits),
  ...wholes("CEILING", Math.ceil, ceilUnits),
  ...wholes("FLOOR", Math.floor, floorUnits),
  define("SQRT", [float64], FLOAT64, (value) => {
    if (value < 0) throw evaluationFailed("Argument to SQRT cannot be negative");
    return Math.sqrt(value);
  }),
  define("SQRT", [numeric], NUMERIC, numericSquareRoot),
  ...["POW", "POWER"].flatMap((name) => [
    define(name, [float64, float64], FLOAT64, power),
    define(name, [numeric, numeric], NUMERIC, numericPower),
  ]),
  ofFloat("EXP", Math.exp),
  define("EXP", [numeric], NUMERIC, (value) => numericFromFloat(Math.exp(numericToFloat(value)))),
  define("LN", [float64], FLOAT64, naturalLogarithm),
  define("LN", [numeric], NUMERIC, (value) =>
    numericFromFloat(naturalLogarithm(numericToFloat(value))),
  ),
  define("LOG", [float64, optional(float64)], FLOAT64, (value, base) =>
    base === undefined ? naturalLogarithm(value) : logarithm(value, base),
  ),
  define("LOG", [numeric, optional(numeric)], NUMERIC, (value, base) =>
    numericFromFloat(
      base === undefined
        ? naturalLogarithm(numericToFloat(value))
        : logarithm(numericToFloat(value), numericToFloat(base)),
    ),
  ),
  define("LOG10", [float64], FLOAT64, (value) => logarithm(value, 10)),
  define("LOG10", [numeric], NUMERIC, (value) =>
    numericFromFloat(logarithm(numericToFloat(value), 10)),
  ),
  ofFloat("SIN", Math.sin),
  ofFloat("COS", Math.cos),
  ofFloat("TAN", Math.tan),
  ofFloat("ASIN", Math.asin),
  ofFloat("ACOS", Math.acos),
  plainOfFloat("ATAN", Math.atan),
  define("ATAN2", [float64, float64], FLOAT64, Math.atan2),
  ofFloat("SINH", Math.sinh),
  ofFloat("COSH", Math.cosh),
  plainOfFloat("TANH", Math.tanh),
  plainOfFloat("ASINH", Math.asinh),
  ofFloat("ACOSH", Math.acosh),
  ofFloat("ATANH", Math.atanh),
  define("CBRT", [float64], FLOAT64, Math.cbrt),
  define("COT", [float64], FLOAT64, (value) => {
    if (value === 0) throw floatOverflow("double", `COT(${show(value)})`);
    return 1 / Math.tan(value);
  }),
  define("PI", [], FLOAT64, () => Math.PI),
  ...distances("COSINE_DISTANCE", cosineDistance),
  ...distances("EUCLIDEAN_DISTANCE", euclideanDistance),
  ...distances("DOT_PRODUCT", (left, right) => dotProduct(vectorsOf(left, right, "DOT_PRODUCT"))),
  define("DOT_PRODUCT", [arrays(int64), arrays(int64)], FLOAT64, (left, right) =>
    dotProduct(vectorsOf(left, right, "DOT_PRODUCT")),
  ),
  ...["APPROX_COSINE_DISTANCE"].flatMap((name) => distances(name, cosineDistance)),
  ...["APPROX_EUCLIDEAN_DISTANCE"].flatMap((name) => distances(name, euclideanDistance)),
  ...distances("APPROX_DOT_PRODUCT", (left, right) =>
    dotProduct(vectorsOf(left, right, "APPROX_DOT_PRODUCT")),
  ),
  define("APPROX_DOT_PRODUCT", [arrays(int64), arrays(int64)], FLOAT64, (left, right) =>
    dotProduct(vectorsOf(left, right, "APPROX_DOT_PRODUCT")),
  ),
  define("PARSE_NUMERIC", [string], NUMERIC, parseNumericText),
];

function parseNumericText(text: string): bigint {
  const cleaned = text
    .replaceAll(",", "")
    .replace(/^\s*([+-])\s+/, "$1")
    .replace(/^\s*(.*?)\s*([+-])\s*$/, "$2$1");
  const match = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(cleaned);
  const units = match ? parseNumeric(cleaned.trim(), true) : undefined;
  if (units === undefined) {
    throw evaluationFailed(`Invalid input to PARSE_NUMERIC: "${text}"`);
  }
  return units;
}
