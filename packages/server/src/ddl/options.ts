// SPDX-License-Identifier: Apache-2.0
// OPTIONS clauses: which options a kind of thing has, and what each may be set to. A wrong name or
// value is an error of the statement's text, told before anything else about the statement is.
import type { Expression, OptionEntry, Options } from "@spandrel/sql";
import { invalidOptionValue, repeatedOption, unknownOption } from "../errors/schema.ts";
import type { ChangeContext } from "./schema-change.ts";

/** What an option may be set to, beside NULL. */
export type OptionKind = "boolean" | "string" | "integer" | "strings";

/** The options of a kind of thing, in the order in which GetDatabaseDdl shows them. */
export type OptionRules = Readonly<Record<string, OptionKind>>;

const valuesOf: Readonly<Record<OptionKind, string>> = {
  boolean: "true, false, and null",
  string: "strings and NULL",
  integer: "integers and NULL",
  strings: "arrays of strings and NULL",
};

/** @throws {StatusError} INVALID_ARGUMENT for an option that is unknown, repeated, or wrongly set. */
export function requireOptions(
  options: Options | undefined,
  rules: OptionRules,
  { text }: ChangeContext,
): void {
  const seen = new Set<string>();
  for (const { name, value } of options?.entries ?? []) {
    const kind = rules[name.name];
    if (kind === undefined) throw unknownOption(text, name.name);
    if (seen.has(name.name)) throw repeatedOption(text, name.name);
    seen.add(name.name);
    if (!isOfKind(value, kind)) throw invalidOptionValue(text, name.name, valuesOf[kind]);
  }
}

function isOfKind(value: Expression, kind: OptionKind): boolean {
  if (value.kind === "null") return true;
  if (kind === "integer") return integerOf(value) !== undefined;
  if (kind === "strings") {
    return value.kind === "array" && value.elements.every((each) => each.kind === "string");
  }
  return value.kind === kind;
}

function integerOf(value: Expression): bigint | undefined {
  if (value.kind === "integer") return value.value;
  if (value.kind !== "unary" || value.operator !== "-") return undefined;
  const positive = integerOf(value.operand);
  return positive === undefined ? undefined : -positive;
}

/** Options with others set over them; an option that is set to NULL goes. */
export function mergeOptions(before: Options | undefined, set: Options): Options {
  const names = new Set(set.entries.map((entry) => entry.name.name));
  const kept = (before?.entries ?? []).filter((entry) => !names.has(entry.name.name));
  return {
    ...set,
    entries: [...kept, ...set.entries.filter(({ value }) => value.kind !== "null")],
  };
}

/** The options in the order of the rules, those that are set to NULL left out. */
export function inOrderOf(rules: OptionRules, options: Options): Options {
  const places = Object.keys(rules);
  const placeOf = ({ name }: OptionEntry): number => places.indexOf(name.name);
  const set = options.entries.filter(({ value }) => value.kind !== "null");
  return { ...options, entries: set.sort((left, right) => placeOf(left) - placeOf(right)) };
}

function findValue(options: Options | undefined, name: string): Expression | undefined {
  return options?.entries.find((entry) => entry.name.name === name)?.value;
}

/** Whether an option is set, to something other than NULL. */
export function isSet(options: Options | undefined, name: string): boolean {
  const value = findValue(options, name);
  return value !== undefined && value.kind !== "null";
}

/** The text that an option is set to, if it is. */
export function textOption(options: Options | undefined, name: string): string | undefined {
  const value = findValue(options, name);
  return value?.kind === "string" ? value.value : undefined;
}

/** The number that an option is set to, if it is. */
export function integerOption(options: Options | undefined, name: string): bigint | undefined {
  const value = findValue(options, name);
  return value && integerOf(value);
}

/** Whether an option is true or false, if it is set. */
export function booleanOption(options: Options | undefined, name: string): boolean | undefined {
  const value = findValue(options, name);
  return value?.kind === "boolean" ? value.value : undefined;
}
