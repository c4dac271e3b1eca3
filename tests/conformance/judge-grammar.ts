// SPDX-License-Identifier: Apache-2.0
// Texts that the grammar takes or refuses. Graph queries wait until there are graphs.
import { parseDdl, parseExpression, parseStatement, SqlErrors } from "@spandrel/sql";
import type { GrammarCase } from "./data.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Parses a text as what it claims to be. */
export function judgeGrammar({ sql, ok, bad = false, kind, stmt }: GrammarCase): Verdict {
  if (stmt === "gql" || kind?.startsWith("gql") === true) return { kind: "waiting", for: "graph" };
  const isGood = ok ?? !bad;
  try {
    parse(kind, sql);
    return verdictOf(isGood ? undefined : "taken, but must be refused");
  } catch (thrown) {
    if (!(thrown instanceof SqlErrors)) throw thrown;
    return verdictOf(isGood ? `refused: ${thrown.message}` : undefined);
  }
}

function parse(kind: string | undefined, sql: string): void {
  switch (kind) {
    case "expr":
      parseExpression(sql);
      return;
    case "ddl":
      parseDdl(sql);
      return;
    case "statement":
      parseEither(sql);
      return;
    default:
      parseStatement(sql);
  }
}

function parseEither(sql: string): void {
  try {
    parseStatement(sql);
  } catch (thrown) {
    if (!(thrown instanceof SqlErrors)) throw thrown;
    parseDdl(sql);
  }
}
