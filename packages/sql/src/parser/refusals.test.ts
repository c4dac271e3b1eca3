// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SqlErrors } from "../text/errors.ts";
import { parseDdl, parseStatement } from "./parser.ts";

/** How a statement is refused. */
function refusal(parse: (text: string) => unknown, text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof SqlErrors) return error.describe();
    throw error;
  }
  return "accepted";
}

test("a refused query shows the place as Spanner does", () => {
  assert.equal(
    refusal(parseStatement, "SELECT 1 +\n  FROM t"),
    ["Syntax error: Unexpected keyword FROM [at 2:3]", "  FROM t", "  ^"].join("\n"),
  );
});

test("the messages are Spanner's", () => {
  const cases: [string, string][] = [
    ["SELECT", "Syntax error: Unexpected end of statement [at 1:7]"],
    ["SELECT FROM t", "Syntax error: SELECT list must not be empty [at 1:8]"],
    ["SELECT 1 2", 'Syntax error: Expected end of input but got integer literal "2" [at 1:10]'],
    ["SELECT 123abc", "Syntax error: Missing whitespace between literal and alias [at 1:11]"],
    ["SELECT a = b = c", 'Syntax error: Unexpected "=" [at 1:14]'],
    ["SELECT f(a", 'Syntax error: Expected ")" but got end of statement [at 1:11]'],
    [
      "SELECT (1)(2)",
      "Syntax error: Function call cannot be applied to this expression. Function calls require a path, e.g. a.b.c() [at 1:11]",
    ],
    [
      "SELECT a BETWEEN b = c AND d",
      "Syntax error: Expression in BETWEEN must be parenthesized [at 1:18]",
    ],
    ["SELECT * FROM (t)", 'Syntax error: Expected keyword JOIN but got ")" [at 1:17]'],
    ["SELECT * FROM @t", "Query parameters cannot be used in place of table names [at 1:15]"],
    ["SELECT 'a", "Syntax error: Unclosed string literal [at 1:8]"],
    ["SELECT 1; SELECT 2", "Syntax error: Expected end of input but got keyword SELECT [at 1:11]"],
    [
      "FROM t WHERE a",
      "Syntax error: WHERE not supported after FROM query; Consider using pipe operator `|> WHERE` [at 1:8]",
    ],
  ];
  for (const [text, expected] of cases) {
    assert.equal(refusal(parseStatement, text).split("\n")[0], expected, text);
  }
});

test("an error in the grammar is told before an unreadable piece behind it", () => {
  assert.match(
    refusal(parseStatement, "SELECT , 'abc"),
    /^Syntax error: Unexpected "," \[at 1:8\]/,
  );
});

test("a refused schema statement is told in the words of Spanner's schema parser", () => {
  const text = "CREATE TABLE U (\n  X INT64,\n  FOREIGN KEY() REFERENCES T(A)\n) PRIMARY KEY(X)";
  assert.equal(
    refusal(parseDdl, text),
    `Error parsing Spanner DDL statement: ${text} : ` +
      "Syntax error on line 3, column 15: Encountered ')' while parsing: identifier",
  );
  assert.match(
    refusal(parseDdl, "ALTER TABLE U ALTER COLUMN X INT64 PRIMARY KEY"),
    /Expecting 'EOF' but found 'PRIMARY'$/,
  );
});

test("a schema statement with a broken string is told once that its syntax is wrong", () => {
  assert.match(
    refusal(parseDdl, "CREATE TABLE t (a STRING(MAX) DEFAULT ('x)) PRIMARY KEY (a)"),
    / : Syntax error on line 1, column 40: Unclosed string literal$/,
  );
});

test("no semicolon may follow a schema statement", () => {
  assert.match(refusal(parseDdl, "DROP TABLE t;"), /Expecting 'EOF' but found ';'$/);
});

test("nesting has a bound, whatever nests", () => {
  const deep = 100_000;
  const openings = ["(", "NOT ", "- ", "f(", "[", "CASE WHEN ", "(SELECT ", "x -> ", "CAST("];
  for (const opening of openings) {
    const text = `SELECT ${opening.repeat(deep)}`;
    const message = refusal(parseStatement, text.replaceAll("x -> ", "f(x -> "));
    assert.match(message, /^Out of stack space due to deeply nested query expression/, opening);
  }
  for (const chained of ["+ 1 ", "|| 'a' ", "[0]", ".(a)"]) {
    const message = refusal(parseStatement, `SELECT (a) ${chained.repeat(deep)}`);
    assert.match(message, /^Out of stack space due to deeply nested query expression/, chained);
  }
});

/** Pieces of SQL in no order at all. */
const soup = fc
  .array(
    fc.constantFrom(
      ..."SELECT FROM WHERE GROUP BY ORDER LIMIT UNION ALL DISTINCT JOIN ON USING AS WITH CASE WHEN".split(
        " ",
      ),
      ..."THEN END CAST ARRAY STRUCT UNNEST EXISTS NOT NULL IN LIKE BETWEEN AND IS INTERVAL DAY".split(
        " ",
      ),
      ..."INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE INDEX ALTER ADD COLUMN PRIMARY KEY".split(
        " ",
      ),
      ...["(", ")", "[", "]", "<", ">", ">>", ",", ".", ";", "*", "-", "+", "|>", "->", "=>", "="],
      ...[
        "@",
        "@@",
        "@{",
        "}",
        "?",
        "a",
        "b",
        "`c`",
        "1",
        "2.5",
        "'s'",
        "b'x'",
        "'",
        "/*",
        "--",
        "\n",
      ],
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(" "));

test("whatever the text, the answer is a tree or SqlErrors", () => {
  for (const text of [soup, fc.string({ unit: "binary" })]) {
    fc.assert(
      fc.property(text, (candidate) => {
        refusal(parseStatement, candidate);
        refusal(parseDdl, candidate);
      }),
      { numRuns: 2000 },
    );
  }
});
