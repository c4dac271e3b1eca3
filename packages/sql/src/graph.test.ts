// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseStatement } from "./parser/parser.ts";
import { printStatement } from "./print/print.ts";
import { SqlErrors } from "./text/errors.ts";
import type { GraphQuery, GraphStatement } from "./tree/graph.ts";
import { describeTree } from "./tree/walk.ts";

function graphOf(text: string): GraphQuery {
  const statement = parseStatement(text);
  assert.ok(statement.kind === "query" && statement.body.kind === "graph-query");
  return statement.body;
}

function statementsOf(text: string): readonly GraphStatement[] {
  return graphOf(text).steps[0]?.first.statements ?? [];
}

function refusal(text: string): string {
  try {
    parseStatement(text);
  } catch (thrown) {
    if (thrown instanceof SqlErrors) return thrown.message;
    throw thrown;
  }
  return "accepted";
}

test("a graph query is the body of a query, and its statements keep their order", () => {
  const text =
    "GRAPH FinGraph MATCH (a) LET x = 1, y = x FILTER x > 0 FOR z IN [1] WITH OFFSET AS o " +
    "ORDER BY z OFFSET 1 LIMIT 2 WITH z OPTIONAL MATCH (b) RETURN *";
  assert.deepEqual(
    statementsOf(text).map(({ kind }) => kind.replace("graph-", "")),
    "match let filter for order-by offset limit with match return".split(" "),
  );
});

test("a path is nodes, edges and paths within", () => {
  const text = `GRAPH g
    MATCH p = ANY SHORTEST (a:Person)-[e:Knows WHERE e.since > 3]->{1, 3}((b)<-[]-(c))(d)
    RETURN p`;
  const [match] = statementsOf(text);
  assert.ok(match?.kind === "graph-match");
  const [path] = match.pattern.paths;
  assert.equal(path?.name?.name, "p");
  assert.equal(path?.search?.order, "SHORTEST");
  assert.deepEqual(
    path?.elements.map(({ kind }) => kind),
    ["graph-node", "graph-edge", "graph-subpath", "graph-node"],
  );
});

test("an edge may point either way, or not at all, with brackets or without", () => {
  const text = "GRAPH g MATCH ()-[]->()<-[]-()-[]-()->()<-()-() RETURN 1";
  const [match] = statementsOf(text);
  assert.ok(match?.kind === "graph-match");
  const edges = match.pattern.paths[0]?.elements.filter(({ kind }) => kind === "graph-edge") ?? [];
  assert.deepEqual(
    edges.map((edge) => edge.kind === "graph-edge" && edge.direction),
    ["RIGHT", "LEFT", "ANY", "RIGHT", "LEFT", "ANY"],
  );
});

test("the words of searches and modes are names where names can stand", () => {
  const text =
    "GRAPH g MATCH shortest = (c), q = TRAIL PATHS (trail), (walk), (SIMPLE -[any1]-) RETURN 1";
  const [match] = statementsOf(text);
  assert.ok(match?.kind === "graph-match");
  const described = match.pattern.paths.map((path) => describeTree(path).split("\n")[0]);
  assert.deepEqual(described, [
    "graph-path",
    'graph-path mode="TRAIL"',
    "graph-path",
    "graph-path",
  ]);
  assert.equal(match.pattern.paths[0]?.name?.name, "shortest");
});

test("subqueries over a graph stand in braces, and EXISTS needs no RETURN", () => {
  const canonical: [string, string][] = [
    ["graph g return exists {(a)->(b)}", "GRAPH g RETURN EXISTS {MATCH (a)-[]->(b)}"],
    [
      "select value {graph g match (a) return a.x}, array {graph g return 1 as y} from t",
      "SELECT VALUE {GRAPH g MATCH (a) RETURN a.x}, ARRAY {GRAPH g RETURN 1 AS y} FROM t",
    ],
    [
      "graph g match (a) where a.x in {match (b) return b.x} call (a) {return 1 as z} return z",
      "GRAPH g MATCH (a) WHERE a.x IN {MATCH (b) RETURN b.x} CALL (a) {RETURN 1 AS z} RETURN z",
    ],
    [
      "select * from graph_table(g match (a) return a.x next return x) as t",
      "SELECT * FROM GRAPH_TABLE(g MATCH (a) RETURN a.x NEXT RETURN x) AS t",
    ],
  ];
  for (const [text, expected] of canonical) {
    assert.equal(printStatement(parseStatement(text)), expected);
    assert.equal(printStatement(parseStatement(expected)), expected);
  }
});

test("queries over graphs come out in one canonical spelling", () => {
  const canonical: [string, string][] = [
    ["graph g match (a is !(x|y)&z) return a", "GRAPH g MATCH (a:!(x | y) & z) RETURN a"],
    [
      "graph g match (a)-[e]->+(b)<-*(c) return 1",
      "GRAPH g MATCH (a)-[e]->{1, }(b)<-[]-*(c) RETURN 1",
    ],
    [
      "graph g match (a {x:1, y:2} where true) return all 1 as z skip 2 limit 3",
      "GRAPH g MATCH (a {x: 1, y: 2} WHERE TRUE) RETURN 1 AS z OFFSET 2 LIMIT 3",
    ],
    [
      "graph g match any cheapest (a)-[e cost e.x]-{,3}(b) return a order by a descending",
      "GRAPH g MATCH ANY CHEAPEST (a)-[e COST e.x]-{, 3}(b) RETURN a ORDER BY a DESC",
    ],
    [
      "graph g return 1 as x left outer union all return 2 as x",
      "GRAPH g RETURN 1 AS x LEFT UNION ALL RETURN 2 AS x",
    ],
    [
      "graph g match (a)-[e]->(b) return a is source of e, a is not labeled p|q",
      "GRAPH g MATCH (a)-[e]->(b) RETURN a IS SOURCE OF e, a IS NOT LABELED p | q",
    ],
    [
      "graph g call per(a) f(1) yield x, y as z return *",
      "GRAPH g CALL PER (a) f(1) YIELD x, y AS z RETURN *",
    ],
  ];
  for (const [text, expected] of canonical) {
    const tree = parseStatement(text);
    assert.equal(printStatement(tree), expected);
    const again = parseStatement(expected);
    assert.equal(printStatement(again), expected);
    assert.equal(describeTree(again), describeTree(tree));
  }
});

test("what GQL refuses is refused in its words", () => {
  const cases: [string, string][] = [
    ["GRAPH g RETURN 1 NEXT", "Syntax error: Unexpected end of statement [at 1:22]"],
    ["GRAPH g MATCH (a){1, 3} RETURN 1", "Quantifier cannot be used on a node pattern [at 1:15]"],
    [
      "GRAPH g MATCH (a) - [e]->(b) RETURN 1",
      'Syntax error: Unexpected whitespace between "-" and "[" [at 1:19]',
    ],
    ["GRAPH g MATCH (a)<->(b) RETURN 1", 'Syntax error: Expected "-" but got "->" [at 1:19]'],
    [
      "GRAPH g MATCH ->@{a=1}-> RETURN 1",
      "Hint cannot be used in between two GraphEdgePatterns [at 1:17]",
    ],
    ["GRAPH g MATCH SHORTEST (a) RETURN 1", 'Syntax error: Expected "=" but got "(" [at 1:24]'],
    ["GRAPH g RETURN a.*", 'Syntax error: Unexpected "*" [at 1:18]'],
    ["SELECT 1 UNION ALL GRAPH g RETURN 1", "Syntax error: Unexpected keyword GRAPH [at 1:20]"],
  ];
  for (const [text, expected] of cases) assert.equal(refusal(text), expected);
});

test("a message in braces keeps its fields, with commas or without", () => {
  const canonical: [string, string][] = [
    [
      "select new p.M {a: 1 b {c: 'x'}, (p.ext): [2]}",
      'SELECT NEW p.M {a: 1, b: {c: "x"}, (p.ext): [2]}',
    ],
    ["update t set m = {a: 1} where true", "UPDATE t SET m = {a: 1} WHERE TRUE"],
  ];
  for (const [text, expected] of canonical) {
    assert.equal(printStatement(parseStatement(text)), expected);
    assert.equal(printStatement(parseStatement(expected)), expected);
  }
  assert.equal(
    refusal("SELECT NEW M {1}"),
    "Syntax error: Invalid braced constructor element, expected ':' followed by an expression " +
      "that computes the value [at 1:16]",
  );
});

/** Paths as people might write them: every kind of element, label, quantifier, and prefix. */
const pathText = fc.letrec<{ label: string; filler: string; element: string; path: string }>(
  (tie) => ({
    label: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom("A", "`b c`", "%"),
      tie("label").map((label) => `!(${label})`),
      fc
        .tuple(tie("label"), fc.constantFrom("&", "|"), tie("label"))
        .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    ),
    filler: fc
      .tuple(
        fc.constantFrom("", "@{x=1} ", "@{x=1} n", "n", "trail", "`order`"),
        fc.option(tie("label"), { nil: undefined }),
        fc.constantFrom("", " {k: 1, l: 'x'}", " WHERE n.k > 1", " {k: 1} WHERE n.k < -3"),
      )
      .map(([name, label, rest]) => `${name}${label === undefined ? "" : ` IS ${label}`}${rest}`),
    element: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("filler").map((filler) => `(${filler})`),
      fc
        .tuple(
          fc.constantFrom(["-[", "]->"], ["<-[", "]-"], ["-[", "]-"]),
          tie("filler"),
          fc.constantFrom("", " COST 1 + 2"),
          fc.constantFrom("", "*", "+", "{2}", "{,3}", "{1,}", "{@p,4}"),
        )
        .map(([[open, close], filler, cost, count]) => {
          // Where nothing is before it, COST is the edge's variable.
          const isCost = filler.replace("@{x=1}", "").trim() !== "";
          return `${open}${filler}${isCost ? cost : ""}${close}${count}`;
        }),
      fc.constantFrom("->", "<-", "-").map((edge) => ` ${edge} `),
      fc
        .tuple(tie("path"), fc.constantFrom("", " WHERE TRUE"), fc.constantFrom("", "{1,2}", "*"))
        .map(([path, where, count]) => `(${path}${where})${count}`),
    ),
    path: fc
      .tuple(
        fc.constantFrom("", "p = ", "shortest = "),
        fc.constantFrom("", "ANY ", "ALL SHORTEST ", "CHEAPEST 2 ", "ANY 3 ", "SHORTEST @p "),
        fc.constantFrom("", "TRAIL ", "ACYCLIC PATHS "),
        fc.array(tie("element"), { minLength: 1, maxLength: 4 }),
      )
      .map(([name, search, mode, elements]) => `${name}${search}${mode}${elements.join(" ")}`),
  }),
);

test("printing a pattern and parsing it again changes nothing", () => {
  fc.assert(
    fc.property(pathText.path, (path) => {
      const tree = parseStatement(`GRAPH g MATCH ${path} RETURN *`);
      const printed = printStatement(tree);
      const again = parseStatement(printed);
      assert.equal(printStatement(again), printed);
      assert.equal(describeTree(again), describeTree(tree));
    }),
    { numRuns: 1000 },
  );
});
