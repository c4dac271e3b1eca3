// SPDX-License-Identifier: Apache-2.0
// Backup schedules make backups when it is time for them, by the server's clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nanosFromProto, printTimestamp } from "@spandrel/model";
import type { Timestamp } from "@spandrel/protocol";
import type { Backup, BackupSchedule } from "@spandrel/protocol/admin";
import { openServer } from "@spandrel/server";
import { FaultyDisk, VirtualClock } from "@spandrel/testkit";
import {
  database,
  databaseAdmin,
  failure,
  furnish,
  hourMillis,
  instance,
  inWorld,
  World,
} from "./world.ts";

const full: BackupSchedule["backupTypeSpec"] = { $case: "fullBackupSpec", fullBackupSpec: {} };
const incremental: BackupSchedule["backupTypeSpec"] = {
  $case: "incrementalBackupSpec",
  incrementalBackupSpec: {},
};

function schedule(
  { transport }: World,
  backupScheduleId: string,
  text: string,
  { hours = 24n, backupTypeSpec = full } = {},
): Promise<BackupSchedule> {
  return transport.unary(databaseAdmin.createBackupSchedule, {
    parent: database,
    backupScheduleId,
    backupSchedule: {
      spec: { scheduleSpec: { $case: "cronSpec", cronSpec: { text } } },
      retentionDuration: { seconds: hours * 3_600n },
      backupTypeSpec,
    },
  });
}

async function backups({ transport }: World): Promise<readonly Backup[]> {
  const answer = await transport.unary(databaseAdmin.listBackups, { parent: instance });
  return answer.backups ?? [];
}

function namesOf(all: readonly Backup[]): readonly string[] {
  return all.map(({ name = "" }) => name.slice(name.lastIndexOf("/") + 1));
}

function print(moment: Timestamp | undefined): string {
  return moment === undefined ? "" : printTimestamp(nanosFromProto(moment));
}

test("a schedule makes a backup of its moment, which expires after its retention", () =>
  inWorld(async (world) => {
    await schedule(world, "nightly", "0 2 * * *", { hours: 30n });
    await world.addSinger("Ann");
    await world.clock.advance(1.5 * hourMillis);
    assert.deepEqual(await backups(world), []);
    await world.clock.advance(0.5 * hourMillis);
    await world.addSinger("Bob");
    await world.clock.advance(hourMillis);
    const [backup, ...others] = await backups(world);
    assert.deepEqual(others, []);
    assert.equal(backup?.name, `${instance}/backups/music_nightly_20260101-0200`);
    assert.equal(print(backup.versionTime), "2026-01-01T02:00:00Z");
    assert.equal(print(backup.createTime), "2026-01-01T02:00:00Z");
    assert.equal(print(backup.expireTime), "2026-01-02T08:00:00Z");
    assert.deepEqual(backup.backupSchedules, [`${database}/backupSchedules/nightly`]);
    assert.equal(await world.singers(await world.restore(backup.name, "restored")), "Ann");
    const { operations = [] } = await world.transport.unary(databaseAdmin.listBackupOperations, {
      parent: instance,
    });
    assert.equal(operations.filter(({ done }) => done === true).length, 1);
    await world.clock.advance(24 * hourMillis);
    const second = "music_nightly_20260102-0200";
    assert.deepEqual(namesOf(await backups(world)), ["music_nightly_20260101-0200", second]);
    await world.clock.advance(6 * hourMillis);
    assert.deepEqual(namesOf(await backups(world)), [second], "the first one has expired");
  }));

test("schedules of one moment share a backup, which is kept for the longest of them", () =>
  inWorld(async (world) => {
    await schedule(world, "nightly", "0 2 * * *");
    await schedule(world, "weekly", "0 2 * * 4", { hours: 240n });
    await world.clock.advance(3 * hourMillis);
    const [backup, ...others] = await backups(world);
    assert.deepEqual(others, []);
    assert.equal(backup?.backupSchedules?.length, 2);
    assert.equal(print(backup.expireTime), "2026-01-11T02:00:00Z");
  }));

test("an incremental schedule makes backups that can be restored alone", () =>
  inWorld(async (world) => {
    await world.addSinger("Ann");
    await schedule(world, "often", "30 */4 * * *", { backupTypeSpec: incremental });
    await world.clock.advance(9 * hourMillis);
    const made = await backups(world);
    assert.equal(made.length, 3);
    assert.equal(await world.singers(await world.restore(made[2]?.name ?? "", "restored")), "Ann");
  }));

test("full backups are 12 hours apart or more, incremental ones 4", () =>
  inWorld(async (world) => {
    const often = "0 */6 * * *";
    assert.match(
      await failure(schedule(world, "often", often)),
      /^INVALID_ARGUMENT The cron_spec.text "0 \*\/6 .*" asks for backups less than 12 hours apart/,
    );
    const hourly = schedule(world, "hourly", "0 * * * *", { backupTypeSpec: incremental });
    assert.match(await failure(hourly), /less than 4 hours apart/);
    const never = schedule(world, "never", "0 0 30 2 *");
    assert.match(await failure(never), /^INVALID_ARGUMENT Invalid cron_spec/);
    assert.equal(
      await failure(schedule(world, "fine", often, { backupTypeSpec: incremental })),
      "OK",
    );
  }));

test("a schedule or a database that is gone makes no more backups", () =>
  inWorld(async (world) => {
    await schedule(world, "nightly", "0 2 * * *");
    await schedule(world, "midday", "0 12 * * *", { hours: 100n });
    const name = `${database}/backupSchedules/nightly`;
    await world.transport.unary(databaseAdmin.deleteBackupSchedule, { name });
    await world.clock.advance(13 * hourMillis);
    assert.deepEqual(namesOf(await backups(world)), ["music_midday_20260101-1200"]);
    await world.transport.unary(databaseAdmin.dropDatabase, { database });
    await world.clock.advance(23 * hourMillis);
    assert.equal((await backups(world)).length, 1);
    assert.equal(world.clock.sleeping, 0, "no timer is left");
  }));

test("with a folder, schedules go on after a restart, and a server that is closed makes nothing", async () => {
  const [disk, clock] = [new FaultyDisk(), new VirtualClock()];
  const open = () => openServer({ clock, disk: disk.mount(), directory: "home" });
  const first = await open();
  await furnish(new World(first, clock));
  await schedule(new World(first, clock), "nightly", "0 2 * * *", { hours: 100n });
  await first.close();
  assert.equal(clock.sleeping, 0);
  await clock.advance(3 * hourMillis);
  const second = await open();
  const world = new World(second, clock);
  await clock.advance(hourMillis);
  assert.deepEqual(await backups(world), [], "what was missed is not made up for");
  await clock.advance(24 * hourMillis);
  assert.deepEqual(namesOf(await backups(world)), ["music_nightly_20260102-0200"]);
  await second.close();
});
