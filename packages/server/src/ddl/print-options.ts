// SPDX-License-Identifier: Apache-2.0
// OPTIONS clauses in the form of GetDatabaseDdl.
import { type Expression, type Options, printExpression } from "@spandrel/sql";

/**
 * The clause with a space before it, an option a line; nothing when no option is set.
 *
 * `margin` stands before every line but the first.
 */
export function printOptions(options: Options | undefined, margin = ""): string {
  const entries = (options?.entries ?? [])
    .filter(({ value }) => value.kind !== "null")
    .map(({ name, value }) => `${margin}  ${name.name} = ${printOptionValue(value)}`);
  return entries.length === 0 ? "" : ` OPTIONS (\n${entries.join(",\n")}\n${margin})`;
}

/** The value of an option: texts in single quotation marks, words small. */
export function printOptionValue(value: Expression): string {
  if (value.kind === "boolean") return String(value.value);
  if (value.kind === "array") return `[${value.elements.map(printOptionValue).join(", ")}]`;
  if (value.kind !== "string") return printExpression(value);
  const escaped = JSON.stringify(value.value).slice(1, -1);
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
