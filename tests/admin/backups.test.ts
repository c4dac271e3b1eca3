// SPDX-License-Identifier: Apache-2.0
// Backups as a client of the admin service sees them: made, copied, listed, changed, restored, expired.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Backup,
  Backup_State,
  CreateBackupMetadata,
  Database,
  RestoreDatabaseMetadata,
} from "@spandrel/protocol/admin";
import { openServer } from "@spandrel/server";
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

test("a backup holds what was there when it was made, whatever happens to the database", () =>
  inWorld(async (world) => {
    await world.addSinger("Ann");
    const nightly = await world.backUp("nightly");
    await world.addSinger("Bea");
    await world.transport.unary(databaseAdmin.dropDatabase, { database });
    const restored = await world.restore(nightly, "again");
    assert.equal(await world.singers(restored), "Ann");
    await world.addSinger("Cleo", restored);
    assert.equal(await world.singers(await world.restore(nightly, "once-more")), "Ann");
  }));

test("a backup of an earlier moment holds the rows and the schema of that moment", () =>
  inWorld(async (world) => {
    await world.clock.advance(1_000);
    await world.addSinger("Ann");
    await world.clock.advance(1_000);
    const versionTime = world.hours(0);
    await world.clock.advance(1_000);
    await world.addSinger("Bea");
    await world.transport.unary(databaseAdmin.updateDatabaseDdl, {
      database,
      statements: ["CREATE TABLE Songs (Id INT64) PRIMARY KEY (Id)"],
    });
    const earlier = await world.backUp("earlier", versionTime);
    const restored = await world.restore(earlier, "again");
    assert.equal(await world.singers(restored), "Ann");
    const { statements = [] } = await world.transport.unary(databaseAdmin.getDatabaseDdl, {
      database: restored,
    });
    assert.equal(statements.length, 1);
    assert.doesNotMatch(statements[0] ?? "", /ROW DELETION POLICY/, "it is left out on purpose");
  }));

test("a backup says of itself what it is, and its operation how far it has come", () =>
  inWorld(async (world) => {
    const { transport, clock } = world;
    const begunNanos = clock.now();
    await clock.advance(hourMillis);
    const begun = await transport.unary(databaseAdmin.createBackup, {
      parent: instance,
      backupId: "nightly",
      backup: { database, expireTime: world.hours(24) },
    });
    const { name = "", metadata, result } = await world.ended(begun);
    assert.match(name, new RegExp(`^${instance}/backups/nightly/operations/`));
    const progress = CreateBackupMetadata.decode(metadata?.value ?? new Uint8Array());
    assert.equal(progress.database, database);
    assert.equal(progress.progress?.progressPercent, 100);
    assert.equal(result?.$case, "response");
    if (result?.$case !== "response") return;
    const made = Backup.decode(result.response.value ?? new Uint8Array());
    const read = await transport.unary(databaseAdmin.getBackup, { name: made.name });
    assert.deepEqual(read.name, made.name);
    assert.equal(read.state, Backup_State.READY);
    assert.equal(read.database, database);
    assert.equal(hoursIn(read.createTime, begunNanos), 1);
    assert.equal(hoursIn(read.versionTime, begunNanos), 1);
    assert.equal(hoursIn(read.expireTime, begunNanos), 25);
    assert.equal(hoursIn(read.maxExpireTime, begunNanos), 1 + 366 * 24);
    const { operations = [] } = await transport.unary(databaseAdmin.listBackupOperations, {
      parent: instance,
      filter: "done:true",
    });
    assert.deepEqual(
      operations.map((each) => each.name),
      [name],
    );
  }));

test("a restored database says where it comes from", () =>
  inWorld(async (world) => {
    const nightly = await world.backUp("nightly");
    const begun = await world.transport.unary(databaseAdmin.restoreDatabase, {
      parent: instance,
      databaseId: "again",
      source: { $case: "backup", backup: nightly },
    });
    const { metadata, result } = await world.ended(begun);
    const told = RestoreDatabaseMetadata.decode(metadata?.value ?? new Uint8Array());
    assert.equal(told.name, `${instance}/databases/again`);
    assert.equal(told.sourceInfo?.backupInfo.backup, nightly);
    const optimized = await world.ended({ name: told.optimizeDatabaseOperationName });
    assert.equal(optimized.done, true);
    assert.equal(result?.$case, "response");
    if (result?.$case !== "response") return;
    const { restoreInfo } = Database.decode(result.response.value ?? new Uint8Array());
    assert.equal(restoreInfo?.sourceInfo?.backupInfo.sourceDatabase, database);
    const read = await world.transport.unary(databaseAdmin.getDatabase, { name: told.name });
    assert.equal(read.restoreInfo?.sourceInfo?.backupInfo.backup, nightly);
  }));

test("a request for a backup that makes no sense is refused with what is wrong", () =>
  inWorld(async (world) => {
    const create = (backupId: string, backup: Backup, parent = instance) =>
      failure(world.transport.unary(databaseAdmin.createBackup, { parent, backupId, backup }));
    const expireTime = world.hours(24);
    const other = `${project}/instances/other`;
    const outOfRange =
      "INVALID_ARGUMENT The expire_time of a backup must be at least 6 hours and at most 366 days after its creation.";
    assert.match(
      await create("X", { database, expireTime }),
      /^INVALID_ARGUMENT Invalid backup id/,
    );
    assert.match(
      await create("b", { database, expireTime }),
      /^INVALID_ARGUMENT Invalid backup id/,
    );
    assert.match(await create(`b${"x".repeat(60)}`, { database, expireTime }), /^INVALID_ARGUMENT/);
    assert.equal(await create("b1", { database, expireTime: world.hours(5.99) }), outOfRange);
    assert.equal(
      await create("b1", { database, expireTime: world.hours(366 * 24 + 1) }),
      outOfRange,
    );
    assert.equal(
      await create("b1", { database }),
      "INVALID_ARGUMENT The field expire_time is required.",
    );
    assert.equal(
      await create("b1", { expireTime }),
      "INVALID_ARGUMENT The field backup.database is required.",
    );
    assert.match(
      await create("b1", { database: `${instance}/databases/no`, expireTime }),
      /^NOT_FOUND Database not found/,
    );
    assert.match(
      await create("b1", { database, expireTime }, other),
      /^NOT_FOUND Instance not found/,
    );
    assert.equal(
      await create("b1", { database, expireTime, versionTime: world.hours(1) }),
      "INVALID_ARGUMENT The version_time of a backup must not be in the future.",
    );
    assert.match(
      await create("b1", { database, expireTime, versionTime: world.hours(-2) }),
      /^FAILED_PRECONDITION The version_time is before the earliest_version_time/,
    );
    await world.transport.unary(instanceAdmin.createInstance, {
      parent: project,
      instanceId: "other",
    });
    assert.match(
      await create("b1", { database, expireTime }, other),
      /^INVALID_ARGUMENT Database .* is not in instance/,
    );
    await world.backUp("b1");
    assert.equal(
      await create("b1", { database, expireTime }),
      `ALREADY_EXISTS Backup already exists: ${instance}/backups/b1 [${instance}/backups/b1]`,
    );
  }));

test("one backup of a database is made at a time", () =>
  inWorld(async (world) => {
    const create = (backupId: string) =>
      world.transport.unary(databaseAdmin.createBackup, {
        parent: instance,
        backupId,
        backup: { database, expireTime: world.hours(24) },
      });
    const [first, second] = await Promise.all([create("b1"), failure(create("b2"))]);
    assert.match(second, /^FAILED_PRECONDITION A backup of database .* is being created already/);
    await world.ended(first);
    assert.equal(await failure(create("b2")), "OK");
  }));

test("a copy lives by itself, in any instance", () =>
  inWorld(async (world) => {
    await world.addSinger("Ann");
    const nightly = await world.backUp("nightly");
    await world.transport.unary(instanceAdmin.createInstance, {
      parent: project,
      instanceId: "other",
    });
    const parent = `${project}/instances/other`;
    const begun = await world.transport.unary(databaseAdmin.copyBackup, {
      parent,
      backupId: "copy",
      sourceBackup: nightly,
      expireTime: world.hours(48),
    });
    await world.ended(begun);
    await world.transport.unary(databaseAdmin.deleteBackup, { name: nightly });
    assert.equal(
      await world.singers(await world.restore(`${parent}/backups/copy`, "again")),
      "Ann",
    );
  }));

test("only the expire_time of a backup is changed, and within its bounds", () =>
  inWorld(async (world) => {
    const name = await world.backUp("nightly");
    const update = (expireTime: ReturnType<World["hours"]>, updateMask: string[]) =>
      world.transport.unary(databaseAdmin.updateBackup, {
        backup: { name, expireTime },
        updateMask,
      });
    const begunNanos = world.clock.now();
    const changed = await update(world.hours(100), ["expire_time"]);
    assert.equal(hoursIn(changed.expireTime, begunNanos), 100);
    assert.match(await failure(update(world.hours(1), ["expire_time"])), /^INVALID_ARGUMENT/);
    assert.equal(
      await failure(update(world.hours(100), ["version_time"])),
      "INVALID_ARGUMENT Field version_time of a backup cannot be updated; expire_time can.",
    );
    assert.equal(
      await failure(update(world.hours(100), [])),
      "INVALID_ARGUMENT The field update_mask is required.",
    );
  }));

test("a backup that has expired is gone", () =>
  inWorld(async (world) => {
    const name = await world.backUp("nightly");
    await world.clock.advance(24 * hourMillis - 1);
    assert.equal(await failure(world.transport.unary(databaseAdmin.getBackup, { name })), "OK");
    await world.clock.advance(1);
    assert.equal(
      await failure(world.transport.unary(databaseAdmin.getBackup, { name })),
      `NOT_FOUND Backup not found: ${name} [${name}]`,
    );
    await world.backUp("nightly");
  }));

test("backups are listed by name, filtered, page by page", () =>
  inWorld(async (world) => {
    await world.backUp("b2");
    await world.clock.advance(hourMillis);
    const noon = new Date(Number(world.clock.now() / 1_000_000n)).toISOString();
    await world.backUp("b1");
    await world.backUp("c1");
    const list = async (filter: string, pageSize = 0, pageToken = "") => {
      const request = { parent: instance, filter, pageSize, pageToken };
      const page = await world.transport.unary(databaseAdmin.listBackups, request);
      const names = page.backups?.map((each) => each.name?.split("/").at(-1)).join(" ");
      return { names, next: page.nextPageToken };
    };
    assert.equal((await list("")).names, "b1 b2 c1");
    assert.equal((await list("name:backups/b")).names, "b1 b2");
    assert.equal((await list(`create_time < "${noon}"`)).names, "b2");
    assert.equal((await list(`(name:backups/b) AND (create_time >= "${noon}")`)).names, "b1");
    assert.equal((await list("state:READY")).names, "b1 b2 c1");
    assert.equal((await list("state:CREATING")).names, "");
    const first = await list("", 2);
    assert.equal(first.names, "b1 b2");
    assert.equal((await list("", 2, first.next)).names, "c1");
    assert.match(await failure(list("color:red")), /^INVALID_ARGUMENT Invalid filter "color:red"/);
  }));

test("an instance with backups is not deleted, and a restore takes no name that is taken", () =>
  inWorld(async (world) => {
    const nightly = await world.backUp("nightly");
    assert.equal(
      await failure(world.transport.unary(instanceAdmin.deleteInstance, { name: instance })),
      `FAILED_PRECONDITION Cannot delete instance ${instance} because it contains backups. Delete the backups first.`,
    );
    assert.match(
      await failure(world.restore(nightly, "music")),
      /^ALREADY_EXISTS Database already exists/,
    );
    assert.match(await failure(world.restore(nightly, "M")), /^INVALID_ARGUMENT/);
    assert.match(
      await failure(world.restore(`${instance}/backups/no`, "again")),
      /^NOT_FOUND Backup not found/,
    );
    await world.transport.unary(databaseAdmin.deleteBackup, { name: nightly });
    assert.match(
      await failure(world.transport.unary(databaseAdmin.deleteBackup, { name: nightly })),
      /^NOT_FOUND/,
    );
    assert.equal(
      await failure(world.transport.unary(instanceAdmin.deleteInstance, { name: instance })),
      "OK",
    );
  }));

test("with a folder, backups outlive a restart, and so does what a database was restored from", async () => {
  const clock = new VirtualClock();
  const disk = new FaultyDisk();
  const open = () => openServer({ directory: "data", disk: disk.mount(), clock });
  {
    await using server = await open();
    const world = new World(server, clock);
    await furnish(world);
    await world.addSinger("Ann");
    await world.backUp("nightly");
    await world.addSinger("Bea");
    await world.restore(`${instance}/backups/nightly`, "again");
    const read = await world.transport.unary(databaseAdmin.getBackup, {
      name: `${instance}/backups/nightly`,
    });
    assert.ok((read.sizeBytes ?? 0n) > 0n);
  }
  await using server = await open();
  const world = new World(server, clock);
  assert.equal(await world.singers(), "Ann Bea");
  const again = `${instance}/databases/again`;
  assert.equal(await world.singers(again), "Ann");
  const { restoreInfo } = await world.transport.unary(databaseAdmin.getDatabase, { name: again });
  assert.equal(restoreInfo?.sourceInfo?.backupInfo.backup, `${instance}/backups/nightly`);
  const third = await world.restore(`${instance}/backups/nightly`, "third");
  assert.equal(await world.singers(third), "Ann");
});

test("ten databases are restored into an instance at a time", () =>
  inWorld(async (world) => {
    const nightly = await world.backUp("nightly");
    const restore = (databaseId: string) =>
      world.transport.unary(databaseAdmin.restoreDatabase, {
        parent: instance,
        databaseId,
        source: { $case: "backup", backup: nightly },
      });
    const ten = Array.from({ length: 10 }, (_, index) => restore(`restored-${index}`));
    assert.equal(
      await failure(restore("one-more")),
      "RESOURCE_EXHAUSTED 10 databases are being restored into the instance, which is the most at a time.",
    );
    await Promise.all((await Promise.all(ten)).map((operation) => world.ended(operation)));
    await world.restore(nightly, "one-more");
  }));
