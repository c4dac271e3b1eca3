// SPDX-License-Identifier: Apache-2.0
// Read-write transactions: what was committed is there, what was not is not, and none is lost.
import type { Database, Transaction } from "@google-cloud/spanner";
import { failureOf, type Story, type Told } from "../story.ts";

export const transactionStories: readonly Story[] = [
  {
    name: "a transaction of DML statements commits them together",
    async tell({ database }) {
      const counts = await database.runTransactionAsync(async (transaction) => {
        const [inserted] = await transaction.runUpdate({
          sql: "INSERT INTO Accounts (Name, Balance) VALUES ('Ann', 10), ('Bob', @balance)",
          params: { balance: 20 },
        });
        const [updated] = await transaction.runUpdate(
          "UPDATE Accounts SET Balance = Balance + 5 WHERE Name = 'Ann'",
        );
        await transaction.commit();
        return [inserted, updated];
      });
      return { counts, accounts: await accounts(database) };
    },
    expected: { counts: [2, 1], accounts: { Ann: 15, Bob: 20 } },
  },
  {
    name: "a transaction sees its own writes, and nobody else does before the commit",
    async tell({ database }) {
      return database.runTransactionAsync(async (transaction) => {
        await transaction.runUpdate("UPDATE Accounts SET Balance = 99 WHERE Name = 'Bob'");
        const inside = await accounts(transaction);
        const outside = await accounts(database);
        await transaction.rollback();
        return { inside, outside };
      });
    },
    expected: { inside: { Ann: 15, Bob: 99 }, outside: { Ann: 15, Bob: 20 } },
  },
  {
    name: "what was rolled back was never there",
    tell: async ({ database }) => accounts(database),
    expected: { Ann: 15, Bob: 20 },
  },
  {
    name: "a transaction may write by mutations alone",
    async tell({ database }) {
      await database.runTransactionAsync(async (transaction) => {
        transaction.insert("Accounts", { Name: "Cid", Balance: 30 });
        transaction.update("Accounts", { Name: "Bob", Balance: 21 });
        await transaction.commit();
      });
      return accounts(database);
    },
    expected: { Ann: 15, Bob: 21, Cid: 30 },
  },
  {
    name: "a transaction may read rows and write what it worked out",
    async tell({ database }) {
      await database.runTransactionAsync(async (transaction) => {
        const [rows] = await transaction.read("Accounts", {
          columns: ["Name", "Balance"],
          keys: ["Ann", "Bob"],
          json: true,
        });
        const read = rows as unknown as { Name: string; Balance: number }[];
        transaction.update(
          "Accounts",
          read.map(({ Name, Balance }) => ({ Name, Balance: Balance * 2 })),
        );
        await transaction.commit();
      });
      return accounts(database);
    },
    expected: { Ann: 30, Bob: 42, Cid: 30 },
  },
  {
    name: "statements in a batch run in order and are counted one by one",
    async tell({ database }) {
      return database.runTransactionAsync(async (transaction) => {
        const [counts] = await transaction.batchUpdate([
          "INSERT INTO Accounts (Name, Balance) VALUES ('Dan', 1)",
          { sql: "UPDATE Accounts SET Balance = @b WHERE Name = 'Dan'", params: { b: 2 } },
          "UPDATE Accounts SET Balance = Balance + 1 WHERE TRUE",
          "DELETE FROM Accounts WHERE Name = 'Cid'",
        ]);
        await transaction.commit();
        return { counts, accounts: await accounts(database) };
      });
    },
    expected: { counts: [1, 1, 4, 1], accounts: { Ann: 31, Bob: 43, Dan: 3 } },
  },
  {
    name: "a batch stops at the first statement that fails and tells what was done before",
    async tell({ database }) {
      return database.runTransactionAsync(async (transaction) => {
        let rowCounts: Told = null;
        const failure = await failureOf(async () => {
          try {
            await transaction.batchUpdate([
              "UPDATE Accounts SET Balance = 0 WHERE Name = 'Ann'",
              "INSERT INTO Accounts (Name, Balance) VALUES ('Ann', 1)",
              "DELETE FROM Accounts WHERE TRUE",
            ]);
          } catch (thrown) {
            rowCounts = (thrown as { rowCounts: number[] }).rowCounts;
            throw thrown;
          }
        });
        await transaction.rollback();
        return { failure, rowCounts };
      });
    },
    expected: {
      failure: {
        code: "ALREADY_EXISTS",
        text: "Row [Ann] in table Accounts already exists",
        isPrompt: true,
      },
      rowCounts: [1],
    },
  },
  {
    name: "rows that a statement wrote are returned when it asks",
    async tell({ database }) {
      return database.runTransactionAsync(async (transaction) => {
        const [rows] = await transaction.run({
          sql: "UPDATE Accounts SET Balance = 50 WHERE Name = 'Dan' THEN RETURN Name, Balance",
          json: true,
        });
        await transaction.commit();
        return rows as unknown as Told;
      });
    },
    expected: [{ Name: "Dan", Balance: 50 }],
  },
  {
    name: "of many who add to one row at once, none is lost",
    async tell({ database }) {
      await database.table("Accounts").upsert({ Name: "Pot", Balance: 0 });
      await Promise.all(Array.from({ length: 10 }, () => addOne(database)));
      const { Pot } = (await accounts(database)) as { Pot: number };
      return Pot;
    },
    expected: 10,
  },
  {
    name: "a transaction that throws leaves nothing once it is rolled back",
    async tell({ database }) {
      try {
        await database.runTransactionAsync(async (transaction) => {
          await transaction.runUpdate("DELETE FROM Accounts WHERE TRUE");
          await transaction.rollback();
          throw new Error("changed my mind");
        });
      } catch (thrown) {
        return [(thrown as Error).message, Object.keys(await accounts(database)).length];
      }
      return "no failure";
    },
    expected: ["changed my mind", 4],
  },
  {
    name: "a first statement that fails does not spoil the transaction",
    async tell({ database }) {
      return database.runTransactionAsync(async (transaction) => {
        const failure = await failureOf(() =>
          transaction.runUpdate("INSERT INTO Accounts (Name, Balance) VALUES ('Ann', 1)"),
        );
        await transaction.runUpdate("UPDATE Accounts SET Balance = 7 WHERE Name = 'Dan'");
        await transaction.commit();
        const { Dan } = (await accounts(database)) as { Dan: number };
        return { failure, Dan };
      });
    },
    expected: {
      failure: {
        code: "ALREADY_EXISTS",
        text: "Row [Ann] in table Accounts already exists",
        isPrompt: true,
      },
      Dan: 7,
    },
  },
  {
    name: "statements sent side by side as the first of a transaction share it",
    async tell({ database }) {
      return database.runTransactionAsync(async (transaction) => {
        const [[ann], [bob]] = await Promise.all([
          transaction.run({ sql: "SELECT Balance FROM Accounts WHERE Name = 'Ann'", json: true }),
          transaction.run({ sql: "SELECT Balance FROM Accounts WHERE Name = 'Bob'", json: true }),
        ]);
        await transaction.commit();
        return [ann, bob] as unknown as Told;
      });
    },
    expected: [[{ Balance: 31 }], [{ Balance: 43 }]],
  },
  {
    name: "a transaction by callbacks commits like one by promises",
    async tell({ database }) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      database.runTransaction(async (error, transaction) => {
        try {
          if (error || !transaction) throw error ?? new Error("no transaction");
          const [count] = await transaction.runUpdate(
            "UPDATE Accounts SET Balance = Balance + 0 WHERE Name = 'Dan'",
          );
          await transaction.commit();
          resolve(count);
        } catch (thrown) {
          reject(thrown);
        }
      });
      return promise;
    },
    expected: 1,
  },
  {
    name: "optimistic and repeatable-read transactions commit like others",
    async tell({ database }) {
      const options = [
        { readLockMode: "OPTIMISTIC" },
        { isolationLevel: "REPEATABLE_READ" },
      ] as const;
      for (const option of options) {
        await database.runTransactionAsync(option as object, async (transaction) => {
          await transaction.runUpdate(
            "UPDATE Accounts SET Balance = Balance + 1 WHERE Name = 'Dan'",
          );
          await transaction.commit();
        });
      }
      const { Dan } = (await accounts(database)) as { Dan: number };
      return Dan;
    },
    expected: 9,
  },
];

async function accounts(source: Database | Transaction): Promise<Record<string, number>> {
  const query = { sql: "SELECT Name, Balance FROM Accounts ORDER BY Name", json: true };
  const [rows] = await source.run(query);
  const read = rows as unknown as { Name: string; Balance: number }[];
  return Object.fromEntries(read.map(({ Name, Balance }) => [Name, Balance]));
}

async function addOne(database: Database): Promise<void> {
  await database.runTransactionAsync(async (transaction) => {
    const [[row]] = await transaction.read("Accounts", {
      columns: ["Balance"],
      keys: ["Pot"],
      json: true,
    });
    const { Balance } = row as unknown as { Balance: number };
    transaction.update("Accounts", { Name: "Pot", Balance: Balance + 1 });
    await transaction.commit();
  });
}
