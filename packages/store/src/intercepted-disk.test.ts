// SPDX-License-Identifier: Apache-2.0
// Whoever stands before a disk sees each operation by its name and path, and can hold it up or fail it;
// what it lets through is as it would have been.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyDisk } from "@spandrel/testkit";
import { decodeBlocks, encodeBlocks, readBlockFile, writeBlockFile } from "./block-file.ts";
import { type DiskOperation, interceptDisk } from "./intercepted-disk.ts";

const blocks = [Uint8Array.of(1, 2, 3), Uint8Array.of(4), new Uint8Array(100_000).fill(5)];

async function all(of: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const each of of) found.push(each.slice());
  return found;
}

test("every operation is asked for by name and path, and then done", async () => {
  const asked: string[] = [];
  const disk = interceptDisk(new FaultyDisk().mount(), (operation, path) => {
    asked.push(`${operation} ${path}`);
    return undefined;
  });
  await writeBlockFile(disk, "d", "file", blocks);
  assert.deepEqual(await all(readBlockFile(disk, "d/file")), blocks);
  assert.deepEqual(
    [...new Set(asked)],
    [
      "remove d/file.unfinished",
      "open d/file.unfinished",
      "write d/file.unfinished",
      "sync d/file.unfinished",
      "rename d/file.unfinished",
      "syncDirectory d",
      "open d/file",
      "size d/file",
      "read d/file",
    ],
  );
});

test("an operation that is made to fail has done nothing", async () => {
  const faulty = new FaultyDisk();
  let failing: DiskOperation | undefined;
  const disk = interceptDisk(faulty.mount(), (operation) => {
    if (operation !== failing) return undefined;
    return Promise.reject(Object.assign(new Error("no room"), { code: "ENOSPC" }));
  });
  await writeBlockFile(disk, "d", "file", blocks);
  const before = faulty.bytesOf("d/file");
  for (failing of ["write", "sync", "rename"] as const) {
    await assert.rejects(writeBlockFile(disk, "d", "file", []), /no room/);
    assert.deepEqual(faulty.bytesOf("d/file"), before);
  }
});

test("the bytes of blocks are those of their file, and are read back from pieces of any size", async () => {
  const faulty = new FaultyDisk();
  await writeBlockFile(faulty.mount(), "d", "file", blocks);
  const bytes = faulty.bytesOf("d/file");
  assert.deepEqual(Buffer.concat(await all(encodeBlocks(blocks))), Buffer.from(bytes));
  for (const size of [1_000_000, 4_096, 17]) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    assert.deepEqual(await all(decodeBlocks(pieces, "a snapshot")), blocks);
  }
});

test("bytes that were cut off or changed are refused with their place", async () => {
  const bytes = Buffer.concat(await all(encodeBlocks(blocks)));
  const refused = (given: Uint8Array) => all(decodeBlocks([given], "a snapshot"));
  for (const cut of [0, 5, 16, 20, bytes.length - 1, bytes.length - 40]) {
    await assert.rejects(refused(bytes.subarray(0, cut)), { reason: "FILE_CORRUPTED" });
  }
  for (let at = 0; at < 60; at++) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await assert.rejects(refused(changed), /a snapshot/);
  }
});
