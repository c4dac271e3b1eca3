// SPDX-License-Identifier: Apache-2.0
// JSON as Spanner keeps it: a normalized text. No white space, members in the order of their
// names, of members with one name the first. Between texts a document is a tree.
//
// Whole numbers within INT64 and UINT64 stay exact, as bigint; other numbers are floats, and must
// be ones that a float holds as they are written. A float that is whole keeps a fraction, so that
// it is read back as a float.
// https://cloud.google.com/spanner/docs/working-with-json#specs
import { compareText } from "./order.ts";

/** How deep arrays and objects may stand in each other. */
export const JSON_DEPTH_MAX = 80;

/** A text is not JSON, or not JSON that Spanner takes. */
export class JsonFormatError extends Error {
  override readonly name = "JsonFormatError";
}

/** A JSON document. An object is a Map from its keys. */
export type JsonTree =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly JsonTree[]
  | ReadonlyMap<string, JsonTree>;

const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);

/** What becomes of a number that a float does not hold as it is written. */
export type WideNumberMode = "exact" | "round";

/**
 * Reads a document.
 *
 * @throws {JsonFormatError} when the text is no JSON, is nested too deep, or has a number that
 * does not fit.
 */
export function parseJson(text: string, mode: WideNumberMode = "exact"): JsonTree {
  const reader = new JsonReader(text, mode);
  const tree = reader.readValue(0);
  reader.end();
  return tree;
}

/**
 * The normalized text of a document given as text.
 *
 * @throws {JsonFormatError} as `parseJson` does.
 */
export function normalizeJson(text: string): string {
  return printJson(parseJson(text));
}

/** Writes a document as normalized text. */
export function printJson(tree: JsonTree): string {
  if (tree === null) return "null";
  switch (typeof tree) {
    case "boolean":
    case "bigint":
      return String(tree);
    case "number":
      return printJsonNumber(tree);
    case "string":
      return printJsonString(tree);
    default:
      break;
  }
  if (isObject(tree)) {
    const entries = [...tree].sort(([left], [right]) => compareText(left, right));
    return `{${entries.map(([key, value]) => `${printJsonString(key)}:${printJson(value)}`).join(",")}}`;
  }
  return `[${tree.map(printJson).join(",")}]`;
}

/** Whether a document is an object. */
export function isObject(tree: JsonTree): tree is ReadonlyMap<string, JsonTree> {
  return tree instanceof Map;
}

/** Whether a document is an array. */
export function isArray(tree: JsonTree): tree is readonly JsonTree[] {
  return Array.isArray(tree);
}

/** A float of a document, in the fewest digits that bring it back; a whole one keeps a fraction. */
export function printJsonNumber(value: number): string {
  const [mantissa = "0", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 15) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** A text in quotes. */
export function printJsonString(text: string): string {
  return JSON.stringify(text);
}

/** Writes a document over several lines, two spaces for each level. */
export function printJsonPretty(tree: JsonTree, indent = ""): string {
  const inner = `${indent}  `;
  if (isObject(tree)) {
    if (tree.size === 0) return "{}";
    const entries = [...tree].sort(([left], [right]) => compareText(left, right));
    const lines = entries.map(
      ([key, value]) => `${inner}${printJsonString(key)}: ${printJsonPretty(value, inner)}`,
    );
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (isArray(tree)) {
    if (tree.length === 0) return "[]";
    return `[\n${tree.map((item) => inner + printJsonPretty(item, inner)).join(",\n")}\n${indent}]`;
  }
  return printJson(tree);
}

const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const stringPattern = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const spacePattern = /[ \t\r\n]*/y;

/** Reads one document from front to back. */
class JsonReader {
  readonly #text: string;
  readonly #mode: WideNumberMode;
  #at = 0;

  constructor(text: string, mode: WideNumberMode) {
    this.#text = text;
    this.#mode = mode;
  }

  end(): void {
    this.#match(spacePattern);
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  readValue(depth: number): JsonTree {
    if (depth > JSON_DEPTH_MAX)
      throw new JsonFormatError(`nested deeper than ${JSON_DEPTH_MAX} levels`);
    this.#match(spacePattern);
    switch (this.#text.charAt(this.#at)) {
      case "{":
        return this.#readObject(depth);
      case "[":
        return this.#readArray(depth);
      case '"':
        return this.#readString();
      case "t":
        return this.#readWord("true", true);
      case "f":
        return this.#readWord("false", false);
      case "n":
        return this.#readWord("null", null);
      default:
        return this.#readNumber();
    }
  }

  #readObject(depth: number): JsonTree {
    const entries = new Map<string, JsonTree>();
    this.#at++;
    if (this.#takes("}")) return entries;
    do {
      this.#match(spacePattern);
      const key = this.#readString();
      if (!this.#takes(":")) throw this.#unexpected();
      const value = this.readValue(depth + 1);
      if (!entries.has(key)) entries.set(key, value);
    } while (this.#takes(","));
    if (!this.#takes("}")) throw this.#unexpected();
    return entries;
  }

  #readArray(depth: number): JsonTree {
    const items: JsonTree[] = [];
    this.#at++;
    if (this.#takes("]")) return items;
    do items.push(this.readValue(depth + 1));
    while (this.#takes(","));
    if (!this.#takes("]")) throw this.#unexpected();
    return items;
  }

  #readString(): string {
    const quoted = this.#match(stringPattern);
    if (quoted === undefined) throw this.#unexpected();
    try {
      // The pattern takes what JSON calls a string, but for control characters within.
      return JSON.parse(quoted) as string;
    } catch {
      throw new JsonFormatError(
        "syntax error while parsing value - invalid string: control character",
      );
    }
  }

  #readWord<T extends JsonTree>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #readNumber(): JsonTree {
    const text = this.#match(numberPattern);
    if (text === undefined || text === "") throw this.#unexpected();
    if (/^-?\d+$/.test(text) && text !== "-0") {
      const whole = BigInt(text);
      if (whole >= INT64_MIN && whole <= UINT64_MAX) return whole;
    }
    const value = Number(text);
    if (!Number.isFinite(value)) throw new JsonFormatError(`Input number: ${text} is out of range`);
    if (this.#mode === "exact" && decimalOf(text) !== decimalOf(printJsonNumber(value))) {
      throw new JsonFormatError(
        `Input number: ${text} cannot round-trip through string representation`,
      );
    }
    return value;
  }

  #takes(character: string): boolean {
    this.#match(spacePattern);
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #unexpected(): JsonFormatError {
    const found = this.#text.charAt(this.#at);
    return new JsonFormatError(
      found === ""
        ? "syntax error while parsing value - unexpected end of input"
        : `syntax error while parsing value at offset ${this.#at}: unexpected '${found}'`,
    );
  }
}

/** Digits and a power of ten, without zeros at either end: equal for equal numbers. */
function decimalOf(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign = "", whole = "", fraction = "", power = "0"] = match ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const exponent = Number(power) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${exponent}`;
}
