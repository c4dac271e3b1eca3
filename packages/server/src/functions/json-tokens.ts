// SPDX-License-Identifier: Apache-2.0
// The tokens of a document: every path in it, and what stands at its ends. Nothing is searched by them
// here; DEBUG_TOKENLIST shows them, in a format of its own.
// https://cloud.google.com/spanner/docs/reference/standard-sql/search_functions#tokenize_json
import { isArray, isObject, type JsonTree, parseJson, printJson } from "./json-text.ts";

export function jsonTokens(document: string): readonly string[] {
  const tokens = new Set<string>();
  collect(parseJson(document), "$", tokens);
  return [...tokens];
}

function collect(tree: JsonTree, path: string, tokens: Set<string>): void {
  if (isArray(tree)) {
    tokens.add(`${path}[]`);
    for (const item of tree) collect(item, `${path}[]`, tokens);
  } else if (isObject(tree)) {
    tokens.add(path);
    for (const [key, value] of tree) collect(value, `${path}.${key}`, tokens);
  } else tokens.add(`${path}==${printJson(tree)}`);
}
