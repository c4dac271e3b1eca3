// SPDX-License-Identifier: Apache-2.0

/**
 * From trees back to text.
 *
 * The text is one line in a canonical spelling: keywords in capitals, names quoted only where they
 * must be, strings in double quotes, parentheses only where the tree needs them. Parsing it gives
 * the same tree again, positions aside. It is not what Spanner returns from GetDatabaseDdl, which
 * has a layout of its own.
 *
 * There is one function per kind of node, one file per family. A family reaches the families above
 * it through the `Printer` it is handed.
 */
import { quoteIdentifier } from "../lexer/quote.ts";
import type { Expression } from "../tree/expression.ts";
import type { GraphQuery } from "../tree/graph.ts";
import type { Identifier, Path } from "../tree/position.ts";
import type { Query } from "../tree/query.ts";

/** The functions through which trees are recursive. */
export interface Printer {
  expression(expression: Expression): string;
  query(query: Query): string;
  graphTableQuery(query: GraphQuery): string;
}

/** A name, quoted if need be. */
export function printIdentifier(identifier: Identifier): string {
  return quoteIdentifier(identifier.name);
}

/** Names joined by dots. */
export function printPath(path: Path): string {
  return path.parts.map(printIdentifier).join(".");
}

/** `(a, b)`. */
export function printColumns(columns: readonly Identifier[]): string {
  return `(${columns.map(printIdentifier).join(", ")})`;
}

/** ` AS name`, or nothing. */
export function printAlias(alias: Identifier | undefined): string {
  return alias === undefined ? "" : ` AS ${printIdentifier(alias)}`;
}

/** The parts that are not empty, with single spaces between them. */
export function words(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join(" ");
}
