// SPDX-License-Identifier: Apache-2.0
// What the parser may be given: anything. Each time it answers with a tree or with SqlErrors, soon,
// and without running out of stack. What a tree prints as is taken again.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  childrenOf,
  describeTree,
  parseDdl,
  parseExpression,
  parseStatement,
  parseType,
  printDdl,
  printExpression,
  printStatement,
  printType,
  SqlErrors,
  splitStatements,
  walk,
} from "@spandrel/sql";
import fc from "fast-check";

/** Parses a text and prints what comes of it; undefined when there is no such statement. */
type Reading = (text: string) => string | undefined;

function reading<T>(parse: (text: string) => T, print: (tree: T) => string): Reading {
  return (text) => {
    try {
      return print(parse(text));
    } catch (thrown) {
      if (!(thrown instanceof SqlErrors)) throw thrown;
      assert.ok(thrown.errors.length >= 1 && thrown.errors.length <= 20);
      for (const { position, line, column } of thrown.errors) {
        assert.ok(position.start >= 0 && position.start <= text.length);
        assert.ok(line >= 1 && column >= 1);
      }
      assert.ok(thrown.describe().includes(thrown.message));
      return undefined;
    }
  };
}

const readings: readonly Reading[] = [
  reading(parseStatement, printStatement),
  reading(parseDdl, printDdl),
  reading(parseExpression, printExpression),
  reading(parseType, printType),
];

/** Every parse answers, and what it takes it takes again when printed. */
function answers(text: string): void {
  for (const read of readings) {
    const printed = read(text);
    if (printed !== undefined) assert.equal(read(printed), printed, text);
  }
  const pieces = splitStatements(text);
  for (const { position } of pieces) assert.ok(position.end <= text.length);
}

/** Texts that once were trouble, or nearly so. */
const kept: readonly string[] = [
  "",
  ";",
  "\0",
  "\ufeffSELECT 1",
  "SELECT '\ud800', \udfff",
  "SELECT `\ud83d`",
  "SELECT '\\",
  "SELECT '''",
  'SELECT r"\\"',
  "SELECT b'\\xf' '",
  "SELECT /*/",
  "SELECT 1 -- no end",
  "SELECT 0x",
  "SELECT 1e",
  "SELECT .e1",
  "SELECT 1.E0x1, 0x1.E1",
  "SELECT @{",
  "SELECT @",
  "SELECT @@",
  "SELECT a.",
  "SELECT a.*.*",
  "SELECT a.(",
  "SELECT ((((1)",
  "SELECT f(x ->",
  "SELECT (,",
  "SELECT ]",
  "SELECT [,]",
  "SELECT CASE WHEN",
  "SELECT INTERVAL 1",
  "SELECT 1 AS `order`.`x`",
  "SELECT * EXCEPT (",
  "SELECT NEW",
  "SELECT NEW a {b: {c {",
  "SELECT {}.a",
  "SELECT VALUE {",
  "SELECT x IS LABELED",
  "SELECT x IS SOURCE",
  "SELECT x IN {GRAPH g RETURN",
  "SELECT * FROM GRAPH_TABLE(",
  "SELECT * FROM GRAPH_TABLE(g MATCH (a) COLUMNS (",
  "GRAPH",
  "GRAPH g",
  "GRAPH g MATCH",
  "GRAPH g MATCH (",
  "GRAPH g MATCH (a)-[",
  "GRAPH g MATCH (a)<",
  "GRAPH g MATCH (:!",
  "GRAPH g MATCH ->{",
  "GRAPH g MATCH ->{,} RETURN 1",
  "GRAPH g MATCH <-[]- -[]-> RETURN *",
  "GRAPH g CALL {CALL {",
  "GRAPH g RETURN 1 UNION",
  "FROM t |>",
  "FROM t |> |>",
  "WITH a AS",
  "INSERT INTO t VALUES (",
  "UPDATE t SET (UPDATE t SET (",
  "CREATE TABLE t (,",
  "CREATE TABLE t (a STRING(",
  "CREATE PROPERTY GRAPH g NODE TABLES (",
  "ALTER TABLE t ADD COLUMN",
];

test("texts that were trouble once are answered", () => {
  for (const text of kept) answers(text);
});

/** A mark over and over, or a piece or a list up to a million characters long. */
const large: readonly [string, string][] = [
  ..."( ) [ ] { } , . ; + - * ' ` @ ? < > | & ! % $ \\"
    .split(" ")
    .map((mark): [string, string] => [
      mark,
      `SELECT ${mark.repeat(mark === "(" ? 1_000_000 : 200_000)}`,
    ]),
  ["blanks", " ".repeat(1_000_000)],
  ["line breaks", `${"\n".repeat(1_000_000)}SELECT (`],
  ["an integer", `SELECT ${"9".repeat(1_000_000)}`],
  ["an exponent", `SELECT 1e${"9".repeat(1_000_000)}`],
  ["a name", `SELECT ${"a".repeat(1_000_000)}`],
  ["a string", `SELECT '${"x".repeat(1_000_000)}'`],
  ["a string that never ends", `SELECT '${"\\n".repeat(500_000)}`],
  ["escapes", `SELECT b'${"\\xff".repeat(250_000)}'`],
  ["strings side by side", `SELECT ${"'a' ".repeat(100_000)}`],
  ["items", `SELECT ${Array(200_000).fill("a").join(", ")}`],
  ["errors", `SELECT ${"f(a b), ".repeat(100_000)}`],
  ["errors in errors", `SELECT ${"f(".repeat(150)}${"a b, ".repeat(100_000)}`],
];

test("a great many characters of one kind are answered, the deep ones with a refusal", () => {
  for (const [name, text] of large) {
    const started = process.hrtime.bigint();
    for (const read of readings.slice(0, 2)) read(text);
    const millis = Number(process.hrtime.bigint() - started) / 1e6;
    assert.ok(millis < 20_000, `${name} took ${millis} ms`);
  }
});

test("nesting of any kind is bounded, and the refusal says so", () => {
  const openings: readonly string[] = [
    ..."( [ { NOT f( ~ -~ (1, EXISTS( ARRAY( (SELECT ".split(" "),
    "CASE WHEN ",
    "CAST(a AS ARRAY<",
    "CAST(a AS STRUCT<b ",
    "IF(",
    "NEW a {b: ",
    "EXISTS {MATCH (a WHERE ",
    "INTERVAL ",
    "WITH(a AS ",
    "STRUCT(",
    "x IN (",
    "VALUE {CALL {",
  ];
  for (const opening of openings) {
    const text = `SELECT ${`${opening} `.repeat(50_000)}`;
    assert.throws(() => parseStatement(text), SqlErrors, opening);
  }
  for (const opening of ["MATCH (", "MATCH (a:!", "MATCH (a:(", "CALL {", "FILTER EXISTS {("]) {
    assert.throws(() => parseStatement(`GRAPH g ${opening.repeat(50_000)}`), SqlErrors, opening);
  }
  assert.throws(
    () => parseStatement(`SELECT ${"(".repeat(1_000_000)}`),
    /^SqlErrors: Out of stack space due to deeply nested query expression \[at 1:\d+\]$/,
  );
});

test("ten thousand terms are a wide tree or a refusal", () => {
  const terms = Array.from({ length: 10_000 }, (_, place) => `a = ${place}`);
  const wide = parseStatement(`SELECT * FROM t WHERE ${terms.join(" OR ")}`);
  let nodes = 0;
  walk(wide, () => {
    nodes += 1;
    return true;
  });
  assert.ok(nodes > 40_000);
  assert.equal(printStatement(wide), `SELECT * FROM t WHERE ${terms.join(" OR ")}`);
  assert.ok(describeTree(wide).length > 100_000);
  assert.throws(() => parseStatement(`SELECT ${terms.join(" + ")}`), SqlErrors);
});

test("a list of any length can be walked", () => {
  const long = parseExpression(`[${Array(300_000).fill("1").join(", ")}]`);
  assert.equal(childrenOf(long).length, 300_000);
  let nodes = 0;
  walk(long, () => {
    nodes += 1;
    return true;
  });
  assert.equal(nodes, 300_001);
});

const words: readonly string[] = [
  ..."SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET UNION ALL DISTINCT JOIN LEFT ON USING".split(
    " ",
  ),
  ..."AS WITH CASE WHEN THEN ELSE END CAST ARRAY STRUCT UNNEST EXISTS NOT NULL IN LIKE BETWEEN".split(
    " ",
  ),
  ..."AND OR IS INTERVAL DAY NEW VALUE TABLESAMPLE INSERT INTO VALUES UPDATE SET DELETE RETURN".split(
    " ",
  ),
  ..."CREATE TABLE INDEX ALTER ADD COLUMN PRIMARY KEY DEFAULT CHECK INTERLEAVE PROPERTY NODE".split(
    " ",
  ),
  ..."GRAPH GRAPH_TABLE MATCH OPTIONAL LET FILTER FOR NEXT CALL PER YIELD SKIP ANY SHORTEST".split(
    " ",
  ),
  ..."TRAIL LABELED SOURCE OF COST COLUMNS ( ) [ ] { } < > >> , . ; : * - + | |> -> => = != ! %".split(
    " ",
  ),
  ..."@ @@ @{ ? a b.c `d` 1 2.5 0x1F 's' b'x' r'\\' ''' ' /* */ -- # \n \ud800 \u2028".split(" "),
];

const soup = fc
  .array(fc.constantFrom(...words), { maxLength: 60 })
  .chain((pieces) => fc.constantFrom(" ", "").map((gap) => pieces.join(gap)));

/** Statements that are right, to be spoiled. */
const seeds: readonly string[] = [
  "SELECT a, COUNT(*) AS n FROM t@{FORCE_INDEX=i} AS x JOIN u USING (k) WHERE a IN (1, 2) GROUP BY a",
  "WITH w AS (SELECT 1) SELECT ARRAY(SELECT AS STRUCT * FROM w), CASE a WHEN 1 THEN 'x' END FROM w",
  "FROM t |> WHERE a = @p |> AGGREGATE SUM(b) AS s GROUP BY c |> ORDER BY s DESC |> LIMIT 3",
  "INSERT OR UPDATE INTO t (a, b) VALUES (1, DEFAULT), (2, b'\\x00') THEN RETURN WITH ACTION *",
  "UPDATE t SET a.b = [1, 2], c = NEW m.M {x: 1 y {z: 2}} WHERE d BETWEEN 1 AND 2",
  "GRAPH g MATCH p = ANY SHORTEST (a:P&!Q {x: 1})-[e:K WHERE e.w > 2]->{1,3}(b) RETURN p NEXT RETURN *",
  "SELECT * FROM GRAPH_TABLE(g MATCH (a)<-[e]-(b) FILTER EXISTS {(a)->(c)} RETURN a.x UNION ALL RETURN 1)",
  "CREATE TABLE t (a INT64 NOT NULL, b ARRAY<STRING(MAX)> DEFAULT ([]), CHECK (a > 0)) PRIMARY KEY (a)",
  "CREATE PROPERTY GRAPH g NODE TABLES (t KEY (a) LABEL l PROPERTIES (a AS x)) EDGE TABLES (e)",
];

/** A right statement with a stretch of it taken out, doubled, or replaced. */
const spoiled = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.nat(),
    fc.nat(12),
    fc.constantFrom("", ...words),
    fc.boolean(),
  )
  .map(([seed, place, length, put, isDoubled]) => {
    const start = place % seed.length;
    const taken = seed.slice(start, start + length);
    return (
      seed.slice(0, start) + put + (isDoubled ? taken + taken : "") + seed.slice(start + length)
    );
  });

const bytes = fc
  .uint8Array({ maxLength: 200 })
  .map((sequence) => new TextDecoder("utf-8").decode(sequence));

test("whatever the text, the answer is a tree or SqlErrors", () => {
  for (const [texts, numRuns] of [
    [soup, 1500],
    [spoiled, 3000],
    [bytes, 1000],
    [fc.string({ unit: "binary", maxLength: 100 }), 1000],
  ] as const) {
    fc.assert(fc.property(texts, answers), { numRuns });
  }
});
