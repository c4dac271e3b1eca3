// SPDX-License-Identifier: Apache-2.0
// Transactions are hard to misuse: statements that nobody waited for, tokens that come in any order,
// and limits that hold for everything inside.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@spandrel/base";
import type { Database, Transaction } from "@spandrel/client";
import type { MultiplexedSessionPrecommitToken as Token } from "@spandrel/protocol";
import { SpannerDefinition } from "@spandrel/protocol";
import { createLocalTransport, methodsOf, type Transport } from "@spandrel/rpc";
import { ScriptedServer, VirtualClock } from "@spandrel/testkit";
import { scriptedClient } from "./scripted-client.ts";

const spanner = methodsOf(SpannerDefinition);
const UPDATE = "UPDATE T SET Id = 1 WHERE TRUE";

interface World {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly database: Database;
}

function worldOf(wrap: (transport: Transport) => Transport = (transport) => transport): World {
  const server = new ScriptedServer();
  const clock = new VirtualClock();
  const client = scriptedClient(server, clock, {
    transport: wrap(createLocalTransport(server.router, { clock })),
  });
  server.answer(UPDATE, { rowCount: 1n }).answer("SELECT Id FROM T", { columns: { Id: "INT64" } });
  return { server, clock, database: client.instance("i").database("d") };
}

test("a statement that the function did not wait for is part of the transaction", async () => {
  const { server, clock, database } = worldOf();
  const counts: bigint[] = [];
  const run = database.runInTransaction(async (transaction) => {
    await transaction.executeUpdate(UPDATE);
    for (const _ of [1, 2])
      void transaction.executeUpdate(UPDATE).then((count) => counts.push(count));
  });
  await clock.until(run);
  assert.deepEqual(server.methods.slice(1), ["ExecuteSql", "ExecuteSql", "ExecuteSql", "Commit"]);
  assert.deepEqual(counts, [1n, 1n]);
});

test("a transaction that has ended refuses everything, and says why", async () => {
  const { database } = worldOf();
  let kept: Transaction | undefined;
  await database.runInTransaction(async (transaction) => {
    kept = transaction;
    await transaction.executeUpdate(UPDATE);
  });
  const ended = { code: Code.FAILED_PRECONDITION, reason: "TRANSACTION_ENDED" };
  for (const use of [
    () => kept?.query("SELECT 1"),
    () => kept?.insert("T", [{ Id: 1n }]),
    () => kept?.executeUpdate(UPDATE),
    () => kept?.batchUpdate([UPDATE]),
    () => kept?.commit(),
    () => kept?.rollback(),
  ])
    await assert.rejects(async () => use(), ended);
});

test("a limit of the transaction ends what hangs in it, and its attempts", async () => {
  for (const method of ["ExecuteSql", "ExecuteStreamingSql", "Commit"]) {
    const { server, clock, database } = worldOf();
    server.hold(method, new Promise(() => undefined));
    const run = database.runInTransaction(
      async (transaction) => {
        if (method === "ExecuteStreamingSql") await transaction.query("SELECT Id FROM T").rows();
        await transaction.executeUpdate(UPDATE);
      },
      { timeoutMillis: 2_000 },
    );
    await assert.rejects(clock.until(run), { code: Code.DEADLINE_EXCEEDED });
    assert.ok(clock.monotonic() <= 2_001_000_000n, method);
  }
});

test("one limit holds for all calls of an operation, however late each of them is", async () => {
  const slow = ["CreateSession", "BeginTransaction", "PartitionQuery"];
  const hanging = ["ExecuteSql", "ExecuteStreamingSql", "Commit", "PartitionQuery", "BatchWrite"];
  const limits = { timeoutMillis: 1_000 };
  const runs: Record<string, (database: Database) => Promise<unknown>> = {
    query: (database) => database.query("SELECT Id FROM T", limits).rows(),
    statement: (database) =>
      database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE, limits)),
    run: (database) =>
      database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE), limits),
    batch: (database) =>
      database
        .batch()
        .insert("T", [{ Id: 1n }])
        .commit(limits),
    once: (database) =>
      database
        .batch({ atLeastOnce: true })
        .insert("T", [{ Id: 1n }])
        .commit(limits),
    groups: (database) => database.mutationGroups().batchWrite(limits).next(),
    partitioned: (database) => database.executePartitionedDml(UPDATE, limits),
    snapshot: async (database) => {
      await using snapshot = await database.batchSnapshot(limits);
      return snapshot.partitionQuery("SELECT Id FROM T", { timeoutMillis: 1 });
    },
  };
  for (const [name, run] of Object.entries(runs)) {
    const { server, clock, database } = worldOf();
    for (const method of slow) {
      // biome-ignore lint/suspicious/noThenProperty: each call waits anew when the server awaits it
      const late = { then: (go: () => void) => void clock.sleep(700).then(go) };
      server.hold(method, late as unknown as Promise<void>);
    }
    for (const method of hanging) server.hold(method, new Promise(() => undefined));
    await assert.rejects(clock.until(run(database)), { code: Code.DEADLINE_EXCEEDED }, name);
    const millis = Number(clock.monotonic() / 1_000_000n);
    assert.ok(millis <= 1_001, `${name} ended after ${millis} ms`);
  }
});

/** A transport whose answers have their tokens changed before the client sees them. */
function withTokens(change: (token: Token) => Token | undefined): (inner: Transport) => Transport {
  const changed = <T>(answer: T): T => {
    if (typeof answer !== "object" || answer === null || !("precommitToken" in answer))
      return answer;
    return { ...answer, precommitToken: change(answer.precommitToken as Token) };
  };
  return (inner) => ({
    unary: async (method, request, options) => changed(await inner.unary(method, request, options)),
    async *serverStream(method, request, options) {
      for await (const message of inner.serverStream(method, request, options))
        yield changed(message);
    },
    close: () => inner.close(),
  });
}

for (const [how, seqNums, expected] of [
  ["in order", [1, 2, 3], 3],
  ["in the wrong order", [3, 1, 2], 3],
  ["repeated", [2, 2, 1], 2],
  ["missing at the end", [5, undefined, undefined], 5],
  ["missing at first", [undefined, undefined, 4], 4],
] as const) {
  test(`the token with the highest number is sent when they come ${how}`, async () => {
    const left = [...seqNums];
    const { server, clock, database } = worldOf(
      withTokens((token) => {
        const seqNum = left.shift();
        return seqNum === undefined ? undefined : { ...token, seqNum };
      }),
    );
    await clock.until(
      database.runInTransaction(async (transaction) => {
        for (const _ of [1, 2, 3]) await transaction.executeUpdate(UPDATE);
      }),
    );
    const [commit] = server.requestsOf(spanner.commit);
    assert.equal(commit?.precommitToken?.seqNum, expected);
  });
}

test("a server that gives no token at all fails the commit, and nothing hangs", async () => {
  const { clock, database } = worldOf(withTokens(() => undefined));
  const run = database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE));
  await assert.rejects(clock.until(run), { code: Code.FAILED_PRECONDITION });
});
