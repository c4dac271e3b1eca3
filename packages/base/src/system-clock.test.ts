// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./system-clock.ts";

test("a wait that is called off ends at once with the reason, and leaves no timer behind", async () => {
  const gone = AbortSignal.abort(new Error("never mind"));
  await assert.rejects(systemClock.sleep(1e9, { signal: gone }), /never mind/);
  const controller = new AbortController();
  const waiting = systemClock.sleep(1e9, { signal: controller.signal });
  controller.abort(new Error("called off"));
  await assert.rejects(waiting, /called off/);
});

test("the time of day agrees with the machine's, and the monotonic clock only rises", async () => {
  const drift = Number(systemClock.now() / 1_000_000n) - Date.now();
  assert.ok(Math.abs(drift) < 1_000, `${drift} ms apart`);
  const before = systemClock.monotonic();
  await systemClock.sleep(1);
  assert.ok(systemClock.monotonic() > before);
});
