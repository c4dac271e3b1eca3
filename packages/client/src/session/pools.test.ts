// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, StatusError, seededRandom, silentLogger } from "@spandrel/base";
import { createLocalTransport } from "@spandrel/rpc";
import { ScriptedServer, VirtualClock } from "@spandrel/testkit";
import { Caller } from "../call/caller.ts";
import { spannerMethods } from "../call/methods.ts";
import { SessionPoolExhaustedError, SessionPoolFullError } from "../errors/spanner-error.ts";
import { BurstyPool } from "./bursty-pool.ts";
import { FixedSizePool } from "./fixed-size-pool.ts";
import { PingingPool } from "./pinging-pool.ts";
import { Session, type SessionHome } from "./session.ts";
import { AbstractSessionPool } from "./session-pool.ts";
import { TransactionPingingPool } from "./transaction-pinging-pool.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface World {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly home: SessionHome;
}

function worldOf(databaseRole = ""): World {
  const server = new ScriptedServer();
  const clock = new VirtualClock();
  const caller = new Caller({
    transport: createLocalTransport(server.router, { clock }),
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    routeToLeaderEnabled: true,
  });
  const home = { name: "projects/p/instances/i/databases/d", databaseRole, caller };
  return { server, clock, home };
}

const labelled = { labels: { team: "web" }, databaseRole: "reader" };
const unavailable = new StatusError(Code.UNAVAILABLE, "gone for a moment");
const denied = new StatusError(Code.PERMISSION_DENIED, "no");

describe("every pool", () => {
  const pools = {
    BurstyPool: () => new BurstyPool(labelled),
    FixedSizePool: () => new FixedSizePool({ size: 2, ...labelled }),
    PingingPool: () => new PingingPool({ size: 2, ...labelled }),
    TransactionPingingPool: () => new TransactionPingingPool({ size: 2, ...labelled }),
  };
  for (const [name, create] of Object.entries(pools)) {
    test(`${name} sends nothing before the first session is needed`, async () => {
      const { server, home } = worldOf();
      await create().bind(home);
      assert.deepEqual(server.methods, []);
    });

    test(`${name} gives labels and role to every session, replacements included`, async () => {
      const { server, clock, home } = worldOf("owner");
      const pool = create();
      await pool.bind(home);
      const first = await pool.get();
      await pool.put(first);
      server.forgetSessions();
      await clock.advance(56 * MINUTE);
      await pool.get();
      for (const session of server.sessions.values()) {
        assert.deepEqual(session.labels, { team: "web" });
        assert.equal(session.creatorRole, "reader");
      }
      const made = server.methods.filter((method) => method.endsWith("CreateSessions"));
      const created = server.methods.filter((method) => method === "CreateSession");
      assert.ok(made.length + created.length >= 2, "one path made it, another replaced it");
    });

    test(`${name} takes the database's role when it names none`, async () => {
      const { server, home } = worldOf("owner");
      const pool = new FixedSizePool({ size: 1 });
      pool.bind(home);
      await pool.get();
      assert.deepEqual(
        [...server.sessions.values()].map(({ creatorRole }) => creatorRole),
        ["owner"],
      );
    });

    test(`${name} replaces a session near the end of its life, though it was in use`, async () => {
      const { clock, home } = worldOf();
      const pool = create();
      await pool.bind(home);
      const names = new Set<string>();
      for (let day = 0; day < 28; day++) {
        const session = await pool.get();
        names.add(session.name);
        await pool.put(session);
        await clock.advance(DAY);
      }
      const session = await pool.get();
      assert.ok(!names.has(session.name) || session.ageNanos < 27n * BigInt(DAY) * 1_000_000n);
    });

    test(`${name} gives a session back at the end of a scope, once`, async () => {
      const { home } = worldOf();
      const pool = create();
      await pool.bind(home);
      {
        await using checkout = await pool.session();
        assert.ok(checkout.session.name);
        await checkout.release();
      }
      assert.equal((pool as FixedSizePool).stats().checkedOut, 0);
    });
  }
});

describe("a pool of fixed size", () => {
  const poolOf = (world: World, size = 2): FixedSizePool => {
    const pool = new FixedSizePool({ size });
    pool.bind(world.home);
    return pool;
  };

  test("creates all sessions at once, a hundred per call, and asks again for the rest", async () => {
    const world = worldOf();
    world.server.batchSessionsMax = 60;
    await poolOf(world, 130).fill();
    const asked = world.server
      .requestsOf(spannerMethods.batchCreateSessions)
      .map(({ sessionCount }) => sessionCount);
    assert.deepEqual(asked, [100, 70, 10]);
  });

  test("fails when the server creates no session at all", async () => {
    const world = worldOf();
    world.server.batchSessionsMax = 0;
    await assert.rejects(poolOf(world).get(), { reason: "NO_SESSIONS_CREATED" });
  });

  test("hands out the session put back last", async () => {
    const pool = poolOf(worldOf());
    const [one, two] = [await pool.get(), await pool.get()];
    await pool.put(one);
    await pool.put(two);
    assert.equal(await pool.get(), two);
  });

  test("trusts a session for 55 minutes and looks at it after that", async () => {
    const { server, clock, home } = worldOf();
    const pool = new FixedSizePool({ size: 1 });
    pool.bind(home);
    const session = await pool.get();
    await pool.put(session);
    await clock.advance(54 * MINUTE);
    assert.equal(await pool.get(), session);
    await pool.put(session);
    assert.ok(!server.methods.includes("GetSession"));
    await clock.advance(56 * MINUTE);
    assert.equal(await pool.get(), session);
    assert.equal(server.methods.filter((method) => method === "GetSession").length, 1);
  });

  test("replaces a session that the server dropped", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    const lost = await pool.get();
    await pool.put(lost);
    world.server.forgetSessions();
    await world.clock.advance(56 * MINUTE);
    const session = await pool.get();
    assert.notEqual(session.name, lost.name);
    assert.deepEqual(pool.stats(), { idle: 0, checkedOut: 1, waiting: 0, size: 1 });
  });

  test("keeps its size when a check or a replacement fails", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    await pool.put(await pool.get());
    await world.clock.advance(56 * MINUTE);
    world.server.fail("GetSession", denied);
    await assert.rejects(pool.get(), { code: Code.PERMISSION_DENIED });
    assert.equal(pool.stats().idle, 1);
    world.server.forgetSessions().fail("CreateSession", denied);
    await assert.rejects(pool.get(), { code: Code.PERMISSION_DENIED });
    const session = await pool.get();
    assert.ok(world.server.sessions.has(session.name));
    assert.equal(pool.stats().checkedOut, 1);
  });

  test("makes callers wait in line, and says why when the wait is too long", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    const session = await pool.get();
    const first = pool.get();
    const second = pool.get({ timeoutMillis: 500 });
    const refused = assert.rejects(second, (error: unknown) => {
      assert.ok(error instanceof SessionPoolExhaustedError);
      assert.equal(error.code, Code.RESOURCE_EXHAUSTED);
      assert.deepEqual(error.counts, { idle: 0, checkedOut: 1, waiting: 1, size: 1 });
      assert.match(error.message, /within 500 ms: 1 of 1 are checked out/);
      return true;
    });
    await world.clock.advance(500);
    await refused;
    await pool.put(session);
    assert.equal(await first, session);
  });

  test("tells where its sessions went, when asked to remember", async () => {
    const world = worldOf();
    const pool = new FixedSizePool({ size: 1, traceCheckouts: true });
    pool.bind(world.home);
    async function forgetful(): Promise<Session> {
      return await pool.get();
    }
    const session = await forgetful();
    const refused = assert.rejects(pool.get({ timeoutMillis: 5 }), (error: unknown) => {
      assert.ok(error instanceof SessionPoolExhaustedError);
      assert.match(error.checkouts.join(), /forgetful/);
      return true;
    });
    await world.clock.until(refused);
    await pool.put(session);
    assert.deepEqual(pool.checkouts(), []);
  });

  test("waits ten seconds unless told otherwise", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    await pool.get();
    const refused = assert.rejects(pool.get(), SessionPoolExhaustedError);
    await world.clock.until(refused);
    assert.equal(world.clock.monotonic(), 10_000_000_000n);
  });

  test("serves those who wait in the order in which they came", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    const session = await pool.get();
    const order: number[] = [];
    const waits = [1, 2, 3].map(async (number) => {
      const mine = await pool.get();
      order.push(number);
      await pool.put(mine);
    });
    await world.clock.settle();
    await pool.put(session);
    await Promise.all(waits);
    assert.deepEqual(order, [1, 2, 3]);
  });

  test("lets a caller who gave up out of the line", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    const session = await pool.get();
    const controller = new AbortController();
    const left = assert.rejects(pool.get({ signal: controller.signal }), { code: Code.CANCELLED });
    await world.clock.settle();
    controller.abort();
    await left;
    await pool.put(session);
    assert.deepEqual(pool.stats(), { idle: 1, checkedOut: 0, waiting: 0, size: 1 });
    assert.equal(world.clock.sleeping, 0);
  });

  test("refuses a session that it has no place for, and keeps its own", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    await pool.fill();
    const stranger = new Session(world.home);
    await stranger.create();
    await assert.rejects(pool.put(stranger), SessionPoolFullError);
    assert.equal(pool.stats().idle, 1);
  });

  test("tells everybody who waits when sessions cannot be created, and recovers", async () => {
    const world = worldOf();
    const pool = poolOf(world, 2);
    world.server.fail("BatchCreateSessions", denied, denied);
    const all = await Promise.allSettled([pool.get(), pool.get(), pool.get()]);
    assert.deepEqual(
      all.map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    );
    assert.ok((await pool.get()).name);
  });

  test("clears the idle sessions, also past those that are gone already", async () => {
    const world = worldOf();
    const pool = poolOf(world, 3);
    await pool.fill();
    const [gone = ""] = world.server.sessions.keys();
    world.server.forgetSessions(gone);
    await pool.clear();
    assert.equal(world.server.sessions.size, 0);
    assert.equal(pool.stats().idle, 0);
  });

  test("fills the place of a session that was found lost while it was checked out", async () => {
    const world = worldOf();
    const pool = poolOf(world, 1);
    const lost = await pool.get();
    world.server.forgetSessions();
    await assert.rejects(lost.ping(), { code: Code.NOT_FOUND });
    await pool.put(lost);
    const session = await pool.get();
    await session.ping();
  });
});

describe("a bursty pool", () => {
  test("never makes anybody wait, and keeps as many idle sessions as its target", async () => {
    const { server, home } = worldOf();
    const pool = new BurstyPool({ targetSize: 2 });
    pool.bind(home);
    const sessions = await Promise.all([pool.get(), pool.get(), pool.get(), pool.get()]);
    assert.equal(server.sessions.size, 4);
    for (const session of sessions) await pool.put(session);
    assert.equal(server.sessions.size, 2);
    assert.deepEqual(pool.stats(), { idle: 2, checkedOut: 0, targetSize: 2 });
  });

  test("keeps ten by default, and hands out the one put back last", async () => {
    const { home } = worldOf();
    const pool = new BurstyPool();
    pool.bind(home);
    const [one, two] = [await pool.get(), await pool.get()];
    await pool.put(one);
    await pool.put(two);
    assert.equal(pool.targetSize, 10);
    assert.equal(await pool.get(), two);
  });
});

describe("a bursty pool that is asked for more", () => {
  test("is filled up to its target, and no further", async () => {
    const { server, home } = worldOf();
    const pool = new BurstyPool({ targetSize: 3 });
    pool.bind(home);
    await pool.put(await pool.get());
    await pool.fill();
    await pool.fill();
    assert.deepEqual(pool.stats(), { idle: 3, checkedOut: 0, targetSize: 3 });
    assert.equal(server.sessions.size, 3);
  });

  test("keeps what a failing fill created, and tells the failure", async () => {
    const { server, home } = worldOf();
    const denied = new StatusError(Code.PERMISSION_DENIED, "no more");
    const pool = new BurstyPool({ targetSize: 150 });
    pool.bind(home);
    server.fail("BatchCreateSessions", denied);
    await assert.rejects(pool.fill(), { code: Code.PERMISSION_DENIED });
    await pool.fill();
    assert.equal(pool.stats().idle, 150);
  });

  test("tells where its sessions went, when asked to remember", async () => {
    const { home } = worldOf();
    const pool = new BurstyPool({ traceCheckouts: true });
    pool.bind(home);
    async function forgetful(): Promise<Session> {
      return await pool.get();
    }
    const session = await forgetful();
    assert.match(pool.checkouts().join(), /forgetful/);
    await pool.put(session);
    assert.deepEqual(pool.checkouts(), []);
  });
});

describe("a pinging pool", () => {
  test("hands out the session that was idle for longest", async () => {
    const { home } = worldOf();
    const pool = new PingingPool({ size: 2 });
    pool.bind(home);
    const [one, two] = [await pool.get(), await pool.get()];
    await pool.put(two);
    await pool.put(one);
    assert.equal(await pool.get(), two);
  });

  test("pings the sessions that are due, and no others", async () => {
    const { server, clock, home } = worldOf();
    const pool = new PingingPool({ size: 3 });
    pool.bind(home);
    await pool.fill();
    assert.equal(await pool.ping(), 0);
    await clock.advance(2_000_000);
    await pool.put(await pool.get());
    await clock.advance(1_000_001);
    assert.equal(await pool.ping(), 2);
    const pings = server.requestsOf(spannerMethods.executeSql);
    assert.deepEqual(
      pings.map(({ sql }) => sql),
      ["SELECT 1", "SELECT 1"],
    );
    assert.equal(await pool.ping(), 0);
  });

  test("replaces what a ping finds gone, and loses nothing to other failures", async () => {
    const { server, clock, home } = worldOf();
    const pool = new PingingPool({ size: 2, pingIntervalSeconds: 60 });
    pool.bind(home);
    await pool.fill();
    server.forgetSessions();
    await clock.advance(61_000);
    assert.equal(await pool.ping(), 2);
    assert.equal(server.sessions.size, 2);
    await clock.advance(61_000);
    server.fail("ExecuteSql", denied);
    await assert.rejects(pool.ping(), { code: Code.PERMISSION_DENIED });
    assert.equal(pool.stats().idle, 2);
  });

  test("looks at a session that is handed out while it is due", async () => {
    const { server, clock, home } = worldOf();
    const pool = new PingingPool({ size: 1, pingIntervalSeconds: 60 });
    pool.bind(home);
    await pool.put(await pool.get());
    server.forgetSessions();
    await clock.advance(61_000);
    const session = await pool.get();
    assert.ok(server.sessions.has(session.name));
  });
});

describe("a transaction pinging pool", () => {
  test("begins read-write transactions ahead", async () => {
    const { server, home } = worldOf();
    const pool = new TransactionPingingPool({ size: 2 });
    pool.bind(home);
    await pool.fill();
    assert.deepEqual(server.methods, [
      "BatchCreateSessions",
      "BeginTransaction",
      "BeginTransaction",
    ]);
    const session = await pool.get();
    assert.ok(session.takePreparedTransaction());
    await pool.put(session);
    assert.equal(pool.pending, 1);
    assert.equal(await pool.beginPendingTransactions(), 1);
    assert.equal(await pool.beginPendingTransactions(), 0);
    assert.equal(pool.pending, 0);
  });
});

describe("the limits of a call", () => {
  test("a passing failure is tried again within milliseconds, a lasting one is not", async () => {
    const { server, clock, home } = worldOf();
    const session = new Session(home);
    server.fail("CreateSession", unavailable, unavailable);
    await clock.until(session.create());
    assert.ok(clock.monotonic() < 100_000_000n, "two waits of some 20 ms");
    const attempts = server.requests.map(({ metadata }) =>
      metadata["x-goog-spanner-request-id"]?.split(".").slice(-2).join("."),
    );
    assert.deepEqual(attempts, ["1.1", "1.2", "1.3"]);
    server.fail("GetSession", denied);
    await assert.rejects(session.exists(), { code: Code.PERMISSION_DENIED });
  });

  test("one deadline covers all attempts", async () => {
    const { server, clock, home } = worldOf();
    server.fail("CreateSession", ...Array.from({ length: 99 }, () => unavailable));
    const failed = assert.rejects(new Session(home).create({ timeoutMillis: 300 }), {
      code: Code.UNAVAILABLE,
    });
    await clock.until(failed);
    assert.ok(clock.monotonic() <= 300_000_000n);
  });
});

test("a pool of one's own needs bind, get, put and clear", async () => {
  class OneSessionPool extends AbstractSessionPool {
    #session: Session | undefined;
    #home: SessionHome | undefined;
    override bind(home: SessionHome): void {
      this.#home = home;
    }
    override async get(): Promise<Session> {
      assert.ok(this.#home);
      this.#session ??= this.newSession(this.#home);
      if (this.#session.sessionId === undefined) await this.#session.create();
      return this.#session;
    }
    override put(): void {}
    override async clear(): Promise<void> {
      await this.#session?.delete();
    }
  }
  const { server, home } = worldOf();
  const pool = new OneSessionPool(labelled);
  await pool.bind(home);
  const session = await pool.get();
  assert.deepEqual(server.sessions.get(session.name)?.labels, { team: "web" });
  await pool.clear();
  assert.equal(server.sessions.size, 0);
});
