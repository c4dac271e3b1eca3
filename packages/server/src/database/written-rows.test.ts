// SPDX-License-Identifier: Apache-2.0
// Whatever is written, in whatever order: every index holds what its table holds, generated columns
// follow from the others, checks hold, and no row refers to one that is not there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import type { Mutation } from "@spandrel/protocol";
import { VirtualClock } from "@spandrel/testkit";
import fc from "fast-check";
import { documentedLimits } from "../limits/limits.ts";
import { Database } from "./database.ts";

const ddl = [
  "CREATE TABLE Owners (Id INT64 NOT NULL, Code INT64) PRIMARY KEY (Id)",
  `CREATE TABLE Things (
     Id INT64 NOT NULL,
     Owner INT64,
     Code INT64,
     Size INT64 NOT NULL DEFAULT (3),
     Twice INT64 AS (Size * 2) STORED,
     CHECK (Size < 5),
     FOREIGN KEY (Owner) REFERENCES Owners (Id) ON DELETE CASCADE,
     FOREIGN KEY (Code) REFERENCES Owners (Code),
   ) PRIMARY KEY (Id)`,
  "CREATE INDEX ThingsByTwice ON Things (Twice DESC) STORING (Owner)",
  "CREATE UNIQUE NULL_FILTERED INDEX ThingsByCodeAndSize ON Things (Code, Size)",
];

type Kind = "insert" | "update" | "insertOrUpdate" | "replace";

const small = fc.option(fc.nat({ max: 3 }).map(String));
const id = fc.nat({ max: 3 }).map(String);
const kind = fc.constantFrom<Kind>("insert", "update", "insertOrUpdate", "replace");
const write = (table: string, columns: string[], row: fc.Arbitrary<(string | null)[]>) =>
  fc.tuple(kind, row).map(([$case, values]): Mutation => {
    const body = { table, columns, values: [values] };
    // The kinds share one shape, which the union of messages does not say.
    return { operation: { $case, [$case]: body } as unknown as Mutation["operation"] };
  });
const remove = fc.tuple(fc.constantFrom("Owners", "Things"), id).map(([table, key]): Mutation => {
  const keySet = { keys: [[key]], ranges: [], all: false };
  return { operation: { $case: "delete", delete: { table, keySet } } } as Mutation;
});
const size = fc.nat({ max: 5 }).map(String);
const mutation = fc.oneof(
  write("Owners", ["Id", "Code"], fc.tuple(id, small)),
  write("Things", ["Id", "Owner", "Code"], fc.tuple(id, small, small)),
  write("Things", ["Id", "Size"], fc.tuple(id, size)),
  remove,
);
const commits = fc.array(fc.array(mutation, { minLength: 1, maxLength: 4 }), { maxLength: 12 });

async function rowsOf(database: Database, table: string, index: string, columns: string[]) {
  const transaction = database.begin();
  const keySet = { keys: [], ranges: [], all: true };
  const request = { table, index, columns, keySet, limit: 0n };
  const rows: (readonly Value[])[] = [];
  for await (const batch of transaction.read(request).batches) rows.push(...batch);
  transaction.rollBack();
  return rows;
}

test("indexes, generated columns, checks and foreign keys hold after any commits", async () => {
  let committed = 0;
  const property = fc.asyncProperty(commits, async (groups) => {
    const clock = new VirtualClock();
    const database = new Database({ clock, random: seededRandom(1), limits: documentedLimits });
    for (const statement of ddl) await database.changeSchema(statement);
    for (const group of groups) {
      try {
        await database.begin().commit(group);
        committed++;
      } catch {
        // What a refused commit leaves behind shows below.
      }
    }
    const owners = await rowsOf(database, "Owners", "", ["Id", "Code"]);
    const things = await rowsOf(database, "Things", "", ["Id", "Owner", "Code", "Size", "Twice"]);
    for (const [, owner, code, own, twice] of things) {
      assert.ok(typeof own === "bigint" && own < 5n);
      assert.equal(twice, own * 2n);
      assert.ok(owner === null || owners.some((each) => each[0] === owner));
      assert.ok(code === null || owners.some((each) => each[1] === code));
    }
    const byTwice = await rowsOf(database, "Things", "ThingsByTwice", ["Twice", "Id", "Owner"]);
    const expected = things
      .map(([key, owner, , , twice]) => [twice, key, owner])
      .sort(
        (left, right) => Number(right[0]) - Number(left[0]) || Number(left[1]) - Number(right[1]),
      );
    assert.deepEqual(byTwice, expected);
    const byCode = await rowsOf(database, "Things", "ThingsByCodeAndSize", ["Code", "Size", "Id"]);
    const coded = things.filter(([, , code]) => code !== null);
    assert.equal(new Set(byCode.map(([code, own]) => `${code}/${own}`)).size, byCode.length);
    assert.deepEqual(
      new Set(byCode.map(String)),
      new Set(coded.map(([key, , code, own]) => String([code, own, key]))),
    );
  });
  await fc.assert(property, { numRuns: 300 });
  assert.ok(committed > 300, "commits succeed often enough to mean something");
});
