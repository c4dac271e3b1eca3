// SPDX-License-Identifier: Apache-2.0
// FORMAT, after C's printf, with `%t` and `%T` for any value as text and as a literal.
// https://cloud.google.com/spanner/docs/reference/standard-sql/string_functions#format_string
import {
  type IntervalValue,
  printDate,
  printNumeric,
  STRING,
  type Type,
  type Value,
} from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { escapeBytes } from "./bytes-text.ts";
import { castBetween, numericToFloat } from "./cast.ts";
import { printExponent, printFloat, printGeneral } from "./float-text.ts";
import { writeInterval } from "./interval-text.ts";
import { parseJson, printJsonPretty } from "./json-text.ts";
import { arbitrary, defineByType, nullable, type Overload, repeated, string } from "./signature.ts";
import { writeTimestamp } from "./timestamp-text.ts";

/** Moments are shown in UTC, whatever the zone of the statement. */
const TIME_ZONE = "UTC";

const specifierPattern =
  /%(?:([-+ #0']*)(\*|\d+)?(?:\.(\*|\d+)?)?([diouxXfFeEgGaAstTpPc])|%|(.?))/g;

interface Specifier {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

function format(pattern: string, values: readonly Value[], types: readonly Type[]): string | null {
  let next = 0;
  let isNull = false;
  const take = (): { value: Value; type: Type } => {
    const [value, type] = [values[next], types[next]];
    if (value === undefined || type === undefined) {
      throw evaluationFailed("Too few arguments to FORMAT for pattern");
    }
    next++;
    return { value, type };
  };
  const number = (text: string | undefined): number | undefined => {
    if (text !== "*") return text === undefined ? undefined : Number(text);
    const { value } = take();
    if (value === null) isNull = true;
    return Number(value);
  };
  const result = pattern.replace(
    specifierPattern,
    (whole: string, flags = "", width?: string, precision?: string, letter?: string) => {
      if (whole === "%%") return "%";
      if (letter === undefined) throw evaluationFailed(`Invalid format specifier: ${whole}`);
      const places = number(width) ?? 0;
      const digits = whole.includes(".") ? (number(precision) ?? 0) : undefined;
      const specifier = {
        flags: places < 0 ? `${flags}-` : flags,
        width: Math.abs(places),
        precision: digits,
        letter,
      };
      const { value, type } = take();
      const text = formatOne(specifier, value, type);
      if (text === null) isNull = true;
      return text ?? "";
    },
  );
  if (next < values.length) throw evaluationFailed("Too many arguments to FORMAT for pattern");
  return isNull ? null : result;
}

function formatOne(specifier: Specifier, value: Value, type: Type): string | null {
  const { letter, precision } = specifier;
  if (letter === "t" || letter === "T") {
    const text =
      value === null ? "NULL" : letter === "t" ? plainText(value, type) : literal(value, type);
    return pad(cut(text, precision), specifier, false);
  }
  if (value === null) return null;
  switch (letter) {
    case "s":
      if (type.kind !== "STRING") throw wrongType(letter, type);
      return pad(cut(String(value), precision), specifier, false);
    case "p":
    case "P":
      if (type.kind !== "JSON") throw wrongType(letter, type);
      return pad(
        letter === "p" ? String(value) : printJsonPretty(parseJson(String(value))),
        specifier,
        false,
      );
    case "d":
    case "i":
    case "u":
    case "o":
    case "x":
    case "X":
      if (type.kind !== "INT64") throw wrongType(letter, type);
      return formatInteger(specifier, value as bigint);
    default:
      if (type.kind === "NUMERIC")
        return formatFloat(specifier, numericToFloat(value as bigint), value as bigint);
      if (type.kind !== "FLOAT64" && type.kind !== "FLOAT32") throw wrongType(letter, type);
      return formatFloat(specifier, value as number, undefined);
  }
}

function wrongType(letter: string, type: Type): Error {
  return evaluationFailed(
    `Invalid type for argument of FORMAT; specifier %${letter} does not take ${type.kind}`,
  );
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join("");
}

function pad(text: string, { flags, width }: Specifier, isNumber: boolean): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (!isNumber || !flags.includes("0")) return " ".repeat(missing) + text;
  const [, sign = "", digits = text] = /^([+ -]?(?:0[xX])?)(.*)$/.exec(text) ?? [];
  return sign + "0".repeat(missing) + digits;
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return "-";
  if (flags.includes("+")) return "+";
  return flags.includes(" ") ? " " : "";
}

function grouped(digits: string, flags: string): string {
  if (!flags.includes("'")) return digits;
  const [whole = "", ...rest] = digits.split(".");
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, ","), ...rest].join(".");
}

function formatInteger(specifier: Specifier, value: bigint): string {
  const { flags, letter, precision } = specifier;
  const magnitude = value < 0n ? -value : value;
  const base = letter === "o" ? 8 : letter === "x" || letter === "X" ? 16 : 10;
  let digits = magnitude.toString(base).padStart(precision ?? 0, "0");
  if (letter === "X") digits = digits.toUpperCase();
  if (base === 10) digits = grouped(digits, flags);
  const mark =
    flags.includes("#") && base === 16
      ? `0${letter}`
      : flags.includes("#") && base === 8
        ? "0"
        : "";
  return pad(`${signOf(value < 0n, flags)}${mark}${digits}`, specifier, precision === undefined);
}

function formatFloat(specifier: Specifier, value: number, units: bigint | undefined): string {
  const { flags, letter, precision = 6 } = specifier;
  const isUpper = letter === letter.toUpperCase();
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = Number.isNaN(value) ? "" : signOf(isNegative, flags);
  if (!Number.isFinite(value)) {
    const word = Number.isNaN(value) ? "nan" : "inf";
    return pad(sign + (isUpper ? word.toUpperCase() : word), specifier, false);
  }
  const digits = magnitudeText(Math.abs(value), letter.toLowerCase(), precision, units);
  const text = grouped(isUpper ? digits.toUpperCase() : digits, flags);
  return pad(sign + text, specifier, true);
}

function magnitudeText(
  value: number,
  letter: string,
  precision: number,
  units: bigint | undefined,
): string {
  switch (letter) {
    case "e": {
      const [mantissa = "0", exponent = "0"] = value
        .toExponential(Math.min(precision, 100))
        .split("e");
      return `${mantissa}e${printExponent(Number(exponent))}`;
    }
    case "g":
      return printGeneral(value, precision);
    default:
      return units === undefined ? fixed(value, precision) : fixedNumeric(units, precision);
  }
}

/** Large numbers have no more digits than they have. */
function fixed(value: number, precision: number): string {
  if (value < 1e21) return value.toFixed(Math.min(precision, 100));
  return BigInt(value).toString() + (precision > 0 ? `.${"0".repeat(precision)}` : "");
}

function fixedNumeric(units: bigint, precision: number): string {
  const magnitude = units < 0n ? -units : units;
  const dropped = 10n ** BigInt(Math.max(9 - precision, 0));
  const rounded = ((magnitude + dropped / 2n) / dropped) * dropped;
  const [whole = "0", fraction = ""] = printNumeric(rounded).split(".");
  return precision === 0 ? whole : `${whole}.${fraction.padEnd(precision, "0")}`;
}

const context = {
  nowNanos: 0n,
  timeZone: TIME_ZONE,
  random: { next: () => 0, bytes: (length: number) => new Uint8Array(length) },
};

/** A value as `%t` shows it. */
function plainText(value: Value, type: Type): string {
  if (value === null) return "NULL";
  switch (type.kind) {
    case "ARRAY":
      return `[${(value as readonly Value[]).map((item) => plainText(item, type.element)).join(", ")}]`;
    case "STRUCT": {
      const fields = type.fields.map((field, index) =>
        plainText((value as readonly Value[])[index] ?? null, field.type),
      );
      return fields.length === 1 ? `STRUCT(${fields[0]})` : `(${fields.join(", ")})`;
    }
    case "BYTES":
      return escapeBytes(value as Uint8Array);
    case "FLOAT32":
    case "FLOAT64":
      return withPoint(printFloat(value as number, type));
    case "INTERVAL":
      return writeInterval(value as IntervalValue);
    case "DATE":
      return printDate(value as number);
    default: {
      const cast = castBetween(type, STRING);
      return String(cast === undefined ? value : cast(value, context));
    }
  }
}

/** A float keeps a point, so that it reads as a float. */
function withPoint(text: string): string {
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** A value as `%T` shows it: a literal that gives it back. */
function literal(value: Value, type: Type): string {
  if (value === null) return "NULL";
  switch (type.kind) {
    case "STRING":
      return quote(String(value));
    case "BYTES":
      return `b"${escapeBytes(value as Uint8Array)}"`;
    case "DATE":
      return `DATE "${printDate(value as number)}"`;
    case "TIMESTAMP":
      return `TIMESTAMP "${writeTimestamp(value as bigint, TIME_ZONE)}"`;
    case "NUMERIC":
      return `NUMERIC "${printNumeric(value as bigint)}"`;
    case "JSON":
      return `JSON ${quote(String(value))}`;
    case "INTERVAL":
      return `INTERVAL "${writeInterval(value as IntervalValue)}" YEAR TO SECOND`;
    case "FLOAT32":
    case "FLOAT64": {
      const text = plainText(value, type);
      return /nan|inf/.test(text) ? `CAST("${text}" AS ${type.kind})` : text;
    }
    case "ARRAY":
      return `[${(value as readonly Value[]).map((item) => literal(item, type.element)).join(", ")}]`;
    case "STRUCT": {
      const fields = type.fields.map((field, index) =>
        literal((value as readonly Value[])[index] ?? null, field.type),
      );
      return fields.length === 1 ? `STRUCT(${fields[0]})` : `(${fields.join(", ")})`;
    }
    default:
      return plainText(value, type);
  }
}

function quote(text: string): string {
  const mark = text.includes('"') && !text.includes("'") ? "'" : '"';
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll(mark, `\\${mark}`);
  return `${mark}${escaped}${mark}`;
}

export const formatFunctions: readonly Overload[] = [
  defineByType(
    "FORMAT",
    [nullable(string), nullable(repeated(arbitrary))],
    STRING,
    (types) =>
      (pattern, ...values: readonly Value[]) =>
        pattern === null ? null : format(pattern, values, types.slice(1)),
    { seesNull: true },
  ),
];
