// SPDX-License-Identifier: Apache-2.0
// Commits that write one row without having read it are on their way to the disk together. What is seen
// then, and after a crash, is what their moments say, and one that the disk refused is in none of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError, seededRandom, silentLogger } from "@spandrel/base";
import type { Mutation } from "@spandrel/protocol";
import { FaultyDisk, VirtualClock } from "@spandrel/testkit";
import fc from "fast-check";
import { databaseOptions, query } from "../../golden/test-database.ts";
import { DatabaseFolder } from "./folder.ts";

async function open(disk: FaultyDisk, clock: VirtualClock): Promise<DatabaseFolder> {
  return DatabaseFolder.open({
    ...databaseOptions({ clock }),
    logger: silentLogger,
    disk: disk.mount(),
    directory: "data",
    checkpointBytesMin: 2_000,
  });
}

const ddl = `CREATE TABLE T (
  K INT64, A INT64, B INT64, Since TIMESTAMP OPTIONS (allow_commit_timestamp = true),
) PRIMARY KEY (K)`;
const all = "SELECT K, A, B, Since FROM T ORDER BY K";

type Cells = readonly [a: bigint | null, b: bigint | null, since: bigint | null];

interface Action {
  readonly kind: "set A" | "set B" | "stamp A" | "upsert" | "upsert A" | "replace A" | "delete";
  readonly key: number;
  readonly value: number;
}

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom("set A", "set B", "stamp A", "upsert", "upsert A", "replace A", "delete"),
  key: fc.nat({ max: 1 }),
  value: fc.nat({ max: 999 }),
});

function mutationOf({ kind, key, value }: Action): Mutation {
  const [k, v] = [`${key}`, `${value}`];
  const write = (columns: readonly string[], row: readonly (string | null)[]) => {
    return { table: "T", columns: [...columns], values: [[...row]] };
  };
  switch (kind) {
    case "set A":
      return { operation: { $case: "update", update: write(["K", "A"], [k, v]) } };
    case "set B":
      return { operation: { $case: "update", update: write(["K", "B"], [k, v]) } };
    case "stamp A": {
      const update = write(["K", "A", "Since"], [k, v, "spanner.commit_timestamp()"]);
      return { operation: { $case: "update", update } };
    }
    case "upsert": {
      const insertOrUpdate = write(["K", "A", "B", "Since"], [k, v, v, null]);
      return { operation: { $case: "insertOrUpdate", insertOrUpdate } };
    }
    case "upsert A": {
      const insertOrUpdate = write(["K", "A"], [k, v]);
      return { operation: { $case: "insertOrUpdate", insertOrUpdate } };
    }
    case "replace A":
      return { operation: { $case: "replace", replace: write(["K", "A"], [k, v]) } };
    case "delete": {
      const keySet = { keys: [[k]], ranges: [], all: false };
      return { operation: { $case: "delete", delete: { table: "T", keySet } } };
    }
  }
}

/** What a write leaves of a row. */
function after(
  { kind, value }: Action,
  before: Cells | undefined,
  atMicros: number,
): Cells | undefined {
  const [v, atNanos] = [BigInt(value), BigInt(atMicros) * 1_000n];
  const [a, b, since] = before ?? [null, null, null];
  switch (kind) {
    case "set A":
      return before && [v, b, since];
    case "set B":
      return before && [a, v, since];
    case "stamp A":
      return before && [v, b, atNanos];
    case "upsert":
      return [v, v, null];
    case "upsert A":
      return [v, b, since];
    case "replace A":
      return [v, null, null];
    case "delete":
      return undefined;
  }
}

test("the row is what its writers left in the order of their moments, now and after a crash", async () => {
  const plan = fc.record({
    seed: fc.nat(),
    failing: fc.constantFrom(0, 0.3),
    actions: fc.array(action, { minLength: 5, maxLength: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ seed, failing, actions }) => {
      const random = seededRandom(seed);
      const [disk, clock] = [new FaultyDisk({ seed }), new VirtualClock()];
      const { database } = await open(disk, clock);
      await database.changeSchema(ddl);
      disk.behavior.wait = () => new Promise((done) => setImmediate(done));
      disk.behavior.fails = (operation) =>
        operation === "write" && random.next() < failing ? "ENOSPC" : undefined;
      const kept: { readonly atMicros: number; readonly action: Action }[] = [];
      const writing = actions.map(async (each) => {
        for (let turn = random.next() * 20; turn > 0; turn--) await undefined;
        if (random.next() < 0.3) await new Promise((done) => setImmediate(done));
        try {
          const { atMicros } = await database.begin().commit([mutationOf(each)]);
          kept.push({ atMicros, action: each });
        } catch (thrown) {
          assert.ok(thrown instanceof StatusError);
          assert.match(thrown.message, /is full|is missing|wounded/);
        }
      });
      await Promise.all(writing);
      kept.sort((left, right) => left.atMicros - right.atMicros);
      const expected = new Map<number, Cells>();
      for (const { action: each, atMicros } of kept) {
        const row = after(each, expected.get(each.key), atMicros);
        if (row === undefined) expected.delete(each.key);
        else expected.set(each.key, row);
      }
      const left = [...expected].sort(([one], [other]) => one - other);
      const asRows = left.map(([key, cells]) => [BigInt(key), ...cells]);
      assert.deepEqual(await query(database, all), asRows);
      disk.behavior.fails = () => undefined;
      disk.crash();
      const again = await open(disk, clock);
      assert.deepEqual(await query(again.database, all), asRows);
    }),
    { numRuns: 150 },
  );
});

test("of two on their way, the first one is refused by the disk, and the second leaves what is its own", async () => {
  const [disk, clock] = [new FaultyDisk(), new VirtualClock()];
  const { database } = await open(disk, clock);
  await database.changeSchema(ddl);
  const write = (kind: Action["kind"], value: number) =>
    database.begin().commit([mutationOf({ kind, key: 1, value })]);
  await write("upsert", 1);
  // The disk is at work on another commit; those that come now stand in line behind it.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let writes = 0;
  disk.behavior.wait = (operation) => (operation === "write" ? held : undefined);
  disk.behavior.fails = (operation) =>
    operation === "write" && ++writes === 1 ? "ENOSPC" : undefined;
  const first = write("set A", 2);
  for (let turn = 0; turn < 50; turn++) await undefined;
  const [second, third] = [write("set B", 3), write("set A", 4)];
  for (let turn = 0; turn < 50; turn++) await undefined;
  assert.deepEqual(database.locks().waiting, [], "nobody waits for a lock");
  assert.deepEqual(await query(database, all), [[1n, 1n, 1n, null]], "none of them is seen yet");
  release();
  await assert.rejects(first, /is full/);
  assert.ok((await second).atMicros < (await third).atMicros);
  assert.deepEqual(await query(database, all), [[1n, 4n, 3n, null]]);
  disk.crash();
  const again = await open(disk, clock);
  assert.deepEqual(await query(again.database, all), [[1n, 4n, 3n, null]]);
});
