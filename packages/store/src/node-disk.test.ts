// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createNodeDisk } from "./node-disk.ts";

async function inFolder(story: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "spandrel-disk-"));
  try {
    await story(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a folder is held by one at a time, and free again when it is released", () =>
  inFolder(async (folder) => {
    const disk = createNodeDisk();
    const lock = await disk.lock(folder);
    assert.ok(lock !== undefined);
    assert.equal(await createNodeDisk().lock(folder), undefined);
    await lock.release();
    const again = await disk.lock(folder);
    assert.ok(again !== undefined);
    await again.release();
    assert.deepEqual(await readdir(folder), [], "nothing is left");
  }));

test("the lock of a process that has died does not keep anybody out", () =>
  inFolder(async (folder) => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await writeFile(join(folder, "lock"), `${pid} 12345`);
    const lock = await createNodeDisk().lock(folder);
    assert.ok(lock !== undefined);
    await lock.release();
  }));

test("names, sizes and bytes of files are what was made of them", () =>
  inFolder(async (folder) => {
    const disk = createNodeDisk();
    assert.deepEqual(await disk.list(join(folder, "none")), []);
    await disk.makeDirectory(join(folder, "a", "b"));
    const file = await disk.open(join(folder, "a", "file"), { create: true });
    await file.write(Uint8Array.of(1, 2, 3), 2);
    assert.deepEqual([...(await file.read(0, 10))], [0, 0, 1, 2, 3]);
    await file.truncate(3);
    assert.equal(await file.size(), 3);
    await file.sync();
    await file.close();
    await disk.syncDirectory(join(folder, "a"));
    await disk.rename(join(folder, "a", "file"), join(folder, "a", "other"));
    assert.deepEqual(await disk.list(join(folder, "a")), ["b", "other"]);
    await assert.rejects(disk.open(join(folder, "a", "file")), { code: "ENOENT" });
    await disk.remove(join(folder, "a"));
    await disk.remove(join(folder, "a"));
    assert.deepEqual(await disk.list(folder), []);
  }));
