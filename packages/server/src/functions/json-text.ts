// SPDX-License-Identifier: Apache-2.0
// JSON documents in functions: what is wrong with a text is an error of evaluation.
import {
  JsonFormatError,
  type JsonTree,
  parseJson as parse,
  printJson,
  type WideNumberMode,
} from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";

export {
  isArray,
  isObject,
  type JsonTree,
  printJson,
  printJsonNumber,
  printJsonPretty,
  type WideNumberMode,
} from "@spandrel/model";

/**
 * Reads a document.
 *
 * @throws {StatusError} OUT_OF_RANGE when the text is no JSON, or has a number that does not fit.
 */
export function parseJson(text: string, mode: WideNumberMode = "exact"): JsonTree {
  try {
    return parse(text, mode);
  } catch (thrown) {
    if (!(thrown instanceof JsonFormatError)) throw thrown;
    throw evaluationFailed(`Invalid input to PARSE_JSON: ${thrown.message}`);
  }
}

/**
 * The normalized text of a document given as text.
 *
 * @throws {StatusError} as `parseJson` does.
 */
export function normalizeJson(text: string): string {
  return printJson(parseJson(text));
}
