// SPDX-License-Identifier: Apache-2.0
// Floating point numbers as text, the way GoogleSQL writes them: as C's `%.15g`, with 17 digits when
// 15 do not bring the same number back; 6 and 9 digits for FLOAT32.
import { FLOAT32, type Type } from "@spandrel/model";

/** A number as CAST(… AS STRING) writes it: `1`, `0.1`, `1e+20`, `inf`, `nan`. */
export function printFloat(value: number, type: Type): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const isSingle = type.kind === FLOAT32.kind;
  const [few, many] = isSingle ? [6, 9] : [15, 17];
  const short = printGeneral(value, few);
  const back = isSingle ? Math.fround(Number(short)) : Number(short);
  return back === value ? short : printGeneral(value, many);
}

/** C's `%.{precision}g`: at most so many digits, no trailing zeros, an exponent when it is short. */
export function printGeneral(value: number, precision: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const digits = Math.max(precision, 1);
  const [mantissa = "0", power = "0"] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits)
    return `${trimZeros(mantissa)}e${printExponent(exponent)}`;
  return trimZeros(value.toFixed(Math.max(digits - 1 - exponent, 0)));
}

/** An exponent with its sign and at least two digits. */
export function printExponent(exponent: number): string {
  const magnitude = String(Math.abs(exponent)).padStart(2, "0");
  return `${exponent < 0 ? "-" : "+"}${magnitude}`;
}

function trimZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

const pattern = /^\s*[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|infinity|nan)\s*$/i;

/** Reads a float, also `inf`, `infinity` and `nan` in any case; undefined when it is none. */
export function parseFloatText(text: string): number | undefined {
  if (!pattern.test(text)) return undefined;
  const trimmed = text.trim().toLowerCase();
  if (trimmed.endsWith("nan")) return Number.NaN;
  if (trimmed.includes("inf")) return trimmed.startsWith("-") ? -Infinity : Infinity;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}
