// SPDX-License-Identifier: Apache-2.0
// A clock that a test moves must still be a clock: time only rises, and whoever sleeps wakes once.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AdjustableClock } from "./adjustable-clock.ts";
import type { Clock, SleepOptions } from "./clock.ts";

const second = 1_000_000_000n;

/** A clock underneath that is moved by hand, and says how many timers are set on it. */
class HandClock implements Clock {
  readonly timers = new Set<{ dueNanos: bigint; wake: () => void; background: boolean }>();
  nanos = 1_000n * second;

  now(): bigint {
    return this.nanos;
  }

  monotonic(): bigint {
    return this.nanos - 900n * second;
  }

  sleep(millis: number, { signal, background = false }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const dueNanos = this.nanos + BigInt(Math.ceil(millis * 1e6));
      const timer = { dueNanos, wake: resolve, background };
      this.timers.add(timer);
      signal?.addEventListener("abort", () => {
        this.timers.delete(timer);
        reject(signal.reason);
      });
    });
  }

  async pass(millis: number): Promise<void> {
    this.nanos += BigInt(millis) * 1_000_000n;
    for (const timer of [...this.timers].filter(({ dueNanos }) => dueNanos <= this.nanos)) {
      this.timers.delete(timer);
      timer.wake();
    }
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function world() {
  const source = new HandClock();
  const clock = new AdjustableClock(source);
  const woken: string[] = [];
  const sleep = (name: string, millis: number) =>
    void clock.sleep(millis).then(() => woken.push(name));
  return { source, clock, woken, sleep };
}

test("left alone, it goes as the clock underneath", async () => {
  const { source, clock, woken, sleep } = world();
  assert.equal(clock.now(), source.now());
  assert.equal(clock.monotonic(), source.monotonic());
  sleep("a", 50);
  await source.pass(49);
  assert.deepEqual(woken, []);
  await source.pass(1);
  assert.deepEqual(woken, ["a"]);
  assert.equal(clock.sleeping, 0);
});

test("whoever is advanced over wakes at once, in the order of the moments", async () => {
  const { source, clock, woken, sleep } = world();
  sleep("third", 3_000);
  sleep("first", 1_000);
  sleep("also third", 3_000);
  sleep("later", 4_000);
  clock.advance(3_500);
  await turn();
  assert.deepEqual(woken, ["first", "third", "also third"]);
  assert.equal(source.timers.size, 1, "the one that still sleeps");
  await source.pass(499);
  assert.equal(woken.length, 3);
  await source.pass(1);
  assert.deepEqual(woken.at(-1), "later");
});

test("while it stands nothing passes and no timer is set; then it runs on from there", async () => {
  const { source, clock, woken, sleep } = world();
  sleep("a", 100);
  await source.pass(40);
  clock.stop();
  clock.stop();
  assert.equal(source.timers.size, 0);
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  sleep("b", 10);
  await source.pass(1_000_000);
  assert.deepEqual([clock.now(), clock.monotonic()], [now, monotonic]);
  clock.advance(10);
  await turn();
  assert.deepEqual(woken, ["b"]);
  clock.run();
  assert.equal(clock.now(), now + 10_000_000n);
  await source.pass(50);
  assert.deepEqual(woken, ["b", "a"]);
  assert.equal(source.timers.size, 0);
});

test("set ahead, the time between has passed; set back, only the time of day has changed", async () => {
  const { source, clock, woken, sleep } = world();
  sleep("a", 60_000);
  const monotonic = clock.monotonic();
  clock.set(clock.now() - 500n * second);
  assert.equal(clock.aheadNanos, -500n * second);
  assert.equal(clock.monotonic(), monotonic);
  clock.set(clock.now() + 60n * second);
  await turn();
  assert.deepEqual(woken, ["a"]);
  assert.equal(clock.monotonic(), monotonic + 60n * second);
  clock.stop();
  clock.set(5n * second);
  assert.equal(clock.now(), 5n * second);
  assert.equal(clock.monotonic(), monotonic + 60n * second);
  clock.reset();
  assert.equal(clock.now(), source.now());
  assert.ok(clock.monotonic() >= monotonic + 60n * second);
});

test("a wait that is called off leaves nothing behind, whether the clock runs or stands", async () => {
  for (const stands of [false, true]) {
    const { source, clock } = world();
    if (stands) clock.stop();
    await assert.rejects(clock.sleep(1, { signal: AbortSignal.abort("never mind") }), /never mind/);
    const controller = new AbortController();
    const waiting = clock.sleep(1_000, { signal: controller.signal });
    controller.abort(new Error("called off"));
    await assert.rejects(waiting, /called off/);
    assert.equal(clock.sleeping, 0);
    assert.equal(source.timers.size, 0);
  }
});

test("a wait in the background stays one when its timer is made anew", () => {
  const { source, clock } = world();
  void clock.sleep(10_000, { background: true });
  clock.advance(1);
  clock.stop();
  clock.run();
  assert.deepEqual(
    [...source.timers].map(({ background }) => background),
    [true],
  );
});

test("time does not advance backwards", () => {
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => new AdjustableClock(new HandClock()).advance(wrong), RangeError);
  }
});

test("whatever is done to it, monotonic never goes back and every sleeper wakes once, when due", async () => {
  const step = fc.oneof(
    fc.constant({ kind: "stop" as const }),
    fc.constant({ kind: "run" as const }),
    fc.constant({ kind: "reset" as const }),
    fc.record({ kind: fc.constant("advance" as const), millis: fc.nat(1_000) }),
    fc.record({ kind: fc.constant("pass" as const), millis: fc.nat(1_000) }),
    fc.record({ kind: fc.constant("set" as const), millis: fc.integer({ min: -900, max: 900 }) }),
    fc.record({ kind: fc.constant("sleep" as const), millis: fc.nat(2_000) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const source = new HandClock();
      const clock = new AdjustableClock(source);
      let last = clock.monotonic();
      const due: bigint[] = [];
      const woken: bigint[] = [];
      for (const each of steps) {
        if (each.kind === "stop") clock.stop();
        else if (each.kind === "run") clock.run();
        else if (each.kind === "reset") clock.reset();
        else if (each.kind === "advance") clock.advance(each.millis);
        else if (each.kind === "pass") await source.pass(each.millis);
        else if (each.kind === "set") clock.set(clock.now() + BigInt(each.millis) * 1_000_000n);
        else {
          const at = clock.monotonic() + BigInt(each.millis) * 1_000_000n;
          due.push(at);
          void clock.sleep(each.millis).then(() => woken.push(at));
        }
        await turn();
        if (each.kind === "sleep" && each.millis === 0) await source.pass(0);
        assert.ok(clock.monotonic() >= last);
        last = clock.monotonic();
      }
      const over = due.filter((at) => at <= clock.monotonic()).sort();
      assert.deepEqual([...woken].sort(), over);
      assert.equal(clock.sleeping, due.length - over.length);
      assert.ok(source.timers.size <= clock.sleeping);
    }),
    { numRuns: 200 },
  );
});
