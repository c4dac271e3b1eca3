// SPDX-License-Identifier: Apache-2.0
// Functions over STRING and BYTES. Positions and lengths count code points of a STRING, bytes of
// BYTES, and begin with 1.
// https://cloud.google.com/spanner/docs/reference/standard-sql/string_functions
import { compareBytes, concatBytes } from "@spandrel/base";
import { arrayOf, BOOL, BYTES, INT64, STRING } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { VALUE_BYTES_MAX } from "../limits/query.ts";
import { decodeLenient, encodeUtf8 } from "./bytes-text.ts";
import { latin1 } from "./comparison.ts";
import {
  alias,
  arrays,
  bytes,
  define,
  int64,
  nullable,
  type Overload,
  optional,
  part,
  repeated,
  string,
} from "./signature.ts";

// Only surrogates make a code point longer than one unit; most texts have none.
const surrogates = /[\ud800-\udfff]/;

/** The characters of a text: an array of code points only where units do not do. */
type Characters = string | readonly string[];

function charactersOf(text: string): Characters {
  return surrogates.test(text) ? [...text] : text;
}

function sliceOf(characters: Characters, start: number, end?: number): string {
  const piece = characters.slice(start, end);
  return typeof piece === "string" ? piece : piece.join("");
}

/** The number of code points of a text. */
function lengthOf(text: string): number {
  return charactersOf(text).length;
}

/** Where SUBSTR begins and ends, as offsets. */
function stretchOf(
  length: number,
  position: bigint,
  count: bigint | undefined,
): readonly [number, number] {
  if (count !== undefined && count < 0n) {
    throw evaluationFailed("Third argument in SUBSTR() cannot be negative");
  }
  const whole = BigInt(length);
  const start = position > 0n ? position - 1n : position === 0n ? 0n : position + whole;
  const from = start < 0n ? 0n : start;
  const end = count === undefined || from + count > whole ? whole : from + count;
  return from > whole ? [length, length] : [Number(from), Number(end)];
}

function substring(text: string, position: bigint, count: bigint | undefined): string {
  const characters = charactersOf(text);
  return sliceOf(characters, ...stretchOf(characters.length, position, count));
}

function subarray(value: Uint8Array, position: bigint, count: bigint | undefined): Uint8Array {
  return value.slice(...stretchOf(value.length, position, count));
}

function trimText(text: string, from: "start" | "end" | "both", set: string | undefined): string {
  const characters = [...text];
  const drops =
    set === undefined
      ? (character: string | undefined) => character !== undefined && /\s/u.test(character)
      : (
          (wanted) => (character: string | undefined) =>
            character !== undefined && wanted.has(character)
        )(new Set(set));
  let [start, end] = [0, characters.length];
  if (from !== "end") while (start < end && drops(characters[start])) start++;
  if (from !== "start") while (end > start && drops(characters[end - 1])) end--;
  return characters.slice(start, end).join("");
}

function trimBytes(value: Uint8Array, from: "start" | "end" | "both", set: Uint8Array): Uint8Array {
  let [start, end] = [0, value.length];
  if (from !== "end") while (start < end && set.includes(value[start] ?? 0)) start++;
  if (from !== "start") while (end > start && set.includes(value[end - 1] ?? 0)) end--;
  return value.slice(start, end);
}

function trims(name: string, from: "start" | "end" | "both"): readonly Overload[] {
  return [
    define(name, [string, optional(string)], STRING, (text, set) => trimText(text, from, set)),
    define(name, [bytes, bytes], BYTES, (value, set) => trimBytes(value, from, set)),
  ];
}

function checkSize(size: number, name: string): void {
  if (size > VALUE_BYTES_MAX) {
    throw evaluationFailed(
      `Output of ${name} exceeds max allowed output size of ${VALUE_BYTES_MAX}`,
    );
  }
}

function padText(text: string, length: bigint, pattern: string, isLeft: boolean): string {
  const characters = [...text];
  const fill = [...pattern];
  const wanted = checkPad(length, fill.length);
  if (wanted <= characters.length) return characters.slice(0, wanted).join("");
  const padding = Array.from(
    { length: wanted - characters.length },
    (_, index) => fill[index % fill.length],
  ).join("");
  return isLeft ? padding + text : text + padding;
}

function checkPad(length: bigint, fill: number): number {
  if (length < 0n)
    throw evaluationFailed("Second argument (output size) for LPAD/RPAD cannot be negative");
  if (fill === 0)
    throw evaluationFailed("Third argument (pad pattern) for LPAD/RPAD cannot be empty");
  checkSize(Number(length), "LPAD/RPAD");
  return Number(length);
}

function padBytes(
  value: Uint8Array,
  length: bigint,
  fill: Uint8Array,
  isLeft: boolean,
): Uint8Array {
  const wanted = checkPad(length, fill.length);
  if (wanted <= value.length) return value.slice(0, wanted);
  const padding = Uint8Array.from(
    { length: wanted - value.length },
    (_, index) => fill[index % fill.length] ?? 0,
  );
  return isLeft ? concatBytes([padding, value]) : concatBytes([value, padding]);
}

const space = new Uint8Array([32]);

function pads(name: string, isLeft: boolean): readonly Overload[] {
  return [
    define(name, [string, int64, optional(string)], STRING, (text, length, fill = " ") =>
      padText(text, length, fill, isLeft),
    ),
    define(name, [bytes, int64, optional(bytes)], BYTES, (value, length, fill = space) =>
      padBytes(value, length, fill, isLeft),
    ),
  ];
}

function repeat(text: string, count: bigint): string {
  if (count < 0n) throw evaluationFailed("Second argument of REPEAT cannot be negative");
  checkSize(text.length * Number(count), "REPEAT");
  return text === "" ? "" : text.repeat(Number(count));
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function split(text: string, separator: string): readonly string[] {
  if (text === "") return [""];
  return separator === "" ? [...text] : text.split(separator);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(parts);
}

/** Where a text is found, counted from 1, or 0. */
function positionOf(text: string, wanted: string): bigint {
  const at = text.indexOf(wanted);
  return at < 0 ? 0n : BigInt(lengthOf(text.slice(0, at)) + 1);
}

/** Full case folding, character by character: `ß` is `ss`, and `ς` is `σ`, wherever it stands. */
function casefold(text: string): string {
  return [...text].map(foldCharacter).join("");
}

function foldCharacter(character: string): string {
  // The dotless i is a letter of its own, though its capital is I.
  if (character === "ı") return character;
  return [...character.toLowerCase().toUpperCase()].map((each) => each.toLowerCase()).join("");
}

function bytesEqualAt(value: Uint8Array, part: Uint8Array, at: number): boolean {
  return at >= 0 && compareBytes(value.subarray(at, at + part.length), part) === 0;
}

function mapAscii(value: Uint8Array, from: number, to: number, shift: number): Uint8Array {
  return value.map((byte) => (byte >= from && byte <= to ? byte + shift : byte));
}

const soundGroups = ["BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"];
const codes: ReadonlyMap<string, string> = new Map(
  soundGroups.flatMap((letters, group) =>
    [...letters].map((letter) => [letter, String(group + 1)] as const),
  ),
);

/** The Soundex code of a text: its first letter as it is, and three digits. */
function soundex(text: string): string {
  const letters = [...text].filter((letter) => /[A-Za-z]/.test(letter));
  const [first] = letters;
  if (first === undefined) return "";
  let code = first;
  let last = codes.get(first.toUpperCase());
  for (const letter of letters.slice(1)) {
    const digit = codes.get(letter.toUpperCase());
    // A digit counts once in a row, whatever letters without a digit stand between.
    if (digit === undefined || digit === last) continue;
    code += digit;
    last = digit;
  }
  return code.slice(0, 4).padEnd(4, "0");
}

const normalForms = new Set(["NFC", "NFKC", "NFD", "NFKD"]);

function normalize(text: string, form: string): string {
  if (!normalForms.has(form)) throw evaluationFailed(`Invalid normalization mode: ${form}`);
  return text.normalize(form);
}

function codePointsToString(points: readonly (bigint | null)[]): string | null {
  if (points.includes(null)) return null;
  return points
    .map((point) => {
      const isValid =
        point !== null &&
        point >= 0n &&
        point <= 0x10ffffn &&
        !(point >= 0xd800n && point <= 0xdfffn);
      if (!isValid) throw evaluationFailed(`Invalid codepoint ${point}`);
      return String.fromCodePoint(Number(point));
    })
    .join("");
}

function codePointsToBytes(points: readonly (bigint | null)[]): Uint8Array | null {
  if (points.includes(null)) return null;
  return Uint8Array.from(points, (point) => {
    if (point === null || point < 0n || point > 255n) {
      throw evaluationFailed(`Invalid extended ASCII codepoint ${point}`);
    }
    return Number(point);
  });
}

export const stringFunctions: readonly Overload[] = [
  ...alias(
    ["CHARACTER_LENGTH"],
    define("CHAR_LENGTH", [string], INT64, (text) => BigInt(lengthOf(text))),
  ),
  define("LENGTH", [string], INT64, (text) => BigInt(lengthOf(text))),
  define("LENGTH", [bytes], INT64, (value) => BigInt(value.length)),
  ...alias(
    ["OCTET_LENGTH"],
    define("BYTE_LENGTH", [string], INT64, (text) => BigInt(encodeUtf8(text).length)),
  ),
  ...alias(
    ["OCTET_LENGTH"],
    define("BYTE_LENGTH", [bytes], INT64, (value) => BigInt(value.length)),
  ),
  define("CONCAT", [string, repeated(string)], STRING, (...texts) => texts.join("")),
  define("CONCAT", [bytes, repeated(bytes)], BYTES, (...values) => joinBytes(values)),
  define("$concat", [string, string], STRING, (left, right) => left + right),
  define("$concat", [bytes, bytes], BYTES, (left, right) => concatBytes([left, right])),
  ...alias(["SUBSTRING"], define("SUBSTR", [string, int64, optional(int64)], STRING, substring)),
  ...alias(["SUBSTRING"], define("SUBSTR", [bytes, int64, optional(int64)], BYTES, subarray)),
  define("UPPER", [string], STRING, (text) => text.toUpperCase()),
  define("UPPER", [bytes], BYTES, (value) => mapAscii(value, 97, 122, -32)),
  define("LOWER", [string], STRING, (text) => text.toLowerCase()),
  define("LOWER", [bytes], BYTES, (value) => mapAscii(value, 65, 90, 32)),
  define("UCASE", [string], STRING, (text) => text.toUpperCase()),
  define("UCASE", [bytes], BYTES, (value) => mapAscii(value, 97, 122, -32)),
  define("LCASE", [string], STRING, (text) => text.toLowerCase()),
  define("LCASE", [bytes], BYTES, (value) => mapAscii(value, 65, 90, 32)),
  ...trims("TRIM", "both"),
  ...trims("LTRIM", "start"),
  ...trims("RTRIM", "end"),
  define("STARTS_WITH", [string, string], BOOL, (text, prefix) => text.startsWith(prefix)),
  define("STARTS_WITH", [bytes, bytes], BOOL, (value, prefix) => bytesEqualAt(value, prefix, 0)),
  define("ENDS_WITH", [string, string], BOOL, (text, suffix) => text.endsWith(suffix)),
  define("ENDS_WITH", [bytes, bytes], BOOL, (value, suffix) =>
    bytesEqualAt(value, suffix, value.length - suffix.length),
  ),
  define("STRPOS", [string, string], INT64, positionOf),
  define("STRPOS", [bytes, bytes], INT64, (value, wanted) =>
    positionOf(latin1(value), latin1(wanted)),
  ),
  define("REPLACE", [string, string, string], STRING, (text, from, to) =>
    from === "" ? text : text.replaceAll(from, () => to),
  ),
  define("REPLACE", [bytes, bytes, bytes], BYTES, (value, from, to) =>
    from.length === 0
      ? value
      : fromLatin1(latin1(value).replaceAll(latin1(from), () => latin1(to))),
  ),
  define("SPLIT", [string, optional(string)], arrayOf(STRING), (text, separator = ",") =>
    split(text, separator),
  ),
  define("SPLIT", [bytes, bytes], arrayOf(BYTES), (value, separator) =>
    split(latin1(value), latin1(separator)).map(fromLatin1),
  ),
  define("SPLIT_SUBSTR", [string, string, int64, optional(int64)], STRING, splitSubstring),
  define("REVERSE", [string], STRING, (text) => [...text].reverse().join("")),
  define("REVERSE", [bytes], BYTES, (value) => value.slice().reverse()),
  ...pads("LPAD", true),
  ...pads("RPAD", false),
  define("REPEAT", [string, int64], STRING, repeat),
  define("REPEAT", [bytes, int64], BYTES, (value, count) =>
    fromLatin1(repeat(latin1(value), count)),
  ),
  define("SOUNDEX", [string], STRING, soundex),
  define("NORMALIZE", [string, optional(part)], STRING, (text, form = "NFC") =>
    normalize(text, form),
  ),
  define("NORMALIZE_AND_CASEFOLD", [string, optional(part)], STRING, (text, form = "NFC") =>
    normalize(casefold(text.normalize(form)), form),
  ),
  define("TO_CODE_POINTS", [string], arrayOf(INT64), (text) =>
    [...text].map((character) => BigInt(character.codePointAt(0) ?? 0)),
  ),
  define("TO_CODE_POINTS", [bytes], arrayOf(INT64), (value) => [...value].map(BigInt)),
  define("CODE_POINTS_TO_STRING", [arrays(int64)], STRING, codePointsToString),
  define("CODE_POINTS_TO_BYTES", [arrays(int64)], BYTES, codePointsToBytes),
  define("SAFE_CONVERT_BYTES_TO_STRING", [bytes], STRING, decodeLenient),
  define(
    "ARRAY_TO_STRING",
    [nullable(arrays(string)), nullable(string), optional(nullable(string))],
    STRING,
    (texts, separator, forNull) => joinTexts(texts, separator, forNull),
    { seesNull: true },
  ),
  define(
    "ARRAY_TO_STRING",
    [arrays(bytes), bytes, optional(bytes)],
    BYTES,
    (values, separator, forNull) =>
      fromLatin1(
        values
          .map((value) => value ?? forNull)
          .filter((value) => value !== undefined)
          .map(latin1)
          .join(latin1(separator)),
      ),
  ),
];

function joinTexts(
  texts: readonly (string | null)[] | null,
  separator: string | null,
  forNull: string | null | undefined,
): string | null {
  if (texts === null || separator === null || forNull === null) return null;
  return texts
    .map((text) => text ?? forNull)
    .filter((text) => text !== undefined)
    .join(separator);
}

function splitSubstring(
  text: string,
  separator: string,
  position: bigint,
  count: bigint | undefined,
): string {
  if (separator === "") throw evaluationFailed("SPLIT_SUBSTR: the delimiter must not be empty");
  if (count !== undefined && count < 0n) {
    throw evaluationFailed("SPLIT_SUBSTR: the count must not be negative");
  }
  const pieces = text.split(separator);
  const length = BigInt(pieces.length);
  const start = position > 0n ? position - 1n : position === 0n ? 0n : position + length;
  const from = start < 0n ? 0n : start;
  const end = count === undefined ? length : from + count;
  return pieces.slice(Number(from), Number(end)).join(separator);
}
