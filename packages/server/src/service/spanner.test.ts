// SPDX-License-Identifier: Apache-2.0
// The service as a client's messages meet it: tokens that go on where a stream broke, partitions that
// are carried elsewhere, and the ways in which a transaction may read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError, seededRandom, silentLogger } from "@spandrel/base";
import {
  type ExecuteSqlRequest,
  ExecuteSqlRequest_QueryMode,
  type PartialResultSet,
  type ReadRequest,
  ReadRequest_LockHint,
  ReadRequest_OrderBy,
  SpannerDefinition,
  TransactionOptions_IsolationLevel,
  TransactionOptions_ReadWrite_ReadLockMode,
  type TransactionSelector,
} from "@spandrel/protocol";
import { createLocalTransport, methodsOf, Router, type Transport } from "@spandrel/rpc";
import { VirtualClock } from "@spandrel/testkit";
import { Registry } from "../instance/registry.ts";
import { documentedLimits } from "../limits/limits.ts";
import { serveSpanner } from "./spanner.ts";

const methods = methodsOf(SpannerDefinition);
const rowsInTable = 40;
const allKeys = { keys: [], ranges: [], all: true };
const readWrite = { mode: { $case: "readWrite" as const, readWrite: {} } };
const readOnly = { mode: { $case: "readOnly" as const, readOnly: {} } };

interface World {
  readonly transport: Transport;
  readonly session: string;
  readonly clock: VirtualClock;
}

/** A table with rows so large that a stream of them has many messages. */
async function world(): Promise<World> {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const limits = { ...documentedLimits, chunkBytesMax: 200 };
  const registry = new Registry({ clock, random, limits, logger: silentLogger });
  const settings = {
    config: "",
    displayName: "",
    nodeCount: 0,
    processingUnits: 0,
    labels: {},
  };
  await registry.createInstance("projects/p", "main", settings);
  await registry.createDatabase("projects/p/instances/main", "CREATE DATABASE bank", [
    "CREATE TABLE Visits (Id INT64, Place STRING(MAX)) PRIMARY KEY (Id)",
  ]);
  const router = new Router();
  serveSpanner(router, { registry, clock, random, limits });
  const transport = createLocalTransport(router, { clock, random, logger: silentLogger });
  const database = "projects/p/instances/main/databases/bank";
  const { name = "" } = await transport.unary(methods.createSession, { database });
  const made = { transport, session: name, clock };
  const values = Array.from({ length: rowsInTable }, (_, id) => [`${id}`, `${id}`.repeat(20)]);
  await commit(made, values);
  return made;
}

async function commit({ transport, session }: World, values: string[][]): Promise<void> {
  const insertOrUpdate = { table: "Visits", columns: ["Id", "Place"], values };
  await transport.unary(methods.commit, {
    session,
    transaction: { $case: "singleUseTransaction", singleUseTransaction: readWrite },
    mutations: [{ operation: { $case: "insertOrUpdate", insertOrUpdate } }],
  });
}

async function begin({ transport, session }: World, options: object): Promise<TransactionSelector> {
  const { id = new Uint8Array() } = await transport.unary(methods.beginTransaction, {
    session,
    options,
  });
  return { selector: { $case: "id", id } };
}

/** Reads messages of a stream, at most so many. */
async function messages(
  stream: AsyncIterable<PartialResultSet>,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly PartialResultSet[]> {
  const read: PartialResultSet[] = [];
  for await (const message of stream) {
    read.push(message);
    if (read.length >= most) break;
  }
  return read;
}

function valuesOf(all: readonly PartialResultSet[]): readonly unknown[] {
  return all.flatMap((message) => message.values ?? []);
}

async function failure(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof StatusError, "it should have failed");
  return `${thrown.codeName} ${thrown.message}`;
}

const query = { sql: "SELECT Id, Place FROM Visits WHERE Id >= @from" };
const parameters = { params: { from: "3" } };

const selectors: readonly (readonly [string, (made: World) => Promise<TransactionSelector>])[] = [
  ["a single use", async () => ({ selector: { $case: "singleUse", singleUse: readOnly } })],
  ["a snapshot", (made) => begin(made, readOnly)],
  ["a read-write transaction", (made) => begin(made, readWrite)],
  [
    "an optimistic transaction",
    (made) => begin(made, optimistic(TransactionOptions_ReadWrite_ReadLockMode.OPTIMISTIC)),
  ],
];

function optimistic(readLockMode: TransactionOptions_ReadWrite_ReadLockMode) {
  return { mode: { $case: "readWrite" as const, readWrite: { readLockMode } } };
}

for (const [name, select] of selectors) {
  test(`a stream of ${name} goes on behind any of its tokens as if it had not been broken`, async () => {
    const made = await world();
    const transaction = await select(made);
    const { transport, session } = made;
    const request: ExecuteSqlRequest = { session, transaction, ...query, ...parameters };
    const execute = (token: Uint8Array | undefined) =>
      transport.serverStream(methods.executeStreamingSql, { ...request, resumeToken: token });
    const whole = valuesOf(await messages(execute(undefined)));
    assert.equal(whole.length, 2 * (rowsInTable - 3));
    for (const most of [1, 2, 5]) {
      const first = await messages(execute(undefined), most);
      const token = first.at(-1)?.resumeToken;
      assert.ok(token !== undefined && token.length > 0);
      // Who reads only does not see what others write, and a writer's locks keep them out.
      if (name === "a snapshot") await commit(made, [[`${100 + most}`, "new"]]);
      const rest = await messages(execute(token));
      assert.deepEqual([...valuesOf(first), ...valuesOf(rest)], whole);
    }
  });
}

test("a token is of one request only, its parameters included", async () => {
  const { transport, session } = await world();
  const request = { session, ...query, ...parameters };
  const [first] = await messages(transport.serverStream(methods.executeStreamingSql, request), 1);
  const token = { resumeToken: first?.resumeToken };
  for (const other of [
    { ...request, ...token, params: { from: "4" } },
    { ...request, ...token, sql: `${query.sql} AND TRUE` },
    { ...request, resumeToken: new Uint8Array([1, 2, 3]) },
  ]) {
    assert.equal(
      await failure(messages(transport.serverStream(methods.executeStreamingSql, other))),
      "INVALID_ARGUMENT Invalid resume_token: it belongs to another request.",
    );
  }
});

test("a stream cannot go on once its own transaction has written, and is told to try again", async () => {
  const made = await world();
  const { transport, session } = made;
  const transaction = await begin(made, readWrite);
  const request = { session, transaction, ...query, ...parameters };
  const [first] = await messages(transport.serverStream(methods.executeStreamingSql, request), 1);
  await transport.unary(methods.executeSql, {
    session,
    transaction,
    seqno: 1n,
    sql: "DELETE FROM Visits WHERE Id = 3",
  });
  const resumed = { ...request, resumeToken: first?.resumeToken };
  assert.match(
    await failure(messages(transport.serverStream(methods.executeStreamingSql, resumed))),
    /^ABORTED Transaction was aborted. It has written rows since/,
  );
});

test("the rows of a write that was answered already are streamed again, and are not written again", async () => {
  const made = await world();
  const { transport, session } = made;
  const transaction = await begin(made, readWrite);
  const sql =
    "UPDATE Visits SET Id = Id, Place = CONCAT(Place, '!') WHERE Id < 9 THEN RETURN Place";
  const request = { session, transaction, seqno: 1n, sql: sql.replace("Id = Id, ", "") };
  const execute = (token?: Uint8Array) =>
    transport.serverStream(methods.executeStreamingSql, { ...request, resumeToken: token });
  const whole = await messages(execute());
  const again = await messages(execute(whole[0]?.resumeToken));
  assert.deepEqual([...(whole[0]?.values ?? []), ...valuesOf(again)], valuesOf(whole));
  assert.equal(valuesOf(whole)[1], `${"1".repeat(20)}!`);
});

async function partitionsOf(made: World, transaction: TransactionSelector) {
  const { partitions = [] } = await made.transport.unary(methods.partitionRead, {
    session: made.session,
    transaction,
    table: "Visits",
    columns: ["Id"],
    keySet: allKeys,
    partitionOptions: { maxPartitions: 5n, partitionSizeBytes: 100n },
  });
  return partitions.map(({ partitionToken = new Uint8Array() }) => partitionToken);
}

test("partitions of a read are carried elsewhere as bytes, and give its rows in the same snapshot", async () => {
  const made = await world();
  const transaction = await begin(made, readOnly);
  const tokens = await partitionsOf(made, transaction);
  assert.equal(tokens.length, 5);
  await commit(made, [["1000", "late"]]);
  const { session, transport } = made;
  const ids: unknown[] = [];
  for (const token of tokens) {
    const request = { session, transaction, table: "Visits", columns: ["Id"], keySet: allKeys };
    const carried = { ...request, partitionToken: Uint8Array.from(token) };
    ids.push(...valuesOf(await messages(transport.serverStream(methods.streamingRead, carried))));
  }
  assert.deepEqual(
    ids,
    Array.from({ length: rowsInTable }, (_, id) => `${id}`),
  );
});

test("a partition is of one session, one transaction and one request", async () => {
  const made = await world();
  const { transport, session } = made;
  const transaction = await begin(made, readOnly);
  const [partitionToken = new Uint8Array()] = await partitionsOf(made, transaction);
  const columns = ["Id"];
  const request = {
    session,
    transaction,
    table: "Visits",
    columns,
    keySet: allKeys,
    partitionToken,
  };
  const read = (changes: ReadRequest): Promise<string> =>
    failure(transport.unary(methods.read, { ...request, ...changes }));
  const others = "INVALID_ARGUMENT Partitioned request was created for";
  assert.equal(await read({ columns: ["Place"] }), `${others} different read or sql parameters.`);
  assert.equal(await read({ transaction: undefined }), `${others} a different transaction.`);
  assert.match(await read({ limit: 1n }), /^INVALID_ARGUMENT A limit cannot be used/);
  const orderBy = ReadRequest_OrderBy.ORDER_BY_PRIMARY_KEY;
  assert.match(await read({ orderBy }), /^INVALID_ARGUMENT ORDER_BY_PRIMARY_KEY cannot be used/);
  const torn = partitionToken.map((byte, index) => (index === 30 ? byte ^ 1 : byte));
  assert.equal(await read({ partitionToken: torn }), "INVALID_ARGUMENT Invalid partition token.");
  const sql = { session, transaction, sql: "SELECT Id FROM Visits", partitionToken };
  assert.equal(
    await failure(transport.unary(methods.executeSql, sql)),
    `${others} different read or sql parameters.`,
  );
  const queryMode = ExecuteSqlRequest_QueryMode.PROFILE;
  assert.match(
    await failure(transport.unary(methods.executeSql, { ...sql, queryMode })),
    /^INVALID_ARGUMENT Query modes returning query plan/,
  );
  const replaced = await begin(made, readOnly);
  assert.equal(await read({ transaction: replaced }), `${others} a different transaction.`);
});

test("a snapshot that begins with its partitions is named in the answer", async () => {
  const { transport, session } = await world();
  const request = { session, sql: "SELECT Id FROM Visits" };
  const { partitions = [], transaction } = await transport.unary(methods.partitionQuery, {
    ...request,
    transaction: { selector: { $case: "begin", begin: readOnly } },
  });
  const id = transaction?.id ?? new Uint8Array();
  let rows = 0;
  for (const { partitionToken } of partitions) {
    const selector: TransactionSelector = { selector: { $case: "id", id } };
    const replay = { ...request, transaction: selector, partitionToken };
    const { rows: found = [] } = await transport.unary(methods.executeSql, replay);
    rows += found.length;
  }
  assert.equal(rows, rowsInTable);
});

test("partitions are refused without a snapshot that goes on", async () => {
  const made = await world();
  const { transport, session } = made;
  const request = { session, sql: "SELECT Id FROM Visits" };
  for (const transaction of [
    undefined,
    { selector: { $case: "begin" as const, begin: readWrite } },
    await begin(made, readWrite),
  ]) {
    assert.match(
      await failure(transport.unary(methods.partitionQuery, { ...request, transaction })),
      /^INVALID_ARGUMENT PartitionQuery needs a read-only transaction/,
    );
  }
});

test("partitioned DML updates and deletes, and does nothing else", async () => {
  const made = await world();
  const { transport, session } = made;
  const options = { mode: { $case: "partitionedDml" as const, partitionedDml: {} } };
  const run = async (sql: string, queryMode?: ExecuteSqlRequest_QueryMode) => {
    const transaction = await begin(made, options);
    return transport.unary(methods.executeSql, { session, transaction, sql, queryMode, seqno: 1n });
  };
  for (const sql of ["INSERT INTO Visits (Id) VALUES (999)", "SELECT Id FROM Visits"]) {
    assert.match(await failure(run(sql)), /^INVALID_ARGUMENT A partitioned DML transaction runs/);
  }
  for (const sql of [
    "DELETE FROM Visits WHERE Id = (SELECT MAX(Id) FROM Visits)",
    "DELETE FROM Visits WHERE Id IN (SELECT Id FROM Visits WHERE Id > 1)",
    "DELETE FROM Visits WHERE TRUE THEN RETURN Id",
  ]) {
    assert.match(await failure(run(sql)), /^INVALID_ARGUMENT .* must be fully partitionable/);
  }
  const sql = "DELETE FROM Visits WHERE Id < 30";
  assert.equal((await run(sql, ExecuteSqlRequest_QueryMode.PLAN)).stats?.rowCount, undefined);
  const rowCount = { $case: "rowCountLowerBound", rowCountLowerBound: 30n };
  assert.deepEqual((await run(sql)).stats?.rowCount, rowCount);
});

test("an optimistic transaction is told at its commit that what it read has changed", async () => {
  const made = await world();
  const { transport } = made;
  const { name: other = "" } = await transport.unary(methods.createSession, {
    database: made.session.split("/sessions/")[0] ?? "",
  });
  const options = optimistic(TransactionOptions_ReadWrite_ReadLockMode.OPTIMISTIC);
  const transaction = await begin({ ...made, session: other }, options);
  const sql = "SELECT Place FROM Visits WHERE Id = 1";
  await transport.unary(methods.executeSql, { session: other, transaction, sql });
  await commit(made, [["1", "elsewhere"]]);
  const { selector } = transaction;
  assert.ok(selector?.$case === "id");
  const chosen = { $case: "transactionId" as const, transactionId: selector.id };
  assert.match(
    await failure(transport.unary(methods.commit, { session: other, transaction: chosen })),
    /^ABORTED Transaction was aborted. Another transaction has changed what it had read/,
  );
});

test("a commit under repeatable read tells its isolation and the moment that it read at", async () => {
  const made = await world();
  const { transport, session } = made;
  const isolationLevel = TransactionOptions_IsolationLevel.REPEATABLE_READ;
  const transaction = await begin(made, { ...readWrite, isolationLevel });
  await transport.unary(methods.executeSql, { session, transaction, sql: "SELECT 1 FROM Visits" });
  const { selector } = transaction;
  assert.ok(selector?.$case === "id");
  const response = await transport.unary(methods.commit, {
    session,
    transaction: { $case: "transactionId", transactionId: selector.id },
    returnCommitStats: true,
  });
  assert.equal(response.isolationLevel, isolationLevel);
  assert.ok(response.snapshotTimestamp !== undefined);
  assert.equal(response.commitStats?.mutationCount, 0n);
  const partitionedDml = { mode: { $case: "partitionedDml" as const, partitionedDml: {} } };
  assert.match(
    await failure(begin(made, { ...partitionedDml, isolationLevel })),
    /^INVALID_ARGUMENT Partitioned DML transactions do not support/,
  );
});

test("a lock hint makes a read exclusive, in a read-write transaction only", async () => {
  const made = await world();
  const { transport, session } = made;
  const lockHint = ReadRequest_LockHint.LOCK_HINT_EXCLUSIVE;
  const keySet = { keys: [["1"]], ranges: [], all: false };
  const read = { session, table: "Visits", columns: ["Id"], keySet, lockHint };
  assert.match(
    await failure(transport.unary(methods.read, read)),
    /^INVALID_ARGUMENT A lock_hint can be used in read-write transactions only/,
  );
  const transaction = await begin(made, readWrite);
  await transport.unary(methods.read, { ...read, transaction });
  const { name: other = "" } = await transport.unary(methods.createSession, {
    database: session.split("/sessions/")[0] ?? "",
  });
  const younger = await begin({ ...made, session: other }, readWrite);
  // The younger reader waits for the exclusive lock, until its caller has waited for long enough.
  const waiting = transport.unary(
    methods.read,
    { ...read, session: other, transaction: younger, lockHint: undefined },
    { timeoutMillis: 1_000 },
  );
  const outcome = failure(waiting);
  await made.clock.advance(1_500);
  assert.match(await outcome, /^DEADLINE_EXCEEDED/);
});

test("a write whose caller gave up waiting may be sent again, and is then done once", async () => {
  const made = await world();
  const { transport, session, clock } = made;
  const { name: other = "" } = await transport.unary(methods.createSession, {
    database: session.split("/sessions/")[0] ?? "",
  });
  const older = await begin(made, readWrite);
  const sql = "UPDATE Visits SET Place = CONCAT(Place, '!') WHERE Id = 1 THEN RETURN Place";
  await transport.unary(methods.executeSql, { session, transaction: older, sql, seqno: 1n });
  const younger = await begin({ ...made, session: other }, readWrite);
  const request = { session: other, transaction: younger, sql, seqno: 1n };
  const late = failure(transport.unary(methods.executeSql, request, { timeoutMillis: 1_000 }));
  await clock.advance(1_500);
  assert.match(await late, /^DEADLINE_EXCEEDED/);
  const { selector } = older;
  assert.ok(selector?.$case === "id");
  await transport.unary(methods.rollback, { session, transactionId: selector.id });
  const { rows } = await transport.unary(methods.executeSql, request);
  assert.deepEqual(rows, [[`${"1".repeat(20)}!`]]);
});
