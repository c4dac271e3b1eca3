// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "./virtual-clock.ts";

test("waits end in the order of their moments, each at its own", async () => {
  const clock = new VirtualClock();
  const events: string[] = [];
  const sleeper = async (name: string, millis: number): Promise<void> => {
    await clock.sleep(millis);
    events.push(`${name} at ${clock.monotonic() / 1_000_000n}`);
  };
  const all = [sleeper("late", 30), sleeper("early", 10), sleeper("never", 99)];
  await clock.advance(50);
  assert.deepEqual(events, ["early at 10", "late at 30"]);
  assert.equal(clock.monotonic(), 50_000_000n);
  await clock.until(Promise.all(all));
  assert.equal(clock.monotonic(), 99_000_000n);
});

test("a wait that is called off leaves nothing behind", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const wait = clock.sleep(10, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(wait, /enough/);
  assert.equal(clock.sleeping, 0);
});

test("a promise that time cannot help is reported, not waited for", async () => {
  const clock = new VirtualClock();
  await assert.rejects(clock.until(new Promise(() => undefined)), /waits for nothing/);
});
