// SPDX-License-Identifier: Apache-2.0
// Subqueries that become joins, or probe a hash table, answer as if they ran anew for every row.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStatement } from "@spandrel/sql";
import fc from "fast-check";
import { newDatabase, query, write } from "../../golden/test-database.ts";
import { analyzeStatement } from "../analyzer/analyze.ts";
import { describePlan } from "../planner/describe.ts";
import { plan } from "../planner/planner.ts";
import type { Database } from "./database.ts";

async function databaseWith(...rows: readonly string[]): Promise<Database> {
  const columns = "(Id INT64 NOT NULL, X INT64, Y INT64, F FLOAT64, S STRING(9)) PRIMARY KEY (Id)";
  const tables = ["A", "B", "C"].map((name) => `CREATE TABLE ${name} ${columns}`);
  const database = await newDatabase([...tables, "CREATE INDEX CByX ON C (X)"]);
  await write(database, ...rows);
  return database;
}

function planOf(database: Database, text: string): string {
  const options = { parameterTypes: new Map(), text };
  const { schema } = database;
  return describePlan(plan(analyzeStatement(parseStatement(text), schema, options), schema));
}

const small = fc.constantFrom("NULL", "0", "1", "2", "3");
const float = fc.constantFrom("NULL", "0.0", "-0.0", "1.5", "CAST('nan' AS FLOAT64)");
const word = fc.constantFrom("NULL", "'a'", "'b'", "'ä'");
const rows = fc.array(fc.tuple(small, small, float, word), { maxLength: 12 });

function insert(table: string, values: readonly (readonly string[])[]): readonly string[] {
  if (values.length === 0) return [];
  const text = values.map((row, id) => `(${id}, ${row.join(", ")})`).join(", ");
  return [`INSERT INTO ${table} (Id, X, Y, F, S) VALUES ${text}`];
}

/** Conditions, and the same said in a way that no rule makes a join of. */
const pairs: readonly (readonly [string, string])[] = [
  [
    "A.Id IN (SELECT C.Y FROM C WHERE C.X = 1)",
    "IF(A.Id IN (SELECT Y FROM C WHERE X = 1), TRUE, FALSE)",
  ],
  ["A.Y IN (SELECT B.X FROM B)", "IF(A.Y IN (SELECT X FROM B), TRUE, FALSE)"],
  ["A.Y NOT IN (SELECT B.X FROM B)", "IF(A.Y NOT IN (SELECT X FROM B), TRUE, FALSE)"],
  ["A.F IN (SELECT B.F FROM B)", "IF(A.F IN (SELECT F FROM B), TRUE, FALSE)"],
  [
    "EXISTS (SELECT 1 FROM B WHERE B.X = A.X)",
    "(SELECT COUNT(*) FROM B WHERE B.X <= A.X AND B.X >= A.X) > 0",
  ],
  [
    "NOT EXISTS (SELECT 1 FROM B WHERE B.X = A.X AND B.Y < A.Y)",
    "(SELECT COUNT(*) FROM B WHERE B.X <= A.X AND B.X >= A.X AND B.Y < A.Y) = 0",
  ],
  [
    "EXISTS (SELECT 1 FROM B WHERE B.F = A.F AND B.S = A.S)",
    "(SELECT COUNT(*) FROM B WHERE B.F <= A.F AND B.F >= A.F AND B.S <= A.S AND B.S >= A.S) > 0",
  ],
  [
    "A.Y IN (SELECT B.Y FROM B WHERE B.X = A.X)",
    "IF(A.Y IN (SELECT B.Y FROM B WHERE B.X <= A.X AND B.X >= A.X), TRUE, FALSE)",
  ],
  [
    "A.Y NOT IN (SELECT B.Y FROM B WHERE B.X = A.X)",
    "IF(A.Y NOT IN (SELECT B.Y FROM B WHERE B.X <= A.X AND B.X >= A.X), TRUE, FALSE)",
  ],
  [
    "EXISTS (SELECT 1 FROM C WHERE C.X = A.X AND C.Y = A.Y)",
    "(SELECT COUNT(*) FROM C WHERE C.X <= A.X AND C.X >= A.X AND C.Y <= A.Y AND C.Y >= A.Y) > 0",
  ],
  [
    "A.Id < 2 AND NOT EXISTS (SELECT 1 FROM C WHERE C.X = A.X)",
    "A.Id < 2 AND (SELECT COUNT(*) FROM C WHERE C.X <= A.X AND C.X >= A.X) = 0",
  ],
  [
    "A.Id = 1 AND EXISTS (SELECT 1 FROM C WHERE C.Id = A.X)",
    "A.Id = 1 AND (SELECT COUNT(*) FROM C WHERE C.Id <= A.X AND C.Id >= A.X) > 0",
  ],
  [
    "(SELECT MAX(B.Y) FROM B WHERE B.X = A.X) = A.Y",
    "(SELECT MAX(B.Y) FROM B WHERE B.X <= A.X AND B.X >= A.X) = A.Y",
  ],
  [
    "ARRAY_LENGTH(ARRAY(SELECT B.S FROM B WHERE B.S = A.S)) > 1",
    "(SELECT COUNT(*) FROM B WHERE B.S <= A.S AND B.S >= A.S) > 1",
  ],
];

test("a subquery that became a join gives what it gave as a subquery, whatever the rows", async () => {
  const given = fc.record({ a: rows, b: rows, c: rows });
  const property = fc.asyncProperty(given, async ({ a, b, c }) => {
    const database = await databaseWith(...insert("A", a), ...insert("B", b), ...insert("C", c));
    for (const [joined, plain] of pairs) {
      const answer = await query(database, `SELECT Id FROM A WHERE ${joined} ORDER BY Id`);
      const expected = await query(database, `SELECT Id FROM A WHERE ${plain} ORDER BY Id`);
      assert.deepEqual(answer, expected, joined);
    }
  });
  await fc.assert(property, { numRuns: 40 });
});

test("EXISTS is a semi join, NOT EXISTS an anti join, by hash or by looking keys up", async () => {
  const database = await databaseWith();
  const plans = [
    "EXISTS (SELECT 1 FROM B WHERE B.X = A.X AND B.Y > 1)",
    "NOT EXISTS (SELECT 1 FROM B WHERE B.X = A.X AND B.Y > A.Y)",
    "A.Y IN (SELECT B.Y FROM B WHERE B.X = A.X)",
    "A.Id = 1 AND EXISTS (SELECT 1 FROM C WHERE C.X = A.X)",
    "A.Id IN (SELECT C.Y FROM C WHERE C.X = 1)",
  ].map((condition) => planOf(database, `SELECT Id FROM A WHERE ${condition}`));
  assert.deepEqual(plans, [
    `project $Id
  semi hash join $X = $X
    scan A (Id, X)
    filter ($Y > "1")
      scan B (X, Y)`,
    `project $Id
  anti hash join $X = $X where ($Y > $Y)
    scan A (Id, X, Y)
    scan B (X, Y)`,
    `project $Id
  semi hash join $X = $X, $Y = $Y
    scan A (Id, X, Y)
    scan B (X, Y)`,
    `project $Id
  semi lookup join $X = $X
    scan A seek Id = "1" (Id, X)
    scan CByX of C by batch (X)`,
    `project $Id
  inner lookup join $Y = $Id
    aggregate by $Y
      inner lookup join $Id = $Id
        scan CByX of C seek X = "1" (Id)
        scan C by batch (Y, Id)
    scan A by batch (Id)`,
  ]);
});

test("what may fail stays a subquery, and fails for the rows that it comes to only", async () => {
  const database = await databaseWith(
    "INSERT INTO A (Id, X) VALUES (1, 1)",
    "INSERT INTO B (Id, X, Y) VALUES (1, 1, 1), (2, 2, 0)",
  );
  const text =
    "SELECT Id FROM A WHERE EXISTS (SELECT 1 FROM B WHERE B.X = A.X AND DIV(1, B.Y) = 1)";
  assert.deepEqual(await query(database, text), [[1n]]);
  assert.doesNotMatch(planOf(database, text), /semi/);
});

test("a subquery that is run for every row probes a hash table", async () => {
  const database = await databaseWith();
  const query = "SELECT (SELECT COUNT(*) FROM B WHERE B.X = A.X AND B.Y > 0) FROM A";
  assert.deepEqual(
    planOf(database, query),
    `project subquery 0 (scalar)
  scan A (X)
subquery 0
  aggregate COUNT()
    filter ($Y > "0")
      probe $X = $X
        scan B (X, Y)`,
  );
});
