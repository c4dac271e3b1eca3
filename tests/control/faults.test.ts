// SPDX-License-Identifier: Apache-2.0
// What a program does when the server fails is tested by having the server fail: really, at a place that
// is known, and as often as the test says.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AbortedError,
  Code,
  OutcomeUnknownError,
  SpannerError,
  StatusError,
} from "@spandrel/client";
import { addSinger, inWorld, name, namesOf, regularSessions } from "./world.ts";

test("a transaction whose commit is aborted is run again, and its locks were really free meanwhile", () =>
  inWorld(async ({ control, database }) => {
    const fault = control.faults.add({ method: "Commit", effect: "abort-transaction", times: 1 });
    let attempts = 0;
    let locksOfTheFirst = 0;
    await database.runInTransaction(async (transaction) => {
      attempts++;
      await transaction.executeUpdate("INSERT INTO Singers (Id, Name) VALUES (1, 'Nina')");
      if (attempts === 1) locksOfTheFirst = control.live.locks(name).length;
      else assert.equal(control.live.transactions(name).length, 1, "only the second attempt");
    });
    assert.equal(attempts, 2);
    assert.ok(locksOfTheFirst > 0);
    assert.deepEqual(control.live.locks(name), []);
    assert.equal(control.faults.get(fault.id)?.struck, 1);
    assert.deepEqual(await namesOf(database), ["Nina"]);
  }));

test("a commit of mutations alone, and a statement that begins its transaction, are aborted too", () =>
  inWorld(async ({ control, database }) => {
    control.faults.add({ method: "Commit", effect: "abort-transaction", nth: 1 });
    await addSinger(database, 1n, "Nina");
    control.faults.add({ method: "ExecuteSql", effect: "abort-transaction", nth: 1 });
    let attempts = 0;
    await database.runInTransaction(async (transaction) => {
      attempts++;
      await transaction.executeUpdate("UPDATE Singers SET Name = 'Ella' WHERE Id = 1");
    });
    assert.equal(attempts, 2);
    assert.deepEqual(await namesOf(database), ["Ella"]);
  }));

test("an effect behind a statement aborts the transaction that it has begun", () =>
  inWorld(async ({ control, database }) => {
    control.faults.add({
      method: "ExecuteSql",
      effect: "abort-transaction",
      when: "after",
      times: 1,
    });
    const states: string[] = [];
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate("INSERT INTO Singers (Id, Name) VALUES (1, 'Nina')");
      const all = control.live.transactions(name, { isOver: true });
      states.push(all.map(({ state }) => state).join());
    });
    assert.deepEqual(states, ["aborted", "aborted,active"]);
  }));

test("a session that the server has lost is really gone, and the program goes on with another", () =>
  inWorld(
    async ({ control, database }) => {
      assert.deepEqual(await namesOf(database), []);
      const before = control.live.sessions(name).map((session) => session.name);
      control.faults.add({ method: "ExecuteStreamingSql", effect: "lose-session", times: 1 });
      assert.deepEqual(await namesOf(database), []);
      const after = control.live.sessions(name).map((session) => session.name);
      const [fault] = control.faults.list();
      assert.equal(fault?.struck, 1);
      assert.equal(before.filter((each) => !after.includes(each)).length, 1);
    },
    { environment: regularSessions },
  ));

test("a multiplexed session that is lost takes its transactions and their locks along", () =>
  inWorld(async ({ control, database }) => {
    const attempts: number[] = [];
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate("INSERT INTO Singers (Id, Name) VALUES (1, 'Nina')");
      attempts.push(control.live.locks(name).length);
      if (attempts.length > 1) return;
      const [session] = control.live.sessions(name);
      assert.ok(session?.isMultiplexed);
      assert.equal(control.loseSession(session.name), true);
      assert.equal(control.loseSession(session.name), false);
      assert.deepEqual(control.live.locks(name), []);
    });
    assert.equal(attempts.length, 2);
    assert.deepEqual(await namesOf(database), ["Nina"]);
  }));

test("a stream that breaks between two messages is taken up again, with no row lost or doubled", () =>
  inWorld(async ({ control, database }) => {
    const names: string[] = [];
    for (let id = 0; id < 8; id++) {
      names.push(String(id).repeat(400_000));
      await addSinger(database, BigInt(id), names[id] ?? "");
    }
    control.faults.add({ method: "ExecuteStreamingSql", cutAfter: 1, times: 2 });
    assert.deepEqual(await namesOf(database), names);
    assert.equal(control.faults.list()[0]?.struck, 2);
  }));

test("an answer that never comes leaves the outcome unknown, and the effect is there", () =>
  inWorld(async ({ control, database }) => {
    control.faults.add({
      method: "Commit",
      when: "after",
      status: { code: "DEADLINE_EXCEEDED", message: "nobody knows" },
    });
    await assert.rejects(addSinger(database, 1n, "Nina"), OutcomeUnknownError);
    control.faults.clear();
    assert.deepEqual(await namesOf(database), ["Nina"]);
  }));

test("a rule can be for one database, one tag, one transaction; all others pass", () =>
  inWorld(async ({ control, database }) => {
    control.faults.add({
      method: "*",
      where: { requestTag: "doomed", database: name },
      status: { code: "PERMISSION_DENIED" },
    });
    await assert.rejects(
      database.query("SELECT 1", { requestTag: "doomed" }).rows(),
      (thrown) => thrown instanceof SpannerError && thrown.code === Code.PERMISSION_DENIED,
    );
    await database.query("SELECT 1", { requestTag: "blessed" }).rows();
  }));

test("a program that gives up after so many attempts is told of the abort", () =>
  inWorld(async ({ control, database }) => {
    control.faults.add({ method: "Commit", effect: "abort-transaction" });
    await assert.rejects(
      database.runInTransaction(
        async (transaction) => {
          await transaction.executeUpdate("INSERT INTO Singers (Id, Name) VALUES (1, 'Nina')");
        },
        { timeoutMillis: 50 },
      ),
      // The limit is met between two attempts, or within a call of one.
      (thrown) =>
        thrown instanceof AbortedError ||
        (thrown instanceof StatusError && thrown.code === Code.DEADLINE_EXCEEDED),
    );
    assert.deepEqual(await namesOf(database), []);
  }));

test("a rule that is wrong is refused in words that name the field", () =>
  inWorld(async ({ control }) => {
    assert.throws(() => control.faults.add({ method: "Comit", effect: "abort-transaction" }), {
      code: Code.INVALID_ARGUMENT,
      message: 'method: no method is called "Comit"',
    });
    assert.throws(() => control.faults.add({ method: "Commit", effect: "explode" }), {
      message: "effect: must be one of lose-session, abort-transaction",
    });
  }));
