// SPDX-License-Identifier: Apache-2.0
// How much a commit may write is counted in bytes too, its index entries and its DML included.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError, seededRandom } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { documentedLimits } from "../limits/limits.ts";
import { Database } from "./database.ts";

async function notes(): Promise<Database> {
  const database = new Database({
    clock: new VirtualClock(),
    random: seededRandom(1),
    limits: { ...documentedLimits, commitBytesMax: 2_000 },
  });
  await database.changeSchema("CREATE TABLE Notes (Id INT64, Text STRING(MAX)) PRIMARY KEY (Id)");
  return database;
}

function insert(database: Database, text: string): Promise<unknown> {
  const write = { table: "Notes", columns: ["Id", "Text"], values: [["1", text]] };
  return database.begin().commit([{ operation: { $case: "insert", insert: write } }]);
}

const isTooLarge = (thrown: unknown): boolean =>
  thrown instanceof StatusError && thrown.reason === "COMMIT_TOO_LARGE";

test("a commit of too many bytes is refused whole, and one below the limit is not", async () => {
  const database = await notes();
  await assert.rejects(insert(database, "x".repeat(2_100)), isTooLarge);
  await insert(database, "x".repeat(1_500));
});

test("entries of an index count, and a row that is written over counts once", async () => {
  const database = await notes();
  const transaction = database.begin();
  for (const letter of "abcdefgh") {
    const text = `INSERT OR UPDATE INTO Notes (Id, Text) VALUES (1, REPEAT('${letter}', 1500))`;
    const statement = { text, parameters: {}, parameterTypes: {}, isPlanOnly: false };
    await transaction.execute(statement, new AbortController().signal);
  }
  await transaction.commit([]);
  await database.changeSchema("CREATE INDEX ByText ON Notes (Text)");
  const update = { table: "Notes", columns: ["Id", "Text"], values: [["1", "x".repeat(1_500)]] };
  await assert.rejects(
    database.begin().commit([{ operation: { $case: "update", update } }]),
    isTooLarge,
  );
});
