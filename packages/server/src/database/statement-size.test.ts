// SPDX-License-Identifier: Apache-2.0
// Each bound of a statement: what just fits is taken, and one more is refused by its name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, seededRandom } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { documentedLimits } from "../limits/limits.ts";
import { Database } from "./database.ts";

const database = new Database({
  clock: new VirtualClock(),
  random: seededRandom(1),
  limits: documentedLimits,
});

function kindOf(text: string): string {
  return database.begin().kindOf({ text, parameters: {}, parameterTypes: {}, isPlanOnly: false });
}

const times = (count: number, make: (index: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, index) => make(index));

const nested = (count: number, open: string, middle: string, close: string): string =>
  open.repeat(count) + middle + close.repeat(count);

const bounds: readonly [what: string, max: number, make: (count: number) => string][] = [
  [
    "joins",
    20,
    (n) =>
      `SELECT 1 FROM (SELECT 1 AS x) AS a ${times(n, (i) => `CROSS JOIN (SELECT 1 AS x) AS b${i}`).join(" ")}`,
  ],
  ["unions", 200, (n) => times(n + 1, () => "SELECT 1").join(" UNION ALL ")],
  ["functions", 1_000, (n) => `SELECT [${times(n, () => "ABS(1)").join(", ")}]`],
  ["nested functions", 75, (n) => `SELECT ${nested(n, "ABS(", "1", ")")}`],
  ["subquery children", 50, (n) => `SELECT ${times(n, () => "(SELECT 1)").join(" + ")}`],
  ["nested subqueries", 25, (n) => `SELECT ${nested(n, "(SELECT ", "1", ")")}`],
  [
    "nested subselects",
    60,
    (n) => `SELECT 1 FROM ${nested(n - 1, "(SELECT 1 FROM ", "(SELECT 1)", ")")}`,
  ],
  [
    "columns in GROUP BY",
    1_000,
    (n) =>
      `SELECT 1 FROM (SELECT ${times(n, (i) => `1 AS c${i}`).join(", ")}) GROUP BY ${times(n, (i) => `c${i}`).join(", ")}`,
  ],
  ["nested aggregates", 35, (n) => nested(n, "SELECT x FROM (", "SELECT 1 AS x", ") GROUP BY x")],
  ["values in an IN operator", 10_000, (n) => `SELECT 1 IN (${times(n, String).join(", ")})`],
  ["STRUCT fields", 1_000, (n) => `SELECT ARRAY_LENGTH([STRUCT(${times(n, String).join(", ")})])`],
  ["parameters", 950, (n) => `SELECT [${times(n, (i) => `@p${i}`).join(", ")}]`],
];

for (const [what, max, make] of bounds) {
  test(`at most ${max} ${what}`, () => {
    assert.equal(kindOf(make(max)), "query");
    assert.throws(() => kindOf(make(max + 1)), {
      code: Code.INVALID_ARGUMENT,
      message: `Number of ${what} exceeds the maximum allowed limit of ${max}.`,
    });
  });
}

test("a statement of at most a million characters", () => {
  const text = (length: number): string => `SELECT 1 /*${"x".repeat(length - 13)}*/`.padEnd(length);
  assert.equal(text(1_000_000).length, 1_000_000);
  assert.equal(kindOf(text(1_000_000)), "query");
  assert.throws(() => kindOf(text(1_000_001)), /Query string length of 1000001 exceeds/);
});
