// SPDX-License-Identifier: Apache-2.0
// Calls that batches, partitioned DML and batch snapshots become.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, StatusError } from "@spandrel/base";
import { spannerMethods } from "../call/methods.ts";
import { KeySet } from "../values/key-set.ts";
import { aborted, SELECT, unavailable, worldOf } from "./scripted-database.test.ts";

describe("batches", () => {
  test("are applied at most once: begun with a key, then committed", async () => {
    const { server, database } = worldOf();
    const batch = database.batch({ transactionTag: "load" });
    batch.insert("Singers", ["Id", "Name"], [[1n, "Alice"]]).delete("Albums", KeySet.all());
    const { commitTimestamp } = await batch.commit({ returnCommitStats: true });
    assert.ok(commitTimestamp);
    assert.equal(batch.result?.mutationCount, 1n);
    assert.deepEqual(server.methods, ["CreateSession", "BeginTransaction", "Commit"]);
    assert.throws(() => batch.insert("Singers", { Id: 2n }), { reason: "BATCH_COMMITTED" });
  });

  test("are one call when they may be applied more than once", async () => {
    const { server, clock, database } = worldOf();
    server.fail("Commit", aborted());
    const batch = database.batch({ atLeastOnce: true }).insert("Singers", { Id: 1n });
    await clock.until(batch.commit());
    assert.deepEqual(server.methods, ["CreateSession", "Commit", "Commit"]);
    const [commit] = server.requestsOf(spannerMethods.commit);
    assert.equal(commit?.transaction?.$case, "singleUseTransaction");
  });

  test("start over when aborted, and survive a lost session", async () => {
    const { server, clock, database } = worldOf();
    await database.query(SELECT).rows();
    server.forgetSessions().clearRequests().fail("Commit", aborted());
    await clock.until(database.batch().insert("Singers", { Id: 1n }).commit());
    assert.deepEqual(server.methods, [
      "BeginTransaction",
      "CreateSession",
      "BeginTransaction",
      "Commit",
      "BeginTransaction",
      "Commit",
    ]);
  });
});

describe("partitioned DML", () => {
  const PDML = "DELETE FROM Singers WHERE TRUE";

  test("uses a regular session, and the multiplexed one when switched on", async () => {
    for (const isOn of [false, true]) {
      const environment = isOn
        ? { GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: "true" }
        : {};
      const { server, database } = worldOf({ environment });
      server.answer(PDML, { rowCountLowerBound: 7n });
      assert.equal(await database.executePartitionedDml(PDML), 7n);
      assert.deepEqual(server.methods, [
        "CreateSession",
        "BeginTransaction",
        "ExecuteStreamingSql",
      ]);
      assert.equal([...server.sessions.values()][0]?.multiplexed ?? false, isOn);
    }
  });

  test("starts over when aborted, and resumes when the stream breaks", async () => {
    const { server, clock, database } = worldOf();
    server.answer(PDML, { rowCountLowerBound: 7n });
    server.fail("ExecuteStreamingSql", aborted(), unavailable);
    assert.equal(await clock.until(database.executePartitionedDml(PDML)), 7n);
    assert.deepEqual(server.methods.slice(1), [
      "BeginTransaction",
      "ExecuteStreamingSql",
      "BeginTransaction",
      "ExecuteStreamingSql",
      "ExecuteStreamingSql",
    ]);
  });
});

describe("batch snapshots", () => {
  test("are cut into partitions that other processes read", async () => {
    const { server, client, database } = worldOf();
    await using snapshot = await database.batchSnapshot({ exactStalenessMillis: 0 });
    const queries = await snapshot.partitionQuery({ sql: SELECT, params: { a: 5n } });
    const reads = await snapshot.partitionRead("Singers", ["Id"], KeySet.all());
    assert.deepEqual([queries.length, reads.length], [2, 2]);
    const sent = JSON.parse(
      JSON.stringify({ handOff: await snapshot.handOff(), partitions: [...queries, ...reads] }),
    );
    server.clearRequests();
    const other = client.instance("i").database("d").resumeBatchSnapshot(sent.handOff);
    for (const partition of sent.partitions)
      assert.equal((await other.process(partition).rows()).length, 2);
    await other.close();
    assert.deepEqual(server.methods, [
      "ExecuteStreamingSql",
      "ExecuteStreamingSql",
      "StreamingRead",
      "StreamingRead",
    ]);
    const [query] = server.requestsOf(spannerMethods.executeStreamingSql);
    assert.deepEqual(query?.partitionToken, Uint8Array.of(1));
    assert.deepEqual(query?.params, { a: "5" });
    assert.equal(query?.transaction?.selector?.$case, "id");
  });

  test("read their partitions at once, and all end when one fails", async () => {
    const { server, database } = worldOf();
    await using snapshot = await database.batchSnapshot();
    const rows: unknown[] = [];
    for await (const batch of snapshot.runPartitionedQuery(SELECT)) rows.push(...batch);
    assert.equal(rows.length, 4);
    server.fail("ExecuteStreamingSql", undefined, new StatusError(Code.PERMISSION_DENIED, "no"));
    const failing = async (): Promise<void> => {
      for await (const _batch of snapshot.runPartitionedQuery(SELECT, { parallelism: 2 }));
    };
    await assert.rejects(failing(), { code: Code.PERMISSION_DENIED });
  });

  test("of other databases, and things that are none, are refused", async () => {
    const { client, database } = worldOf();
    await using snapshot = await database.batchSnapshot();
    const handOff = await snapshot.handOff();
    const other = client.instance("i").database("other");
    assert.throws(() => other.resumeBatchSnapshot(handOff), { reason: "MALFORMED_HAND_OFF" });
    const nothing = { partitionToken: "AA==", dataBoostEnabled: false };
    assert.throws(() => snapshot.process(nothing), { reason: "MALFORMED_HAND_OFF" });
  });
});

test("groups of mutations are written in one call, once", async () => {
  const { server, clock, database } = worldOf();
  const groups = database.mutationGroups();
  groups
    .group()
    .insert("Singers", { Id: 1n })
    .delete("Albums", [[1n]]);
  groups.group().replace("Singers", ["Id"], [[2n]]);
  server.fail("BatchWrite", unavailable);
  const indexes: number[] = [];
  const write = async (): Promise<void> => {
    for await (const answer of groups.batchWrite()) indexes.push(...(answer.indexes ?? []));
  };
  await clock.until(write());
  assert.deepEqual(indexes, [0, 1]);
  const [, request] = server.requestsOf(spannerMethods.batchWrite);
  assert.deepEqual(
    request?.mutationGroups?.map(({ mutations }) => mutations?.length),
    [2, 1],
  );
  await assert.rejects(write(), { reason: "GROUPS_WRITTEN" });
});
