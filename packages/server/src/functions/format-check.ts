// SPDX-License-Identifier: Apache-2.0
// Whether a pattern of FORMAT and its arguments go together: asked when a statement is analyzed, as
// far as the pattern is a literal.
import { printType, type Type } from "@spandrel/model";

const specifiers = /%(?:[-+ #0']*(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])?)/g;

const integers = "diouxX";
const floats = "fFeEgGaA";

/**
 * What is wrong with a pattern for arguments of such types; undefined when nothing is.
 *
 * A type is undefined where the argument takes on any. Arguments are counted with the pattern first.
 */
export function formatProblem(
  pattern: string,
  types: readonly (Type | undefined)[],
): string | undefined {
  const wanted: string[] = [];
  for (const [whole, width, precision, letter] of pattern.matchAll(specifiers)) {
    if (letter === "%") continue;
    if (letter === undefined) return `Invalid FORMAT string: "${pattern}"`;
    if (!`${integers}${floats}stTpP`.includes(letter)) {
      return `Invalid format specifier character "${letter}" in FORMAT string: "${whole}"`;
    }
    if (width === "*") wanted.push("d");
    if (precision === "*") wanted.push("d");
    wanted.push(letter);
  }
  if (wanted.length !== types.length) {
    const how = wanted.length > types.length ? "few" : "many";
    const counts = `Expected ${wanted.length + 1}; Got ${types.length + 1}`;
    return `Too ${how} arguments to FORMAT for pattern "${pattern}"; ${counts}`;
  }
  for (const [index, letter] of wanted.entries()) {
    const type = types[index];
    const expected = expectedOf(letter, type);
    if (type === undefined || expected === undefined) continue;
    const place = `argument ${index + 2} to FORMAT`;
    return `Invalid type for ${place}; Expected ${expected}; Got ${printType(type)}`;
  }
  return undefined;
}

/** What a specifier wants instead of a type; undefined when it takes it. */
function expectedOf(letter: string, type: Type | undefined): string | undefined {
  const { kind } = type ?? { kind: undefined };
  if (integers.includes(letter)) return kind === "INT64" ? undefined : "integer";
  if (letter === "s") return kind === "STRING" ? undefined : "STRING";
  if (letter === "p" || letter === "P") return kind === "JSON" ? undefined : "PROTO or JSON";
  if (letter === "t" || letter === "T") return undefined;
  const isFloat = kind === "FLOAT64" || kind === "FLOAT32" || kind === "NUMERIC";
  return isFloat ? undefined : "FLOAT64";
}
