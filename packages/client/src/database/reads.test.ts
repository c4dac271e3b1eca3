// SPDX-License-Identifier: Apache-2.0
// Calls that a program's reads become, from the client down to a scripted server.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, createDeferred, StatusError } from "@spandrel/base";
import { spannerMethods } from "../call/methods.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { KeySet } from "../values/key-set.ts";
import { SELECT, unavailable, worldOf } from "./scripted-database.test.ts";

describe("single-use reads", () => {
  test("the first query creates the shared session, the next one is one call", async () => {
    const { server, database } = worldOf({}, { databaseRole: "reader" });
    assert.deepEqual(await database.query(SELECT).rows(), [
      { Id: 1n, Name: "Alice" },
      { Id: 2n, Name: "Bob" },
    ]);
    assert.deepEqual(server.methods, ["CreateSession", "ExecuteStreamingSql"]);
    const [create, query] = server.requests;
    const [created] = server.requestsOf(spannerMethods.createSession);
    assert.deepEqual(created?.session, { multiplexed: true, creatorRole: "reader" });
    assert.equal(create?.metadata["x-goog-spanner-route-to-leader"], "true");
    assert.equal(query?.metadata["x-goog-spanner-route-to-leader"], undefined);
    assert.equal(
      query?.metadata["google-cloud-resource-prefix"],
      "projects/p/instances/i/databases/d",
    );
    assert.match(query?.metadata["x-goog-request-params"] ?? "", /^session=projects%2Fp%2F/);
    const [request] = server.requestsOf(spannerMethods.executeStreamingSql);
    assert.deepEqual(request?.transaction, {
      selector: {
        $case: "singleUse",
        singleUse: {
          mode: {
            $case: "readOnly",
            readOnly: {
              timestampBound: { $case: "strong", strong: true },
              returnReadTimestamp: true,
            },
          },
        },
      },
    });
    await database.query(SELECT).rows();
    assert.equal(server.methods.length, 3);
  });

  test("a result says its columns, its moment and its only row", async () => {
    const { database } = worldOf();
    const result = database.read("Singers", ["Id", "Name"], KeySet.all());
    assert.equal(result.fields.length, 0);
    const names: unknown[] = [];
    for await (const row of result) names.push(row["Name"]);
    assert.deepEqual(names, ["Alice", "Bob"]);
    assert.deepEqual(
      result.fields.map(({ name, type }) => [name, type.kind]),
      [
        ["Id", "INT64"],
        ["Name", "STRING"],
      ],
    );
    assert.equal(result.readTimestamp?.toString(), "2023-11-14T22:13:20.000000005Z");
    await assert.rejects(result.rows(), { reason: "RESULT_ALREADY_READ" });
    await assert.rejects(database.query(SELECT).one(), { reason: "SEVERAL_ROWS" });
  });

  test("a staleness of zero is sent, and two bounds are refused before any call", async () => {
    const { server, database } = worldOf();
    await database.query(SELECT, { exactStalenessMillis: 0 }).rows();
    const [request] = server.requestsOf(spannerMethods.executeStreamingSql);
    const selector = request?.transaction?.selector;
    assert.ok(selector?.$case === "singleUse" && selector.singleUse.mode?.$case === "readOnly");
    assert.deepEqual(selector.singleUse.mode.readOnly.timestampBound, {
      $case: "exactStaleness",
      exactStaleness: { seconds: 0n, nanos: 0 },
    });
    server.clearRequests();
    assert.throws(
      () => database.snapshot({ exactStalenessMillis: 1, readTimestamp: "2026-01-01T00:00:00Z" }),
      { reason: "SEVERAL_TIMESTAMP_BOUNDS" },
    );
    assert.throws(() => database.snapshot({ multiUse: true, maxStalenessMillis: 1 }), {
      reason: "BOUND_NEEDS_SINGLE_USE",
    });
    assert.deepEqual(server.methods, []);
  });

  test("a session that the server lost costs the caller nothing", async () => {
    const { server, database } = worldOf();
    await database.query(SELECT).rows();
    server.forgetSessions().clearRequests();
    const results = await Promise.all([
      database.query(SELECT).rows(),
      database.query(SELECT).rows(),
      database.read("Singers", ["Id"], KeySet.all()).rows(),
    ]);
    assert.deepEqual(
      results.map(({ length }) => length),
      [2, 2, 2],
    );
    assert.equal(server.methods.filter((method) => method === "CreateSession").length, 1);
  });

  test("leaving a loop early cancels the call and gives the session back", async () => {
    const { server, database } = worldOf({
      environment: { GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false" },
    });
    for await (const _row of database.query(SELECT)) break;
    await database.query(SELECT).rows();
    assert.deepEqual(server.methods, [
      "CreateSession",
      "ExecuteStreamingSql",
      "ExecuteStreamingSql",
    ]);
  });

  test("a server that is away is waited for thirty seconds, not for an hour", async () => {
    const { server, clock, database } = worldOf();
    server.fail("CreateSession", ...Array.from({ length: 999 }, () => unavailable));
    await assert.rejects(clock.until(database.query(SELECT).rows()), { code: Code.UNAVAILABLE });
    assert.ok(clock.monotonic() <= 30_000_000_000n);
  });

  test("a limit covers the wait for a session as well", async () => {
    const { server, clock, database } = worldOf();
    server.hold("CreateSession", createDeferred<void>().promise);
    const failed = database.query(SELECT, { timeoutMillis: 100 }).rows();
    await assert.rejects(clock.until(failed), { code: Code.DEADLINE_EXCEEDED });
    assert.equal(clock.monotonic(), 100_000_000n);
    await database.close();
  });

  test("a wrong statement fails at once with its code, text and request id", async () => {
    const { server, database } = worldOf();
    server.answer("SELEC", { error: new StatusError(Code.INVALID_ARGUMENT, "Syntax error") });
    await assert.rejects(database.query("SELEC").rows(), (error: unknown) => {
      assert.ok(error instanceof SpannerError);
      assert.equal(error.code, Code.INVALID_ARGUMENT);
      assert.equal(error.message, "Syntax error");
      assert.match(error.requestId, /^1\.\d+\.\d+\.1\.\d+\.1$/);
      return true;
    });
  });
});

describe("multi-use snapshots", () => {
  test("the first read begins, those that come meanwhile wait and name the id", async () => {
    const { server, database } = worldOf();
    await using snapshot = database.snapshot({ multiUse: true });
    await Promise.all([1, 2, 3].map(() => snapshot.executeSql(SELECT).rows()));
    const selectors = server
      .requestsOf(spannerMethods.executeStreamingSql)
      .map(({ transaction }) => transaction?.selector?.$case);
    assert.deepEqual(selectors, ["begin", "id", "id"]);
    assert.equal(snapshot.readTimestamp?.toString(), "2023-11-14T22:13:20.000000005Z");
  });

  test("a first read that was left before its answer lets the next one begin", async () => {
    const { server, database } = worldOf();
    await using snapshot = database.snapshot({ multiUse: true });
    snapshot.executeSql(SELECT); // Never read, so never sent.
    server.fail("ExecuteStreamingSql", new StatusError(Code.PERMISSION_DENIED, "no"));
    await assert.rejects(snapshot.executeSql(SELECT).rows(), { code: Code.PERMISSION_DENIED });
    assert.equal((await snapshot.executeSql(SELECT).rows()).length, 2);
  });

  test("begins by a call of its own when asked to", async () => {
    const { server, database } = worldOf();
    await using snapshot = database.snapshot({ multiUse: true });
    await snapshot.begin();
    assert.ok(snapshot.readTimestamp);
    await snapshot.read("Singers", ["Id"], KeySet.all()).rows();
    assert.deepEqual(server.methods, ["CreateSession", "BeginTransaction", "StreamingRead"]);
    await assert.rejects(snapshot.begin(), { reason: "TRANSACTION_ALREADY_BEGUN" });
  });

  test("a single-use snapshot serves one read", async () => {
    const { database } = worldOf();
    const snapshot = database.snapshot();
    await snapshot.query(SELECT).rows();
    assert.throws(() => snapshot.query(SELECT), { reason: "SNAPSHOT_IS_SINGLE_USE" });
  });
});

test("what a query says goes before the environment, and that before the client; none is changed", async () => {
  const { server, database } = worldOf({
    queryOptions: { optimizerVersion: "1", optimizerStatisticsPackage: "a" },
    environment: { SPANNER_OPTIMIZER_VERSION: "2" },
  });
  await database.query(SELECT, { queryOptions: { optimizerVersion: "7" } }).rows();
  await database.query(SELECT).rows();
  const seen = server
    .requestsOf(spannerMethods.executeStreamingSql)
    .map(({ queryOptions }) => queryOptions);
  assert.deepEqual(seen, [
    { optimizerVersion: "7", optimizerStatisticsPackage: "a" },
    { optimizerVersion: "2", optimizerStatisticsPackage: "a" },
  ]);
});

test("closing a client is quick, twice is harmless, and ends its databases", async () => {
  const { clock, client, database } = worldOf();
  await database.query(SELECT).rows();
  await client.close();
  await client.close();
  await clock.settle();
  assert.equal(clock.sleeping, 0);
  await assert.rejects(database.query(SELECT).rows(), { reason: "CLOSED" });
});
