// SPDX-License-Identifier: Apache-2.0
// Thousands of calls set a deadline and take it back; each that stays must pass at its own moment.
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@spandrel/testkit";
import { Deadlines } from "./deadlines.ts";

test("deadlines pass in their order, whatever order they were set in", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const passed: [number, bigint][] = [];
  for (const millis of [300, 100, 200, 100]) {
    deadlines.set(millis, () => passed.push([millis, clock.monotonic() / 1_000_000n]));
  }
  await clock.advance(1_000);
  assert.deepEqual(passed, [
    [100, 100n],
    [100, 100n],
    [200, 200n],
    [300, 300n],
  ]);
  assert.equal(clock.sleeping, 0);
});

test("a deadline that was taken back never passes, and leaves no wait behind", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const kept: number[] = [];
  const set = Array.from({ length: 2_000 }, (_, index) =>
    deadlines.set(100 + index, () => kept.push(index)),
  );
  set.forEach((deadline, index) => {
    if (index % 500 !== 0) deadline.cancel();
  });
  await clock.advance(1_250);
  assert.deepEqual(kept, [0, 500, 1_000]);
  set[1_500]?.cancel();
  set[1_500]?.cancel();
  await clock.settle();
  assert.equal(clock.sleeping, 0);
});
