// SPDX-License-Identifier: Apache-2.0
// Regular expressions in the syntax of RE2, matched in time linear in the text.
// https://cloud.google.com/spanner/docs/reference/standard-sql/string_functions#regexp_contains
import { arrayOf, BOOL, BYTES, STRING } from "@spandrel/model";
import { RE2JS } from "re2js";
import { evaluationFailed } from "../errors/query.ts";
import { PATTERN_CACHE_MAX } from "../limits/query.ts";
import { latin1 } from "./comparison.ts";
import { bytes, define, int64, type Overload, optional, string } from "./signature.ts";

const patterns = new Map<string, RE2JS>();

function compiled(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const made = compile(pattern);
  if (patterns.size >= PATTERN_CACHE_MAX) patterns.clear();
  patterns.set(pattern, made);
  return made;
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw evaluationFailed(`Cannot parse regular expression: ${reason}`);
  }
}

/** The group that is extracted: the only one, or the whole match. */
function groupOf(regexp: RE2JS, pattern: string): number {
  if (regexp.groupCount() > 1) {
    throw evaluationFailed(`Regular expression '${pattern}' has more than one capturing group`);
  }
  return regexp.groupCount();
}

function extract(
  text: string,
  pattern: string,
  position: bigint = 1n,
  occurrence: bigint = 1n,
): string | null {
  if (position <= 0n) throw evaluationFailed("Position must be positive in REGEXP_EXTRACT");
  if (occurrence <= 0n) throw evaluationFailed("Occurrence must be positive in REGEXP_EXTRACT");
  const regexp = compiled(pattern);
  const characters = [...text];
  if (position > 1n && position > BigInt(characters.length)) return null;
  const group = groupOf(regexp, pattern);
  // The text begins at the position: `^` matches there.
  const rest = characters.slice(Number(position) - 1).join("");
  const found = matchesFrom(regexp, rest, group);
  for (let count = 1n; ; count++) {
    const next = found.next();
    if (next.done) return null;
    if (count === occurrence) return next.value;
  }
}

function* matchesFrom(regexp: RE2JS, text: string, group: number): Generator<string | null> {
  const matcher = regexp.matcher(text);
  for (let count = 0; matcher.find(); count++) {
    // Behind the last character of a text there is no empty match any more.
    if (text !== "" && matcher.start() === text.length && count > 0) return;
    yield matcher.group(group);
  }
}

function extractAll(text: string, pattern: string): readonly string[] {
  const regexp = compiled(pattern);
  const group = groupOf(regexp, pattern);
  const found: string[] = [];
  const matcher = regexp.matcher(text);
  while (matcher.find()) {
    // Behind the last character of a text there is no empty match any more.
    if (text !== "" && matcher.start() === text.length && found.length > 0) break;
    found.push(matcher.group(group) ?? "");
  }
  return found;
}

/** Replaces every match; `\1` in the replacement is the first group, `\\` a backslash. */
function replace(text: string, pattern: string, replacement: string): string {
  const regexp = compiled(pattern);
  const pieces = piecesOf(replacement, regexp.groupCount());
  const matcher = regexp.matcher(text);
  let [result, last] = ["", 0];
  while (matcher.find()) {
    result += text.slice(last, matcher.start());
    for (const piece of pieces) {
      result += typeof piece === "string" ? piece : (matcher.group(piece) ?? "");
    }
    last = matcher.end();
  }
  return result + text.slice(last);
}

function piecesOf(replacement: string, groups: number): readonly (string | number)[] {
  const pieces: (string | number)[] = [];
  for (let index = 0; index < replacement.length; index++) {
    const character = replacement.charAt(index);
    if (character !== "\\") {
      pieces.push(character);
      continue;
    }
    index++;
    const escaped = replacement.charAt(index);
    if (escaped === "\\") pieces.push("\\");
    else if (/\d/.test(escaped)) pieces.push(checkGroup(Number(escaped), groups));
    else {
      throw evaluationFailed(
        "Invalid REGEXP_REPLACE pattern: a backslash must be followed by a digit or a backslash",
      );
    }
  }
  return pieces;
}

function checkGroup(group: number, groups: number): number {
  if (group > groups) {
    throw evaluationFailed(`REGEXP_REPLACE: group ${group} is not in the regular expression`);
  }
  return group;
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export const regexpFunctions: readonly Overload[] = [
  define("REGEXP_CONTAINS", [string, string], BOOL, (text, pattern) =>
    compiled(pattern).matcher(text).find(),
  ),
  define("REGEXP_CONTAINS", [bytes, bytes], BOOL, (value, pattern) =>
    compiled(latin1(pattern)).matcher(latin1(value)).find(),
  ),
  define("REGEXP_EXTRACT", [string, string, optional(int64), optional(int64)], STRING, extract),
  define(
    "REGEXP_EXTRACT",
    [bytes, bytes, optional(int64), optional(int64)],
    BYTES,
    (value, pattern, position, occurrence) => {
      const found = extract(latin1(value), latin1(pattern), position, occurrence);
      return found === null ? null : fromLatin1(found);
    },
  ),
  define("REGEXP_EXTRACT_ALL", [string, string], arrayOf(STRING), extractAll),
  define("REGEXP_EXTRACT_ALL", [bytes, bytes], arrayOf(BYTES), (value, pattern) =>
    extractAll(latin1(value), latin1(pattern)).map(fromLatin1),
  ),
  define("REGEXP_REPLACE", [string, string, string], STRING, replace),
  define("REGEXP_REPLACE", [bytes, bytes, bytes], BYTES, (value, pattern, replacement) =>
    fromLatin1(replace(latin1(value), latin1(pattern), latin1(replacement))),
  ),
];
