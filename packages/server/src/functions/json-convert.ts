// SPDX-License-Identifier: Apache-2.0
// SQL values as JSON and back.
// https://cloud.google.com/spanner/docs/reference/standard-sql/json_functions#json_encodings
import { encodeValue, NUMERIC_SCALE, printNumeric, type Type, type Value } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { numericFromFloat } from "./cast.ts";
import { isArray, isObject, type JsonTree, parseJson, printJsonNumber } from "./json-text.ts";

/** Whether numbers beyond 2^53 become texts. */
export interface JsonOptions {
  readonly stringifiesWideNumbers: boolean;
  /** Whether a NUMERIC with a fraction becomes a text too. */
  readonly stringifiesFractions: boolean;
  /** Whether floats that are whole are written without a point. */
  readonly shortensFloats: boolean;
}

const plainNumbers: JsonOptions = {
  stringifiesWideNumbers: false,
  stringifiesFractions: false,
  shortensFloats: false,
};

/** A value as a JSON document: TO_JSON. */
export function jsonFromValue(
  value: Value,
  type: Type,
  options: JsonOptions = plainNumbers,
): JsonTree {
  if (value === null) return null;
  switch (type.kind) {
    case "BOOL":
      return value as boolean;
    case "INT64":
    case "ENUM":
      return wholeNumber(value as bigint, options);
    case "NUMERIC":
      return numericNumber(value as bigint, options);
    case "JSON":
      return parseJson(value as string);
    case "ARRAY":
      return (value as readonly Value[]).map((item) => jsonFromValue(item, type.element, options));
    case "STRUCT": {
      const entries = new Map<string, JsonTree>();
      for (const [index, field] of type.fields.entries()) {
        if (entries.has(field.name)) continue;
        const inside = (value as readonly Value[])[index] ?? null;
        entries.set(field.name, jsonFromValue(inside, field.type, options));
      }
      return entries;
    }
    case "FLOAT64":
    case "FLOAT32":
      return options.shortensFloats
        ? shortFloat(value as number)
        : (encodeValue(type, value) as number | string);
    case "INTERVAL":
      return (encodeValue(type, value) as string).replace(/(\.\d*?)0+S$/, "$1S");
    case "TIMESTAMP":
      return groupFraction(encodeValue(type, value) as string);
    default:
      // All else is in JSON what it is on the wire: a number or a text.
      return encodeValue(type, value) as number | string;
  }
}

/** Floats from here on are written with an exponent anyway. */
const EXPONENT_FROM = 1e15;

function shortFloat(value: number): JsonTree {
  if (!Number.isFinite(value)) return encodeValue({ kind: "FLOAT64" }, value) as string;
  return Number.isInteger(value) && Math.abs(value) < EXPONENT_FROM ? BigInt(value) : value;
}

/** The fraction of a second in groups of three digits. */
function groupFraction(text: string): string {
  return text.replace(/\.(\d+)Z$/, (_, digits: string) => {
    const length = Math.ceil(digits.length / 3) * 3;
    return `.${digits.padEnd(length, "0")}Z`;
  });
}

const EXACT_MAX = 2n ** 53n;

function wholeNumber(value: bigint, { stringifiesWideNumbers }: JsonOptions): JsonTree {
  const isWide = value > EXACT_MAX || value < -EXACT_MAX;
  return isWide && stringifiesWideNumbers ? String(value) : value;
}

function numericNumber(units: bigint, options: JsonOptions): JsonTree {
  const text = printNumeric(units);
  if (units % NUMERIC_SCALE === 0n) {
    const whole = units / NUMERIC_SCALE;
    if (BigInt.asIntN(64, whole) === whole) return wholeNumber(whole, options);
  }
  const isExact = numericFromFloat(Number(text)) === units;
  if (options.stringifiesFractions || (options.stringifiesWideNumbers && !isExact)) return text;
  if (!isExact) throw evaluationFailed("Failed to convert type NUMERIC to JSON");
  return Number(text);
}

function kindOf(tree: JsonTree): string {
  if (tree === null) return "null";
  if (isArray(tree)) return "array";
  if (isObject(tree)) return "object";
  return typeof tree === "bigint" ? "number" : typeof tree;
}

/** What JSON_TYPE says. */
export function jsonTypeOf(tree: JsonTree): string {
  return kindOf(tree);
}

function mismatch(wanted: string): Error {
  return evaluationFailed(`The provided JSON input is not ${wanted}`);
}

/** BOOL(json). */
export function boolFromJson(tree: JsonTree): boolean {
  if (typeof tree !== "boolean") throw mismatch("a boolean");
  return tree;
}

/** STRING(json). */
export function stringFromJson(tree: JsonTree): string {
  if (typeof tree !== "string") throw mismatch("a string");
  return tree;
}

/** INT64(json): also of a float that is whole. */
export function int64FromJson(tree: JsonTree): bigint {
  if (typeof tree === "bigint") return requireInt64(tree);
  if (typeof tree !== "number") throw mismatch("an integer");
  if (!Number.isInteger(tree)) {
    throw evaluationFailed(
      `The provided JSON number: ${printJsonNumber(tree)} cannot be converted to an integer`,
    );
  }
  return requireInt64(BigInt(tree));
}

function requireInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) {
    throw evaluationFailed(`The provided JSON number: ${value} cannot be converted to an integer`);
  }
  return value;
}

/** FLOAT64(json, wide_number_mode). */
export function floatFromJson(tree: JsonTree, mode: string): number {
  if (mode !== "exact" && mode !== "round") {
    throw evaluationFailed(`Invalid wide_number_mode specified: ${mode}`);
  }
  if (typeof tree === "number") return tree;
  if (typeof tree !== "bigint") throw mismatch("a number");
  const value = Number(tree);
  if (mode === "exact" && BigInt(value) !== tree) {
    throw evaluationFailed(
      `JSON number: ${tree} cannot be converted to DOUBLE without loss of precision`,
    );
  }
  return value;
}

/** FLOAT32(json, wide_number_mode). */
export function singleFromJson(tree: JsonTree, mode: string): number {
  const value = floatFromJson(tree, mode);
  const single = Math.fround(value);
  const isLost = mode === "exact" && single !== value;
  if (!Number.isFinite(single) || isLost) {
    throw evaluationFailed(
      `JSON number: ${printJsonNumber(value)} cannot be converted to FLOAT without loss of precision`,
    );
  }
  return single;
}

/** LAX_BOOL: undefined when there is no sensible answer, which is NULL. */
export function laxBool(tree: JsonTree): boolean | null {
  if (typeof tree === "boolean") return tree;
  if (typeof tree === "bigint" || typeof tree === "number") return Number(tree) !== 0;
  if (typeof tree !== "string") return null;
  const lower = tree.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}

/** LAX_FLOAT64. */
export function laxFloat(tree: JsonTree): number | null {
  if (typeof tree === "number") return tree;
  if (typeof tree === "bigint") return Number(tree);
  if (typeof tree !== "string") return null;
  const text = tree.trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(text);
  if (special !== null) {
    if (special[2] === "nan") return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text) ? Number(text) : null;
}

/** LAX_INT64. */
export function laxInt64(tree: JsonTree): bigint | null {
  if (typeof tree === "boolean") return tree ? 1n : 0n;
  if (typeof tree === "bigint") return BigInt.asIntN(64, tree) === tree ? tree : null;
  if (typeof tree === "string" && /^[+-]?\d+$/.test(tree.trim())) {
    return laxInt64(BigInt(tree.trim().replace(/^\+/, "")));
  }
  const value = laxFloat(tree);
  if (value === null || !Number.isFinite(value)) return null;
  const whole = Math.trunc(value);
  const rounded = Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
  return laxInt64(BigInt(rounded));
}

/** LAX_STRING. */
export function laxString(tree: JsonTree): string | null {
  if (typeof tree === "string") return tree;
  if (typeof tree === "boolean" || typeof tree === "bigint") return String(tree);
  return typeof tree === "number" ? printJsonNumber(tree).replace(/\.0$/, "") : null;
}

/** A scalar as the text that JSON_VALUE gives. */
export function scalarText(tree: JsonTree): string | null {
  if (typeof tree === "number") return printJsonNumber(tree);
  return laxString(tree);
}
