// SPDX-License-Identifier: Apache-2.0
// The real client and the real server grow old together under one clock: hours and weeks pass in no
// time, and no caller ever notices that a session has died.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Client,
  type Database,
  type Environment,
  FixedSizePool,
  PingingPool,
} from "@spandrel/client";
import type { CallOptions, Method, Transport } from "@spandrel/rpc";
import { createServer } from "@spandrel/server";
import { VirtualClock } from "@spandrel/testkit";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const regular: Environment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
};

/** Notes the names of the methods that are called. */
class NotingTransport implements Transport {
  readonly #inner: Transport;
  calls: string[] = [];

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  unary<Q, A>(method: Method<Q, A>, request: Q, options?: CallOptions): Promise<A> {
    this.calls.push(method.name);
    return this.#inner.unary(method, request, options);
  }

  serverStream<Q, A>(method: Method<Q, A>, request: Q, options?: CallOptions) {
    this.calls.push(method.name);
    return this.#inner.serverStream(method, request, options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** What was called since the last time. */
  take(): string[] {
    const calls = this.calls;
    this.calls = [];
    return calls;
  }
}

interface World {
  /** The time of both sides. */
  readonly clock: { advance(millis: number): Promise<void> };
  /** The server's time alone. */
  readonly serverClock: VirtualClock;
  readonly calls: NotingTransport;
  readonly database: Database;
}

async function withWorld(
  environment: Environment,
  pool: FixedSizePool | PingingPool | undefined,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const [serverClock, clientClock] = [new VirtualClock(), new VirtualClock()];
  const clock = {
    advance: async (millis: number) => {
      await serverClock.advance(millis);
      await clientClock.advance(millis);
    },
  };
  const calls = new NotingTransport(createServer({ clock: serverClock }).transport);
  const options = { project: "p", transport: calls, clock: clientClock, environment };
  await using client = new Client(options);
  const instance = client.instance("main");
  await (await instance.create()).result();
  await using database = instance.database("db", pool === undefined ? {} : { pool });
  const ddlStatements = ["CREATE TABLE T (Id INT64 NOT NULL) PRIMARY KEY (Id)"];
  await (await database.create({ ddlStatements })).result();
  calls.take();
  await work({ clock, serverClock, calls, database });
}

async function ask(database: Database): Promise<unknown> {
  return (await database.query("SELECT 1 AS One").one())["One"];
}

test("a pooled session is looked at after 55 idle minutes, and replaced when the hour has ended it", () =>
  withWorld(regular, new FixedSizePool({ size: 1 }), async ({ clock, calls, database }) => {
    assert.equal(await ask(database), 1n);
    assert.deepEqual(calls.take(), ["BatchCreateSessions", "ExecuteStreamingSql"]);
    await clock.advance(54 * minute);
    assert.equal(await ask(database), 1n);
    assert.deepEqual(calls.take(), ["ExecuteStreamingSql"]);
    await clock.advance(56 * minute);
    assert.equal(await ask(database), 1n);
    assert.deepEqual(calls.take(), ["GetSession", "ExecuteStreamingSql"]);
    await clock.advance(61 * minute);
    assert.equal(await ask(database), 1n);
    const replaced = calls.take();
    assert.equal(replaced[0], "GetSession");
    assert.equal(replaced.at(-1), "ExecuteStreamingSql");
    assert.ok(
      replaced.some((name) => name.endsWith("CreateSession") || name === "BatchCreateSessions"),
    );
  }));

test("sessions that are pinged every 50 minutes live through a day without other use", async () => {
  const pool = new PingingPool({ size: 2 });
  await withWorld(regular, pool, async ({ clock, calls, database }) => {
    assert.equal(await ask(database), 1n);
    const before = await namesOf(database);
    assert.equal(before.length, 2);
    for (let count = 0; count < 28; count++) {
      await clock.advance(51 * minute);
      await pool.ping();
    }
    calls.take();
    assert.equal(await ask(database), 1n);
    assert.deepEqual(calls.take(), ["ExecuteStreamingSql"]);
    assert.deepEqual(await namesOf(database), before);
  });
});

async function namesOf(database: Database): Promise<string[]> {
  const names: string[] = [];
  for await (const session of database.listSessions()) names.push(session.name);
  return names.sort();
}

test("the multiplexed session is replaced after seven days, and what is under way finishes on the old one", () =>
  withWorld({}, undefined, async ({ clock, calls, database }) => {
    const first = await database.runInTransaction(async (transaction) => {
      transaction.insert("T", { Id: 1n });
      await transaction.executeSql("SELECT 1").rows();
      const before = database.sessionsManager.stats();
      await clock.advance(7 * day + 20 * minute);
      const after = database.sessionsManager.stats();
      assert.equal(after.created, 2);
      assert.notEqual(after.multiplexedSession, before.multiplexedSession);
      await transaction.executeSql("SELECT 1").rows();
      return before.multiplexedSession;
    });
    assert.ok(first !== undefined);
    const { Count } = await database.query("SELECT COUNT(*) AS Count FROM T").one();
    assert.equal(Count, 1n);
    assert.equal(calls.take().filter((name) => name === "CreateSession").length, 2);
    assert.equal(calls.take().includes("DeleteSession"), false);
  }));

test("a month of weekly rotations needs one session a week and is never noticed", () =>
  withWorld({}, undefined, async ({ clock, calls, database }) => {
    for (let days = 0; days < 35; days++) {
      assert.equal(await ask(database), 1n);
      await clock.advance(day);
    }
    const created = calls.take().filter((name) => name === "CreateSession").length;
    assert.ok(created >= 5 && created <= 6, `${created} sessions`);
  }));

test("a multiplexed session that the server has lost is replaced under the caller's feet", () =>
  withWorld({}, undefined, async ({ serverClock, calls, database }) => {
    assert.equal(await ask(database), 1n);
    calls.take();
    // The machine of the client slept through four weeks: only the server's time has passed.
    await serverClock.advance(29 * day);
    assert.equal(await ask(database), 1n);
    assert.deepEqual(calls.take(), ["ExecuteStreamingSql", "CreateSession", "ExecuteStreamingSql"]);
    await serverClock.advance(29 * day);
    await database.runInTransaction((transaction) => {
      transaction.insert("T", { Id: 2n });
    });
    assert.equal(database.sessionsManager.stats().created, 3);
  }));
