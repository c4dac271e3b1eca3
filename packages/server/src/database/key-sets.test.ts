// SPDX-License-Identifier: Apache-2.0
// Reads by key sets and limits equal a search through all rows, in the order of the key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@spandrel/base";
import type { WireValue } from "@spandrel/model";
import type { KeyRange, KeySet } from "@spandrel/protocol";
import { VirtualClock } from "@spandrel/testkit";
import fc from "fast-check";
import { documentedLimits } from "../limits/limits.ts";
import { Database } from "./database.ts";
import type { ReadRequest } from "./resolve.ts";

type Key = readonly (string | null)[];

const numbers = [null, "-1", "0", "1", "2"];
const allRows: readonly Key[] = numbers.flatMap((a) => numbers.map((b) => [a, b]));
const bound = fc.array(fc.constantFrom(...numbers), { maxLength: 2 });
const range = fc.record({
  start: bound,
  isStartClosed: fc.boolean(),
  end: bound,
  isEndClosed: fc.boolean(),
});
type Range = typeof range extends fc.Arbitrary<infer T> ? T : never;

/** NULL comes before all numbers. */
function compare(left: string | null, right: string | null): number {
  const [one, other] = [left, right].map((value) => (value === null ? -9 : Number(value)));
  return Math.sign((one ?? 0) - (other ?? 0));
}

/** Compares as many parts as the prefix has; the second part of the key is descending. */
function comparePrefix(key: Key, prefix: Key): number {
  for (const [place, part] of prefix.entries()) {
    const order = compare(key[place] ?? null, part);
    if (order !== 0) return place === 1 ? -order : order;
  }
  return 0;
}

function isWithin(key: Key, { start, isStartClosed, end, isEndClosed }: Range): boolean {
  const [fromStart, fromEnd] = [comparePrefix(key, start), comparePrefix(key, end)];
  return (
    (isStartClosed ? fromStart >= 0 : fromStart > 0) && (isEndClosed ? fromEnd <= 0 : fromEnd < 0)
  );
}

function toProto({ start, isStartClosed, end, isEndClosed }: Range): KeyRange {
  return {
    startKeyType: isStartClosed
      ? { $case: "startClosed", startClosed: start }
      : { $case: "startOpen", startOpen: start },
    endKeyType: isEndClosed
      ? { $case: "endClosed", endClosed: end }
      : { $case: "endOpen", endOpen: end },
  };
}

async function databaseWith(rows: readonly Key[]): Promise<Database> {
  const database = new Database({
    clock: new VirtualClock(),
    random: seededRandom(1),
    limits: documentedLimits,
  });
  await database.changeSchema("CREATE TABLE T (A INT64, B INT64) PRIMARY KEY (A, B DESC)");
  const insert = { table: "T", columns: ["A", "B"], values: rows.map((row) => [...row]) };
  await database.begin().commit([{ operation: { $case: "insert", insert } }]);
  return database;
}

async function read(database: Database, keySet: KeySet, limit: number): Promise<WireValue[][]> {
  const request: ReadRequest = {
    table: "T",
    index: "",
    columns: ["A", "B"],
    keySet,
    limit: BigInt(limit),
  };
  const snapshot = await database.snapshot({ kind: "strong" });
  const found: WireValue[][] = [];
  for await (const batch of snapshot.read(request).batches) {
    for (const row of batch) found.push(row.map((value) => (value === null ? null : `${value}`)));
  }
  return found;
}

test("any key set and limit read the rows that a search would find, in key order", async () => {
  const database = await databaseWith(allRows);
  const keys = fc.array(fc.constantFrom(...allRows), { maxLength: 4 });
  const ranges = fc.array(range, { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(keys, ranges, fc.nat({ max: 6 }), async (someKeys, someRanges, limit) => {
      const keySet = {
        keys: someKeys.map((key) => [...key]),
        ranges: someRanges.map(toProto),
        all: false,
      };
      const expected = allRows
        .filter((key) => someKeys.includes(key) || someRanges.some((each) => isWithin(key, each)))
        .toSorted(comparePrefix);
      const found = await read(database, keySet, limit);
      assert.deepEqual(found, limit === 0 ? expected : expected.slice(0, limit));
    }),
    { numRuns: 500 },
  );
});

test("a table of more rows than a batch holds is read whole, or up to the limit", async () => {
  const rows = Array.from({ length: 2_000 }, (_, count): Key => [`${count}`, "0"]);
  const database = await databaseWith(rows);
  const all: KeySet = { keys: [], ranges: [], all: true };
  assert.deepEqual(await read(database, all, 0), rows);
  for (const limit of [1, 15, 16, 17, 80, 81, 1_999, 2_000, 2_001]) {
    assert.deepEqual(await read(database, all, limit), rows.slice(0, limit));
  }
});

test("single keys by the dozen, and ranges between them, fill batches to the row", async () => {
  const rows = Array.from({ length: 100 }, (_, count): Key => [`${count}`, "0"]);
  const database = await databaseWith(rows);
  for (let single = 0; single < 40; single++) {
    const keys = rows.slice(0, single).map((key) => [...key]);
    const [start, end] = [[`${single}`], [`${single + 3}`]];
    const ranges = [toProto({ start, isStartClosed: true, end, isEndClosed: false })];
    const found = await read(database, { keys, ranges, all: false }, 0);
    assert.deepEqual(found, rows.slice(0, single + 3));
  }
});
