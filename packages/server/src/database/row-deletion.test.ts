// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@spandrel/testkit";
import { newDatabase, query, write } from "../../golden/test-database.ts";
import type { Database } from "./database.ts";

const hour = 3_600_000;

async function databaseOfEvents(clock: VirtualClock): Promise<Database> {
  const database = await newDatabase([], { clock });
  await database.changeSchema(`CREATE TABLE Events (Id INT64, MadeAt TIMESTAMP) PRIMARY KEY (Id),
    ROW DELETION POLICY (OLDER_THAN(MadeAt, INTERVAL 2 DAY))`);
  await database.changeSchema(`CREATE TABLE Notes (Id INT64, N INT64) PRIMARY KEY (Id, N),
    INTERLEAVE IN PARENT Events ON DELETE CASCADE`);
  await database.changeSchema("CREATE INDEX ByAt ON Events (MadeAt)");
  return database;
}

test("rows are deleted once they are old enough, with their children and index entries", async () => {
  const clock = new VirtualClock();
  const database = await databaseOfEvents(clock);
  await write(
    database,
    `INSERT INTO Events (Id, MadeAt) VALUES
      (1, CURRENT_TIMESTAMP()), (2, TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)), (3, NULL)`,
  );
  await write(database, "INSERT INTO Notes (Id, N) VALUES (1, 1), (2, 1)");
  await clock.advance(48 * hour - 1);
  assert.deepEqual(await query(database, "SELECT Id FROM Events"), [[1n], [2n], [3n]]);
  await clock.advance(2 * hour);
  assert.deepEqual(await query(database, "SELECT Id FROM Events"), [[2n], [3n]]);
  assert.deepEqual(await query(database, "SELECT Id FROM Notes"), [[2n]]);
  assert.deepEqual(await query(database, "SELECT Id FROM Events@{FORCE_INDEX=ByAt}"), [[3n], [2n]]);
  await clock.advance(24 * hour);
  assert.deepEqual(await query(database, "SELECT Id FROM Events"), [[3n]], "NULL is no age");
  database.retire();
});

test("many old rows go in one round; a policy that is dropped deletes nothing more", async () => {
  const clock = new VirtualClock();
  const database = await databaseOfEvents(clock);
  const insert = `INSERT INTO Events (Id, MadeAt)
    SELECT x, CURRENT_TIMESTAMP() FROM UNNEST(GENERATE_ARRAY(1, 2000)) AS x`;
  await write(database, insert);
  await clock.advance(49 * hour);
  assert.deepEqual(await query(database, "SELECT COUNT(*) FROM Events"), [[0n]]);
  await write(database, insert);
  await database.changeSchema("ALTER TABLE Events DROP ROW DELETION POLICY");
  await clock.advance(100 * hour);
  assert.deepEqual(await query(database, "SELECT COUNT(*) FROM Events"), [[2_000n]]);
  assert.equal(clock.sleeping, 0, "nothing is left to wait for");
});

test("a database that nobody has any more leaves no timer behind", async () => {
  const clock = new VirtualClock();
  const database = await databaseOfEvents(clock);
  const fork = database.fork();
  assert.equal(clock.sleeping, 2);
  fork.retire();
  database.retire();
  assert.equal(clock.sleeping, 0);
});
