// SPDX-License-Identifier: Apache-2.0
// Many writers on the same rows, the real client against the real server: over gRPC, through each kind
// of session. However they meet, nothing is lost and nothing is done twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AbstractSessionPool,
  BurstyPool,
  Client,
  type Database,
  type Environment,
  FixedSizePool,
  PingingPool,
  type Transaction,
  TransactionPingingPool,
} from "@spandrel/client";
import { startServer } from "@spandrel/server";

const regular: Environment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "False",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "FALSE",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: "false",
};

const kinds: readonly (readonly [string, Environment, () => AbstractSessionPool | undefined])[] = [
  ["the multiplexed session", {}, () => undefined],
  ["a BurstyPool", regular, () => new BurstyPool({ targetSize: 3 })],
  ["a FixedSizePool", regular, () => new FixedSizePool({ size: 4 })],
  ["a PingingPool", regular, () => new PingingPool({ size: 4 })],
  ["a TransactionPingingPool", regular, () => new TransactionPingingPool({ size: 4 })],
];

async function withDatabase(
  environment: Environment,
  pool: AbstractSessionPool | undefined,
  work: (database: Database) => Promise<void>,
): Promise<void> {
  await using server = await startServer({ port: 0, restPort: 0 });
  await using client = new Client({
    project: "p",
    emulatorHost: server.grpcAddress,
    environment,
  });
  const instance = client.instance("main");
  await (await instance.create()).result();
  await using database = instance.database("bank", pool === undefined ? {} : { pool });
  const ddlStatements = [
    "CREATE TABLE Accounts (Id INT64 NOT NULL, Balance INT64 NOT NULL) PRIMARY KEY (Id)",
  ];
  await (await database.create({ ddlStatements })).result();
  const accounts = Array.from({ length: 5 }, (_, id) => ({ Id: BigInt(id), Balance: 100n }));
  await database.batch().insert("Accounts", accounts).commit();
  await work(database);
}

async function inParallel(workers: number, each: (worker: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: workers }, (_, worker) => each(worker)));
}

for (const [name, environment, makePool] of kinds) {
  test(`two hundred increments of one row through ${name} count two hundred`, () =>
    withDatabase(environment, makePool(), async (database) => {
      await inParallel(20, async () => {
        for (let count = 0; count < 10; count++) {
          await database.runInTransaction((transaction) =>
            transaction.executeUpdate("UPDATE Accounts SET Balance = Balance + 1 WHERE Id = 0"),
          );
        }
      });
      const { Balance } = await database.query("SELECT Balance FROM Accounts WHERE Id = 0").one();
      assert.equal(Balance, 300n);
    }));

  test(`money moved through ${name} is neither made nor lost, and no reader sees it under way`, () =>
    withDatabase(environment, makePool(), async (database) => {
      let isOver = false;
      const watching = (async () => {
        let looks = 0;
        for (; !isOver || looks === 0; looks++) {
          const sums = await database.query("SELECT SUM(Balance) AS Total FROM Accounts").one();
          assert.equal(sums["Total"], 500n);
        }
      })();
      await inParallel(10, async (worker) => {
        for (let count = 0; count < 10; count++) {
          const from = BigInt((worker + count) % 5);
          const to = BigInt((worker + 3 * count + 1) % 5);
          if (from === to) continue;
          await database.runInTransaction(async (transaction) => {
            const rows = await transaction
              .read("Accounts", ["Id", "Balance"], [[from], [to]])
              .rows();
            const balances = new Map(rows.map((row) => [row["Id"], row["Balance"] as bigint]));
            transaction.update("Accounts", [
              { Id: from, Balance: (balances.get(from) ?? 0n) - 1n },
              { Id: to, Balance: (balances.get(to) ?? 0n) + 1n },
            ]);
          });
        }
      });
      isOver = true;
      await watching;
    }));
}

test("a transaction that only touches its own rows never waits for another and is never aborted", () =>
  withDatabase({}, undefined, async (database) => {
    let attempts = 0;
    await inParallel(5, async (worker) => {
      await database.runInTransaction(async (transaction) => {
        attempts++;
        const sql = "UPDATE Accounts SET Balance = Balance * 2 WHERE Id = @id";
        await transaction.executeUpdate({ sql, params: { id: BigInt(worker) } });
        // Everybody is in the middle of a transaction now, each with a lock on a row of its own.
        await transaction.executeSql("SELECT 1").rows();
      });
    });
    assert.equal(attempts, 5);
  }));

test("writers that have not read a row write it all at once, and the last commit is what stays", () =>
  withDatabase({}, undefined, async (database) => {
    const writers = 5;
    let latest = { moment: 0, worker: -1 };
    let attempts = 0;
    let allHaveWritten = (): void => undefined;
    const together = new Promise<void>((resolve) => {
      allHaveWritten = resolve;
    });
    await inParallel(writers, async (worker) => {
      let last: Transaction | undefined;
      await database.runInTransaction(async (transaction) => {
        last = transaction;
        const sql = "UPDATE Accounts SET Balance = @worker WHERE Id = 0";
        await transaction.executeUpdate({ sql, params: { worker: BigInt(worker) } });
        attempts++;
        if (attempts === writers) allHaveWritten();
        await together;
      });
      const { seconds = 0, nanoseconds = 0 } = last?.committed ?? {};
      // The server's moments are whole microseconds, which a number holds.
      const moment = Number(seconds) * 1e6 + nanoseconds / 1e3;
      if (moment > latest.moment) latest = { moment, worker };
    });
    assert.equal(attempts, writers);
    const { Balance } = await database.query("SELECT Balance FROM Accounts WHERE Id = 0").one();
    assert.equal(Balance, BigInt(latest.worker));
  }));

test("a function that throws in the middle of its transaction leaves nothing written", () =>
  withDatabase({}, undefined, async (database) => {
    await assert.rejects(
      database.runInTransaction(async (transaction) => {
        await transaction.executeUpdate("DELETE FROM Accounts WHERE TRUE");
        throw new Error("changed my mind");
      }),
      /changed my mind/,
    );
    const { Count } = await database.query("SELECT COUNT(*) AS Count FROM Accounts").one();
    assert.equal(Count, 5n);
  }));
