// SPDX-License-Identifier: Apache-2.0
// Partitions together give what the whole gives: each row once, whatever is asked and however it is
// cut, while others go on writing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError, seededRandom } from "@spandrel/base";
import type { KeySet } from "@spandrel/protocol";
import { VirtualClock } from "@spandrel/testkit";
import fc from "fast-check";
import { documentedLimits } from "../limits/limits.ts";
import { Database } from "./database.ts";
import type { RowStream } from "./row-stream.ts";

const { signal } = new AbortController();
const noHints = { sizeBytes: 0, partitionsMax: 0 };

async function databaseWith(rows: number): Promise<Database> {
  const database = new Database({
    clock: new VirtualClock(),
    random: seededRandom(1),
    limits: documentedLimits,
  });
  await database.changeSchema(
    "CREATE TABLE Visits (Id INT64, Place STRING(MAX), Year INT64) PRIMARY KEY (Id DESC)",
  );
  await database.changeSchema("CREATE INDEX ByPlace ON Visits (Place)");
  const values = Array.from({ length: rows }, (_, id) => [
    `${id}`,
    `place ${(id * 7) % 10}`,
    `${1990 + (id % 30)}`,
  ]);
  await write(database, values);
  return database;
}

async function write(database: Database, values: string[][]): Promise<void> {
  const insertOrUpdate = { table: "Visits", columns: ["Id", "Place", "Year"], values };
  await database.begin().commit([{ operation: { $case: "insertOrUpdate", insertOrUpdate } }]);
}

async function rowsOf({ batches }: RowStream): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of batches) rows.push(...batch.map((row) => row.join("|")));
  return rows;
}

const place = fc.integer({ min: -5, max: 65 });
const keySet: fc.Arbitrary<KeySet> = fc.oneof(
  fc.constant<KeySet>({ keys: [], ranges: [], all: true }),
  fc.record({
    keys: fc.array(place.map((id) => [`${id}`])),
    ranges: fc.array(
      fc.tuple(place, place).map(([one, other]) => ({
        startKeyType: { $case: "startClosed" as const, startClosed: [`${Math.max(one, other)}`] },
        endKeyType: { $case: "endOpen" as const, endOpen: [`${Math.min(one, other)}`] },
      })),
      { maxLength: 3 },
    ),
    all: fc.constant(false),
  }),
);
const hints = fc.record({
  sizeBytes: fc.constantFrom(0, 1, 100, 1_000),
  partitionsMax: fc.constantFrom(0, 1, 2, 7),
});

test("the partitions of a read give each of its rows once, also by an index", async () => {
  const database = await databaseWith(60);
  await fc.assert(
    fc.asyncProperty(keySet, hints, fc.boolean(), async (keys, cut, isByIndex) => {
      const snapshot = await database.snapshot({ kind: "strong" });
      const read = {
        table: "Visits",
        index: isByIndex ? "ByPlace" : "",
        columns: ["Id", "Place"],
        keySet: isByIndex ? { keys: [], ranges: [], all: true } : keys,
        limit: 0n,
      };
      const partitions = await snapshot.partitionRead(read, cut);
      if (cut.partitionsMax > 0) assert.ok(partitions.length <= cut.partitionsMax);
      const whole = await rowsOf(snapshot.read(read));
      await write(database, [["7", "elsewhere", "2000"]]);
      const pieces: string[] = [];
      for (const each of partitions) pieces.push(...(await rowsOf(snapshot.read(read, each))));
      assert.deepEqual(pieces, whole);
      await write(database, [["7", "place 9", "1997"]]);
    }),
    { numRuns: 200 },
  );
});

const queries = [
  "SELECT Id, Place FROM Visits",
  "SELECT Id, UPPER(Place) FROM Visits WHERE Year > 2000",
  "SELECT Id FROM Visits WHERE Id BETWEEN 10 AND 40",
  "SELECT Place, Year FROM Visits@{FORCE_INDEX=ByPlace} WHERE Place > 'place 3'",
];

for (const text of queries) {
  test(`the partitions of a query give each of its rows once: ${text}`, async () => {
    const database = await databaseWith(60);
    const statement = { text, parameters: {}, parameterTypes: {}, isPlanOnly: false };
    const snapshot = await database.snapshot({ kind: "strong" });
    const whole = await rowsOf(snapshot.query(statement, signal));
    const hint = { sizeBytes: 100, partitionsMax: 0 };
    const partitions = await snapshot.partitionQuery(statement, hint, signal);
    assert.ok(partitions.length > 4);
    const pieces: string[] = [];
    for (const each of partitions) {
      pieces.push(...(await rowsOf(snapshot.query(statement, signal, undefined, each))));
    }
    assert.deepEqual(pieces.sort(), whole.sort());
  });
}

for (const text of [
  "SELECT COUNT(*) FROM Visits",
  "SELECT Id FROM Visits ORDER BY Year",
  "SELECT Id FROM Visits LIMIT 3",
  "SELECT a.Id FROM Visits a JOIN Visits b ON a.Year = b.Year",
  "SELECT Id FROM Visits WHERE Id IN (SELECT Year FROM Visits)",
  "SELECT DISTINCT Place FROM Visits",
  "SELECT 1",
]) {
  test(`a query that does not work row by row cannot be cut: ${text}`, async () => {
    const database = await databaseWith(5);
    const snapshot = await database.snapshot({ kind: "strong" });
    const statement = { text, parameters: {}, parameterTypes: {}, isPlanOnly: false };
    await assert.rejects(
      snapshot.partitionQuery(statement, noHints, signal),
      (thrown) => thrown instanceof StatusError && thrown.reason === "NOT_ROOT_PARTITIONABLE",
    );
  });
}

test("partitions are of about the same size", async () => {
  const database = await databaseWith(1_000);
  const snapshot = await database.snapshot({ kind: "strong" });
  const keys = { keys: [], ranges: [], all: true };
  const read = { table: "Visits", index: "", columns: ["Id"], keySet: keys, limit: 0n };
  const partitions = await snapshot.partitionRead(read, { sizeBytes: 1, partitionsMax: 10 });
  const sizes: number[] = [];
  for (const each of partitions) sizes.push((await rowsOf(snapshot.read(read, each))).length);
  assert.equal(sizes.length, 10);
  assert.ok(
    sizes.every((size) => size > 80 && size < 120),
    sizes.join(),
  );
});
