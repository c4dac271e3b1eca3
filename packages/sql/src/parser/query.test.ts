// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeTree } from "../tree/walk.ts";
import { parseExpression, parseQuery, parseStatement } from "./parser.ts";

/** The outline of an expression's tree. */
function outline(text: string): string {
  return describeTree(parseExpression(text));
}

function lines(...expected: readonly string[]): string {
  return expected.join("\n");
}

test("operators bind as GoogleSQL's table of precedence says", () => {
  assert.equal(
    outline("NOT a = 1 + 2 * -b OR c"),
    lines(
      "or",
      '  operands: unary operator="NOT"',
      '    operand: binary operator="="',
      "      left: path",
      '        parts: identifier name="a"',
      '      right: binary operator="+"',
      '        left: integer value=1 text="1"',
      '        right: binary operator="*"',
      '          left: integer value=2 text="2"',
      '          right: unary operator="-"',
      "            operand: path",
      '              parts: identifier name="b"',
      "  operands: path",
      '    parts: identifier name="c"',
    ),
  );
});

test("a long chain of AND is one wide node", () => {
  const tree = parseExpression(Array(1000).fill("a = 1").join(" AND "));
  assert.equal(tree.kind, "and");
  assert.equal(tree.kind === "and" && tree.operands.length, 1000);
});

test("a chain of names is one path; a field of anything else is a field", () => {
  assert.equal(parseExpression("a.b.c").kind, "path");
  assert.equal(parseExpression("(a).b").kind, "field");
  assert.equal(parseExpression("f(a).b").kind, "field");
  assert.equal(parseExpression("a[0].b").kind, "field");
});

test("parentheses hold a value, a tuple, or a query", () => {
  assert.equal(parseExpression("((1))").kind, "integer");
  assert.equal(parseExpression("(1, 2)").kind, "struct");
  assert.equal(parseExpression("(SELECT 1)").kind, "subquery");
  assert.equal(parseExpression("((SELECT 1))").kind, "subquery");
  assert.equal(parseExpression("((SELECT 1) + 1)").kind, "binary");
  assert.equal(parseExpression("((SELECT 1) UNION ALL (SELECT 2) LIMIT 1)").kind, "subquery");
});

test("IN tells a list with a subquery in it from a subquery", () => {
  const sources = ["a IN (SELECT 1)", "a IN ((SELECT 1))", "a IN UNNEST(b)"].map((text) => {
    const tree = parseExpression(text);
    return tree.kind === "in" ? tree.source.kind : tree.kind;
  });
  assert.deepEqual(sources, ["query-source", "list", "unnest-source"]);
});

test("a call keeps every clause between its parentheses", () => {
  assert.equal(
    outline("ARRAY_AGG(DISTINCT x IGNORE NULLS HAVING MAX y ORDER BY x DESC LIMIT 3)"),
    lines(
      'call distinct=true nulls="IGNORE"',
      "  name: path",
      '    parts: identifier name="ARRAY_AGG"',
      "  arguments: path",
      '    parts: identifier name="x"',
      '  orderBy: order-item direction="DESC"',
      "    value: path",
      '      parts: identifier name="x"',
      '  having: having-modifier extreme="MAX"',
      "    value: path",
      '      parts: identifier name="y"',
      '  limit: integer value=3 text="3"',
    ),
  );
});

test("typed literals, intervals and parameters are values", () => {
  const kinds = ["DATE '2024-01-01'", "INTERVAL 3 DAY", "@p", "@@x.y", "NUMERIC '1.5'"].map(
    (text) => parseExpression(text).kind,
  );
  assert.deepEqual(kinds, [
    "typed-literal",
    "interval",
    "parameter",
    "system-variable",
    "typed-literal",
  ]);
});

test("conditions that follow one another close joins from the inside out", () => {
  const query = parseQuery("SELECT * FROM a JOIN b JOIN c ON x ON y");
  const from = query.body.kind === "select" ? query.body.from : undefined;
  assert.ok(from?.kind === "join");
  assert.equal(from.left.kind, "table");
  assert.equal(from.right.kind, "join");
});

test("set operators of one kind are one flat node; mixing needs parentheses", () => {
  const query = parseQuery("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3");
  assert.ok(query.body.kind === "set-operation");
  assert.equal(query.body.inputs.length, 3);
  assert.throws(() => parseQuery("SELECT 1 UNION ALL SELECT 2 EXCEPT DISTINCT SELECT 3"), {
    name: "SqlErrors",
  });
});

test("a statement hint belongs to the statement, a table hint to the table", () => {
  const query = parseQuery(
    "@{USE_ADDITIONAL_PARALLELISM=TRUE} SELECT 1 FROM t@{FORCE_INDEX=i} AS u",
  );
  assert.equal(query.hint?.entries[0]?.name.name, "USE_ADDITIONAL_PARALLELISM");
  const from = query.body.kind === "select" ? query.body.from : undefined;
  assert.ok(from?.kind === "table");
  assert.equal(from.hint?.entries[0]?.value.kind, "path");
  assert.equal(from.alias?.name, "u");
});

test("pipe operators keep their order", () => {
  const query = parseQuery(
    "FROM t |> WHERE a > 1 |> AGGREGATE COUNT(*) AS n GROUP BY b |> ORDER BY n DESC |> LIMIT 3",
  );
  assert.deepEqual(
    query.pipes.map((pipe) => pipe.kind),
    ["pipe-where", "pipe-aggregate", "pipe-order-by", "pipe-limit"],
  );
});

test("positions name the words of a node", () => {
  const text = "SELECT a + b AS c FROM t WHERE d";
  const query = parseQuery(text);
  assert.ok(query.body.kind === "select");
  const [item] = query.body.items;
  assert.ok(item?.kind === "select-expression");
  assert.equal(text.slice(item.value.position.start, item.value.position.end), "a + b");
  assert.equal(text.slice(item.position.start, item.position.end), "a + b AS c");
});

test("changes to rows keep their mode, conflict and returning clauses", () => {
  const insert = parseStatement(
    "INSERT OR UPDATE INTO t (a, b) VALUES (1, DEFAULT) THEN RETURN WITH ACTION AS x a",
  );
  assert.ok(insert.kind === "insert" && insert.source.kind === "values");
  assert.equal(insert.mode, "UPDATE");
  assert.equal(insert.source.rows[0]?.values[1]?.kind, "default");
  assert.equal(insert.returning?.action?.alias?.name, "x");
  const upsert = parseStatement(
    "INSERT INTO t (a) (SELECT 1) ON CONFLICT(a) DO UPDATE SET a = excluded.a WHERE t.a > 1",
  );
  assert.ok(upsert.kind === "insert" && upsert.onConflict?.action.kind === "update");
  assert.equal(parseStatement("UPDATE t SET a.b = 1 WHERE TRUE").kind, "update");
  assert.equal(parseStatement("DELETE t AS u WHERE u.a = 1").kind, "delete");
});
