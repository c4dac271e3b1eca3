// SPDX-License-Identifier: Apache-2.0
// What the compiler says to a program. Nothing here runs: a line that should not compile is marked, and
// one that is marked and compiles fails the check of types.
import { test } from "node:test";
import {
  type AnyInstant,
  type AnyPlainDate,
  array,
  type Database,
  INT64,
  KeySet,
  type Numeric,
  nullOf,
  numeric,
  type Operation,
  STRING,
  sql,
  Timestamp,
  type Transaction,
} from "@spandrel/client";
import type { Backup, CreateBackupMetadata } from "@spandrel/client/admin";

async function _queries(database: Database): Promise<void> {
  const row: { Id: bigint } = await database.query<{ Id: bigint }>(sql`SELECT ${1n} AS Id`).one();
  const none: { Id: bigint } | undefined = await database
    .query<{ Id: bigint }>("SELECT 1")
    .oneOrNone();
  for await (const each of database.query<{ Price: Numeric }>("SELECT 1")) each.Price.toNumber();
  // @ts-expect-error a parameter is a value of Spanner, not any object
  database.query(sql`SELECT ${{ a: 1 }}`);
  // @ts-expect-error nor is it undefined, which says nothing
  database.query({ sql: "SELECT @a", params: { a: undefined } });
  // @ts-expect-error one moment, in one of the forms there are
  database.query("SELECT 1", { readTimestamp: 5 });
  // @ts-expect-error a key is a list of values
  database.read("T", ["Id"], 5n);
  database.read("T", ["Id"], KeySet.all());
  void [row, none];
}

async function _writes(database: Database): Promise<void> {
  database.batch().insert("T", [{ Id: 1n, Tags: array(STRING, []), None: nullOf(INT64) }]);
  // @ts-expect-error undefined is not NULL
  database.batch().insert("T", [{ Id: undefined }]);
  // @ts-expect-error decimal text or a bigint: a number would have lost its digits already
  numeric(1.5);
  const sum: bigint = await database.runInTransaction(async (transaction: Transaction) => {
    const count: bigint = await transaction.executeUpdate("DELETE FROM T WHERE TRUE");
    return count + 1n;
  });
  // @ts-expect-error two levels of isolation
  await database.runInTransaction(async () => undefined, { isolationLevel: "SNAPSHOT" });
  void sum;
}

async function _operations(operation: Operation<Backup, CreateBackupMetadata>): Promise<void> {
  const backup: Backup = await operation.result();
  const percent: number | undefined = operation.metadata?.progress?.progressPercent;
  for await (const metadata of operation.updates()) void metadata?.progress;
  void [backup, percent];
}

// This compiler does not know Temporal; temporal.test.ts asks one that does.
function _temporal(database: Database, at: AnyInstant, day: AnyPlainDate): void {
  database.read("T", ["Id"], [[at, day]], { readTimestamp: at });
  const nanoseconds: bigint = Timestamp.from(at).toInstant().epochNanoseconds;
  // @ts-expect-error a day is no moment
  Timestamp.from(day);
  // @ts-expect-error nor is what only has the same field: the tag says what it is
  sql`SELECT ${{ epochNanoseconds: 1n }}`;
  void nanoseconds;
}

test("what a program writes is checked by the compiler", () => {
  void [_queries, _writes, _operations, _temporal];
});
