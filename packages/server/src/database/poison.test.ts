// SPDX-License-Identifier: Apache-2.0
// A statement that fails after it has written poisons its transaction, whatever its error; one that
// fails before that leaves the transaction as it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, StatusError } from "@spandrel/base";
import { execute, newDatabase } from "../../golden/test-database.ts";

const ddl = ["CREATE TABLE Notes (Id STRING(MAX)) PRIMARY KEY (Id)"];
const limits = { keyBytesMax: 20 };

async function failure(work: Promise<unknown>): Promise<StatusError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof StatusError);
  return thrown;
}

test("an INSERT whose second row is refused poisons its transaction, and leaves nothing", async () => {
  const database = await newDatabase(ddl, { limits });
  const transaction = database.begin();
  const long = "x".repeat(30);
  const insert = `INSERT INTO Notes (Id) VALUES ("short"), ("${long}")`;
  const refused = await failure(execute(transaction, insert));
  assert.equal(refused.code, Code.INVALID_ARGUMENT);
  const later = await failure(execute(transaction, "SELECT Id FROM Notes"));
  assert.equal(later.reason, "TRANSACTION_INVALIDATED");
  assert.equal(await failure(transaction.commit([])), refused);
  assert.deepEqual(await execute(database.begin(), "SELECT Id FROM Notes"), []);
});

test("a statement that cannot be understood does no harm", async () => {
  const database = await newDatabase(ddl, { limits });
  const transaction = database.begin();
  await execute(transaction, 'INSERT INTO Notes (Id) VALUES ("a")');
  for (const text of ["SELEC 1", "SELECT x FROM Notes", "INSERT INTO Missing (Id) VALUES (1)"]) {
    assert.equal((await failure(execute(transaction, text))).code, Code.INVALID_ARGUMENT);
  }
  assert.deepEqual(await execute(transaction, "SELECT Id FROM Notes"), [["a"]]);
  await transaction.commit([]);
  assert.deepEqual(await execute(database.begin(), "SELECT Id FROM Notes"), [["a"]]);
});
