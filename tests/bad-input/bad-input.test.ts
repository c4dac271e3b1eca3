// SPDX-License-Identifier: Apache-2.0
// What a client may get wrong, over gRPC and REST: each time a clear error with the right code, the
// server stays up, and nothing that was stored is lost.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { codeName, StatusError } from "@spandrel/base";
import { Client, type Database } from "@spandrel/client";
import { type Mutation, SpannerDefinition } from "@spandrel/protocol";
import { createGrpcTransport, methodsOf, type Transport } from "@spandrel/rpc";
import { type ListeningServer, startServer } from "@spandrel/server";

const spanner = methodsOf(SpannerDefinition);
const databaseName = "projects/p/instances/main/databases/db";

let server: ListeningServer;
let transport: Transport;
let client: Client;
let database: Database;
let session: string;

before(async () => {
  server = await startServer({ port: 0, restPort: 0 });
  transport = createGrpcTransport({ address: server.grpcAddress });
  client = new Client({ project: "p", transport, environment: {} });
  const instance = client.instance("main");
  await (await instance.create()).result();
  database = instance.database("db");
  const ddlStatements = [
    `CREATE TABLE T (
       Id INT64 NOT NULL, Name STRING(5), Data BYTES(3), Moment TIMESTAMP, Day DATE,
       Price NUMERIC, Doc JSON, Ratio FLOAT64, Flag BOOL, Tags ARRAY<STRING(3)>, Key UUID,
     ) PRIMARY KEY (Id)`,
    "CREATE INDEX ByName ON T (Name)",
    "CREATE TABLE C (Id INT64 NOT NULL, N INT64 NOT NULL) PRIMARY KEY (Id, N), INTERLEAVE IN PARENT T",
  ];
  await (await database.create({ ddlStatements })).result();
  await database.batch().insert("T", { Id: 1n, Name: "keep" }).commit();
  const created = await transport.unary(spanner.createSession, { database: databaseName });
  session = created.name ?? "";
});

after(async () => {
  await client.close();
  await transport.close();
  await server.close();
});

async function failure(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (thrown) {
    const error = StatusError.from(thrown);
    return `${codeName(error.code)} ${error.message}`;
  }
  return "OK";
}

function commit(operation: Mutation["operation"]): Promise<string> {
  const singleUseTransaction = { mode: { $case: "readWrite", readWrite: {} } } as const;
  return failure(() =>
    transport.unary(spanner.commit, {
      session,
      transaction: { $case: "singleUseTransaction", singleUseTransaction },
      mutations: [{ operation }],
    }),
  );
}

function write(column: string, value: unknown): Promise<string> {
  const insertOrUpdate = { table: "T", columns: ["Id", column], values: [["2", value]] };
  return commit({ $case: "insertOrUpdate", insertOrUpdate });
}

/** Nothing that was refused has left a trace, and the server still answers. */
async function nothingIsLost(): Promise<void> {
  assert.deepEqual(await database.query("SELECT Id, Name FROM T").rows(), [
    { Id: 1n, Name: "keep" },
  ]);
}

test("values that are not of their column's type are refused, each with column and type", async () => {
  const cases: [string, unknown, string][] = [
    ["Name", 5, "STRING"],
    ["Data", "not base64!", "BYTES"],
    ["Data", "AB==", "BYTES"],
    ["Moment", "2026-01-01 00:00:00", "TIMESTAMP"],
    ["Moment", "2026-02-30T00:00:00Z", "TIMESTAMP"],
    ["Moment", "2026-01-01T00:00:00.1234567890Z", "TIMESTAMP"],
    ["Day", "2026-13-01", "DATE"],
    ["Price", "1e40", "NUMERIC"],
    ["Price", "0.0000000001", "NUMERIC"],
    ["Doc", "{", "JSON"],
    ["Ratio", "1.5", "FLOAT64"],
    ["Flag", "true", "BOOL"],
    ["Tags", "a", "ARRAY<STRING>"],
    ["Tags", [1], "ARRAY<STRING>"],
    ["Key", "not-a-uuid", "UUID"],
  ];
  for (const [column, value, type] of cases) {
    assert.equal(
      await write(column, value),
      `FAILED_PRECONDITION Invalid value for column ${column} in table T: Expected ${type}.`,
      `${column} ${JSON.stringify(value)}`,
    );
  }
  const key = { table: "T", columns: ["Id"], values: [["12x"]] };
  assert.match(
    await commit({ $case: "insert", insert: key }),
    /^FAILED_PRECONDITION .*Expected INT64/,
  );
  await nothingIsLost();
});

test("values that are too long are refused with their size and the limit", async () => {
  const tooLong = "New value exceeds the maximum size limit for this column";
  const failed = "FAILED_PRECONDITION";
  assert.equal(await write("Name", "sixsix"), `${failed} ${tooLong}: T.Name, size: 6, limit: 5.`);
  assert.equal(await write("Data", "AAAAAA=="), `${failed} ${tooLong}: T.Data, size: 4, limit: 3.`);
  assert.equal(await write("Tags", ["four"]), `${failed} ${tooLong}: T.Tags, size: 4, limit: 3.`);
  // Length is counted in characters, not in UTF-16 units: five of these are ten units.
  assert.equal(await write("Name", "😀😀😀😀😀"), "OK");
  await database
    .batch()
    .delete("T", [[2n]])
    .commit();
  await nothingIsLost();
});

test("tables, columns, indexes and keys that are not there are named", async () => {
  const read = (request: object) =>
    failure(() => transport.unary(spanner.read, { session, ...request }));
  const all = { all: true };
  assert.equal(
    await read({ table: "X", columns: ["Id"], keySet: all }),
    "NOT_FOUND Table not found: X",
  );
  assert.equal(
    await read({ table: "T", columns: ["Id", "Nope"], keySet: all }),
    "NOT_FOUND Column not found in table T: Nope",
  );
  assert.equal(
    await read({ table: "T", index: "ByX", columns: ["Id"], keySet: all }),
    "NOT_FOUND Index not found on table T: ByX",
  );
  assert.match(
    await read({ table: "T", index: "ByName", columns: ["Day"], keySet: all }),
    /^UNIMPLEMENTED Reading non-indexed columns using an index is not supported\. Consider adding Day/,
  );
  assert.equal(
    await read({ table: "T", columns: ["Id"], keySet: { keys: [["1", "2"]] } }),
    'FAILED_PRECONDITION Wrong number of key parts for T. Expected: 1. Got: ["1","2"]',
  );
  assert.equal(
    await read({ table: "T", columns: ["Id"], keySet: { ranges: [{}] } }),
    "INVALID_ARGUMENT Key range must contain either start_closed or start_open.",
  );
  assert.match(await read({ table: "T", columns: [], keySet: all }), /^INVALID_ARGUMENT /);
  assert.match(
    await read({ table: "T", columns: ["Id"], keySet: all, limit: -1n }),
    /^INVALID_ARGUMENT /,
  );
  assert.equal(
    await commit({ $case: "insert", insert: { table: "X", columns: ["Id"], values: [["1"]] } }),
    "NOT_FOUND Table not found: X",
  );
});

test("mutations that make no sense are refused, and those before them in the commit with them", async () => {
  const insert = (columns: string[], values: unknown[][]) =>
    commit({ $case: "insert", insert: { table: "T", columns, values } });
  assert.equal(
    await insert(["Id", "Id"], [["5", "5"]]),
    "INVALID_ARGUMENT Multiple values for column Id",
  );
  assert.equal(
    await insert(["Id", "Name"], [["5"]]),
    "INVALID_ARGUMENT Mutation has mismatched number of columns and values.",
  );
  assert.match(await insert(["Name"], [["x"]]), /^FAILED_PRECONDITION .*key column Id/);
  assert.equal(await insert(["Id"], [["1"]]), "ALREADY_EXISTS Row [1] in table T already exists");
  assert.equal(
    await insert(["Id"], [["6"], ["1"]]),
    "ALREADY_EXISTS Row [1] in table T already exists",
  );
  assert.equal(
    await insert(["Id"], [[null]]),
    "FAILED_PRECONDITION Id must not be NULL in table T.",
  );
  assert.match(await commit(undefined), /^INVALID_ARGUMENT Invalid mutation/);
  const child = { table: "C", columns: ["Id", "N"], values: [["9", "1"]] };
  assert.equal(
    await commit({ $case: "insert", insert: child }),
    "NOT_FOUND Parent row for row [9,1] in table C is missing. Row cannot be written.",
  );
  const missing = { table: "T", columns: ["Id", "Name"], values: [["9", "x"]] };
  assert.equal(
    await commit({ $case: "update", update: missing }),
    "NOT_FOUND Row [9] in table T is missing. Row cannot be updated.",
  );
  await nothingIsLost();
});

test("sessions, transactions and databases that are not there are named", async () => {
  const gone = `${databaseName}/sessions/gone`;
  const sql = "SELECT 1";
  const execute = (request: object) =>
    failure(() => transport.unary(spanner.executeSql, { session, sql, ...request }));
  assert.equal(await execute({ session: gone }), `NOT_FOUND Session not found: ${gone}`);
  assert.match(
    await execute({ session: "nonsense" }),
    /^INVALID_ARGUMENT Invalid session name: "nonsense"/,
  );
  const id = new Uint8Array([1, 2, 3]);
  assert.match(
    await execute({ transaction: { selector: { $case: "id", id } } }),
    /^NOT_FOUND Transaction not found/,
  );
  const nowhere = "projects/p/instances/main/databases/nope";
  assert.equal(
    await failure(() => transport.unary(spanner.createSession, { database: nowhere })),
    `NOT_FOUND Database not found: ${nowhere}`,
  );
  assert.equal(
    await failure(() =>
      transport.unary(spanner.createSession, { database: "projects/p/instances/x/databases/d" }),
    ),
    "NOT_FOUND Instance not found: projects/p/instances/x",
  );
});

test("instances and databases with bad names or sizes are refused", async () => {
  const create = (id: string, settings = {}) =>
    failure(async () => (await client.instance(id).create(settings)).result());
  assert.match(await create("Main"), /^INVALID_ARGUMENT Invalid instance id: "Main"/);
  assert.match(await create("main"), /^ALREADY_EXISTS Instance already exists/);
  assert.match(
    await create("odd", { processingUnits: 150 }),
    /^INVALID_ARGUMENT Invalid processing units: 150/,
  );
  const createDatabase = (id: string) =>
    failure(async () => (await client.instance("main").database(id).create()).result());
  assert.match(await createDatabase("db"), /^ALREADY_EXISTS Database already exists/);
  assert.match(await createDatabase("D"), /^INVALID_ARGUMENT /);
});

interface RestError {
  readonly error: { readonly code: number; readonly message: string; readonly status: string };
}

async function rest(path: string, init: RequestInit): Promise<RestError["error"]> {
  const response = await fetch(`http://${server.restAddress}/v1/${path}`, init);
  const { error } = (await response.json()) as RestError;
  assert.equal(error.code, response.status);
  return error;
}

test("REST says what is wrong with a body, a URL or a method in Google's envelope", async () => {
  const post = (body: string) => rest(`${session}:executeSql`, { method: "POST", body });
  assert.equal((await post("{")).status, "INVALID_ARGUMENT");
  const unknown = await post('{"sqll": "SELECT 1"}');
  assert.equal(unknown.status, "INVALID_ARGUMENT");
  assert.match(unknown.message, /sqll/);
  assert.equal((await post('{"sql": "SELECT nope"}')).code, 400);
  assert.match(
    (await post('{"sql": "SELECT nope"}')).message,
    /^Unrecognized name: nope \[at 1:8\]/,
  );
  assert.equal((await post('{"sql": 5}')).code, 400);
  assert.equal((await post('{"resumeToken": "%%%", "sql": "SELECT 1"}')).code, 400);
  assert.equal((await rest("nowhere", { method: "GET" })).code, 404);
  assert.equal((await rest(`${session}:fly`, { method: "POST", body: "{}" })).code, 404);
  await nothingIsLost();
});

test("HTTP/1 requests on the gRPC port are answered, and garbage only ends its connection", async () => {
  const response = await fetch(`http://${server.grpcAddress}/v1/${databaseName}`);
  assert.equal(response.status, 200);
  const { host, port } = { host: "127.0.0.1", port: Number(server.grpcAddress.split(":")[1]) };
  for (const bytes of [
    "\x00\xff\x13garbage\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot frames at all",
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect({ host, port }, () => socket.write(bytes, "latin1"));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve());
      socket.resume();
    });
  }
  await nothingIsLost();
});

test("methods that are not served are UNIMPLEMENTED, with their names", async () => {
  const method = { ...spanner.getSession, name: "Fly", path: "/google.spanner.v1.Spanner/Fly" };
  assert.match(
    await failure(() => transport.unary(method, { name: session })),
    /^UNIMPLEMENTED .*google\.spanner\.v1\.Spanner\/Fly/,
  );
});
