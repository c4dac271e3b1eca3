// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyDisk } from "@spandrel/testkit";
import { readBlockFile, writeBlockFile } from "./block-file.ts";

const path = "data/checkpoint";

function blocksOf(...texts: string[]): Uint8Array[] {
  return texts.map((each) => new TextEncoder().encode(each));
}

async function read(disk: FaultyDisk): Promise<string[]> {
  const texts: string[] = [];
  for await (const block of readBlockFile(disk.mount(), path))
    texts.push(new TextDecoder().decode(block));
  return texts;
}

test("under its name there is the old file or the new one, whenever the power fails", async () => {
  let old = 0;
  for (let operation = 0; operation < 20; operation++) {
    const disk = new FaultyDisk({ seed: operation });
    await writeBlockFile(disk.mount(), "data", "checkpoint", blocksOf("old", "file"));
    let done = 0;
    disk.behavior.fails = () => {
      if (done++ === operation) disk.crash();
      return undefined;
    };
    await writeBlockFile(disk.mount(), "data", "checkpoint", blocksOf("a", "newer", "file")).catch(
      () => undefined,
    );
    disk.crash();
    disk.behavior.fails = () => undefined;
    const texts = await read(disk);
    if (texts[0] === "old") old++;
    assert.ok(["old,file", "a,newer,file"].includes(texts.join()), texts.join());
  }
  assert.ok(old > 2 && old < 18, `${old} times the old one`);
});

test("a bit that flips, or a byte that is missing, is named with its place", async () => {
  const disk = new FaultyDisk();
  await writeBlockFile(disk.mount(), "data", "checkpoint", blocksOf("some", "blocks"));
  const whole = disk.bytesOf(path);
  for (let byte = 0; byte < whole.length; byte++) {
    disk.put(path, whole);
    disk.flipBit(path, byte, byte % 8);
    await assert.rejects(read(disk), /^StatusError: .*data\/checkpoint is damaged at byte \d+/);
    disk.put(path, whole.slice(0, byte));
    await assert.rejects(read(disk), /data\/checkpoint is damaged at byte \d+/);
  }
});

test("blocks that cannot all be made leave the file as it was, and nothing beside it", async () => {
  const disk = new FaultyDisk();
  await writeBlockFile(disk.mount(), "data", "checkpoint", blocksOf("old"));
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield* blocksOf("new");
    throw new Error("no more");
  }
  await assert.rejects(writeBlockFile(disk.mount(), "data", "checkpoint", failing()), /no more/);
  assert.deepEqual(await read(disk), ["old"]);
  assert.deepEqual(await disk.mount().list("data"), ["checkpoint"]);
});
