// SPDX-License-Identifier: Apache-2.0
// JSON without losses: a whole number beyond what a JavaScript number holds is read as a bigint, and
// a bigint is written as the number it is.
import { badValue, valueWithoutType } from "./bad-value.ts";

/** What JSON text becomes. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonValue[]
  | { [name: string]: JsonValue };

// The text of a number is the third argument of a reviver; the library's types do not know it yet.
type Revive = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, revive?: Revive) => JsonValue;

const maybeLarge = /\d{16}/;
const wholeNumber = /^-?\d+$/;

/**
 * Reads JSON text.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it is none.
 */
export function parseJson(text: string): JsonValue {
  try {
    return maybeLarge.test(text) ? parse(text, keepLarge) : parse(text);
  } catch {
    throw badValue("JSON", text); // A syntax error says less than the text itself.
  }
}

function keepLarge(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return wholeNumber.test(source) ? BigInt(source) : value;
}

/**
 * Writes JSON text; what `JSON.stringify` leaves out is left out, and bigint becomes a number.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a value that JSON cannot say, such as a function.
 */
export function printJson(value: unknown): string {
  const text = print(value);
  if (text === undefined) throw valueWithoutType(value);
  return text;
}

function print(value: unknown): string | undefined {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if ("toJSON" in value && typeof value.toJSON === "function") return print(value.toJSON());
  if (Array.isArray(value)) return `[${value.map((item) => print(item) ?? "null").join(",")}]`;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const text = print(member);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${members.join(",")}}`;
}
