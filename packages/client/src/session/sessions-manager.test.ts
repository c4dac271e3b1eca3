// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, createDeferred, StatusError, seededRandom, silentLogger } from "@spandrel/base";
import { createLocalTransport } from "@spandrel/rpc";
import { ScriptedServer, VirtualClock } from "@spandrel/testkit";
import { Caller } from "../call/caller.ts";
import { BurstyPool } from "./bursty-pool.ts";
import {
  DatabaseSessionsManager,
  TransactionType,
  usesMultiplexedSession,
} from "./sessions-manager.ts";

const DAY = 24 * 3_600_000;
const denied = new StatusError(Code.PERMISSION_DENIED, "no");

interface World {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly manager: DatabaseSessionsManager;
  readonly environment: Record<string, string | undefined>;
}

function worldOf(): World {
  const server = new ScriptedServer();
  const clock = new VirtualClock();
  const caller = new Caller({
    transport: createLocalTransport(server.router, { clock }),
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    routeToLeaderEnabled: true,
  });
  const home = { name: "projects/p/instances/i/databases/d", databaseRole: "reader", caller };
  const pool = new BurstyPool();
  pool.bind(home);
  const environment: Record<string, string | undefined> = {};
  return {
    server,
    clock,
    environment,
    manager: new DatabaseSessionsManager({ home, pool, environment }),
  };
}

describe("the multiplexed session", () => {
  test("is created once for all who ask, with the role and without labels", async () => {
    const { server, manager } = worldOf();
    const gate = createDeferred<void>();
    server.hold("CreateSession", gate.promise);
    const asked = Array.from({ length: 20 }, () => manager.getSession("READ_ONLY"));
    gate.resolve();
    const sessions = new Set(await Promise.all([...asked, manager.getSession("READ_WRITE")]));
    assert.equal(sessions.size, 1);
    assert.deepEqual(server.methods, ["CreateSession"]);
    const [session] = server.sessions.values();
    assert.equal(session?.multiplexed, true);
    assert.equal(session?.creatorRole, "reader");
    assert.equal(session?.labels, undefined);
    await manager.close();
  });

  test("a failure to create it reaches all who waited, and the next caller tries again", async () => {
    const { server, manager } = worldOf();
    server.fail("CreateSession", denied);
    const all = await Promise.allSettled([1, 2, 3].map(() => manager.getSession("READ_ONLY")));
    assert.deepEqual(new Set(all.map(({ status }) => status)), new Set(["rejected"]));
    assert.ok(await manager.getSession("READ_ONLY"));
    assert.deepEqual(server.methods, ["CreateSession", "CreateSession"]);
    await manager.close();
  });

  test("one caller who leaves does not end the creation for the others", async () => {
    const { server, manager, clock } = worldOf();
    const gate = createDeferred<void>();
    server.hold("CreateSession", gate.promise);
    const controller = new AbortController();
    const left = assert.rejects(manager.getSession("READ_ONLY", { signal: controller.signal }), {
      code: Code.CANCELLED,
    });
    const stayed = manager.getSession("READ_ONLY");
    await clock.settle();
    controller.abort();
    await left;
    gate.resolve();
    assert.ok(await stayed);
    await manager.close();
  });

  test("is replaced after seven days: built new, swapped, the old one neither deleted nor touched", async () => {
    const { server, manager, clock } = worldOf();
    const old = await manager.getSession("READ_ONLY");
    await clock.advance(7 * DAY - 1);
    assert.equal(await manager.getSession("READ_ONLY"), old);
    await clock.advance(10 * 60_000);
    const session = await manager.getSession("READ_ONLY");
    assert.notEqual(session.name, old.name);
    assert.deepEqual(server.methods, ["CreateSession", "CreateSession"]);
    assert.ok(server.sessions.has(old.name), "transactions in flight finish on the old one");
    await clock.advance(7 * DAY + 10 * 60_000);
    assert.equal(manager.stats().created, 3);
    await manager.close();
  });

  test("a rotation that fails keeps the old session and is tried again at the next look", async () => {
    const { server, manager, clock } = worldOf();
    const old = await manager.getSession("READ_ONLY");
    server.fail("CreateSession", denied, denied);
    await clock.advance(7 * DAY + 10 * 60_000);
    assert.equal(await manager.getSession("READ_ONLY"), old);
    await clock.advance(20 * 60_000);
    assert.notEqual(await manager.getSession("READ_ONLY"), old);
    assert.deepEqual(manager.stats().failed, 2);
    await manager.close();
  });

  test("callers are served while a rotation is under way", async () => {
    const { server, manager, clock } = worldOf();
    const old = await manager.getSession("READ_ONLY");
    const gate = createDeferred<void>();
    server.hold("CreateSession", gate.promise);
    await clock.advance(7 * DAY);
    assert.equal(await manager.getSession("READ_ONLY"), old);
    gate.resolve();
    await clock.settle();
    assert.notEqual(await manager.getSession("READ_ONLY"), old);
    await manager.close();
  });

  test("is replaced at once, and once, when the server has lost it", async () => {
    const { server, manager } = worldOf();
    const lost = await manager.getSession("READ_ONLY");
    for (let count = 0; count < 5; count++) manager.sessionLost(lost);
    const sessions = await Promise.all([1, 2, 3].map(() => manager.getSession("READ_ONLY")));
    assert.equal(new Set(sessions).size, 1);
    assert.notEqual(sessions[0], lost);
    assert.equal(server.methods.length, 2);
    manager.sessionLost(lost);
    assert.equal(await manager.getSession("READ_ONLY"), sessions[0], "old news changes nothing");
    await manager.close();
  });

  test("closing takes no time, sends nothing, and leaves no wait behind", async () => {
    const { server, manager, clock } = worldOf();
    await manager.getSession("READ_ONLY");
    server.clearRequests();
    await manager.close();
    await clock.settle();
    assert.equal(clock.sleeping, 0);
    assert.deepEqual(server.methods, []);
    await assert.rejects(manager.getSession("READ_ONLY"), { code: Code.FAILED_PRECONDITION });
  });
});

describe("the switches of the environment", () => {
  const variables = {
    READ_ONLY: "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS",
    READ_WRITE: "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW",
    PARTITIONED: "GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS",
  };

  test("unset, reads and read-write transactions share a session, partitioned ones do not", () => {
    assert.equal(usesMultiplexedSession("READ_ONLY", {}), true);
    assert.equal(usesMultiplexedSession("READ_WRITE", {}), true);
    assert.equal(usesMultiplexedSession("PARTITIONED", {}), false);
  });

  for (const type of Object.values(TransactionType)) {
    test(`${type} is switched off by the word false alone, and by its own variable alone`, () => {
      for (const off of ["false", "FALSE", " False\t"])
        assert.equal(usesMultiplexedSession(type, { [variables[type]]: off }), false);
      for (const on of ["true", "0", "", "no", "falsely"])
        assert.equal(usesMultiplexedSession(type, { [variables[type]]: on }), true);
      const others = Object.values(variables).filter((variable) => variable !== variables[type]);
      const allOthersOff = Object.fromEntries(others.map((variable) => [variable, "false"]));
      assert.equal(usesMultiplexedSession(type, allOthersOff), usesMultiplexedSession(type, {}));
    });
  }

  test("are read at each checkout, and what is switched off uses the pool", async () => {
    const { server, manager, environment } = worldOf();
    const shared = await manager.getSession("READ_WRITE");
    environment[variables.READ_WRITE] = "false";
    const own = await manager.getSession("READ_WRITE");
    assert.equal(own.isMultiplexed, false);
    assert.equal(await manager.getSession("READ_ONLY"), shared);
    await manager.putSession(own);
    environment[variables.READ_WRITE] = "true";
    assert.equal(await manager.getSession("READ_WRITE"), shared);
    assert.deepEqual(server.methods, ["CreateSession", "CreateSession"]);
    await manager.close();
  });
});
