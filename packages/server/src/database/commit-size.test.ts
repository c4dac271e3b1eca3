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

test("an array is as large as a cell may be, all its elements together", async () => {
  const limits = { ...documentedLimits, cellBytesMax: 1_000 };
  const database = new Database({ clock: new VirtualClock(), random: seededRandom(1), limits });
  await database.changeSchema("CREATE TABLE T (Id INT64, A ARRAY<STRING(MAX)>) PRIMARY KEY (Id)");
  const write = (count: number) => {
    const values = [["1", Array.from({ length: count }, () => "x".repeat(100))]];
    const replace = { table: "T", columns: ["Id", "A"], values };
    return database.begin().commit([{ operation: { $case: "replace", replace } }]);
  };
  await write(10);
  await assert.rejects(write(11), { reason: "CELL_TOO_LARGE" });
});

test("a row grows, commit by commit, until it is as large as a row may be", async () => {
  const limits = { ...documentedLimits, rowBytesMax: 5_000 };
  const database = new Database({ clock: new VirtualClock(), random: seededRandom(1), limits });
  const columns = Array.from({ length: 6 }, (_, index) => `C${index}`);
  const definitions = columns.map((name) => `${name} STRING(MAX)`).join(", ");
  await database.changeSchema(`CREATE TABLE T (Id INT64, ${definitions}) PRIMARY KEY (Id)`);
  const write = (column: string, length: number) => {
    const values = [["1", "x".repeat(length)]];
    const insertOrUpdate = { table: "T", columns: ["Id", column], values };
    return database.begin().commit([{ operation: { $case: "insertOrUpdate", insertOrUpdate } }]);
  };
  for (const column of columns.slice(0, 5)) await write(column, 1_000);
  await assert.rejects(write("C5", 1), { reason: "ROW_TOO_LARGE" });
  await write("C4", 900);
  await write("C5", 100);
});
