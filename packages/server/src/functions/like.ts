// SPDX-License-Identifier: Apache-2.0
// LIKE: `%` is any text, `_` any one character, `\` takes the next character as it is.
import { evaluationFailed } from "../errors/query.ts";
import { PATTERN_CACHE_MAX } from "../limits/query.ts";

const ANY_TEXT = -1;
const ANY_CHARACTER = -2;

const patterns = new Map<string, readonly number[]>();

/**
 * Whether a text matches a pattern as a whole, in time linear in the text for a single `%`.
 *
 * @throws {StatusError} OUT_OF_RANGE when the pattern ends with a lone backslash.
 */
export function matchesLike(text: string, pattern: string): boolean {
  return matches(
    Array.from(text, (character) => character.codePointAt(0) ?? 0),
    compiled(pattern),
  );
}

function compiled(pattern: string): readonly number[] {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const made = compile(pattern);
  if (patterns.size >= PATTERN_CACHE_MAX) patterns.clear();
  patterns.set(pattern, made);
  return made;
}

function compile(pattern: string): readonly number[] {
  const tokens: number[] = [];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    if (character === "%") tokens.push(ANY_TEXT);
    else if (character === "_") tokens.push(ANY_CHARACTER);
    else if (character !== "\\") tokens.push(character.codePointAt(0) ?? 0);
    else {
      index++;
      const escaped = characters[index];
      if (escaped === undefined) throw evaluationFailed("LIKE pattern ends with a backslash");
      tokens.push(escaped.codePointAt(0) ?? 0);
    }
  }
  return tokens;
}

/** Walks both; on a mismatch the last `%` takes one more character. */
function matches(text: readonly number[], pattern: readonly number[]): boolean {
  let [at, token, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    const wanted = pattern[token];
    if (wanted === ANY_TEXT) {
      star = token++;
      resume = at;
    } else if (wanted === ANY_CHARACTER || wanted === text[at]) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[token] === ANY_TEXT) token++;
  return token === pattern.length;
}

/** The literal text that a pattern begins with, and whether only `%` follows it. */
export function likePrefix(pattern: string): {
  readonly prefix: string;
  readonly isWhole: boolean;
} {
  const tokens = compile(pattern);
  const length = tokens.findIndex((token) => token < 0);
  const prefix = String.fromCodePoint(...tokens.slice(0, length < 0 ? tokens.length : length));
  return { prefix, isWhole: length === tokens.length - 1 && tokens[length] === ANY_TEXT };
}
