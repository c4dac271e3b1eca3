// SPDX-License-Identifier: Apache-2.0

import { quoteIdentifier } from "../lexer/quote.ts";
import type { Hint, Options } from "../tree/hint.ts";
import { type Printer, printIdentifier } from "./printer.ts";

/** `@{name=value, …}`, or nothing. */
export function printHint(printer: Printer, hint: Hint | undefined): string {
  if (hint === undefined) return "";
  const shards = hint.shards === undefined ? "" : `@${hint.shards}`;
  if (hint.entries.length === 0) return shards;
  const entries = hint.entries.map((entry) => {
    const qualifier =
      entry.qualifier === undefined ? "" : `${quoteIdentifier(entry.qualifier.name)}.`;
    return `${qualifier}${printIdentifier(entry.name)}=${printer.expression(entry.value)}`;
  });
  return `${shards}@{${entries.join(", ")}}`;
}

/** `OPTIONS (name = value, …)`, or nothing. */
export function printOptions(printer: Printer, options: Options | undefined): string {
  if (options === undefined) return "";
  const entries = options.entries.map(
    (entry) => `${printIdentifier(entry.name)} = ${printer.expression(entry.value)}`,
  );
  return `OPTIONS (${entries.join(", ")})`;
}
