// SPDX-License-Identifier: Apache-2.0
// A test can look at what its program has asked of the server, and at what the server holds for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { addSinger, inWorld, name, namesOf, regularSessions } from "./world.ts";

test("the log says what a transaction has done, in order, with its tags and its one transaction", () =>
  inWorld(async ({ control, database }) => {
    await namesOf(database); // the session is there from now on
    control.requests.start();
    await database.runInTransaction(
      async (transaction) => {
        await transaction.executeUpdate("INSERT INTO Singers (Id) VALUES (1)", {
          requestTag: "add-singer",
        });
        await transaction.executeSql("SELECT Id FROM Singers").rows();
      },
      { transactionTag: "sign-up" },
    );
    const requests = control.requests.list();
    assert.deepEqual(
      requests.map(({ method, status, fields }) => [
        method,
        status,
        fields["requestTag"],
        fields["transactionTag"],
      ]),
      [
        ["ExecuteSql", "OK", "add-singer", "sign-up"],
        ["ExecuteStreamingSql", "OK", undefined, "sign-up"],
        ["Commit", "OK", undefined, "sign-up"],
      ],
    );
    const [first, second, third] = requests.map(({ fields }) => fields);
    assert.equal(first?.["transaction"], "begin");
    assert.match(second?.["transaction"] ?? "", /^[0-9a-f]{32}$/);
    assert.equal(third?.["transaction"], second?.["transaction"]);
    assert.equal(first?.["sql"], "INSERT INTO Singers (Id) VALUES (1)");
    for (const fields of [first, second, third]) {
      assert.equal(fields?.["database"], name);
      assert.ok(fields?.["session"]?.startsWith(`${name}/sessions/`));
      assert.match(fields?.["requestId"] ?? "", /^1\./);
    }
  }));

test("the log never holds parameters or rows", () =>
  inWorld(async ({ control, database }) => {
    control.requests.start();
    await addSinger(database, 1n, "a secret");
    await database.query({ sql: "SELECT @secret AS S", params: { secret: "a secret" } }).rows();
    const text = inspect(control.requests.list(), { depth: 5 });
    assert.ok(text.includes("SELECT @secret"));
    assert.ok(!text.includes("a secret"));
  }));

test("a transaction that is under way is listed with its locks, by the words of the schema", () =>
  inWorld(async ({ control, database }) => {
    await addSinger(database, 1n, "Nina");
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate("UPDATE Singers SET Name = 'Ella' WHERE Id = 1");
      const [open, ...others] = control.live.transactions(name);
      assert.deepEqual(others, []);
      assert.equal(open?.kind, "read-write");
      assert.equal(open.state, "active");
      assert.equal(open.isolation, "pessimistic");
      assert.equal(Buffer.from(open.idBase64, "base64").toString("hex"), open.id);
      assert.ok((open.idleNanos ?? -1n) >= 0n);
      assert.ok((open.ageNanos ?? 0n) >= open.begunNanos);
      const [session] = control.live.sessions(name);
      assert.equal(session?.name, open.session);
      assert.equal(session.isMultiplexed, true);
      assert.equal(session.openTransactions, 1);
      const locks = control.live.locks(name);
      assert.ok(locks.length > 0);
      for (const lock of locks) {
        assert.equal(lock.transaction, open.id);
        assert.equal(lock.isWaiting, false);
        assert.match(lock.range, /in table Singers$/);
      }
      assert.ok(locks.some(({ mode }) => mode === "WriterShared"));
    });
    assert.deepEqual(control.live.transactions(name), []);
    assert.deepEqual(control.live.locks(name), []);
    const [over] = control.live.transactions(name, { isOver: true }).slice(-1);
    assert.equal(over?.state, "committed");
    assert.equal(over.idleNanos, undefined);
  }));

test("whoever waits for a lock is listed, until it has it", () =>
  inWorld(async ({ control, database }) => {
    await addSinger(database, 1n, "Nina");
    let waiting: readonly string[] = [];
    let second: Promise<void> | undefined;
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate("UPDATE Singers SET Name = 'Ella' WHERE Id = 1");
      second = database.runInTransaction(async (other) => {
        await other.executeUpdate("UPDATE Singers SET Name = Name || '!' WHERE Id = 1");
      });
      const seen = () => control.live.locks(name).filter(({ isWaiting }) => isWaiting);
      while (seen().length === 0) await new Promise((resolve) => setImmediate(resolve));
      waiting = seen().map(({ transaction: id }) => id ?? "");
    });
    await second;
    const [waiter = "", ...others] = new Set(waiting);
    assert.deepEqual(others, []);
    assert.match(waiter, /^[0-9a-f]{32}$/);
    assert.deepEqual(control.live.locks(name), []);
    assert.deepEqual(await namesOf(database), ["Ella!"]);
  }));

test("regular sessions are listed with their labels, in the order of their creation", () =>
  inWorld(
    async ({ control, database }) => {
      const session = database.session({ labels: { team: "jazz" } });
      await session.create();
      const [listed] = control.live.sessions(name);
      assert.equal(listed?.name, session.name);
      assert.deepEqual(listed.labels, { team: "jazz" });
      assert.equal(listed.isMultiplexed, false);
      assert.deepEqual(control.live.databases(), [name]);
      assert.throws(() => control.live.sessions(`${name}2`), { reason: "DATABASE_NOT_FOUND" });
    },
    { environment: regularSessions },
  ));
