// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, StatusError, seededRandom } from "@spandrel/base";
import {
  DatabaseAdminDefinition,
  Database as DatabaseMessage,
  InstanceAdminDefinition,
  Instance as InstanceMessage,
  type Operation as OperationMessage,
  OperationsDefinition,
} from "@spandrel/protocol/admin";
import { createLocalTransport, methodsOf, Router } from "@spandrel/rpc";
import { VirtualClock } from "@spandrel/testkit";
import { Client } from "./client.ts";

const instances = methodsOf(InstanceAdminDefinition);
const databases = methodsOf(DatabaseAdminDefinition);
const operations = methodsOf(OperationsDefinition);

const PARENT = "projects/p/instances/test";
const NAME = `${PARENT}/databases/music-db`;

interface World {
  readonly router: Router;
  readonly clock: VirtualClock;
  readonly client: Client;
  /** Every operation that is under way, with how many polls it takes. */
  readonly under: { polls: number; result: OperationMessage["result"] };
}

function worldOf(): World {
  const router = new Router();
  const clock = new VirtualClock();
  const client = new Client({
    project: "p",
    environment: {},
    clock,
    random: seededRandom(1),
    transport: createLocalTransport(router, { clock }),
  });
  const under: World["under"] = { polls: 0, result: undefined };
  router.unary(operations.getOperation, ({ name }) => {
    under.polls -= 1;
    return under.polls > 0 ? { name, done: false } : { name, done: true, result: under.result };
  });
  return { router, clock, client, under };
}

const responseOf = (value: Uint8Array): OperationMessage["result"] => ({
  $case: "response",
  response: { typeUrl: "", value },
});

test("an instance is created, found, changed, listed and deleted", async () => {
  const { router, client, clock, under } = worldOf();
  const requests: unknown[] = [];
  router
    .unary(instances.createInstance, (request, { metadata }) => {
      requests.push(request);
      assert.equal(metadata["google-cloud-resource-prefix"], "projects/p");
      assert.equal(metadata["x-goog-request-params"], "parent=projects%2Fp");
      under.polls = 3;
      under.result = responseOf(InstanceMessage.encode({ name: PARENT }).finish());
      return { name: "operations/1", done: false };
    })
    .unary(instances.updateInstance, ({ fieldMask }) => {
      requests.push(fieldMask);
      return { name: "operations/2", done: true, result: responseOf(new Uint8Array()) };
    })
    .unary(instances.getInstance, ({ name = "" }) => {
      if (name !== PARENT) throw new StatusError(Code.NOT_FOUND, `Instance not found: ${name}`);
      return { name, displayName: "Test" };
    })
    .unary(instances.listInstances, ({ pageToken }) =>
      pageToken === "2"
        ? { instances: [{ name: "projects/p/instances/b" }] }
        : { instances: [{ name: "projects/p/instances/a" }], nextPageToken: "2" },
    )
    .unary(instances.deleteInstance, ({ name }) => {
      requests.push(name);
      return {};
    });
  const instance = client.instance("test", { config: "emulator-config", nodeCount: 2 });
  const created = await clock.until((await instance.create()).result());
  assert.equal(created.name, PARENT);
  assert.equal(await instance.exists(), true);
  assert.equal(instance.metadata?.displayName, "Test");
  assert.equal(await client.instance("other").exists(), false);
  await (await instance.update({ labels: { a: "b" } })).result();
  const names: string[] = [];
  for await (const { name } of client.listInstances()) names.push(name);
  assert.deepEqual(names, ["projects/p/instances/a", "projects/p/instances/b"]);
  await instance.delete();
  assert.deepEqual(requests, [
    {
      parent: "projects/p",
      instanceId: "test",
      instance: {
        name: PARENT,
        config: "projects/p/instanceConfigs/emulator-config",
        displayName: "test",
        processingUnits: 2_000,
      },
    },
    ["labels"],
    PARENT,
  ]);
});

test("a database is created with its statements, and its schema changed", async () => {
  const { router, client, clock, under } = worldOf();
  const ddl = ["CREATE TABLE T (a INT64) PRIMARY KEY (a)"];
  router
    .unary(databases.createDatabase, ({ parent, createStatement, extraStatements = [] }) => {
      assert.equal(parent, PARENT);
      assert.equal(createStatement, "CREATE DATABASE `music-db`");
      assert.deepEqual(extraStatements, ddl);
      under.polls = 2;
      under.result = responseOf(DatabaseMessage.encode({ name: NAME }).finish());
      return { name: "operations/1" };
    })
    .unary(databases.updateDatabaseDdl, ({ statements = [] }) => {
      ddl.push(...statements);
      under.polls = 1;
      under.result = {
        $case: "error",
        error: { code: Code.FAILED_PRECONDITION, message: "Table T is in use." },
      };
      return { name: "operations/2" };
    })
    .unary(databases.getDatabaseDdl, ({ database }) => {
      if (database !== NAME) throw new StatusError(Code.NOT_FOUND, "Database not found");
      return { statements: ddl };
    });
  const database = client.instance("test").database("music-db", { ddlStatements: ddl });
  const created = await clock.until((await database.create()).result());
  assert.equal(created.name, NAME);
  assert.deepEqual(await database.getDdl(), ddl);
  const change = await database.updateDdl(["DROP TABLE T"]);
  await assert.rejects(clock.until(change.result()), {
    code: Code.FAILED_PRECONDITION,
    message: "Table T is in use.",
  });
  assert.equal(await client.instance("test").database("none").exists(), false);
});

test("waiting for an operation ends when the caller says, and the operation goes on", async () => {
  const { router, client, clock, under } = worldOf();
  router.unary(databases.updateDatabaseDdl, () => {
    under.polls = 1_000_000;
    return { name: "operations/1" };
  });
  const operation = await client.instance("test").database("d").updateDdl(["X"]);
  await assert.rejects(clock.until(operation.result({ timeoutMillis: 5_000 })), {
    reason: "OPERATION_STILL_RUNNING",
  });
  assert.ok(clock.monotonic() <= 5_000_000_000n);
});

test("what creates is not called again when its answer was lost", async () => {
  const { router, client } = worldOf();
  let calls = 0;
  router.unary(instances.createInstance, () => {
    calls += 1;
    throw new StatusError(Code.UNAVAILABLE, "gone for a moment");
  });
  await assert.rejects(client.instance("test").create(), { code: Code.UNAVAILABLE });
  assert.equal(calls, 1);
});

test("a project comes from the options or the environment, and its absence is said", () => {
  const transport = createLocalTransport(new Router());
  const environment = { GOOGLE_CLOUD_PROJECT: "from-environment" };
  assert.equal(new Client({ transport, environment }).projectName, "projects/from-environment");
  assert.equal(new Client({ transport, environment, project: "own" }).project, "own");
  assert.throws(() => new Client({ transport, environment: {} }), { reason: "NO_PROJECT" });
});
