// SPDX-License-Identifier: Apache-2.0
// JSONPath as far as GoogleSQL has it: `$`, `.key`, `[0]`, and a key in quotes: `."key"`, or `['key']`
// in JSON_EXTRACT and its kin, which are older.
// https://cloud.google.com/spanner/docs/reference/standard-sql/json_functions#JSONPath_format
import { evaluationFailed } from "../errors/query.ts";
import { isArray, isObject, type JsonTree } from "./json-text.ts";

/** One step: a key of an object, or a position in an array. */
export type JsonStep = string | number;

const plain = /\.([^.[\]"'\s]+)/y;
const index = /\[\s*(\d+)\s*\]/y;
const patterns: Readonly<Record<JsonPathStyle, Readonly<Record<string, RegExp>>>> = {
  standard: { plain, index, quoted: /\."((?:[^"\\]|\\.)*)"/y },
  legacy: { plain, index, quoted: /\[\s*'((?:[^'\\]|\\.)*)'\s*\]/y },
};

/** How keys are quoted. */
export type JsonPathStyle = "standard" | "legacy";

const paths = new Map<string, readonly JsonStep[]>();
const PATHS_MAX = 256;

/**
 * Reads a path.
 *
 * @throws {StatusError} OUT_OF_RANGE when it is none.
 */
export function parseJsonPath(
  text: string,
  style: JsonPathStyle = "standard",
): readonly JsonStep[] {
  const key = `${style} ${text}`;
  const known = paths.get(key);
  if (known !== undefined) return known;
  const steps = readSteps(text, style);
  if (paths.size >= PATHS_MAX) paths.clear();
  paths.set(key, steps);
  return steps;
}

function readSteps(text: string, style: JsonPathStyle): readonly JsonStep[] {
  if (!text.startsWith("$")) throw evaluationFailed("JSONPath must start with '$'");
  const steps: JsonStep[] = [];
  let at = 1;
  while (at < text.length) {
    const step = readStep(text, at, style);
    if (step === undefined) {
      throw evaluationFailed(`Invalid token in JSONPath at: ${text.slice(at)}`);
    }
    steps.push(step.step);
    at = step.end;
  }
  return steps;
}

function readStep(
  text: string,
  at: number,
  style: JsonPathStyle,
): { readonly step: JsonStep; readonly end: number } | undefined {
  for (const [name, pattern] of Object.entries(patterns[style])) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) continue;
    const found = match[1] ?? "";
    const step = name === "index" ? Number(found) : name === "plain" ? found : unescaped(found);
    return { step, end: at + match[0].length };
  }
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

/** Follows a path; undefined when it leads nowhere. */
export function followPath(tree: JsonTree, steps: readonly JsonStep[]): JsonTree | undefined {
  let at: JsonTree | undefined = tree;
  for (const step of steps) {
    if (at === undefined) return undefined;
    if (typeof step === "number") at = isArray(at) ? at[step] : undefined;
    else at = isObject(at) ? at.get(step) : undefined;
  }
  return at;
}

/** Changes what a path leads to, in a copy of the document. */
export function changeAt(
  tree: JsonTree,
  steps: readonly JsonStep[],
  change: (found: JsonTree | undefined) => JsonTree | undefined,
  createsMissing: boolean,
): JsonTree {
  const [step, ...rest] = steps;
  if (step === undefined) return change(tree) ?? tree;
  if (tree === null && createsMissing) {
    const container: JsonTree = typeof step === "number" ? [] : new Map<string, JsonTree>();
    return changeAt(container, steps, change, createsMissing);
  }
  if (typeof step === "number") {
    return isArray(tree) ? changeItem(tree, step, rest, change, createsMissing) : tree;
  }
  return isObject(tree) ? changeEntry(tree, step, rest, change, createsMissing) : tree;
}

type Change = (found: JsonTree | undefined) => JsonTree | undefined;

function changed(
  inside: JsonTree | undefined,
  rest: readonly JsonStep[],
  change: Change,
  createsMissing: boolean,
): JsonTree | undefined {
  if (inside !== undefined) {
    return rest.length === 0 ? change(inside) : changeAt(inside, rest, change, createsMissing);
  }
  if (!createsMissing) return undefined;
  return rest.length === 0 ? change(undefined) : changeAt(null, rest, change, true);
}

function changeItem(
  items: readonly JsonTree[],
  index: number,
  rest: readonly JsonStep[],
  change: Change,
  createsMissing: boolean,
): JsonTree {
  const value = changed(items[index], rest, change, createsMissing);
  if (value === undefined) return items;
  const copy = [...items];
  while (copy.length < index) copy.push(null);
  copy[index] = value;
  return copy;
}

function changeEntry(
  entries: ReadonlyMap<string, JsonTree>,
  key: string,
  rest: readonly JsonStep[],
  change: Change,
  createsMissing: boolean,
): JsonTree {
  const value = changed(entries.get(key), rest, change, createsMissing);
  return value === undefined ? entries : new Map([...entries, [key, value]]);
}

/** Takes what a path leads to out of a copy of the document. */
export function removeAt(tree: JsonTree, steps: readonly JsonStep[]): JsonTree {
  const [step, ...rest] = steps;
  if (step === undefined) return tree;
  if (typeof step === "number") {
    if (!isArray(tree) || step >= tree.length) return tree;
    if (rest.length === 0) return tree.filter((_, index) => index !== step);
    return tree.map((item, index) => (index === step ? removeAt(item, rest) : item));
  }
  if (!isObject(tree)) return tree;
  const inside = tree.get(step);
  if (inside === undefined) return tree;
  const copy = new Map(tree);
  if (rest.length === 0) copy.delete(step);
  else copy.set(step, removeAt(inside, rest));
  return copy;
}
