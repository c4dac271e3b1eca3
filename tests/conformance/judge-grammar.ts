// SPDX-License-Identifier: Apache-2.0
// Texts that the grammar takes or refuses. What it takes must also survive printing: the printed
// text is taken again, and comes out the same.
import {
  parseDdl,
  parseExpression,
  parseStatement,
  printDdl,
  printExpression,
  printStatement,
  SqlErrors,
} from "@spandrel/sql";
import type { GrammarCase } from "./data.ts";
import { foreignConstructOf } from "./not-in-spanner.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Parses a text as what it claims to be, and prints it if it is good. */
export function judgeGrammar(given: GrammarCase): Verdict {
  const construct = foreignConstructOf(given);
  if (construct !== undefined) return { kind: "foreign", construct };
  const { sql, ok, bad = false, kind } = given;
  const isGood = ok ?? !bad;
  try {
    const printed = canonicalText(kind, sql);
    if (!isGood) return verdictOf("taken, but must be refused");
    const again = canonicalText(kind, printed);
    return verdictOf(again === printed ? undefined : `printed ${printed}, and then ${again}`);
  } catch (thrown) {
    if (!(thrown instanceof SqlErrors)) throw thrown;
    return verdictOf(isGood ? `refused: ${thrown.message}` : undefined);
  }
}

/** Parses a text and prints it. */
function canonicalText(kind: string | undefined, sql: string): string {
  switch (kind) {
    case "expr":
      return printExpression(parseExpression(sql));
    case "ddl":
      return printDdl(parseDdl(sql));
    case "statement":
      return canonicalTextOfEither(sql);
    case "gql_graph_pattern":
      return canonicalPattern(sql);
    default:
      return printStatement(parseStatement(sql));
  }
}

function canonicalTextOfEither(sql: string): string {
  try {
    return printStatement(parseStatement(sql));
  } catch (thrown) {
    if (!(thrown instanceof SqlErrors)) throw thrown;
    return printDdl(parseDdl(sql));
  }
}

const beforePattern = "GRAPH g MATCH";
const afterPattern = " RETURN *";

/** A pattern stands in a query, out of which it is taken again. */
function canonicalPattern(sql: string): string {
  const text = printStatement(parseStatement(`${beforePattern} ${sql}${afterPattern}`));
  return text.slice(beforePattern.length, -afterPattern.length).trim();
}
