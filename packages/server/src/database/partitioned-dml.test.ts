// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { newDatabase, query, statementOf, write } from "../../golden/test-database.ts";
import type { Database } from "./database.ts";
import { runPartitionedDml } from "./partitioned-dml.ts";

const { signal } = new AbortController();
const count = 400;

async function numbers(): Promise<Database> {
  const database = await newDatabase([
    "CREATE TABLE T (K INT64, V INT64, CHECK (V < 1000)) PRIMARY KEY (K)",
    "CREATE INDEX ByV ON T (V)",
  ]);
  const rows = `SELECT x, x FROM UNNEST(GENERATE_ARRAY(1, ${count})) AS x`;
  await write(database, `INSERT INTO T (K, V) ${rows}`);
  return database;
}

async function values(database: Database): Promise<readonly unknown[]> {
  return (await query(database, "SELECT V FROM T ORDER BY K")).flat();
}

test("every row is changed once, in several transactions", async () => {
  const database = await numbers();
  const run = (text: string) => runPartitionedDml(database, statementOf(text), signal);
  assert.equal((await run("UPDATE T SET V = V + 1 WHERE TRUE")).rowCount, BigInt(count));
  assert.deepEqual(
    await values(database),
    Array.from({ length: count }, (_, index) => BigInt(index + 2)),
  );
  assert.equal((await run("UPDATE T SET V = V + 1 WHERE V > 100")).rowCount, BigInt(count - 99));
  assert.equal((await run("DELETE FROM T WHERE K > 10")).rowCount, BigInt(count - 10));
  assert.equal((await values(database)).length, 10);
  assert.equal((await run("DELETE FROM T WHERE TRUE")).rowCount, 10n);
  assert.equal((await run("DELETE FROM T WHERE TRUE")).rowCount, 0n);
});

test("what was done before a partition fails stays done", async () => {
  const database = await numbers();
  const text = `UPDATE T SET V = IF(K = ${count}, 5000, V + 1) WHERE TRUE`;
  await assert.rejects(runPartitionedDml(database, statementOf(text), signal), /1000|CHECK|Check/);
  const after = await values(database);
  assert.equal(after[0], 2n);
  assert.equal(after.at(-1), BigInt(count));
});

test("a partition that has to give way is done again, and the others are not", async () => {
  const database = await numbers();
  const older = database.begin(-1n);
  const [changed] = await Promise.all([
    runPartitionedDml(database, statementOf("UPDATE T SET V = V + 1 WHERE TRUE"), signal),
    older
      .execute(statementOf("UPDATE T SET V = V + 100 WHERE K = 7"), signal)
      .then(() => older.commit([])),
  ]);
  assert.equal(changed.rowCount, BigInt(count));
  const after = await values(database);
  assert.equal(after[6], 108n);
  assert.equal(after[7], 9n);
});
