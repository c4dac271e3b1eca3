// SPDX-License-Identifier: Apache-2.0
// Commit timestamps are the serial order: all that was committed, done once more in that order on a
// plain map, reads the same values and ends with the same rows. Under repeatable read, reads are of
// one moment instead, and nobody writes what another has written since that moment.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type Random, StatusError, seededRandom, silentLogger } from "@spandrel/base";
import type { Mutation } from "@spandrel/protocol";
import { FaultyDisk, VirtualClock } from "@spandrel/testkit";
import fc from "fast-check";
import { documentedLimits } from "../limits/limits.ts";
import type { Isolation } from "../txn/read-write.ts";
import { Database } from "./database.ts";
import { DatabaseFolder } from "./folder.ts";
import type { DatabaseSnapshot } from "./snapshot.ts";
import type { DatabaseTransaction } from "./transaction.ts";

type Rows = readonly (readonly [key: string, value: string])[];

type Action =
  | { readonly kind: "read"; readonly from: number; readonly to: number }
  | { readonly kind: "write"; readonly key: number; readonly value: number }
  | { readonly kind: "delete"; readonly key: number };

const key = fc.nat({ max: 4 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant("read" as const), from: key, to: key }),
  fc.record({ kind: fc.constant("write" as const), key, value: fc.nat({ max: 99 }) }),
  fc.record({ kind: fc.constant("delete" as const), key }),
);
const actions = fc.array(action, { minLength: 1, maxLength: 4 });

function programsOf(...isolations: readonly Isolation[]) {
  const program = fc.record({ isolation: fc.constantFrom(...isolations), actions });
  return fc.array(program, { minLength: 2, maxLength: 5 });
}

interface Program {
  readonly isolation: Isolation;
  readonly actions: readonly Action[];
}

interface History {
  readonly actions: readonly Action[];
  readonly reads: readonly Rows[];
  readonly atMicros: number;
  readonly snapshotMicros: number | undefined;
}

async function read(from: number, to: number, by: DatabaseTransaction | DatabaseSnapshot) {
  const keySet = {
    keys: [],
    ranges: [
      {
        startKeyType: { $case: "startClosed" as const, startClosed: [`${from}`] },
        endKeyType: { $case: "endClosed" as const, endClosed: [`${to}`] },
      },
    ],
    all: false,
  };
  const request = { table: "T", index: "", columns: ["K", "V"], keySet, limit: 0n };
  const rows: [string, string][] = [];
  for await (const batch of by.read(request).batches) {
    for (const [k, v] of batch) rows.push([`${k}`, `${v}`]);
  }
  return rows;
}

/** Runs a program to its end, again when it had to give way. */
async function run(
  database: Database,
  { isolation, actions }: Program,
  pause: () => Promise<void>,
): Promise<History> {
  let age: bigint | undefined;
  for (let attempt = 0; attempt < 50; attempt++) {
    const transaction = database.begin(age, isolation);
    try {
      const reads: Rows[] = [];
      for (const each of actions) {
        await pause();
        if (each.kind === "read") reads.push(await read(each.from, each.to, transaction));
      }
      await pause();
      const { atMicros } = await transaction.commit(actions.flatMap(mutationOf));
      return { actions, reads, atMicros, snapshotMicros: transaction.snapshotMicros };
    } catch (thrown) {
      age = transaction.age;
      if (!(thrown instanceof StatusError) || thrown.code !== Code.ABORTED) throw thrown;
    }
  }
  throw new Error("a transaction that keeps its age is through after few attempts");
}

function mutationOf(each: Action): readonly Mutation[] {
  if (each.kind === "read") return [];
  if (each.kind === "delete") {
    const keySet = { keys: [[`${each.key}`]], ranges: [], all: false };
    return [{ operation: { $case: "delete", delete: { table: "T", keySet } } }];
  }
  const values = [[`${each.key}`, `${each.value}`]];
  const insertOrUpdate = { table: "T", columns: ["K", "V"], values };
  return [{ operation: { $case: "insertOrUpdate", insertOrUpdate } }];
}

function replay(histories: readonly History[]): Rows {
  const rows = new Map<string, string>();
  const sorted = () => [...rows].sort(([left], [right]) => (left < right ? -1 : 1));
  for (const { actions, reads } of histories) {
    const expected = actions.flatMap((each) =>
      each.kind === "read"
        ? [sorted().filter(([k]) => Number(k) >= each.from && Number(k) <= each.to)]
        : [],
    );
    assert.deepEqual(reads, expected);
    for (const each of actions) {
      if (each.kind === "write") rows.set(`${each.key}`, `${each.value}`);
      if (each.kind === "delete") rows.delete(`${each.key}`);
    }
  }
  return sorted();
}

/** Where the rows are: a disk takes its time for each commit, and others go on meanwhile. */
type Medium = "memory" | "disk";

async function openDatabase(
  medium: Medium,
  random: Random,
  pause: () => Promise<void>,
): Promise<Database> {
  const options = { clock: new VirtualClock(), random, limits: documentedLimits };
  if (medium === "memory") return new Database(options);
  const disk = new FaultyDisk();
  disk.behavior.wait = pause;
  const { database } = await DatabaseFolder.open({
    ...options,
    logger: silentLogger,
    disk: disk.mount(),
    directory: "data",
  });
  return database;
}

/** Runs programs at once, each with pauses between its steps; gives them in the order of commits. */
async function runAll(
  programs: readonly Program[],
  seed: number,
  medium: Medium,
): Promise<{ readonly database: Database; readonly histories: readonly History[] }> {
  const random = seededRandom(seed);
  const pause = async (): Promise<void> => {
    for (let turn = random.next() * 12; turn > 0; turn--) await undefined;
  };
  const database = await openDatabase(medium, random, pause);
  await database.changeSchema("CREATE TABLE T (K INT64, V INT64) PRIMARY KEY (K)");
  const histories = await Promise.all(programs.map((program) => run(database, program, pause)));
  histories.sort((left, right) => left.atMicros - right.atMicros);
  assert.equal(new Set(histories.map(({ atMicros }) => atMicros)).size, programs.length);
  return { database, histories };
}

const media = fc.constantFrom<Medium>("memory", "disk");

test("transactions that run at once read and leave what they would one by one", async () => {
  await fc.assert(
    fc.asyncProperty(
      programsOf("pessimistic", "optimistic"),
      fc.nat(),
      media,
      async (programs, seed, medium) => {
        const { database, histories } = await runAll(programs, seed, medium);
        const left = replay(histories);
        const snapshot = await database.snapshot({ kind: "strong" });
        assert.deepEqual(await read(0, 9, snapshot), left);
      },
    ),
    { numRuns: 400 },
  );
});

test("a repeatable read is of one moment, and what it writes is as it was then", async () => {
  await fc.assert(
    fc.asyncProperty(
      programsOf("repeatable read"),
      fc.nat(),
      media,
      async (programs, seed, medium) => {
        const { database, histories } = await runAll(programs, seed, medium);
        for (const { actions: done, reads, atMicros, snapshotMicros } of histories) {
          if (snapshotMicros === undefined) continue;
          const atNanos = BigInt(snapshotMicros) * 1_000n;
          const snapshot = await database.snapshot({ kind: "read timestamp", atNanos });
          const asked = done.filter((each) => each.kind === "read");
          for (const [place, { from, to }] of asked.entries()) {
            assert.deepEqual(reads[place], await read(from, to, snapshot));
          }
          const justBefore = await database.snapshot({
            kind: "read timestamp",
            atNanos: BigInt(atMicros - 1) * 1_000n,
          });
          for (const each of done) {
            if (each.kind === "read") continue;
            const atFirst = await read(each.key, each.key, snapshot);
            assert.deepEqual(
              await read(each.key, each.key, justBefore),
              atFirst,
              "nothing is lost",
            );
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
