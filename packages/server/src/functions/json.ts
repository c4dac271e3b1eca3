// SPDX-License-Identifier: Apache-2.0
// Functions over JSON. A JSON value is its normalized text; a function reads it into a tree, works on
// that, and writes it again. JSON's null is a value, not NULL.
// https://cloud.google.com/spanner/docs/reference/standard-sql/json_functions
import {
  arrayOf,
  BOOL,
  compareText,
  FLOAT32,
  FLOAT64,
  INT64,
  JSON_TYPE,
  STRING,
  type Type,
  type Value,
} from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import {
  boolFromJson,
  floatFromJson,
  int64FromJson,
  jsonFromValue,
  jsonTypeOf,
  laxBool,
  laxFloat,
  laxInt64,
  laxString,
  scalarText,
  singleFromJson,
  stringFromJson,
} from "./json-convert.ts";
import { changeAt, followPath, type JsonPathStyle, parseJsonPath, removeAt } from "./json-path.ts";
import { printWritten, scanJson, type WrittenJson } from "./json-scan.ts";
import {
  isArray,
  isObject,
  type JsonTree,
  parseJson,
  printJson,
  printJsonPretty,
  type WideNumberMode,
} from "./json-text.ts";
import {
  arbitrary,
  arrays,
  bool,
  constant,
  define,
  defineByType,
  int64,
  json,
  named,
  nullable,
  type Overload,
  optional,
  type Parameter,
  repeated,
  string,
} from "./signature.ts";

function at(text: string, path: string | undefined, style: JsonPathStyle): JsonTree | undefined {
  return followPath(parseJson(text, "round"), parseJsonPath(path ?? "$", style));
}

function query(text: string, path: string | undefined, style: JsonPathStyle): string | null {
  const found = at(text, path, style);
  return found === undefined ? null : printJson(found);
}

function value(text: string, path: string | undefined, style: JsonPathStyle): string | null {
  const found = at(text, path, style);
  return found === undefined || found === null ? null : scalarText(found);
}

function queryArray(
  text: string,
  path: string | undefined,
  style: JsonPathStyle,
): readonly string[] | null {
  const found = at(text, path, style);
  return found !== undefined && isArray(found) ? found.map(printJson) : null;
}

function valueArray(
  text: string,
  path: string | undefined,
  style: JsonPathStyle,
): readonly (string | null)[] | null {
  const found = at(text, path, style);
  if (found === undefined || !isArray(found)) return null;
  const isFlat = found.every((item) => item === null || !(isArray(item) || isObject(item)));
  return isFlat ? found.map((item) => (item === null ? null : scalarText(item))) : null;
}

/** How a function reads what a path leads to in a text. */
type ReadWritten = (found: WrittenJson) => Value;

function writtenQuery(found: WrittenJson): string {
  return printWritten(found);
}

function writtenValue(found: WrittenJson): string | null {
  if (found.kind === "string") return found.value;
  return found.kind === "word" ? found.text : null;
}

function writtenQueryArray(found: WrittenJson): readonly string[] | null {
  return found.kind === "array" ? found.items.map(printWritten) : null;
}

function writtenValueArray(found: WrittenJson): readonly (string | null)[] | null {
  if (found.kind !== "array") return null;
  const isFlat = found.items.every(({ kind }) => kind === "string" || kind === "word");
  return isFlat ? found.items.map((item) => (isNullWord(item) ? null : writtenValue(item))) : null;
}

function isNullWord(found: WrittenJson): boolean {
  return found.kind === "word" && found.text === "null";
}

interface Reader {
  readonly names: readonly string[];
  /** Of JSON, and of a text. */
  readonly results: readonly [Type, Type];
  readonly read: (text: string, path: string | undefined, style: JsonPathStyle) => Value;
  readonly readWritten: ReadWritten;
  readonly path?: Parameter<string | undefined>;
}

/** Functions that read a document by a path, given as JSON or as text. Of a text, null is NULL. */
function readers(reader: Reader): readonly Overload[] {
  const { names, results, read, readWritten, path = optional(constant(string)) } = reader;
  return names.flatMap((name) => {
    const style = name.startsWith("JSON_EXTRACT") ? "legacy" : "standard";
    return [
      define(name, [json, path], results[0], (document, at) => read(document, at, style)),
      define(name, [string, path], results[1], (text, at) => {
        const found = scanJson(text, parseJsonPath(at ?? "$", style));
        return found === undefined || isNullWord(found) ? null : readWritten(found);
      }),
    ];
  });
}

function widthMode(mode: string | undefined): WideNumberMode {
  if (mode === undefined || mode === "exact") return "exact";
  if (mode === "round") return "round";
  throw evaluationFailed(`Invalid wide_number_mode specified: ${mode}`);
}

/** A conversion of one document, and the one of an array of them that may hold null. */
function converters<V extends Value>(
  name: string,
  type: Type,
  convert: (tree: JsonTree) => V,
): readonly Overload[] {
  return [
    define(name, [json], type, (text) => convert(parseJson(text))),
    define(`${name}_ARRAY`, [json], arrayOf(type), (text) =>
      items(text).map((item) => convert(item)),
    ),
  ];
}

function items(text: string): readonly JsonTree[] {
  const tree = parseJson(text);
  if (!isArray(tree)) throw evaluationFailed("The provided JSON input is not an array");
  return tree;
}

function lax(name: string, type: Type, convert: (tree: JsonTree) => Value): readonly Overload[] {
  return [
    define(`LAX_${name}`, [json], type, (text) => convert(parseJson(text))),
    define(`LAX_${name}_ARRAY`, [json], arrayOf(type), (text) => {
      const tree = parseJson(text);
      return isArray(tree) ? tree.map(convert) : null;
    }),
  ];
}

/** Pairs of a path and a value, with the types of the values. */
interface Edit {
  readonly path: string;
  readonly value: JsonTree;
  readonly isArray: boolean;
}

function editsOf(
  values: readonly (Value | undefined)[],
  types: readonly Type[],
  name: string,
): readonly Edit[] {
  if (values.length % 2 !== 0) {
    throw evaluationFailed(`${name} takes a path and a value, any number of times`);
  }
  const edits: Edit[] = [];
  for (let index = 0; index < values.length; index += 2) {
    const [path, given] = [values[index], values[index + 1]];
    const type = types[index + 1] ?? STRING;
    if (typeof path !== "string") continue;
    edits.push({
      path,
      value: jsonFromValue(given ?? null, type),
      isArray: type.kind === "ARRAY" && given !== null,
    });
  }
  return edits;
}

const anything: Parameter<Value> = repeated(arbitrary);

/** JSON_SET and its kin: a document, then pairs, then perhaps a switch by name. */
function editor(
  name: string,
  option: string,
  edit: (tree: JsonTree, edit: Edit, option: boolean) => JsonTree,
): Overload {
  return defineByType(
    name,
    [nullable(json), nullable(anything), nullable(constant(named(option, bool)))],
    JSON_TYPE,
    (types) =>
      (document, ...rest) => {
        const all: readonly (Value | undefined)[] = rest;
        const hasOption = all.length % 2 === 1;
        const chosen = hasOption ? all.at(-1) : true;
        const pairs = hasOption ? all.slice(0, -1) : all;
        if (document === null || chosen === null || hasNullPath(pairs)) return null;
        const edits = editsOf(pairs, types.slice(1), name);
        return printJson(
          edits.reduce((tree, each) => edit(tree, each, chosen !== false), parseJson(document)),
        );
      },
    { seesNull: true },
  );
}

function hasNullPath(pairs: readonly (Value | undefined)[]): boolean {
  return pairs.some((each, index) => index % 2 === 0 && each === null);
}

function setAt(tree: JsonTree, { path, value: given }: Edit, createsMissing: boolean): JsonTree {
  return changeAt(tree, parseJsonPath(path), () => given, createsMissing);
}

function appendAt(
  tree: JsonTree,
  { path, value: given, isArray: spreads }: Edit,
  each: boolean,
): JsonTree {
  const added = spreads && each && isArray(given) ? given : [given];
  return changeAt(
    tree,
    parseJsonPath(path),
    (found) => {
      if (found === null) return added;
      return found !== undefined && isArray(found) ? [...found, ...added] : undefined;
    },
    false,
  );
}

function insertAt(
  tree: JsonTree,
  { path, value: given, isArray: spreads }: Edit,
  each: boolean,
): JsonTree {
  const steps = parseJsonPath(path);
  const index = steps.at(-1);
  if (typeof index !== "number") return tree;
  const added = spreads && each && isArray(given) ? given : [given];
  return changeAt(
    tree,
    steps.slice(0, -1),
    (found) => {
      if (found === null) return [...padding(index), ...added];
      if (found === undefined || !isArray(found)) return undefined;
      const gap = padding(Math.max(index - found.length, 0));
      return [...found.slice(0, index), ...gap, ...added, ...found.slice(index)];
    },
    false,
  );
}

function padding(length: number): readonly JsonTree[] {
  return Array.from({ length }, () => null);
}

function remove(document: string | null, paths: readonly (string | null)[]): string | null {
  if (document === null) return null;
  const tree = paths.reduce<JsonTree>((each, path) => {
    if (path === null) return each;
    const steps = parseJsonPath(path);
    if (steps.length === 0) throw evaluationFailed("The JSONPath cannot be '$'");
    return removeAt(each, steps);
  }, parseJson(document));
  return printJson(tree);
}

interface StripOptions {
  readonly includesArrays: boolean;
  readonly removesEmpty: boolean;
}

/** A document without its nulls; undefined when nothing is left of it. */
function stripNulls(tree: JsonTree, options: StripOptions): JsonTree | undefined {
  if (tree === null) return undefined;
  if (isObject(tree)) {
    const kept = [...tree].flatMap(([key, inside]) => {
      const stripped = stripNulls(inside, options);
      return stripped === undefined ? [] : [[key, stripped] as const];
    });
    return kept.length === 0 && options.removesEmpty ? undefined : new Map(kept);
  }
  if (!isArray(tree)) return tree;
  const kept = tree.flatMap((item) => {
    const stripped = stripNulls(item, options);
    if (stripped !== undefined) return [stripped];
    return options.includesArrays ? [] : [null];
  });
  const isEmpty = options.includesArrays && options.removesEmpty && kept.length === 0;
  return isEmpty ? undefined : kept;
}

type KeysMode = "strict" | "lax" | "lax recursive";

function keysOf(tree: JsonTree, depthMax: bigint | undefined, mode: KeysMode): readonly string[] {
  const found = new Set<string>();
  collectKeys(tree, "", depthMax ?? 1_000_000n, mode, false, found);
  return [...found].sort(compareText);
}

function collectKeys(
  tree: JsonTree,
  prefix: string,
  depth: bigint,
  mode: KeysMode,
  isInArray: boolean,
  found: Set<string>,
): void {
  if (isArray(tree)) {
    if (mode === "strict" || (isInArray && mode === "lax")) return;
    for (const item of tree) collectKeys(item, prefix, depth, mode, true, found);
    return;
  }
  if (!isObject(tree) || depth <= 0n) return;
  for (const [key, inside] of tree) {
    const name = /^[A-Za-z0-9_]+$/.test(key) ? key : JSON.stringify(key);
    const path = prefix === "" ? name : `${prefix}.${name}`;
    found.add(path);
    collectKeys(inside, path, depth - 1n, mode, false, found);
  }
}

function keysMode(mode: string | undefined): KeysMode {
  if (mode === undefined || mode === "strict") return "strict";
  const lower = mode.toLowerCase();
  if (lower === "strict" || lower === "lax" || lower === "lax recursive") return lower;
  throw evaluationFailed(`Invalid JSON mode specified: ${mode}`);
}

/** Whether one document has all of another within it; an array also holds its scalars alone. */
function contains(tree: JsonTree, wanted: JsonTree): boolean {
  const isScalar = !isArray(wanted) && !isObject(wanted);
  if (isScalar && isArray(tree)) return tree.some((own) => covers(own, wanted));
  return covers(tree, wanted);
}

/** The same below the top, where a scalar is only in its like. */
function covers(tree: JsonTree, wanted: JsonTree): boolean {
  if (isObject(wanted)) {
    if (!isObject(tree)) return false;
    return [...wanted].every(([key, inside]) => {
      const own = tree.get(key);
      return own !== undefined && covers(own, inside);
    });
  }
  if (isArray(wanted)) {
    return isArray(tree) && wanted.every((item) => tree.some((own) => covers(own, item)));
  }
  if (isArray(tree) || isObject(tree)) return false;
  return (
    printJson(tree) === printJson(wanted) ||
    (isNumber(tree) && isNumber(wanted) && Number(tree) === Number(wanted))
  );
}

function isNumber(tree: JsonTree): tree is number | bigint {
  return typeof tree === "number" || typeof tree === "bigint";
}

function object(values: readonly Value[], types: readonly Type[]): string {
  if (values.length % 2 !== 0)
    throw evaluationFailed("The number of arguments of JSON_OBJECT must be even");
  const entries = new Map<string, JsonTree>();
  for (let index = 0; index < values.length; index += 2) {
    const key = values[index];
    if (typeof key !== "string") throw evaluationFailed("JSON_OBJECT: a key cannot be NULL");
    if (entries.has(key)) continue;
    entries.set(key, jsonFromValue(values[index + 1] ?? null, types[index + 1] ?? STRING));
  }
  return printJson(entries);
}

function objectOfArrays(
  keys: readonly (string | null)[] | null,
  values: readonly Value[] | null,
  element: Type,
): string {
  const missing = keys === null ? "keys" : "values";
  if (keys === null || values === null) {
    throw evaluationFailed(`Invalid input to JSON_OBJECT: The ${missing} array cannot be NULL`);
  }
  if (keys.length !== values.length) {
    throw evaluationFailed("JSON_OBJECT: the number of keys and values must match");
  }
  return object(
    keys.flatMap((key, index) => [key, values[index] ?? null]),
    keys.flatMap(() => [STRING, element]),
  );
}

function field(text: string, key: string): string | null {
  const tree = parseJson(text);
  const found = isObject(tree) ? tree.get(key) : undefined;
  return found === undefined ? null : printJson(found);
}

function element(text: string, index: bigint): string | null {
  const tree = parseJson(text);
  const found = isArray(tree) && index >= 0n ? tree[Number(index)] : undefined;
  return found === undefined ? null : printJson(found);
}

export const jsonFunctions: readonly Overload[] = [
  ...readers({
    names: ["JSON_QUERY", "JSON_EXTRACT"],
    results: [JSON_TYPE, STRING],
    read: query,
    readWritten: writtenQuery,
    path: constant(string),
  }),
  ...readers({
    names: ["JSON_VALUE", "JSON_EXTRACT_SCALAR"],
    results: [STRING, STRING],
    read: value,
    readWritten: writtenValue,
  }),
  ...readers({
    names: ["JSON_QUERY_ARRAY", "JSON_EXTRACT_ARRAY"],
    results: [arrayOf(JSON_TYPE), arrayOf(STRING)],
    read: queryArray,
    readWritten: writtenQueryArray,
  }),
  ...readers({
    names: ["JSON_VALUE_ARRAY", "JSON_EXTRACT_STRING_ARRAY"],
    results: [arrayOf(STRING), arrayOf(STRING)],
    read: valueArray,
    readWritten: writtenValueArray,
  }),
  define("$json_field", [json, string], JSON_TYPE, field),
  define("$json_element", [json, int64], JSON_TYPE, element),
  define("PARSE_JSON", [string, named("wide_number_mode", string)], JSON_TYPE, (text, mode) =>
    printJson(parseJson(text, widthMode(mode))),
  ),
  ...["TO_JSON", "SAFE_TO_JSON"].map((name) =>
    defineByType(
      name,
      [nullable(arbitrary), nullable(named("stringify_wide_numbers", bool))],
      JSON_TYPE,
      ([type]) =>
        (given, stringifies) =>
          stringifies === null
            ? null
            : printJson(
                jsonFromValue(given, type ?? STRING, {
                  stringifiesWideNumbers: stringifies === true,
                  stringifiesFractions: false,
                  shortensFloats: false,
                }),
              ),
      { seesNull: true },
    ),
  ),
  defineByType(
    "TO_JSON_STRING",
    [nullable(arbitrary), optional(nullable(bool))],
    STRING,
    ([type]) =>
      (given, pretty) => {
        if (pretty === null) return null;
        const tree = jsonFromValue(given, type ?? STRING, {
          stringifiesWideNumbers: true,
          stringifiesFractions: true,
          shortensFloats: true,
        });
        return pretty === true ? printJsonPretty(tree) : printJson(tree);
      },
    { seesNull: true },
  ),
  ...converters("BOOL", BOOL, boolFromJson),
  ...converters("STRING", STRING, stringFromJson),
  ...converters("INT64", INT64, int64FromJson),
  ...["FLOAT64", "DOUBLE"].flatMap((name) => [
    define(name, [json, named("wide_number_mode", string)], FLOAT64, (text, mode) =>
      floatFromJson(parseJson(text), mode ?? "round"),
    ),
    define(
      `${name}_ARRAY`,
      [json, named("wide_number_mode", string)],
      arrayOf(FLOAT64),
      (text, mode) => items(text).map((item) => floatFromJson(item, mode ?? "round")),
    ),
  ]),
  define("FLOAT32", [json, named("wide_number_mode", string)], FLOAT32, (text, mode) =>
    singleFromJson(parseJson(text), mode ?? "round"),
  ),
  define(
    "FLOAT32_ARRAY",
    [json, named("wide_number_mode", string)],
    arrayOf(FLOAT32),
    (text, mode) => items(text).map((item) => singleFromJson(item, mode ?? "round")),
  ),
  ...lax("BOOL", BOOL, laxBool),
  ...lax("INT64", INT64, laxInt64),
  ...lax("FLOAT64", FLOAT64, laxFloat),
  ...lax("FLOAT32", FLOAT32, (tree) => {
    const found = laxFloat(tree);
    if (found === null) return null;
    const single = Math.fround(found);
    return Number.isFinite(found) && !Number.isFinite(single) ? null : single;
  }),
  ...lax("STRING", STRING, laxString),
  defineByType(
    "JSON_OBJECT",
    [nullable(arrays(string)), nullable(arbitrary)],
    JSON_TYPE,
    ([, type]) =>
      (keys, values) =>
        objectOfArrays(
          keys,
          Array.isArray(values) ? values : null,
          type?.kind === "ARRAY" ? type.element : STRING,
        ),
    { seesNull: true },
  ),
  defineByType(
    "JSON_OBJECT",
    [nullable(anything)],
    JSON_TYPE,
    (types) =>
      (...values) =>
        object(values, types),
    {
      seesNull: true,
    },
  ),
  defineByType(
    "JSON_ARRAY",
    [nullable(anything)],
    JSON_TYPE,
    (types) =>
      (...values: readonly Value[]) =>
        printJson(values.map((each, index) => jsonFromValue(each, types[index] ?? STRING))),
    { seesNull: true },
  ),
  editor("JSON_SET", "create_if_missing", setAt),
  editor("JSON_ARRAY_APPEND", "append_each_element", appendAt),
  editor("JSON_ARRAY_INSERT", "insert_each_element", insertAt),
  define(
    "JSON_REMOVE",
    [nullable(json), nullable(constant(string)), nullable(repeated(constant(string)))],
    JSON_TYPE,
    (document, ...paths) => remove(document, paths),
    { seesNull: true },
  ),
  define(
    "JSON_STRIP_NULLS",
    [
      json,
      optional(constant(string)),
      constant(named("include_arrays", bool)),
      constant(named("remove_empty", bool)),
    ],
    JSON_TYPE,
    (document, path, includeArrays, removeEmpty) => {
      const options = {
        includesArrays: includeArrays !== false,
        removesEmpty: removeEmpty === true,
      };
      const tree = parseJson(document);
      if (path === undefined) return printJson(stripNulls(tree, options) ?? null);
      const change = (found: JsonTree | undefined): JsonTree =>
        found === undefined ? null : (stripNulls(found, options) ?? null);
      return printJson(changeAt(tree, parseJsonPath(path), change, false));
    },
  ),
  define(
    "JSON_KEYS",
    [json, optional(int64), named("mode", string)],
    arrayOf(STRING),
    (document, depth, mode) => {
      if (depth !== undefined && depth <= 0n) throw evaluationFailed("max_depth must be positive");
      return keysOf(parseJson(document), depth, keysMode(mode));
    },
  ),
  define("JSON_TYPE", [json], STRING, (text) => jsonTypeOf(parseJson(text))),
  define("JSON_CONTAINS", [json, json], BOOL, (document, wanted) =>
    contains(parseJson(document), parseJson(wanted)),
  ),
];
