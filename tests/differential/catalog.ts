// SPDX-License-Identifier: Apache-2.0
// The signatures that calls are made from, as the server's own golden lists them.
import { readFileSync } from "node:fs";

/** One parameter of a signature. */
export interface CatalogParameter {
  /** A type as SQL prints it, `ANY`, `ANY_2`, `ANYTHING`, `PART`, or a lambda `(ANY) -> BOOL`. */
  readonly type: string;
  readonly name: string | undefined;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}

/** One line of the catalog. */
export interface Signature {
  readonly name: string;
  readonly isAggregate: boolean;
  readonly parameters: readonly CatalogParameter[];
  readonly result: string;
}

const file = new URL("../../packages/server/golden/functions/catalog.txt", import.meta.url);

/** Reads the list. */
export function readCatalog(): readonly Signature[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map(readSignature);
}

function readSignature(line: string): Signature {
  const [, kind = "", name = "", inside = "", result = ""] =
    /^(\w+) ([\w.]+)\((.*)\) -> (\S+)$/.exec(line) ?? [];
  const parameters = splitList(inside).map(readParameter);
  return { name, isAggregate: kind === "aggregate", parameters, result };
}

function readParameter(text: string): CatalogParameter {
  const [, name, type = "", mark] = /^(?:(\w+) => )?(.*?)(\?|\.\.\.)?$/.exec(text) ?? [];
  return { type, name, isOptional: mark !== undefined, isRepeated: mark === "..." };
}

/** Splits at the commas that are in no bracket. */
export function splitList(text: string): readonly string[] {
  const found: string[] = [];
  let [depth, start] = [0, 0];
  for (const [index, character] of [...text].entries()) {
    const isArrow = character === ">" && "-=".includes(text[index - 1] ?? " ");
    if ("<(".includes(character)) depth++;
    if (")>".includes(character) && !isArrow) depth--;
    if (character !== "," || depth > 0) continue;
    found.push(text.slice(start, index).trim());
    start = index + 1;
  }
  const last = text.slice(start).trim();
  return last === "" ? found : [...found, last];
}
