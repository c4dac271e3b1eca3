// SPDX-License-Identifier: Apache-2.0
// Which calls belong together, and that they travel together: the calls of one transaction share a
// connection, those of all others spread.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createLocalTransport, type Transport } from "@spandrel/rpc";
import { listen } from "@spandrel/rpc/serve";
import { ScriptedServer } from "@spandrel/testkit";
import { Client } from "./client.ts";
import { SELECT, UPDATE, worldOf } from "./scripted-database.test.ts";

const PDML = "DELETE FROM Singers WHERE TRUE";

/** A transport that notes to what each call belongs: by number, in the order in which they came up. */
function noting(transport: Transport): {
  readonly transport: Transport;
  take(): [method: string, belongsTo: number | undefined][];
} {
  const numbers = new Map<object, number>();
  let calls: [string, number | undefined][] = [];
  const note = (name: string, affinity: object | undefined): void => {
    if (affinity !== undefined && !numbers.has(affinity)) numbers.set(affinity, numbers.size);
    calls.push([name, affinity && numbers.get(affinity)]);
  };
  return {
    transport: {
      unary(method, request, options) {
        note(method.name, options?.affinity);
        return transport.unary(method, request, options);
      },
      serverStream(method, request, options) {
        note(method.name, options?.affinity);
        return transport.serverStream(method, request, options);
      },
      close: () => transport.close(),
    },
    take() {
      const taken = calls;
      calls = [];
      numbers.clear();
      return taken;
    },
  };
}

test("the calls of one transaction, and only those, belong together", async () => {
  const server = new ScriptedServer();
  const { transport, take } = noting(createLocalTransport(server.router));
  const { database } = worldOf({ transport });
  server.answer(SELECT, { columns: { Id: "INT64" }, rows: [["1"]] });
  server.answer(UPDATE, { rowCount: 1n });
  server.answer(PDML, { rowCountLowerBound: 1n });

  await database.query(SELECT).rows();
  await database.query(SELECT).rows();
  assert.deepEqual(take(), [
    ["CreateSession", undefined],
    ["ExecuteStreamingSql", undefined],
    ["ExecuteStreamingSql", undefined],
  ]);

  for (const ending of ["commit", "rollback"] as const) {
    await using transaction = await database.transaction();
    await transaction.query(SELECT).rows();
    await transaction.executeUpdate(UPDATE);
    await transaction.batchUpdate([UPDATE]);
    await transaction[ending]();
  }
  await database.batch().insert("Singers", { Id: 1n }).commit();
  assert.deepEqual(take(), [
    ["ExecuteStreamingSql", 0],
    ["ExecuteSql", 0],
    ["ExecuteBatchDml", 0],
    ["Commit", 0],
    ["ExecuteStreamingSql", 1],
    ["ExecuteSql", 1],
    ["ExecuteBatchDml", 1],
    ["Rollback", 1],
    ["BeginTransaction", 2],
    ["Commit", 2],
  ]);

  await using snapshot = database.snapshot({ multiUse: true });
  await snapshot.begin();
  await snapshot.query(SELECT).rows();
  await snapshot.query(SELECT).rows();
  await database.executePartitionedDml(PDML);
  assert.deepEqual(
    take().filter(([method]) => method !== "CreateSession"),
    [
      ["BeginTransaction", 0],
      ["ExecuteStreamingSql", 0],
      ["ExecuteStreamingSql", 0],
      ["BeginTransaction", 1],
      ["ExecuteStreamingSql", 1],
    ],
  );

  await using batch = await database.batchSnapshot();
  const [partition] = await batch.partitionQuery(SELECT);
  if (partition !== undefined) await batch.process(partition).rows();
  assert.deepEqual(
    take().filter(([method]) => method !== "CreateSession"),
    [
      ["BeginTransaction", 0],
      ["PartitionQuery", 0],
      ["ExecuteStreamingSql", undefined],
    ],
    "partitions spread",
  );
});

/** A server of Node's in front of another, that knows which connection each request came over. */
async function listenInFront(address: string): Promise<{
  readonly address: string;
  readonly sessions: readonly http2.ServerHttp2Session[];
  /** The connections that requests with each text came over, in their order. */
  connectionsBy(text: RegExp): Map<string, number[]>;
  close(): void;
}> {
  const behind = http2.connect(`http://${address}`);
  const server = http2.createServer();
  const sessions: http2.ServerHttp2Session[] = [];
  const opened: readonly unknown[] = sessions;
  const requests: { connection: number; text: string }[] = [];
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream, headers) => {
    const request = { connection: opened.indexOf(stream.session), text: "" };
    requests.push(request);
    const onward = behind.request(headers);
    let trailers: http2.IncomingHttpHeaders = {};
    stream.on("error", () => undefined);
    stream.on("close", () => onward.close());
    stream.on("data", (bytes: Buffer) => {
      request.text += bytes.toString("latin1");
      onward.write(bytes);
    });
    stream.on("end", () => onward.end());
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    onward.on("error", () => undefined);
    onward.on("response", (answer) => {
      if (!stream.destroyed) stream.respond(answer, { waitForTrailers: true });
    });
    onward.on("trailers", (received) => {
      trailers = received;
    });
    onward.pipe(stream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    connectionsBy(text) {
      const found = requests.map(({ connection, text: whole }) => ({
        connection,
        name: text.exec(whole)?.[0] ?? "",
      }));
      const byName = Map.groupBy(found, ({ name }) => name);
      return new Map(
        [...byName].map(([name, all]) => [name, all.map(({ connection }) => connection)]),
      );
    },
    close() {
      for (const session of sessions) session.destroy();
      behind.destroy();
      server.close();
    },
  };
}

test("a transaction keeps to a connection among several, and outlives it", async () => {
  const server = new ScriptedServer();
  server.answer(SELECT, { columns: { Id: "INT64" }, rows: [["1"]] });
  server.answer(UPDATE, { rowCount: 1n });
  const listener = await listen({ host: "127.0.0.1", port: 0, router: server.router });
  const front = await listenInFront(listener.address);
  const client = new Client({
    project: "p",
    environment: { SPANNER_EMULATOR_HOST: front.address },
  });
  const database = client.instance("i").database("d");
  try {
    const names = Array.from({ length: 100 }, (_, index) => `transaction ${index};`);
    await Promise.all(
      names.map((transactionTag, index) =>
        database.runInTransaction(
          async (transaction) => {
            for (let reads = 0; reads < index % 4; reads++) await transaction.query(SELECT).rows();
            await transaction.executeUpdate(UPDATE);
          },
          { transactionTag },
        ),
      ),
    );
    const connections = front.connectionsBy(/transaction \d+;/);
    const homes = names.map((name) => [...new Set(connections.get(name))]);
    assert.deepEqual(new Set(homes.map(({ length }) => length)), new Set([1]));
    assert.equal(new Set(homes.flat()).size, 4, "and the transactions use all of them");

    const [changed, home, others] = await database.runInTransaction(
      async (transaction) => {
        await transaction.query(SELECT).rows();
        const [first = 0] = front.connectionsBy(/survivor/).get("survivor") ?? [];
        front.sessions[first]?.destroy();
        const count = await transaction.executeUpdate(UPDATE);
        const [, ...later] = front.connectionsBy(/survivor/).get("survivor") ?? [];
        return [count, first, later];
      },
      { transactionTag: "survivor" },
    );
    assert.equal(changed, 1n);
    assert.ok(others.at(-1) !== home, "the next call went over another connection");
    const all = front.connectionsBy(/survivor/).get("survivor") ?? [];
    assert.equal(all.at(-1), others.at(-1), "and the commit after it");
  } finally {
    await client.close();
    front.close();
    await listener.close();
  }
});
