// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { SqlErrors } from "../text/errors.ts";
import { parseDdl, parseStatement } from "./parser.ts";

/** A text with all that is wrong with it, each error under its place. */
function marked(parse: (text: string) => unknown, text: string): string {
  try {
    parse(text);
  } catch (thrown) {
    if (!(thrown instanceof SqlErrors)) throw thrown;
    const marks = thrown.errors.map(({ column, message }) => {
      return `${" ".repeat(column - 1)}^ ${message.replace("Syntax error: ", "")}`;
    });
    return [text, ...marks].join("\n");
  }
  return text;
}

/** A picture without the line breaks and the margin of its template. */
function picture(template: string): string {
  return template.replace(/^\n/, "").replaceAll(/^ {4}/gm, "").trimEnd();
}

function assertMarked(parse: (text: string) => unknown, template: string): void {
  const expected = picture(template);
  assert.equal(marked(parse, expected.split("\n")[0] ?? ""), expected);
}

test("every item of a list is read, whatever is wrong with the one before", () => {
  assertMarked(
    parseStatement,
    `
    SELECT a, b +, c FROM t GROUP BY , y ORDER BY z NULLS, w
                 ^ Unexpected ","
                                     ^ Unexpected ","
                                                         ^ Expected keyword FIRST or keyword LAST but got ","
  `,
  );
  assertMarked(
    parseStatement,
    `
    INSERT INTO t (a,) VALUES (1, 2 +), (, 3) THEN RETURN a
                     ^ Unexpected ")"
                                     ^ Unexpected ")"
                                         ^ Unexpected ","
  `,
  );
});

test("a clause behind a wrong one is read", () => {
  assertMarked(
    parseStatement,
    `
    SELECT a FROM t JOIN ON b WHERE x = = 1 LIMIT
                         ^ Unexpected keyword ON
                                        ^ Unexpected "="
                                                 ^ Unexpected end of statement
  `,
  );
  assertMarked(
    parseStatement,
    `
    FROM t |> WHERE |> SELECT a, , b |> LIMIT
                    ^ Unexpected "|>"
                                 ^ Unexpected ","
                                             ^ Unexpected end of statement
  `,
  );
  assertMarked(
    parseStatement,
    `
    GRAPH g MATCH (a)-[e->(b) LET x = , y = a.y + RETURN x y
                        ^ Expected "]" but got "->"
                                      ^ Unexpected ","
                                                         ^ Expected keyword INSERT or keyword RETURN but got identifier "x"
  `,
  );
});

test("what is wrong in parentheses stays there", () => {
  assertMarked(
    parseStatement,
    `
    SELECT CAST(a INT64), f(b, , c), (SELECT 1 +) FROM t WHERE (a
                  ^ Expected keyword AS but got identifier "INT64"
                               ^ Unexpected ","
                                                ^ Unexpected ")"
                                                                 ^ Expected "," but got end of statement
  `,
  );
  assertMarked(
    parseStatement,
    `
    WITH a AS (SELECT 1 +), b AS (SELECT FROM t) SELECT * FROM a, b WHERE 'x
                         ^ Unexpected ")"
                                         ^ SELECT list must not be empty
                                                                          ^ Unclosed string literal
  `,
  );
});

test("a parenthesis that never closes holds nothing back behind the next clause", () => {
  assertMarked(
    parseStatement,
    `
    SELECT f(a FROM t WHERE x = GROUP BY
               ^ Expected ")" but got keyword FROM
                                ^ Unexpected keyword GROUP
                                        ^ Unexpected end of statement
  `,
  );
});

test("where nothing else helps, the clauses are read each for itself", () => {
  assertMarked(
    parseStatement,
    `
    SELECT a b c, d FROM t WHERE x = GROUP BY y z ORDER BY , z LIMIT 2
               ^ Expected end of input but got identifier "c"
                                     ^ Unexpected keyword GROUP
                                                           ^ Unexpected ","
  `,
  );
  assertMarked(
    parseStatement,
    `
    UPDATE t SET a = 1 b = 2 WHERE c = (SELECT d + FROM u WHERE)
                       ^ Expected end of input but got identifier "b"
                                                   ^ Unexpected keyword FROM
                                                               ^ Unexpected ")"
  `,
  );
});

test("every column of a table is read", () => {
  assertMarked(
    parseDdl,
    `
    CREATE TABLE t (a INT64 NOT, b STRING(, 5), c INT64 DEFAULT (1 +)) PRIMARY KEY (a DOWN)
                            ^ Expecting ') or ,' but found 'NOT'
                                          ^ Encountered ',' while parsing: identifier
                                                                    ^ Encountered ')' while parsing: identifier
                                                                                      ^ Expecting ') or ,' but found 'DOWN'
  `,
  );
});

test("the first error is told as if it were the only one", () => {
  try {
    parseStatement("SELECT a +,\n  b +,\n  c");
    assert.fail("must be refused");
  } catch (thrown) {
    assert.ok(thrown instanceof SqlErrors);
    assert.equal(
      thrown.describe(),
      'Syntax error: Unexpected "," [at 1:11]\nSELECT a +,\n          ^',
    );
    assert.deepEqual(
      thrown.errors.map(({ line, column }) => `${line}:${column}`),
      ["1:11", "2:6"],
    );
  }
});

test("a text that is wrong all over is told twenty errors", () => {
  try {
    parseStatement(`SELECT ${"+, ".repeat(100)}`);
    assert.fail("must be refused");
  } catch (thrown) {
    assert.ok(thrown instanceof SqlErrors);
    assert.equal(thrown.errors.length, 20);
  }
});
