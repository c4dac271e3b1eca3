// SPDX-License-Identifier: Apache-2.0
// Limits of what may be asked for, and of how much may run at a time: a server with small ones, so that
// a few requests reach them. Up to the limit all goes well; one more gets an error that names it, and
// when there is room again, there is room.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { codeName, StatusError } from "@spandrel/base";
import { SpannerDefinition } from "@spandrel/protocol";
import {
  DatabaseAdminDefinition,
  InstanceAdminDefinition,
  type Operation,
  OperationsDefinition,
} from "@spandrel/protocol/admin";
import { createGrpcTransport, methodsOf, type Transport } from "@spandrel/rpc";
import { type ListeningServer, startServer } from "@spandrel/server";

const spanner = methodsOf(SpannerDefinition);
const databaseAdmin = methodsOf(DatabaseAdminDefinition);
const instanceAdmin = methodsOf(InstanceAdminDefinition);
const operations = methodsOf(OperationsDefinition);
const parent = "projects/p/instances/main";
const database = `${parent}/databases/db`;

let server: ListeningServer;
let transport: Transport;

before(async () => {
  server = await startServer({
    port: 0,
    restPort: 0,
    limits: {
      requestBytesMax: 4_000,
      adminRequestBytesMax: 2_000,
      schemaChangeLengthMax: 3_000,
      schemaLengthMax: 5_000,
      readsPerSessionMax: 3,
      rolesPerDatabaseMax: 2,
      viewDepthMax: 3,
      localityGroupsPerDatabaseMax: 1,
      placementsPerDatabaseMax: 1,
      partitionsPerInstanceMax: 2,
      instanceConfigsPerProjectMax: 1,
      schedulesPerDatabaseMax: 1,
      partitionedDmlMax: 1,
    },
  });
  transport = createGrpcTransport({ address: server.grpcAddress });
  const created = await transport.unary(instanceAdmin.createInstance, {
    parent: "projects/p",
    instanceId: "main",
    instance: { config: "projects/p/instanceConfigs/emulator-config", nodeCount: 1 },
  });
  assert.equal(await ended(created), "done");
  const made = await transport.unary(databaseAdmin.createDatabase, {
    parent,
    createStatement: "CREATE DATABASE db",
    extraStatements: ["CREATE TABLE T (Id INT64, Text STRING(MAX)) PRIMARY KEY (Id)"],
  });
  assert.equal(await ended(made), "done");
});

after(async () => {
  await transport.close();
  await server.close();
});

async function ended({ name = "" }: Operation): Promise<string> {
  const { result } = await transport.unary(operations.waitOperation, { name });
  if (result?.$case !== "error") return "done";
  return `${codeName(result.error.code ?? 0)} ${result.error.message}`;
}

/** How a call ends: an operation by its result. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    const answer = (await call) as Operation;
    return answer.name?.includes("/operations/") === true ? ended(answer) : "done";
  } catch (thrown) {
    const error = StatusError.from(thrown);
    return `${codeName(error.code)} ${error.message}`;
  }
}

function changeSchema(...statements: string[]): Promise<string> {
  return outcome(transport.unary(databaseAdmin.updateDatabaseDdl, { database, statements }));
}

async function newSession(multiplexed: boolean): Promise<string> {
  const { name = "" } = await transport.unary(spanner.createSession, {
    database,
    session: { multiplexed },
  });
  return name;
}

test("a request is as large as it may be, and a commit may be larger", async () => {
  const session = await newSession(false);
  const text = "x".repeat(5_000);
  assert.equal(
    await outcome(transport.unary(spanner.executeSql, { session, sql: `SELECT '${text}'` })),
    "INVALID_ARGUMENT Request payload size exceeds the limit: 4000 bytes.",
  );
  const singleUseTransaction = { mode: { $case: "readWrite", readWrite: {} } } as const;
  const insert = { table: "T", columns: ["Id", "Text"], values: [["1", text]] };
  const commit = transport.unary(spanner.commit, {
    session,
    transaction: { $case: "singleUseTransaction", singleUseTransaction },
    mutations: [{ operation: { $case: "insert", insert } }],
  });
  assert.equal(await outcome(commit), "done");
});

test("an administrative request is small, but for the statements of a schema", async () => {
  const labels = { long: "x".repeat(2_100) };
  const update = transport.unary(instanceAdmin.updateInstance, {
    instance: { name: parent, labels },
    fieldMask: ["labels"],
  });
  assert.equal(
    await outcome(update),
    "INVALID_ARGUMENT Request payload size exceeds the limit: 2000 bytes.",
  );
  const columns = Array.from({ length: 90 }, (_, index) => `Column${index} STRING(MAX)`);
  const statement = `CREATE TABLE Wide (Id INT64, ${columns.join(", ")}) PRIMARY KEY (Id)`;
  assert.ok(statement.length > 2_000 && statement.length < 3_000);
  assert.equal(await changeSchema(statement), "done");
  const narrow = `CREATE TABLE Narrow (Id INT64, ${columns.slice(45).join(", ")}) PRIMARY KEY (Id)`;
  const tooLong =
    "INVALID_ARGUMENT The statements of a schema change may have 3000 characters together. Send " +
    "them in several changes.";
  assert.equal(await changeSchema(statement.replace("Wide", "Wider"), narrow), tooLong);
  const created = transport.unary(databaseAdmin.createDatabase, {
    parent,
    createStatement: "CREATE DATABASE other",
    extraStatements: [statement, narrow],
  });
  assert.equal(await outcome(created), tooLong);
  assert.equal(await changeSchema(narrow, "DROP TABLE Narrow"), "done");
});

test("a schema grows to its limit, keeps what it has, and shrinks again", async () => {
  const columns = Array.from({ length: 80 }, (_, index) => `Column${index} INT64`).join(", ");
  const create = (name: string): Promise<string> =>
    changeSchema(`CREATE TABLE ${name} (Id INT64, ${columns}) PRIMARY KEY (Id)`);
  assert.equal(await create("First"), "done");
  assert.equal(
    await create("Second"),
    "INVALID_ARGUMENT The statements of the whole schema would have more than 5000 characters, " +
      "which is the limit.",
  );
  assert.equal(await changeSchema("DROP TABLE First"), "done");
  assert.equal(await create("Second"), "done");
  assert.equal(await changeSchema("DROP TABLE Second"), "done");
});

test("roles are counted, and so is how deep views read views", async () => {
  assert.equal(await changeSchema("CREATE ROLE one", "CREATE ROLE two"), "done");
  assert.equal(
    await changeSchema("CREATE ROLE three"),
    "FAILED_PRECONDITION Cannot add Role three : too many roles (limit 2 per database).",
  );
  assert.equal(await changeSchema("DROP ROLE one", "CREATE ROLE three"), "done");
  const view = (name: string, from: string, replace = ""): string =>
    `CREATE ${replace} VIEW ${name} SQL SECURITY INVOKER AS SELECT v.Id FROM ${from} AS v`;
  assert.equal(await changeSchema(view("A", "T"), view("B", "A"), view("C", "B")), "done");
  const tooDeep = (name: string): string =>
    `FAILED_PRECONDITION View \`${name}\` is too deeply nested; the limit is 3.`;
  assert.equal(await changeSchema(view("D", "C")), tooDeep("D"));
  assert.equal(await changeSchema(view("D", "A")), "done");
  assert.equal(await changeSchema(view("D", "C", "OR REPLACE")), tooDeep("D"));
  assert.equal(await changeSchema(view("E", "T"), view("A", "E", "OR REPLACE")), tooDeep("C"));
});

test("locality groups and placements are counted", async () => {
  assert.equal(await changeSchema("CREATE LOCALITY GROUP cold OPTIONS (storage = 'hdd')"), "done");
  assert.equal(
    await changeSchema("CREATE LOCALITY GROUP warm OPTIONS (storage = 'ssd')"),
    "FAILED_PRECONDITION Cannot add Locality Group warm : because the maximum number of Locality " +
      "Groups per Database (limit 1) has been reached.",
  );
  const placement = (name: string): Promise<string> =>
    changeSchema(`CREATE PLACEMENT ${name} OPTIONS (instance_partition = '${name}-partition')`);
  assert.equal(await placement("here"), "done");
  assert.equal(
    await placement("there"),
    "FAILED_PRECONDITION Cannot add Placement there : too many placements (limit 1 per database).",
  );
  assert.equal(await changeSchema("DROP PLACEMENT here"), "done");
  assert.equal(await placement("there"), "done");
});

test("a regular session runs so many reads at a time; a multiplexed one any number", async () => {
  // More than a connection takes before it is read, so that the queries go on running.
  const sql = "SELECT REPEAT('x', 1000000) FROM UNNEST(GENERATE_ARRAY(1, 100))";
  const session = await newSession(false);
  const open = async (name: string) => {
    const rows = transport.serverStream(spanner.executeStreamingSql, { session: name, sql });
    assert.equal((await rows.next()).done, false);
    return rows;
  };
  const running = await Promise.all([open(session), open(session), open(session)]);
  assert.equal(
    await outcome(open(session)),
    "RESOURCE_EXHAUSTED The session has 3 reads and queries running, which is the most that it may " +
      "have at a time. Use more sessions, or a multiplexed one.",
  );
  // A stream that its reader leaves makes room, as soon as the server has heard of it.
  await running.pop()?.return?.();
  const tryAgain = async (): Promise<void> => {
    const again = await open(session).catch(() => undefined);
    if (again === undefined) return tryAgain();
    running.push(again);
  };
  await tryAgain();
  const multiplexed = await newSession(true);
  const many = await Promise.all(Array.from({ length: 10 }, () => open(multiplexed)));
  for (const rows of [...running, ...many]) await rows.return?.();
});

test("partitions of an instance, custom configurations and backup schedules are counted", async () => {
  const partition = (instancePartitionId: string): Promise<string> =>
    outcome(
      transport.unary(instanceAdmin.createInstancePartition, {
        parent,
        instancePartitionId,
        instancePartition: {
          config: "projects/p/instanceConfigs/emulator-config",
          displayName: instancePartitionId,
          computeCapacity: { $case: "nodeCount", nodeCount: 1 },
        },
      }),
    );
  assert.deepEqual(await Promise.all([partition("one"), partition("two")]), ["done", "done"]);
  assert.equal(
    await partition("three"),
    "RESOURCE_EXHAUSTED The instance has 2 instance partitions already, which is the most that it " +
      "may have.",
  );
  const config = (instanceConfigId: string): Promise<string> =>
    outcome(
      transport.unary(instanceAdmin.createInstanceConfig, {
        parent: "projects/p",
        instanceConfigId,
        instanceConfig: { baseConfig: "projects/p/instanceConfigs/emulator-config" },
      }),
    );
  assert.equal(await config("custom-one"), "done");
  assert.equal(
    await config("custom-two"),
    "RESOURCE_EXHAUSTED The project has 1 instance configs already, which is the most that it may " +
      "have.",
  );
  const schedule = (backupScheduleId: string): Promise<string> =>
    outcome(
      transport.unary(databaseAdmin.createBackupSchedule, {
        parent: database,
        backupScheduleId,
        backupSchedule: {
          retentionDuration: { seconds: 86_400n },
          spec: { scheduleSpec: { $case: "cronSpec", cronSpec: { text: "0 2 * * *" } } },
          backupTypeSpec: { $case: "fullBackupSpec", fullBackupSpec: {} },
        },
      }),
    );
  assert.equal(await schedule("nightly"), "done");
  assert.match(await schedule("daily"), /^RESOURCE_EXHAUSTED .* 1 backup schedules already/);
});

test("partitioned statements are counted while they run", async () => {
  const session = await newSession(true);
  const begin = (mode: "readWrite" | "partitionedDml") =>
    transport.unary(spanner.beginTransaction, {
      session,
      options: {
        mode:
          mode === "readWrite"
            ? { $case: "readWrite", readWrite: {} }
            : { $case: "partitionedDml", partitionedDml: {} },
      },
    });
  const execute = (id: Uint8Array, sql: string): Promise<string> => {
    const transaction = { selector: { $case: "id", id } } as const;
    return outcome(transport.unary(spanner.executeSql, { session, sql, transaction, seqno: 1n }));
  };
  // Who came first has the row, and everybody else waits.
  const { id: first = new Uint8Array() } = await begin("readWrite");
  assert.equal(await execute(first, "UPDATE T SET Text = CONCAT(Text, 'a') WHERE TRUE"), "done");
  const partitioned = async (): Promise<string> => {
    const { id = new Uint8Array() } = await begin("partitionedDml");
    return execute(id, "UPDATE T SET Text = 'b' WHERE TRUE");
  };
  const both = [partitioned(), partitioned()];
  assert.equal(
    await Promise.race(both),
    "RESOURCE_EXHAUSTED The database has 1 partitioned DML statements running, which is the most " +
      "that it may have at a time.",
  );
  await transport.unary(spanner.rollback, { session, transactionId: first });
  const outcomes = await Promise.all(both);
  assert.ok(outcomes.includes("done"), outcomes.join("; "));
  assert.equal(await partitioned(), "done");
});
