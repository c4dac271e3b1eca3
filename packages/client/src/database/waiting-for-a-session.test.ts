// SPDX-License-Identifier: Apache-2.0
// A server that does not answer CreateSession: all callers wait for the one session that they share,
// each for as long as it wants to and no longer.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, createDeferred } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import type { Environment } from "../session/sessions-manager.ts";
import { KeySet } from "../values/key-set.ts";
import type { Database } from "./database.ts";
import { SELECT, UPDATE, type World, worldOf } from "./scripted-database.test.ts";

/** Every way to use the shared session first. */
const works: Readonly<
  Record<string, (database: Database, options: OperationOptions) => Promise<unknown>>
> = {
  query: (database, options) => database.query(SELECT, options).rows(),
  read: (database, options) => database.read("Singers", ["Id"], KeySet.all(), options).rows(),
  "read-only transaction": (database, options) =>
    database.snapshot({ multiUse: true }).query(SELECT, options).rows(),
  "read-write transaction": (database, options) =>
    database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE), options),
  "statement of a transaction": (database, options) =>
    database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE, options)),
  "query of a transaction": (database, options) =>
    database.runInTransaction((transaction) => transaction.query(SELECT, options).rows()),
  mutations: (database, options) =>
    database
      .batch()
      .insert("Singers", [{ Id: 1n }])
      .commit(options),
  "mutation groups": async (database, options) => {
    const groups = database.mutationGroups();
    groups.group().insert("Singers", [{ Id: 1n }]);
    for await (const _ of groups.batchWrite(options)) assert.fail();
  },
};

/** A world in which CreateSession is not answered before it is told so. */
function silentWorld(environment: Environment = {}): World & { answer(): void } {
  const world = worldOf({ environment });
  const gate = createDeferred<void>();
  world.server.hold("CreateSession", gate.promise);
  world.server.hold("BatchCreateSessions", gate.promise);
  return { ...world, answer: () => gate.resolve() };
}

describe("while nobody answers CreateSession", () => {
  for (const [name, work] of Object.entries(works)) {
    test(`${name}: it ends when its own time is over, and the next one finds the session`, async () => {
      const { server, clock, database, answer } = silentWorld();
      const ended = assert.rejects(work(database, { timeoutMillis: 50 }), {
        code: Code.DEADLINE_EXCEEDED,
      });
      const began = clock.monotonic();
      await clock.until(ended);
      assert.equal(clock.monotonic() - began, 50_000_000n);
      answer();
      await clock.until(database.query(SELECT).rows());
      assert.deepEqual(server.methods, ["CreateSession", "ExecuteStreamingSql"]);
    });

    test(`${name}: it ends at once when its signal is aborted`, async () => {
      const { clock, database } = silentWorld();
      const controller = new AbortController();
      const ended = assert.rejects(work(database, { signal: controller.signal }), {
        code: Code.CANCELLED,
      });
      await clock.settle();
      controller.abort();
      await clock.settle();
      await ended;
    });
  }

  for (const [kind, environment] of Object.entries({
    shared: {},
    pooled: { GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false" },
  })) {
    test(`queries of one transaction each wait as long as they want for a ${kind} session`, async () => {
      const { server, clock, database, answer } = silentWorld(environment);
      await using snapshot = database.snapshot({ multiUse: true });
      const began = clock.monotonic();
      const waits = [100, 50, 500].map((timeoutMillis) => {
        const rows = snapshot.query(SELECT, { timeoutMillis }).rows();
        return Promise.allSettled([rows]).then(([result]) => {
          const millis = (clock.monotonic() - began) / 1_000_000n;
          return [result.status, millis] as const;
        });
      });
      await clock.advance(200);
      answer();
      assert.deepEqual(await clock.until(Promise.all(waits)), [
        ["rejected", 100n],
        ["rejected", 50n],
        ["fulfilled", 200n],
      ]);
      if (kind === "shared")
        assert.deepEqual(server.methods, ["CreateSession", "ExecuteStreamingSql"]);
    });

    test(`a result that is left does not wait for its ${kind} session, which serves the next`, async () => {
      const { server, clock, database, answer } = silentWorld(environment);
      const result = database.query(SELECT);
      const next = Promise.allSettled([result[Symbol.asyncIterator]().next()]);
      await clock.settle();
      let isLeft = false;
      const left = result[Symbol.asyncDispose]().then(() => {
        isLeft = true;
      });
      await clock.settle();
      assert.ok(isLeft);
      answer();
      await Promise.all([left, next]);
      await clock.until(database.query(SELECT).rows());
      assert.deepEqual(server.methods.slice(1), ["ExecuteStreamingSql"]);
    });
  }
});
