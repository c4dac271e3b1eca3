// SPDX-License-Identifier: Apache-2.0
// Every procedure of both administration services can be called, says where its request belongs, and
// is made again after a passing failure only when that is safe.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, StatusError, seededRandom } from "@spandrel/base";
import { Client, type Operation } from "@spandrel/client";
import {
  Backup as BackupMessage,
  CreateBackupMetadata,
  DatabaseAdminDefinition,
  DatabaseDialect,
  Database as DatabaseMessage,
  InstanceAdminDefinition,
  OperationsDefinition,
  type OperationsDefinition as OperationsService,
  RestoreDatabaseMetadata,
} from "@spandrel/client/admin";
import { createLocalTransport, type Method, methodsOf, Router } from "@spandrel/rpc";
import { VirtualClock } from "@spandrel/testkit";

const databases = methodsOf(DatabaseAdminDefinition);
const instances = methodsOf(InstanceAdminDefinition);
const operations = methodsOf<typeof OperationsService>(OperationsDefinition);

const INSTANCE = "projects/p/instances/i";
const DATABASE = `${INSTANCE}/databases/d`;
const BACKUP = `${INSTANCE}/backups/b`;

function worldOf(): { router: Router; clock: VirtualClock; client: Client } {
  const router = new Router();
  const clock = new VirtualClock();
  const transport = createLocalTransport(router, { clock });
  const random = seededRandom(1);
  const client = new Client({ project: "p", environment: {}, clock, random, transport });
  return { router, clock, client };
}

/** What each procedure is asked, and what its routing header then says. */
type Calls = Readonly<Record<string, readonly [request: object, routing: string]>>;

const parent = { parent: INSTANCE };
const resource = { resource: DATABASE };
const databaseCalls: Calls = {
  listDatabases: [parent, `parent=${INSTANCE}`],
  createDatabase: [parent, `parent=${INSTANCE}`],
  getDatabase: [{ name: DATABASE }, `name=${DATABASE}`],
  updateDatabase: [{ database: { name: DATABASE } }, `database.name=${DATABASE}`],
  updateDatabaseDdl: [{ database: DATABASE }, `database=${DATABASE}`],
  dropDatabase: [{ database: DATABASE }, `database=${DATABASE}`],
  getDatabaseDdl: [{ database: DATABASE }, `database=${DATABASE}`],
  setIamPolicy: [resource, `resource=${DATABASE}`],
  getIamPolicy: [resource, `resource=${DATABASE}`],
  testIamPermissions: [resource, `resource=${DATABASE}`],
  createBackup: [parent, `parent=${INSTANCE}`],
  copyBackup: [parent, `parent=${INSTANCE}`],
  getBackup: [{ name: BACKUP }, `name=${BACKUP}`],
  updateBackup: [{ backup: { name: BACKUP } }, `backup.name=${BACKUP}`],
  deleteBackup: [{ name: BACKUP }, `name=${BACKUP}`],
  listBackups: [parent, `parent=${INSTANCE}`],
  restoreDatabase: [parent, `parent=${INSTANCE}`],
  listDatabaseOperations: [parent, `parent=${INSTANCE}`],
  listBackupOperations: [parent, `parent=${INSTANCE}`],
  listDatabaseRoles: [{ parent: DATABASE }, `parent=${DATABASE}`],
  addSplitPoints: [{ database: DATABASE }, `database=${DATABASE}`],
  createBackupSchedule: [{ parent: DATABASE }, `parent=${DATABASE}`],
  getBackupSchedule: [{ name: "s" }, "name=s"],
  updateBackupSchedule: [{ backupSchedule: { name: "s" } }, "backup_schedule.name=s"],
  deleteBackupSchedule: [{ name: "s" }, "name=s"],
  listBackupSchedules: [{ parent: DATABASE }, `parent=${DATABASE}`],
  internalUpdateGraphOperation: [{ database: DATABASE }, `database=${DATABASE}`],
};
const project = { parent: "projects/p" };
const instanceCalls: Calls = {
  listInstanceConfigs: [project, "parent=projects/p"],
  getInstanceConfig: [{ name: "c" }, "name=c"],
  createInstanceConfig: [project, "parent=projects/p"],
  updateInstanceConfig: [{ instanceConfig: { name: "c" } }, "instance_config.name=c"],
  deleteInstanceConfig: [{ name: "c" }, "name=c"],
  listInstanceConfigOperations: [project, "parent=projects/p"],
  listInstances: [project, "parent=projects/p"],
  listInstancePartitions: [parent, `parent=${INSTANCE}`],
  getInstance: [{ name: INSTANCE }, `name=${INSTANCE}`],
  createInstance: [project, "parent=projects/p"],
  updateInstance: [{ instance: { name: INSTANCE } }, `instance.name=${INSTANCE}`],
  deleteInstance: [{ name: INSTANCE }, `name=${INSTANCE}`],
  setIamPolicy: [resource, `resource=${DATABASE}`],
  getIamPolicy: [resource, `resource=${DATABASE}`],
  testIamPermissions: [resource, `resource=${DATABASE}`],
  getInstancePartition: [{ name: "q" }, "name=q"],
  createInstancePartition: [parent, `parent=${INSTANCE}`],
  deleteInstancePartition: [{ name: "q" }, "name=q"],
  updateInstancePartition: [{ instancePartition: { name: "q" } }, "instance_partition.name=q"],
  listInstancePartitionOperations: [parent, `parent=${INSTANCE}`],
  moveInstance: [{ name: INSTANCE }, `name=${INSTANCE}`],
};

/** Calls that would do a thing twice if they were made twice. */
const onceOnly =
  /^(create|copy|restore|move|addSplit|internal|setIam|updateInstance|updateDatabaseDdl)/;

for (const [service, methods, calls] of [
  ["databaseAdmin", databases, databaseCalls],
  ["instanceAdmin", instances, instanceCalls],
] as const) {
  test(`every procedure of ${service} has its call`, () => {
    assert.deepEqual(Object.keys(methods).toSorted(), Object.keys(calls).toSorted());
  });
  for (const [name, [request, routing]] of Object.entries(calls)) {
    test(`${service}.${name} says where its request belongs`, async () => {
      const { router, clock, client } = worldOf();
      const method = new Map<string, unknown>(Object.entries(methods)).get(name);
      const seen: string[] = [];
      let failures = 1;
      router.unary(method as Method<object, object>, (_, { metadata }) => {
        seen.push(decodeURIComponent(metadata["x-goog-request-params"] ?? ""));
        failures -= 1;
        if (failures >= 0) throw new StatusError(Code.UNAVAILABLE, "gone for a moment");
        return {};
      });
      const api = client[service] as unknown as Record<string, (request: object) => unknown>;
      const answer = api[name]?.(request);
      const done = isList(answer) ? answer.next() : Promise.resolve(answer);
      if (onceOnly.test(name)) await assert.rejects(clock.until(done), { code: Code.UNAVAILABLE });
      else await clock.until(done);
      assert.deepEqual(seen, onceOnly.test(name) ? [routing] : [routing, routing]);
    });
  }
}

function isList(answer: unknown): answer is AsyncGenerator {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}

async function allOf<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of list) all.push(item);
  return all;
}

test("a backup tells its progress until it is done, and a database is restored from it", async () => {
  const { router, clock, client } = worldOf();
  let polls = 0;
  const progress = (progressPercent: number): { typeUrl: string; value: Uint8Array } => ({
    typeUrl: "type.googleapis.com/google.spanner.admin.database.v1.CreateBackupMetadata",
    value: CreateBackupMetadata.encode({ name: BACKUP, progress: { progressPercent } }).finish(),
  });
  router
    .unary(databases.createBackup, ({ backupId, backup }) => {
      assert.equal(backupId, "b");
      assert.equal(backup?.database, DATABASE);
      assert.deepEqual(backup?.expireTime, { seconds: 1_800_000_000n, nanos: 0 });
      return { name: `${BACKUP}/operations/1`, metadata: progress(0) };
    })
    .unary(operations.getOperation, ({ name }) => {
      polls += 1;
      if (polls < 3) return { name, metadata: progress(polls * 30) };
      const value = BackupMessage.encode({ name: BACKUP, sizeBytes: 5n }).finish();
      const result = { $case: "response" as const, response: { typeUrl: "", value } };
      return { name, done: true, metadata: progress(100), result };
    })
    .unary(databases.restoreDatabase, ({ databaseId, source }) => {
      assert.deepEqual([databaseId, source], ["restored", { $case: "backup", backup: BACKUP }]);
      const value = DatabaseMessage.encode({ name: `${INSTANCE}/databases/restored` }).finish();
      const metadata = RestoreDatabaseMetadata.encode({ cancelTime: { seconds: 1n } }).finish();
      const result = { $case: "response" as const, response: { typeUrl: "", value } };
      return { name: "o", done: true, result, metadata: { typeUrl: "", value: metadata } };
    });
  const instance = client.instance("i");
  const backup = instance.backup("b");
  const expireTime = "2027-01-15T08:00:00Z";
  const operation = await backup.create(instance.database("d"), { expireTime });
  const seen: unknown[] = [];
  const watched = (async () => {
    for await (const metadata of operation.updates())
      seen.push(metadata?.progress?.progressPercent ?? 0);
  })();
  await clock.until(watched);
  assert.deepEqual(seen, [0, 30, 60, 100]);
  assert.equal((await operation.result()).sizeBytes, 5n);
  const restored = await (await instance.database("restored").restore(backup)).result();
  assert.equal(restored.name, `${INSTANCE}/databases/restored`);
});

test("a backup is copied, looked at, kept longer, listed and deleted", async () => {
  const { router, client } = worldOf();
  const calls: unknown[] = [];
  router
    .unary(databases.copyBackup, ({ sourceBackup, backupId }) => {
      calls.push([sourceBackup, backupId]);
      return { name: "o", done: true };
    })
    .unary(databases.getBackup, ({ name }) => {
      if (name !== BACKUP) throw new StatusError(Code.NOT_FOUND, "Backup not found");
      return { name, sizeBytes: 7n };
    })
    .unary(databases.updateBackup, ({ backup, updateMask }) => {
      calls.push([backup?.expireTime?.seconds, updateMask]);
      return backup ?? {};
    })
    .unary(databases.listBackups, ({ filter }) => {
      calls.push(filter);
      return { backups: [{ name: BACKUP }] };
    })
    .unary(databases.deleteBackup, ({ name }) => {
      calls.push(name);
      return {};
    });
  const instance = client.instance("i");
  const copy = instance.backup("b");
  await copy.copyFrom(`${INSTANCE}/backups/a`, { expireTime: "2027-01-15T08:00:00Z" });
  assert.equal(await copy.exists(), true);
  assert.equal(copy.metadata?.sizeBytes, 7n);
  assert.equal(await instance.backup("none").exists(), false);
  await copy.updateExpireTime("2027-01-15T08:00:01Z");
  const listed = await allOf(instance.listBackups({ filter: "size_bytes > 1" }));
  assert.deepEqual(
    listed.map(({ id }) => id),
    ["b"],
  );
  await copy.delete();
  const first = [`${INSTANCE}/backups/a`, "b"];
  assert.deepEqual(calls, [first, [1_800_000_001n, ["expire_time"]], "size_bytes > 1", BACKUP]);
});

test("a backup schedule is made, changed by what is given, and ended", async () => {
  const { router, client } = worldOf();
  const calls: unknown[] = [];
  router
    .unary(databases.createBackupSchedule, (request) => {
      calls.push(request);
      return request.backupSchedule ?? {};
    })
    .unary(databases.updateBackupSchedule, ({ backupSchedule, updateMask }) => {
      calls.push([backupSchedule, updateMask]);
      return backupSchedule ?? {};
    })
    .unary(databases.deleteBackupSchedule, () => ({}));
  const schedule = client.instance("i").database("d").backupSchedule("nightly");
  await schedule.create({ crontab: "0 2 * * *", retentionMillis: 86_400_000 });
  await schedule.update({ kind: "incremental" });
  await schedule.delete();
  const name = `${DATABASE}/backupSchedules/nightly`;
  assert.deepEqual(calls, [
    {
      parent: DATABASE,
      backupScheduleId: "nightly",
      backupSchedule: {
        spec: { scheduleSpec: { $case: "cronSpec", cronSpec: { text: "0 2 * * *" } } },
        retentionDuration: { seconds: 86_400n, nanos: 0 },
        backupTypeSpec: { $case: "fullBackupSpec", fullBackupSpec: {} },
      },
    },
    [
      {
        name,
        backupTypeSpec: { $case: "incrementalBackupSpec", incrementalBackupSpec: {} },
      },
      ["incremental_backup_spec"],
    ],
  ]);
});

test("listed operations are read by the types that they name, and are canceled by name", async () => {
  const { router, client } = worldOf();
  const ended: unknown[] = [];
  const metadata = {
    typeUrl: "type.googleapis.com/google.spanner.admin.database.v1.CreateBackupMetadata",
    value: CreateBackupMetadata.encode({ name: BACKUP }).finish(),
  };
  const unknown = { typeUrl: "type.googleapis.com/google.made.up.Thing", value: Uint8Array.of(1) };
  router
    .unary(databases.listDatabaseOperations, ({ filter }) => {
      assert.equal(filter, `(name:${DATABASE}/operations/) AND (done:true)`);
      const list = [
        { name: "o1", metadata },
        { name: "o2", metadata: unknown },
      ];
      return { operations: list };
    })
    .unary(operations.getOperation, ({ name }) => ({ name, metadata }))
    .unary(operations.cancelOperation, ({ name }) => {
      ended.push(["cancel", name]);
      return {};
    })
    .unary(operations.deleteOperation, ({ name }) => {
      ended.push(["delete", name]);
      return {};
    });
  const database = client.instance("i").database("d");
  const list: Operation[] = await allOf(database.listDatabaseOperations({ filter: "done:true" }));
  assert.deepEqual(list[0]?.metadata, { name: BACKUP });
  assert.deepEqual(list[1]?.metadata, unknown);
  const found = await client.databaseAdmin.operation("o1");
  await found.cancel();
  await found.delete();
  assert.deepEqual(ended, [
    ["cancel", "o1"],
    ["delete", "o1"],
  ]);
});

test("who may do what is read with its version, and written with what was read", async () => {
  const { router, client } = worldOf();
  const etag = Uint8Array.of(7);
  router
    .unary(databases.getIamPolicy, ({ resource: of, options }) => {
      assert.deepEqual([of, options?.requestedPolicyVersion], [DATABASE, 3]);
      return { version: 3, etag };
    })
    .unary(databases.setIamPolicy, ({ policy }) => {
      assert.deepEqual(policy?.etag, etag);
      return policy ?? {};
    })
    .unary(databases.testIamPermissions, ({ permissions = [] }) => ({
      permissions: permissions.slice(0, 1),
    }));
  const database = client.instance("i").database("d");
  const policy = await database.getIamPolicy({ requestedPolicyVersion: 3 });
  const bindings = [{ role: "roles/spanner.databaseReader", members: ["user:a@example.com"] }];
  assert.deepEqual((await database.setIamPolicy({ ...policy, bindings })).bindings?.length, 1);
  const both = ["spanner.databases.select", "spanner.databases.drop"];
  assert.deepEqual(await database.testIamPermissions(both), ["spanner.databases.select"]);
});

test("the dialect is what the server said, and decides how names are quoted", async () => {
  const { router, client } = worldOf();
  router.unary(databases.getDatabase, () => ({ databaseDialect: DatabaseDialect.POSTGRESQL }));
  const database = client.instance("i").database("d");
  assert.equal(database.table("a`b").qualifiedName, "`a\\`b`");
  assert.equal(database.table("t", "s").qualifiedName, "`s`.`t`");
  await database.reload();
  assert.deepEqual([database.dialect, database.defaultSchemaName], ["POSTGRESQL", "public"]);
  assert.equal(database.table('a"b').qualifiedName, '"a""b"');
});
