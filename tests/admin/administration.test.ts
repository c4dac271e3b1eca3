// SPDX-License-Identifier: Apache-2.0
// What is administered besides backups: the fields of a database, schedules, policies, roles, split
// points, instance configurations and partitions.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BackupSchedule } from "@spandrel/protocol/admin";
import { openServer, startServer } from "@spandrel/server";
import { FaultyDisk, VirtualClock } from "@spandrel/testkit";
import {
  database,
  databaseAdmin,
  failure,
  furnish,
  hourMillis,
  hoursIn,
  instance,
  instanceAdmin,
  inWorld,
  project,
  World,
} from "./world.ts";

const daily: BackupSchedule = {
  spec: { scheduleSpec: { $case: "cronSpec", cronSpec: { text: "0 2 * * *" } } },
  retentionDuration: { seconds: 86_400n },
  backupTypeSpec: { $case: "fullBackupSpec", fullBackupSpec: {} },
};

test("a database tells its options, and since when its past can be read", () =>
  inWorld(async (world) => {
    const { transport, clock } = world;
    const begunNanos = clock.now();
    const get = () => transport.unary(databaseAdmin.getDatabase, { name: database });
    const before = await get();
    assert.equal(before.versionRetentionPeriod, "1h");
    assert.equal(before.defaultLeader, "");
    assert.equal(hoursIn(before.earliestVersionTime, begunNanos), 0);
    await transport.unary(databaseAdmin.updateDatabaseDdl, {
      database,
      statements: [
        "ALTER DATABASE music SET OPTIONS (version_retention_period = '2d', default_leader = 'us-central1')",
      ],
    });
    await clock.advance(50 * hourMillis);
    const after = await get();
    assert.equal(after.versionRetentionPeriod, "2d");
    assert.equal(after.defaultLeader, "us-central1");
    assert.equal(hoursIn(after.earliestVersionTime, begunNanos), 2);
    const { databases = [] } = await transport.unary(databaseAdmin.listDatabases, {
      parent: instance,
    });
    assert.deepEqual(databases, [after]);
  }));

test("backup schedules are created, read, listed, changed and deleted", () =>
  inWorld(async ({ transport }) => {
    const create = (backupScheduleId: string) =>
      transport.unary(databaseAdmin.createBackupSchedule, {
        parent: database,
        backupScheduleId,
        backupSchedule: daily,
      });
    const created = await create("daily");
    const name = `${database}/backupSchedules/daily`;
    assert.equal(created.name, name);
    assert.equal(created.spec?.scheduleSpec?.cronSpec.timeZone, "UTC");
    const read = await transport.unary(databaseAdmin.getBackupSchedule, { name });
    assert.equal(read.spec?.scheduleSpec?.cronSpec.text, "0 2 * * *");
    assert.equal(read.retentionDuration?.seconds, 86_400n);
    assert.equal(
      await failure(create("daily")),
      `ALREADY_EXISTS Backup schedule already exists: ${name} [${name}]`,
    );
    for (const id of ["d2", "d3", "d4"]) await create(id);
    assert.match(await failure(create("d5")), /^RESOURCE_EXHAUSTED .* has 4 backup schedules/);
    const { backupSchedules = [] } = await transport.unary(databaseAdmin.listBackupSchedules, {
      parent: database,
    });
    assert.deepEqual(
      backupSchedules.map((each) => each.name?.split("/").at(-1)),
      ["d2", "d3", "d4", "daily"],
    );
    const changed = await transport.unary(databaseAdmin.updateBackupSchedule, {
      backupSchedule: { name, retentionDuration: { seconds: 172_800n } },
      updateMask: ["retention_duration"],
    });
    assert.equal(changed.retentionDuration?.seconds, 172_800n);
    assert.equal(changed.spec?.scheduleSpec?.cronSpec.text, "0 2 * * *");
    await transport.unary(databaseAdmin.deleteBackupSchedule, { name });
    assert.match(
      await failure(transport.unary(databaseAdmin.getBackupSchedule, { name })),
      /^NOT_FOUND Backup schedule not found/,
    );
    await transport.unary(databaseAdmin.dropDatabase, { database });
    assert.match(
      await failure(transport.unary(databaseAdmin.listBackupSchedules, { parent: database })),
      /^NOT_FOUND Database not found/,
    );
  }));

test("a schedule that makes no sense is refused", () =>
  inWorld(async ({ transport }) => {
    const create = (backupSchedule: BackupSchedule, backupScheduleId = "daily") =>
      failure(
        transport.unary(databaseAdmin.createBackupSchedule, {
          parent: database,
          backupScheduleId,
          backupSchedule,
        }),
      );
    const cron = (text: string): BackupSchedule => ({
      ...daily,
      spec: { scheduleSpec: { $case: "cronSpec", cronSpec: { text } } },
    });
    assert.match(await create(daily, "D"), /^INVALID_ARGUMENT Invalid backup schedule id: "D"/);
    assert.match(await create(cron("often")), /^INVALID_ARGUMENT Invalid cron_spec.text "often"/);
    assert.match(await create(cron("* * * * *")), /^INVALID_ARGUMENT Invalid cron_spec.text/);
    assert.match(
      await create({ ...daily, retentionDuration: { seconds: 60n } }),
      /^INVALID_ARGUMENT The retention_duration/,
    );
    assert.match(await create({ ...daily, spec: undefined }), /^INVALID_ARGUMENT The field .*cron/);
    assert.match(
      await create({ ...daily, backupTypeSpec: undefined }),
      /^INVALID_ARGUMENT The field .*full_backup_spec/,
    );
  }));

test("policies are kept, and an etag keeps two writers apart", () =>
  inWorld(async (world) => {
    const { transport } = world;
    const backup = await world.backUp("nightly");
    const bindings = [{ role: "roles/spanner.viewer", members: ["user:ann@example.com"] }];
    for (const [methods, resource] of [
      [instanceAdmin, instance],
      [databaseAdmin, database],
      [databaseAdmin, backup],
    ] as const) {
      const empty = await transport.unary(methods.getIamPolicy, { resource });
      assert.deepEqual(empty.bindings, []);
      const set = await transport.unary(methods.setIamPolicy, {
        resource,
        policy: { bindings, etag: empty.etag },
      });
      assert.equal(set.bindings?.[0]?.role, "roles/spanner.viewer");
      assert.deepEqual(await transport.unary(methods.getIamPolicy, { resource }), set);
      const late = transport.unary(methods.setIamPolicy, {
        resource,
        policy: { bindings: [], etag: empty.etag },
      });
      assert.match(await failure(late), /^ABORTED There were concurrent policy changes/);
      const { permissions } = await transport.unary(methods.testIamPermissions, {
        resource,
        permissions: ["spanner.databases.read"],
      });
      assert.deepEqual(permissions, ["spanner.databases.read"]);
    }
    const test = (resource: string, permission: string) =>
      failure(
        transport.unary(databaseAdmin.testIamPermissions, { resource, permissions: [permission] }),
      );
    assert.match(await test(database, "spanner.*"), /^INVALID_ARGUMENT .*wildcard/);
    assert.match(await test(`${instance}/databases/no`, "a"), /^NOT_FOUND Database not found/);
    assert.match(await test(`${instance}/backups/no`, "a"), /^NOT_FOUND Backup not found/);
    assert.match(await test("music", "a"), /^INVALID_ARGUMENT Invalid resource name: "music"/);
  }));

test("a database's roles are its own and those that every database has", () =>
  inWorld(async ({ transport }) => {
    await transport.unary(databaseAdmin.updateDatabaseDdl, {
      database,
      statements: ["CREATE ROLE hr"],
    });
    const { databaseRoles = [] } = await transport.unary(databaseAdmin.listDatabaseRoles, {
      parent: database,
    });
    assert.deepEqual(
      databaseRoles.map(({ name = "" }) => name.split("/").at(-1)),
      ["hr", "public", "spanner_info_reader", "spanner_sys_reader"],
    );
  }));

test("split points are judged, and nothing has to be split", () =>
  inWorld(async ({ transport }) => {
    const add = (table: string, values: string[] | undefined) =>
      failure(
        transport.unary(databaseAdmin.addSplitPoints, {
          database,
          splitPoints: [{ table, keys: values === undefined ? [] : [{ keyParts: values }] }],
        }),
      );
    assert.equal(await add("Singers", ["M"]), "OK");
    assert.equal(
      await add("Songs", ["M"]),
      "INVALID_ARGUMENT Invalid split point: there is no table Songs.",
    );
    assert.match(await add("", ["M"]), /^INVALID_ARGUMENT .*neither table nor index/);
    assert.match(await add("Singers", undefined), /^INVALID_ARGUMENT .*no keys/);
  }));

test("what one process has no use for is refused with the reason", () =>
  inWorld(async ({ transport }) => {
    assert.equal(
      await failure(transport.unary(instanceAdmin.moveInstance, { name: instance })),
      "UNIMPLEMENTED MoveInstance is not served here: one process is one place, there is nowhere to move to.",
    );
    assert.match(
      await failure(transport.unary(databaseAdmin.internalUpdateGraphOperation, { database })),
      /^UNIMPLEMENTED InternalUpdateGraphOperation is not served here/,
    );
  }));

test("instance configurations of one's own are created, changed and deleted, those of Google are not", () =>
  inWorld(async ({ transport }) => {
    const base = `${project}/instanceConfigs/regional-us-central1`;
    const name = `${project}/instanceConfigs/custom-mine`;
    const create = (instanceConfigId: string, baseConfig = base) =>
      transport.unary(instanceAdmin.createInstanceConfig, {
        parent: project,
        instanceConfigId,
        instanceConfig: { baseConfig, displayName: "Mine" },
      });
    const operation = await create("custom-mine");
    assert.equal(operation.done, true);
    const created = await transport.unary(instanceAdmin.getInstanceConfig, { name });
    assert.equal(created.baseConfig, base);
    assert.match(await failure(create("custom-mine")), /^ALREADY_EXISTS Instance config already/);
    assert.match(await failure(create("mine")), /^INVALID_ARGUMENT Invalid instance config id/);
    assert.match(
      await failure(create("custom-b", `${project}/instanceConfigs/moon`)),
      /^NOT_FOUND Instance config not found/,
    );
    const update = (target: string, etag: string) =>
      transport.unary(instanceAdmin.updateInstanceConfig, {
        instanceConfig: { name: target, displayName: "Ours", etag },
        updateMask: ["display_name"],
      });
    await update(name, created.etag ?? "");
    assert.match(await failure(update(name, created.etag ?? "")), /^ABORTED The etag is not that/);
    assert.match(await failure(update(base, "")), /^FAILED_PRECONDITION .* is managed by Google/);
    const { operations = [] } = await transport.unary(instanceAdmin.listInstanceConfigOperations, {
      parent: project,
    });
    assert.equal(operations.length, 2);
    await transport.unary(instanceAdmin.createInstance, {
      parent: project,
      instanceId: "other",
      instance: { config: name },
    });
    const remove = () => transport.unary(instanceAdmin.deleteInstanceConfig, { name });
    assert.match(await failure(remove()), /^FAILED_PRECONDITION .* uses it/);
    await transport.unary(instanceAdmin.deleteInstance, { name: `${project}/instances/other` });
    assert.equal(await failure(remove()), "OK");
    const { instanceConfigs = [] } = await transport.unary(instanceAdmin.listInstanceConfigs, {
      parent: project,
    });
    assert.deepEqual(
      instanceConfigs.map((each) => each.name?.split("/").at(-1)),
      ["emulator-config", "regional-us-central1"],
    );
  }));

test("instance partitions are created, changed, listed and deleted", () =>
  inWorld(async ({ transport }) => {
    const name = `${instance}/instancePartitions/west`;
    const create = (nodeCount: number) =>
      transport.unary(instanceAdmin.createInstancePartition, {
        parent: instance,
        instancePartitionId: "west",
        instancePartition: {
          config: `${project}/instanceConfigs/regional-us-central1`,
          computeCapacity: { $case: "nodeCount", nodeCount },
        },
      });
    assert.equal(await failure(create(0)), "INVALID_ARGUMENT Invalid node count: 0.");
    await create(1);
    assert.match(await failure(create(1)), /^ALREADY_EXISTS Instance partition already exists/);
    await transport.unary(instanceAdmin.updateInstancePartition, {
      instancePartition: { name, displayName: "West" },
      fieldMask: ["display_name"],
    });
    const { instancePartitions = [] } = await transport.unary(
      instanceAdmin.listInstancePartitions,
      { parent: instance },
    );
    assert.deepEqual(
      instancePartitions.map((each) => [each.name, each.displayName]),
      [[name, "West"]],
    );
    await transport.unary(instanceAdmin.deleteInstancePartition, { name });
    assert.match(
      await failure(transport.unary(instanceAdmin.getInstancePartition, { name })),
      /^NOT_FOUND Instance partition not found/,
    );
    const { operations = [] } = await transport.unary(
      instanceAdmin.listInstancePartitionOperations,
      { parent: instance },
    );
    assert.equal(operations.length, 2);
  }));

test("with a folder, schedules, policies, configurations and partitions outlive a restart", async () => {
  const clock = new VirtualClock();
  const disk = new FaultyDisk();
  const open = () => openServer({ directory: "data", disk: disk.mount(), clock });
  const look = async ({ transport }: World) => [
    await transport.unary(databaseAdmin.listBackupSchedules, { parent: database }),
    await transport.unary(databaseAdmin.getIamPolicy, { resource: database }),
    await transport.unary(instanceAdmin.listInstanceConfigs, { parent: project }),
    await transport.unary(instanceAdmin.listInstancePartitions, { parent: instance }),
  ];
  let before: unknown;
  {
    await using server = await open();
    const world = new World(server, clock);
    const { transport } = world;
    await furnish(world);
    const config = `${project}/instanceConfigs/custom-mine`;
    await transport.unary(databaseAdmin.createBackupSchedule, {
      parent: database,
      backupScheduleId: "daily",
      backupSchedule: daily,
    });
    const policy = { bindings: [{ role: "roles/owner", members: ["user:ann@example.com"] }] };
    await transport.unary(databaseAdmin.setIamPolicy, { resource: database, policy });
    await transport.unary(instanceAdmin.createInstanceConfig, {
      parent: project,
      instanceConfigId: "custom-mine",
      instanceConfig: { baseConfig: `${project}/instanceConfigs/emulator-config` },
    });
    await transport.unary(instanceAdmin.createInstancePartition, {
      parent: instance,
      instancePartitionId: "west",
      instancePartition: { config },
    });
    before = await look(world);
    assert.match(JSON.stringify(before, digits), /custom-mine.*west/s);
  }
  await using server = await open();
  assert.deepEqual(await look(new World(server, clock)), before);
});

test("the same is there over REST", async () => {
  await using server = await startServer({ port: 0, restPort: 0 });
  const at = `http://${server.restAddress}/v1`;
  const ask = async (verb: string, path: string, body?: object) => {
    const request =
      body === undefined ? { method: verb } : { method: verb, body: JSON.stringify(body) };
    const answer = await fetch(`${at}/${path}`, request);
    return { status: answer.status, json: (await answer.json()) as RestAnswer };
  };
  await ask("POST", `${project}/instances`, { instanceId: "main", instance: {} });
  await ask("POST", `${instance}/databases`, { createStatement: "CREATE DATABASE music" });
  const expireTime = new Date(Date.now() + 24 * hourMillis).toISOString();
  const begun = await ask("POST", `${instance}/backups?backupId=nightly`, { database, expireTime });
  assert.equal(begun.status, 200);
  for (let done = false; !done; )
    done = (await ask("GET", begun.json.name ?? "")).json.done === true;
  const read = await ask("GET", `${instance}/backups/nightly`);
  assert.equal(read.json.state, "READY");
  const restoring = await ask("POST", `${instance}/databases:restore`, {
    databaseId: "again",
    backup: `${instance}/backups/nightly`,
  });
  for (let done = false; !done; )
    done = (await ask("GET", restoring.json.name ?? "")).json.done === true;
  const again = await ask("GET", `${instance}/databases/again`);
  assert.equal(again.json.restoreInfo?.backupInfo.backup, `${instance}/backups/nightly`);
  const policy = await ask("POST", `${database}:getIamPolicy`, {});
  assert.equal(policy.status, 200);
  const gone = await ask("GET", `${instance}/backups/no`);
  assert.equal(gone.status, 404);
  assert.equal(gone.json.error?.details[0]?.resourceName, `${instance}/backups/no`);
});

/** What a REST answer may have in it. */
interface RestAnswer {
  readonly name?: string;
  readonly done?: boolean;
  readonly state?: string;
  readonly restoreInfo?: { readonly backupInfo: { readonly backup: string } };
  readonly error?: { readonly details: readonly { readonly resourceName: string }[] };
}

function digits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
