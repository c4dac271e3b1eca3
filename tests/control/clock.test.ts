// SPDX-License-Identifier: Apache-2.0
// The server's time in the hands of a test: hours pass at once, and what they bring is there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, type Timestamp } from "@spandrel/client";
import { addSinger, inWorld, name, namesOf, regularSessions } from "./world.ts";

const minute = 60_000;
const hour = 60 * minute;

test("a session that was idle for an hour has expired", () =>
  inWorld(
    async ({ control, database }) => {
      const session = database.session();
      await session.create();
      control.clock.advance(59 * minute);
      assert.equal(await session.exists(), true);
      control.clock.advance(61 * minute);
      assert.equal(await session.exists(), false);
      assert.deepEqual(control.live.sessions(name), []);
    },
    { environment: regularSessions },
  ));

test("a read with an exact staleness sees what was there before, and after the retention nothing", () =>
  inWorld(async ({ control, database }) => {
    await addSinger(database, 1n, "Nina");
    control.clock.advance(10_000);
    await addSinger(database, 2n, "Ella");
    const stale = async (millis: number) =>
      (await database.query("SELECT Name FROM Singers", { exactStalenessMillis: millis }).rows())
        .length;
    assert.equal(await stale(5_000), 1);
    control.clock.advance(hour + minute);
    await assert.rejects(stale(hour + minute / 2), { code: Code.FAILED_PRECONDITION });
  }));

test("while the clock stands, every moment is the same, and commits still follow one another", () =>
  inWorld(async ({ control, database }) => {
    control.clock.stop();
    const times: bigint[] = [];
    for (let id = 1n; id <= 3n; id++) {
      const committed = await database.batch().insert("Singers", { Id: id }).commit();
      times.push(committed.commitTimestamp?.epochNanos ?? 0n);
    }
    const [first = 0n] = times;
    assert.deepEqual(times, [first, first + 1_000n, first + 2_000n]);
  }));

test("a transaction that was idle for ten seconds gives way to whoever wants its locks", () =>
  inWorld(async ({ control, database }) => {
    await addSinger(database, 1n, "Nina");
    let attempts = 0;
    await database.runInTransaction(async (older) => {
      attempts++;
      await older.executeUpdate("UPDATE Singers SET Name = 'Ella' WHERE Id = 1");
      if (attempts > 1) return;
      // The younger one waits for the older, which does nothing more.
      const younger = addSinger(database, 1n, "Nobody").catch((thrown: unknown) => thrown);
      while (!control.live.locks(name).some(({ isWaiting }) => isWaiting)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      control.clock.advance(11_000);
      await younger;
    });
    assert.equal(attempts, 2);
    assert.deepEqual(await namesOf(database), ["Ella"]);
  }));

test("the time of day can be another century, and the machine's again", () =>
  inWorld(async ({ control, database }) => {
    const today = async () => {
      const row = await database.query("SELECT CURRENT_TIMESTAMP() AS Now").one();
      return row["Now"] as Timestamp;
    };
    control.clock.set(4_102_444_800_000_000_000n);
    assert.ok((await today()).toString().startsWith("2100-01-01"));
    control.clock.reset();
    assert.ok(!(await today()).toString().startsWith("2100"));
  }));

test("deadlines are the caller's: the server's clock may stand or leap, and a call takes its time", () =>
  inWorld(async ({ control, database }) => {
    control.clock.stop();
    control.faults.add({ method: "ExecuteStreamingSql", delayMillis: 1_000_000 });
    await assert.rejects(database.query("SELECT 1", { timeoutMillis: 20 }).rows(), {
      code: Code.DEADLINE_EXCEEDED,
    });
    const slow = database.query("SELECT 1 AS One", { timeoutMillis: 20_000 }).rows();
    while (control.clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    control.clock.advance(1_000_000);
    assert.equal((await slow).length, 1);
  }));
