// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDdl, parseExpression, parseStatement } from "./parser/parser.ts";
import { printDdl, printExpression, printStatement } from "./print/print.ts";
import { describeTree } from "./tree/walk.ts";

test("statements come out in one canonical spelling", () => {
  const cases: [string, string][] = [
    ["select a,b from t where a<>1", "SELECT a, b FROM t WHERE a != 1"],
    ["select ((a+b))*c", "SELECT (a + b) * c"],
    ["select - -1, -(a+b)", "SELECT - -1, -(a + b)"],
    [
      "select * except(a) from t x left outer join u using(k)",
      "SELECT * EXCEPT (a) FROM t AS x LEFT JOIN u USING (k)",
    ],
    ["from t|>where a|>select b", "FROM t |> WHERE a |> SELECT b"],
    ["select 'it''s'", 'SELECT "its"'],
    ["select `order` from `Group`", "SELECT `order` FROM `Group`"],
    ["insert t(a) values(1),(default)", "INSERT INTO t (a) VALUES (1), (DEFAULT)"],
    ["delete t where a=@p then return a", "DELETE FROM t WHERE a = @p THEN RETURN a"],
  ];
  for (const [text, expected] of cases) {
    // Two strings side by side need a gap to be one string.
    assert.equal(printStatement(parseStatement(text.replace("''", "' '"))), expected);
  }
});

test("schema statements come out in one canonical spelling", () => {
  const cases: [string, string][] = [
    [
      "create table t(a int64 not null,b array<string(max)>,)primary key(a desc)",
      "CREATE TABLE t (a int64 NOT NULL, b ARRAY<string(MAX)>) PRIMARY KEY (a DESC)",
    ],
    ["create unique index i on t(a)storing(b)", "CREATE UNIQUE INDEX i ON t (a) STORING (b)"],
    ["alter table t add d int64", "ALTER TABLE t ADD COLUMN d int64"],
    ["drop sequence if exists s", "DROP SEQUENCE IF EXISTS s"],
    ["grant select(a),update on table t to role r", "GRANT SELECT(a), UPDATE ON TABLE t TO ROLE r"],
  ];
  for (const [text, expected] of cases) assert.equal(printDdl(parseDdl(text)), expected);
});

/** Expressions as people might write them: all operators, with and without parentheses. */
const expressionText = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(
    ..."a b.c @p 1 0x1F 2.5 'text' b'\\xff' NULL TRUE `order` [] [1,2] (1,2)".split(" "),
    ...["DATE '2024-01-01'", "(SELECT 1)", "ARRAY(SELECT a FROM t)", "EXISTS(SELECT 1 FROM t)"],
    ...["ARRAY<INT64>[1]", "STRUCT<x INT64>(1)", "COUNT(*)", "CURRENT_TIMESTAMP()"],
  ),
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc
      .tuple(
        tie("expression"),
        fc.constantFrom(..."+ - * / || & | ^ << >> = != < <= > >= AND OR LIKE".split(" ")),
        tie("expression"),
      )
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc
      .tuple(fc.constantFrom("-", "+", "~", "NOT "), tie("expression"))
      .map(([operator, operand]) => `${operator}(${operand})`),
    fc
      .tuple(tie("expression"), tie("expression"), tie("expression"))
      .chain(([first, second, third]) =>
        fc.constantFrom(
          `(${first}) BETWEEN (${second}) AND (${third})`,
          `(${first}) NOT IN ((${second}), (${third}))`,
          `(${first}) IS DISTINCT FROM (${second})`,
          `(${first}) IS NOT NULL`,
          `CASE ${first} WHEN ${second} THEN ${third} END`,
          `IF(${first}, ${second}, ${third})`,
          `f(${first}, name => ${second}, x -> ${third})`,
          `CAST(${first} AS ARRAY<STRUCT<x INT64, y STRING>>)`,
          `(${first})[OFFSET(${second})].field`,
          `STRUCT(${first} AS a, ${second})`,
          `EXTRACT(DAY FROM ${first} AT TIME ZONE ${second})`,
          `INTERVAL (${first}) DAY`,
          `(${first}).g(${second})`,
        ),
      ),
  ),
}));

test("printing an expression and parsing it again changes nothing", () => {
  fc.assert(
    fc.property(expressionText.expression, (text) => {
      const tree = parseExpression(text);
      const printed = printExpression(tree);
      const again = parseExpression(printed);
      assert.equal(describeTree(again), describeTree(tree));
      assert.equal(printExpression(again), printed);
    }),
    { numRuns: 1000 },
  );
});

test("printing a statement and parsing it again changes nothing", () => {
  const statements = [
    "WITH a AS (SELECT 1 AS x), b AS (SELECT 2) SELECT DISTINCT AS STRUCT * FROM a, b",
    "SELECT a.*, b.x FROM (a CROSS JOIN b) TABLESAMPLE BERNOULLI (10 PERCENT)",
    "SELECT * FROM a JOIN b JOIN c ON x ON y",
    "SELECT * FROM a, UNNEST(z) AS w WITH OFFSET AS o",
    "(SELECT 1 ORDER BY 1 LIMIT 2) UNION DISTINCT (SELECT 3) ORDER BY 1 DESC NULLS LAST LIMIT 1 OFFSET @o",
    "SELECT 1 FROM t GROUP@{GROUP_METHOD=HASH_GROUP} BY a, ROLLUP(b, (c, d)) HAVING COUNT(*) > 1 FOR UPDATE",
    "FROM t |> EXTEND a + 1 AS b |> SET a = 2 |> DROP c |> RENAME d AS e |> AS u |> DISTINCT |> LEFT JOIN v USING (k) |> UNION ALL (SELECT 1), (SELECT 2)",
    "@{LOCK_SCANNED_RANGES=exclusive} UPDATE t@{FORCE_INDEX=_BASE_TABLE} AS u SET a = DEFAULT, b.c = 1 WHERE TRUE THEN RETURN WITH ACTION AS z *",
    "INSERT OR IGNORE INTO t (a, b) SELECT 1, 2",
    "CALL cancel_query('x')",
  ];
  for (const text of statements) {
    const tree = parseStatement(text);
    const printed = printStatement(tree);
    const again = parseStatement(printed);
    assert.equal(describeTree(again), describeTree(tree), text);
    assert.equal(printStatement(again), printed);
  }
});
