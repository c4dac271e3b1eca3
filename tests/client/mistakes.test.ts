// SPDX-License-Identifier: Apache-2.0
// Mistakes that are easy to make: the error says what to do instead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Code, StatusError } from "@spandrel/base";
import {
  array,
  Client,
  type Database,
  INT64,
  int64,
  PG_NUMERIC,
  pgIdentifier,
  pgJsonb,
  pgNumeric,
  pgOid,
  pgSql,
  sql,
} from "@spandrel/client";
import { SpannerDefinition, TypeAnnotationCode, TypeCode } from "@spandrel/protocol";
import { createLocalTransport, methodsOf } from "@spandrel/rpc";
import { createServer } from "@spandrel/server";
import { ScriptedServer } from "@spandrel/testkit";

const spanner = methodsOf(SpannerDefinition);

/** Runs a story on the embedded server, with a table of numbers. */
async function withTable(story: (database: Database) => Promise<void>): Promise<void> {
  const { transport } = createServer();
  await using client = new Client({ project: "p", transport, environment: {} });
  const instance = client.instance("mistakes");
  await (await instance.create()).result();
  const database = instance.database("numbers");
  const ddlStatements = ["CREATE TABLE T (Id INT64, Score FLOAT64) PRIMARY KEY (Id)"];
  await (await database.create({ ddlStatements })).result();
  await story(database);
}

const says =
  (...codes: Code[]) =>
  (error: unknown) => {
    assert.ok(error instanceof StatusError && codes.includes(error.code));
    assert.match(error.message, /INT64|integer/);
    assert.match(error.message, /pass a bigint such as 5n, or int64\(5\)/);
    return true;
  };

test("a plain number for an INT64 column says how to write one", async () => {
  await withTable(async (database) => {
    const commit = database
      .batch()
      .insert("T", [{ Id: 5, Score: 1 }])
      .commit();
    await assert.rejects(commit, says(Code.FAILED_PRECONDITION, Code.INVALID_ARGUMENT));
    await database
      .batch()
      .insert("T", [
        { Id: 5n, Score: 5 },
        { Id: int64(6), Score: 0.5 },
      ])
      .commit();
    const rows = await database.query("SELECT Id, Score FROM T ORDER BY Id").rows();
    assert.deepEqual(rows, [
      { Id: 5n, Score: 5 },
      { Id: 6n, Score: 0.5 },
    ]);
  });
});

test("a plain number in a key says how to write one", async () => {
  await withTable(async (database) => {
    await assert.rejects(database.read("T", ["Id"], [[5]]).rows(), says(Code.INVALID_ARGUMENT));
  });
});

test("a plain number as a parameter where an integer belongs says how to write one", async () => {
  await withTable(async (database) => {
    const insert = database.runInTransaction((transaction) =>
      transaction.executeUpdate(sql`INSERT INTO T (Id) VALUES (${5})`),
    );
    await assert.rejects(insert, says(Code.INVALID_ARGUMENT));
    const limited = database.query(sql`SELECT Id FROM T LIMIT ${5}`).rows();
    await assert.rejects(limited, says(Code.INVALID_ARGUMENT));
    assert.deepEqual(await database.query(sql`SELECT Id FROM T LIMIT ${5n}`).rows(), []);
  });
});

test("an error that numbers have nothing to do with stays as it was", async () => {
  await withTable(async (database) => {
    const commit = database
      .batch()
      .insert("T", [{ Id: "five", Score: 0.5 }])
      .commit();
    await assert.rejects(commit, (error: Error) => !error.message.includes("bigint"));
    const query = database.query(sql`SELECT Nothing FROM T WHERE Score = ${5}`).rows();
    await assert.rejects(query, (error: Error) => !error.message.includes("bigint"));
  });
});

function scripted(): { server: ScriptedServer; client: Client; database: Database } {
  const server = new ScriptedServer();
  const transport = createLocalTransport(server.router);
  const client = new Client({ project: "p", transport, environment: {} });
  return { server, client, database: client.instance("i").database("d") };
}

test("PostgreSQL's own types are sent with their annotations", async () => {
  const { server, client, database } = scripted();
  const wide = `${"9".repeat(40)}.5`;
  const name = pgIdentifier('odd"name');
  const statement = pgSql`SELECT ${pgNumeric(wide)}, ${pgNumeric("NaN")}, ${pgJsonb({ a: 1n })}, ${pgOid(7)}, ${array(PG_NUMERIC, ["1.5", null])} FROM ${name}`;
  const text = 'SELECT $1, $2, $3, $4, $5 FROM "odd""name"';
  server.answer(text, { columns: { n: "INT64" }, rows: [] });
  await database.query(statement).rows();
  const numeric = { code: TypeCode.NUMERIC, typeAnnotation: TypeAnnotationCode.PG_NUMERIC };
  const [request] = server.requestsOf(spanner.executeStreamingSql);
  assert.deepEqual(request?.params, {
    p1: wide,
    p2: "NaN",
    p3: '{"a":1}',
    p4: "7",
    p5: ["1.5", null],
  });
  assert.deepEqual(request?.paramTypes, {
    p1: numeric,
    p2: numeric,
    p3: { code: TypeCode.JSON, typeAnnotation: TypeAnnotationCode.PG_JSONB },
    p4: { code: TypeCode.INT64, typeAnnotation: TypeAnnotationCode.PG_OID },
    p5: { code: TypeCode.ARRAY, arrayElementType: numeric },
  });
  assert.throws(() => pgSql`${pgNumeric("1,5")}` && database.query(pgSql`${pgNumeric("1,5")}`), {
    reason: "INVALID_VALUE",
  });
  await client.close();
});

test("what every request says of its caller is the client's, and the request's over it", async () => {
  const server = new ScriptedServer();
  const transport = createLocalTransport(server.router);
  const clientContext = { app: "shop", user: "nobody" };
  await using client = new Client({ project: "p", transport, environment: {}, clientContext });
  const database = client.instance("i").database("d");
  await database.query("SELECT 1", { clientContext: { user: "nina" } }).rows();
  await database
    .batch()
    .insert("T", [{ Id: 1n }])
    .commit();
  const [query] = server.requestsOf(spanner.executeStreamingSql);
  const [begin] = server.requestsOf(spanner.beginTransaction);
  const [commit] = server.requestsOf(spanner.commit);
  const saying = (secureContext: Record<string, string>): unknown => ({
    clientContext: { secureContext },
  });
  assert.deepEqual(query?.requestOptions, saying({ app: "shop", user: "nina" }));
  assert.deepEqual(begin?.requestOptions, saying(clientContext));
  assert.deepEqual(commit?.requestOptions, saying(clientContext));
});

test("a transaction of one's own rolls back at the end of its scope unless it was committed", async () => {
  await withTable(async (database) => {
    {
      await using left = database.transaction();
      left.insert("T", [{ Id: 1n }]);
      await left.query("SELECT 1 AS one").one();
    }
    {
      await using kept = database.transaction();
      kept.insert("T", [{ Id: 2n }]);
      await kept.commit();
    }
    const rows = await database.query("SELECT Id FROM T").rows();
    assert.deepEqual(rows, [{ Id: 2n }]);
  });
});

test("tables are found, described, and missed", async () => {
  await withTable(async (database) => {
    const names: string[] = [];
    for await (const { id } of database.listTables({ schema: "" })) names.push(id);
    assert.deepEqual(names, ["T"]);
    assert.equal(await database.table("T").exists(), true);
    assert.equal(await database.table("U").exists(), false);
    const columns = await database.table("T").columns();
    assert.deepEqual(columns[0], { name: "Id", type: INT64 });
    await assert.rejects(database.table("U").columns(), { reason: "TABLE_NOT_FOUND" });
  });
});

test("tables of PostgreSQL's dialect are asked for in its words", async () => {
  const { server, client } = scripted();
  const database = client.instance("i").database("d", { databaseDialect: "POSTGRESQL" });
  const text =
    "SELECT table_schema AS s, table_name AS t FROM information_schema.tables " +
    "WHERE table_type = 'BASE TABLE' AND table_schema = $1 ORDER BY 1, 2";
  server.answer(text, { columns: { s: "STRING", t: "STRING" }, rows: [["public", "singers"]] });
  assert.equal(await database.table("singers").exists(), true);
  const [request] = server.requestsOf(spanner.executeStreamingSql);
  assert.deepEqual(request?.params, { p1: "public" });
  await client.close();
});

const stays = { code: Code.FAILED_PRECONDITION, reason: "STAYS_IN_ITS_THREAD" };

test("a client, an instance and a database refuse to be handed to a worker", async () => {
  const { client, database } = scripted();
  for (const object of [client, client.instance("i"), database]) {
    assert.throws(() => structuredClone(object), stays);
    assert.throws(() => JSON.stringify({ object }), stays);
    assert.throws(() => new Worker("", { eval: true, workerData: { object } }), stays);
  }
  await client.close();
});

test("after close() every call says that the client is closed", async () => {
  const { client, database, server } = scripted();
  await database.query("SELECT 1").rows();
  await client.close();
  await client.close();
  const closed = { code: Code.FAILED_PRECONDITION, reason: "CLOSED", message: /Make a new one/ };
  server.clearRequests();
  const calls = [
    () => database.query("SELECT 1").rows(),
    () =>
      database
        .batch()
        .insert("T", [{ Id: 1n }])
        .commit(),
    () => database.runInTransaction((transaction) => transaction.query("SELECT 1").rows()),
    () => database.executePartitionedDml("DELETE FROM T WHERE TRUE"),
    () => database.batchSnapshot(),
    () => database.pool.get(),
    () => database.getDdl(),
    () => client.instance("i").exists(),
    () => client.listInstances().next(),
    () => client.instance("i").database("other").query("SELECT 1").rows(),
  ];
  for (const call of calls) await assert.rejects(async () => call(), closed);
  assert.deepEqual(server.methods, []);
});
