// SPDX-License-Identifier: Apache-2.0
// Transactions that touch other columns of one row go side by side, and still nothing is lost: done
// one by one in the order of their commit timestamps, they read and leave the same, in the rows, in the
// columns that are worked out, and in the indexes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, StatusError, seededRandom } from "@spandrel/base";
import type { Mutation } from "@spandrel/protocol";
import fc from "fast-check";
import { execute, newDatabase, write } from "../../golden/test-database.ts";
import type { Isolation } from "../txn/read-write.ts";
import type { Database } from "./database.ts";

const names = ["A", "B", "C"] as const;
type Name = (typeof names)[number];

type Action =
  /** Reads some columns of a row. */
  | { readonly kind: "read"; readonly key: number; readonly columns: readonly Name[] }
  /** Sets a column of a row, and makes the row if need be; at the commit. */
  | { readonly kind: "set"; readonly key: number; readonly column: Name; readonly value: number }
  /** Sets one column to what another one holds, and ten more. */
  | { readonly kind: "copy"; readonly key: number; readonly from: Name; readonly to: Name }
  | { readonly kind: "delete"; readonly key: number };

const key = fc.nat({ max: 1 });
const column = fc.constantFrom(...names);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant("read" as const),
    key,
    columns: fc.uniqueArray(column, { minLength: 1 }),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      key,
      column,
      value: fc.nat({ max: 99 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("copy" as const), key, from: column, to: column }),
  },
  fc.record({ kind: fc.constant("delete" as const), key }),
);
const programs = fc.array(
  fc.record({
    isolation: fc.constantFrom<Isolation>("pessimistic", "optimistic"),
    actions: fc.array(action, { minLength: 1, maxLength: 4 }),
  }),
  { minLength: 2, maxLength: 5 },
);

interface Program {
  readonly isolation: Isolation;
  readonly actions: readonly Action[];
}

type Cells = Record<Name, bigint | null>;

interface Done {
  readonly actions: readonly Action[];
  readonly seen: readonly unknown[];
  readonly atMicros: number;
}

function mutationOf(each: Action): readonly Mutation[] {
  if (each.kind === "set") {
    const values = [[`${each.key}`, `${each.value}`]];
    const insertOrUpdate = { table: "T", columns: ["K", each.column], values };
    return [{ operation: { $case: "insertOrUpdate", insertOrUpdate } }];
  }
  if (each.kind === "delete") {
    const keySet = { keys: [[`${each.key}`]], ranges: [], all: false };
    return [{ operation: { $case: "delete", delete: { table: "T", keySet } } }];
  }
  return [];
}

/** Runs a program to its end, again when it had to give way. */
async function run(
  database: Database,
  { isolation, actions }: Program,
  pause: () => Promise<void>,
): Promise<Done> {
  let age: bigint | undefined;
  for (let attempt = 0; attempt < 50; attempt++) {
    const transaction = database.begin(age, isolation);
    try {
      const seen: unknown[] = [];
      for (const each of actions) {
        await pause();
        if (each.kind === "read") {
          const columns = each.columns.join(", ");
          seen.push(await execute(transaction, `SELECT ${columns} FROM T WHERE K = ${each.key}`));
        } else if (each.kind === "copy") {
          const { from, to } = each;
          await execute(transaction, `UPDATE T SET ${to} = ${from} + 10 WHERE K = ${each.key}`);
        }
      }
      await pause();
      const { atMicros } = await transaction.commit(actions.flatMap(mutationOf));
      return { actions, seen, atMicros };
    } catch (thrown) {
      age = transaction.age;
      if (!(thrown instanceof StatusError) || thrown.code !== Code.ABORTED) throw thrown;
    }
  }
  throw new Error("a transaction that keeps its age is through after few attempts");
}

/** What the transactions read and leave when they run one by one: statements first, then mutations. */
function replay(all: readonly Done[]): Map<number, Cells> {
  const rows = new Map<number, Cells>();
  for (const { actions, seen } of all) {
    const expected: unknown[] = [];
    for (const each of actions) {
      const row = rows.get(each.key);
      if (each.kind === "read") {
        expected.push(row === undefined ? [] : [each.columns.map((name) => row[name])]);
      } else if (each.kind === "copy" && row !== undefined) {
        const from = row[each.from];
        rows.set(each.key, { ...row, [each.to]: from === null ? null : from + 10n });
      }
    }
    assert.deepEqual(seen, expected);
    for (const each of actions) {
      const row = rows.get(each.key) ?? { A: null, B: null, C: null };
      if (each.kind === "set") rows.set(each.key, { ...row, [each.column]: BigInt(each.value) });
      if (each.kind === "delete") rows.delete(each.key);
    }
  }
  return rows;
}

test("writers of other columns of one row lose nothing of each other's", async () => {
  await fc.assert(
    fc.asyncProperty(programs, fc.nat(), async (all, seed) => {
      const random = seededRandom(seed);
      const ddl = [
        `CREATE TABLE T (
          K INT64, A INT64, B INT64, C INT64,
          S INT64 AS (C * 2) STORED,
        ) PRIMARY KEY (K)`,
        "CREATE INDEX ByA ON T (A) STORING (B)",
        "CREATE INDEX ByS ON T (S)",
      ];
      const database = await newDatabase(ddl, { random });
      const pause = async (): Promise<void> => {
        for (let turn = random.next() * 12; turn > 0; turn--) await undefined;
      };
      const done = await Promise.all(all.map((program) => run(database, program, pause)));
      done.sort((left, right) => left.atMicros - right.atMicros);
      const left = [...replay(done)].sort(([one], [other]) => one - other);
      const check = database.begin();
      const expected = left.map(([k, { A, B, C }]) => {
        return [BigInt(k), A, B, C, C === null ? null : C * 2n];
      });
      assert.deepEqual(await execute(check, "SELECT K, A, B, C, S FROM T ORDER BY K"), expected);
      assert.deepEqual(
        await execute(check, "SELECT K, A, B FROM T@{FORCE_INDEX=ByA} ORDER BY K"),
        expected.map(([k, a, b]) => [k, a, b]),
      );
      assert.deepEqual(
        await execute(check, "SELECT K, S FROM T@{FORCE_INDEX=ByS} ORDER BY K"),
        expected.map((row) => [row[0], row[4]]),
      );
    }),
    { numRuns: 400 },
  );
});

async function tableOfThree(extra = ""): Promise<Database> {
  const database = await newDatabase([
    `CREATE TABLE T (K INT64, A INT64, B INT64, C INT64${extra}) PRIMARY KEY (K)`,
  ]);
  await write(database, "INSERT INTO T (K, A, B, C) VALUES (1, 1, 1, 1)");
  return database;
}

test("two transactions that write other columns of a row commit in any order, and wait for nobody", async () => {
  const database = await tableOfThree();
  const [one, other] = [database.begin(), database.begin()];
  await execute(one, "UPDATE T SET A = 2 WHERE K = 1");
  await execute(other, "UPDATE T SET B = 3 WHERE K = 1");
  assert.deepEqual(await execute(one, "SELECT A, C FROM T"), [[2n, 1n]]);
  await other.commit([]);
  assert.deepEqual(await execute(one, "SELECT A, B FROM T"), [[2n, 3n]], "the other's is seen now");
  await one.commit([]);
  assert.deepEqual(await execute(database.begin(), "SELECT A, B, C FROM T"), [[2n, 3n, 1n]]);
});

test("what a row gives back with THEN RETURN stays as it is until the commit", async () => {
  const database = await tableOfThree();
  const [old, young] = [database.begin(), database.begin()];
  assert.deepEqual(await execute(old, "UPDATE T SET A = 2 WHERE K = 1 THEN RETURN A, B"), [
    [2n, 1n],
  ]);
  let isDone = false;
  const writing = execute(young, "UPDATE T SET B = 3 WHERE K = 1").then(() => {
    isDone = true;
  });
  for (let turn = 0; turn < 50; turn++) await undefined;
  assert.ok(!isDone, "the younger one waits");
  await old.commit([]);
  await writing;
});

test("a check over two columns holds whoever writes which of them", async () => {
  const database = await tableOfThree(", CHECK (A + B < 10)");
  const [one, other] = [database.begin(), database.begin()];
  const writes = [
    execute(one, "UPDATE T SET A = 6 WHERE K = 1").then(() => one.commit([])),
    execute(other, "UPDATE T SET B = 6 WHERE K = 1").then(() => other.commit([])),
  ];
  const outcomes = await Promise.allSettled(writes);
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});
