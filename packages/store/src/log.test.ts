// SPDX-License-Identifier: Apache-2.0
// The log against a disk that forgets: what was acknowledged is there, and nothing is there by halves.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { StatusError } from "@spandrel/base";
import { FaultyDisk } from "@spandrel/testkit";
import fc from "fast-check";
import type { Disk } from "./disk.ts";
import { Log } from "./log.ts";
import { createNodeDisk } from "./node-disk.ts";

const directory = "data";

function payload(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function openLog(
  disk: Disk,
  from = directory,
  fromSegment = 1,
): Promise<{ readonly log: Log; readonly found: readonly string[] }> {
  const found: string[] = [];
  const log = await Log.open({ disk, directory: from, fromSegment }, (bytes) => {
    found.push(new TextDecoder().decode(bytes));
  });
  return { log, found };
}

async function appendAll(log: Log, texts: readonly string[]): Promise<void> {
  await Promise.all(texts.map((each) => log.append(payload(each))));
}

const segment = `${directory}/log-000000000001`;

test("what was appended comes back in order, on the disk of this machine, over segments", async () => {
  const folder = await mkdtemp(join(tmpdir(), "spandrel-log-"));
  try {
    const disk = createNodeDisk();
    const { log } = await openLog(disk, folder);
    await appendAll(log, ["one", "two"]);
    assert.equal(await log.rotate(), 2);
    await appendAll(log, ["three"]);
    await log.close();
    const again = await openLog(disk, folder);
    assert.deepEqual(again.found, ["one", "two", "three"]);
    await appendAll(again.log, ["four"]);
    await again.log.removeBefore(2);
    await again.log.close();
    const last = await openLog(disk, folder, 2);
    assert.deepEqual(last.found, ["three", "four"]);
    await last.log.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("records that are appended while a sync is under way share the next one", async () => {
  const disk = new FaultyDisk();
  let syncs = 0;
  disk.behavior.fails = (operation) => {
    if (operation === "sync") syncs++;
    return undefined;
  };
  const { log } = await openLog(disk.mount());
  syncs = 0;
  const first = log.append(payload("first"));
  await undefined;
  await undefined;
  await Promise.all([first, appendAll(log, ["a", "b", "c", "d"])]);
  assert.equal(syncs, 2);
  await log.close();
});

test("a record is kept whenever it comes, also as the log is just coming to rest", async () => {
  const { log } = await openLog(new FaultyDisk().mount());
  for (let ticks = 0; ticks < 30; ticks++) {
    const first = log.append(payload("first"));
    for (let tick = 0; tick < ticks; tick++) await undefined;
    await Promise.all([first, log.append(payload("second"))]);
  }
  await log.close();
});

test("after a crash at any moment every acknowledged record is there, and no other changed", async () => {
  const plan = fc.record({
    seed: fc.integer(),
    lives: fc.array(
      fc.array(
        fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom("append", "append both") },
          { weight: 1, arbitrary: fc.constantFrom("rotate", "wait") },
        ),
        { minLength: 1, maxLength: 12 },
      ),
      { minLength: 1, maxLength: 4 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ seed, lives }) => {
      const disk = new FaultyDisk({ seed });
      let kept: readonly string[] = [];
      let records = 0;
      for (const steps of [...lives, []]) {
        const { log, found } = await openLog(disk.mount());
        assert.deepEqual(found.slice(0, kept.length), kept, "nothing acknowledged is gone");
        const acknowledged = [...found];
        const appended = [...found];
        const append = (): void => {
          const text = `record ${records++}`;
          appended.push(text);
          log.append(payload(text)).then(
            () => acknowledged.push(text),
            () => undefined,
          );
        };
        for (const step of steps) {
          if (step === "rotate") log.rotate().catch(() => undefined);
          else if (step === "wait") await new Promise((resolve) => setImmediate(resolve));
          else append();
          if (step === "append both") append();
          await undefined;
        }
        const before = new Set(appended);
        assert.ok(found.every((each) => before.has(each)));
        kept = [...acknowledged];
        assert.deepEqual(kept, appended.slice(0, kept.length), "acknowledged in order");
        disk.crash();
      }
    }),
    { numRuns: 300 },
  );
});

test("a log that is cut at any byte opens with whole records only", async () => {
  const disk = new FaultyDisk();
  const { log } = await openLog(disk.mount());
  const texts = ["alpha", "beta", "gamma"];
  for (const text of texts) await log.append(payload(text));
  const whole = disk.bytesOf(segment);
  for (let length = 0; length < whole.length; length++) {
    const cut = new FaultyDisk();
    cut.put(segment, whole.slice(0, length));
    const { log: opened, found } = await openLog(cut.mount());
    assert.deepEqual(found, texts.slice(0, found.length));
    await opened.append(payload("after"));
    await opened.close();
    assert.deepEqual((await openLog(cut.mount())).found, [...found, "after"]);
  }
});

test("a bit that flips anywhere in a log that was closed is named with its place, and not served", async () => {
  const disk = new FaultyDisk();
  const { log } = await openLog(disk.mount());
  for (const text of ["alpha", "beta", "gamma"]) await log.append(payload(text));
  const end = log.segmentBytes;
  await log.close();
  const whole = disk.bytesOf(segment);
  for (let byte = 0; byte < end; byte++) {
    const damaged = new FaultyDisk();
    damaged.put(segment, whole);
    damaged.flipBit(segment, byte, byte % 8);
    await assert.rejects(openLog(damaged.mount()), (thrown) => {
      assert.ok(thrown instanceof StatusError);
      assert.equal(thrown.reason, "FILE_CORRUPTED");
      assert.match(thrown.message, /^data\/log-000000000001 is damaged at byte \d+/);
      return true;
    });
    assert.equal(damaged.bytesOf(segment).length, whole.length, "nothing is cut off");
  }
});

test("a segment that is missing, or has another one behind it and ends early, is damage", async () => {
  const disk = new FaultyDisk();
  const { log } = await openLog(disk.mount());
  await log.append(payload("one"));
  await log.rotate();
  await log.append(payload("two"));
  await log.rotate();
  await log.close();
  const second = `${directory}/log-000000000002`;
  const bytes = disk.bytesOf(second);
  disk.put(second, bytes.slice(0, bytes.length - 1));
  await assert.rejects(openLog(disk.mount()), /log-000000000002 is damaged at byte 16/);
  await disk.mount().remove(second);
  await assert.rejects(
    openLog(disk.mount()),
    /log-000000000002 is damaged at byte 0: the file is missing/,
  );
});

test("a log of another format version is refused by name", async () => {
  const disk = new FaultyDisk();
  const { log } = await openLog(disk.mount());
  await log.close();
  const bytes = disk.bytesOf(segment);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 2, true);
  const { crc32 } = await import("node:zlib");
  view.setUint32(12, crc32(bytes.subarray(0, 12)), true);
  disk.put(segment, bytes);
  await assert.rejects(
    openLog(disk.mount()),
    /has format version 2, and this program reads version 1/,
  );
});

test("a full disk refuses records, keeps those it has, and goes on when there is room", async () => {
  const disk = new FaultyDisk();
  const { log } = await openLog(disk.mount());
  await log.append(payload("one"));
  disk.behavior.capacityBytes = disk.usedBytes + 10;
  await assert.rejects(log.append(payload("too much")), /is full: nothing was written/);
  await assert.rejects(log.append(payload("still too much")), /is full: nothing was written/);
  disk.behavior.capacityBytes = Number.POSITIVE_INFINITY;
  await log.append(payload("two"));
  disk.crash();
  const { found } = await openLog(disk.mount());
  assert.deepEqual(found, ["one", "two"]);
});

test("after a sync that failed the log takes nothing more until it is opened anew", async () => {
  const disk = new FaultyDisk();
  const { log } = await openLog(disk.mount());
  await log.append(payload("one"));
  disk.behavior.fails = (operation) => (operation === "sync" ? "EIO" : undefined);
  await assert.rejects(log.append(payload("who knows")), /could not be synced/);
  disk.behavior.fails = () => undefined;
  await assert.rejects(log.append(payload("no")), /could not be synced/);
  await assert.rejects(log.rotate(), /could not be synced/);
  await log.close();
  const { found } = await openLog(disk.mount());
  assert.equal(found[0], "one");
  assert.ok(!found.includes("no"));
});
