// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { type BackupPlan, BackupScheduler, type DueBackup } from "./backup-scheduler.ts";
import { type Crontab, parseCrontab } from "./crontab.ts";

const hourMillis = 3_600_000;

/** A scheduler, and what it has been asked to make: hours since the beginning. */
class Story {
  readonly clock = new VirtualClock();
  readonly made: string[] = [];
  plans: readonly BackupPlan[] = [];
  carryOut: (due: DueBackup) => Promise<void> = async () => undefined;
  readonly beganMillis = Number(this.clock.now() / 1_000_000n);
  readonly scheduler = new BackupScheduler({
    clock: this.clock,
    logger: silentLogger,
    plans: () => this.plans,
    carryOut: async (due) => {
      await this.carryOut(due);
      const names = due.plans.map(({ name }) => name).join("+");
      this.made.push(`${names} of ${this.#hours(due.atMillis)} at ${this.#hours()}`);
    },
  });

  plan(name: string, text: string): BackupPlan {
    const crontab = parseCrontab(text) as Crontab; // the stories write crontabs
    return { name, database: "d", crontab, retentionNanos: 1n, sinceMillis: this.#nowMillis() };
  }

  #hours(millis = this.#nowMillis()): number {
    return (millis - this.beganMillis) / hourMillis;
  }

  #nowMillis(): number {
    return Number(this.clock.now() / 1_000_000n);
  }
}

test("a backup is made at each moment, also of a schedule that is there since the last minute", async () => {
  const story = new Story();
  story.plans = [story.plan("far", "0 20 * * *")];
  story.scheduler.watch();
  await story.clock.advance(1.99 * hourMillis);
  story.plans = [...story.plans, story.plan("near", "0 2 * * *")];
  story.scheduler.watch();
  await story.clock.advance(48 * hourMillis);
  assert.deepEqual(story.made, [
    "near of 2 at 2",
    "far of 20 at 20",
    "near of 26 at 26",
    "far of 44 at 44",
  ]);
  await story.scheduler.stop();
  assert.equal(story.clock.sleeping, 0);
});

test("schedules of one moment are carried out together, and those without one moment are not", async () => {
  const story = new Story();
  story.plans = [story.plan("a", "0 2 * * *"), story.plan("b", "0 2,14 * * *")];
  story.scheduler.watch();
  await story.clock.advance(15 * hourMillis);
  assert.deepEqual(story.made, ["a+b of 2 at 2", "b of 14 at 14"]);
  await story.scheduler.stop();
});

test("what cannot be made is tried again, until the window is over", async () => {
  const story = new Story();
  let attempts = 0;
  story.carryOut = async () => {
    attempts++;
    throw new Error("the disk is full");
  };
  story.plans = [story.plan("a", "0 2 * * *")];
  story.scheduler.watch();
  await story.clock.advance(2.1 * hourMillis);
  assert.ok(attempts > 1);
  story.carryOut = async () => undefined;
  await story.clock.advance(2 * 60_000);
  assert.equal(story.made.length, 1);
  assert.match(story.made[0] ?? "", /^a of 2 at 2\.1/);

  story.carryOut = () => Promise.reject(new Error("the disk is full"));
  await story.clock.advance(30 * hourMillis);
  const before = attempts;
  story.carryOut = async () => {
    attempts++;
  };
  await story.clock.advance(hourMillis);
  assert.equal(attempts, before, "the window is over");
  await story.scheduler.stop();
});

test("without schedules there is no timer, and one that is gone makes no backup", async () => {
  const story = new Story();
  story.scheduler.watch();
  assert.equal(story.clock.sleeping, 0);
  story.plans = [story.plan("a", "0 2 * * *")];
  story.scheduler.watch();
  await story.clock.advance(hourMillis);
  story.plans = [];
  await story.clock.advance(24 * hourMillis);
  assert.deepEqual(story.made, []);
  assert.equal(story.clock.sleeping, 0);
});

test("whoever stops waits for the backup that is being made", async () => {
  const story = new Story();
  story.carryOut = () => story.clock.sleep(1_000);
  story.plans = [story.plan("a", "0 2 * * *")];
  story.scheduler.watch();
  await story.clock.advance(2 * hourMillis);
  assert.deepEqual(story.made, []);
  const stopping = story.scheduler.stop();
  await story.clock.advance(1_000);
  await stopping;
  assert.equal(story.made.length, 1);
});
