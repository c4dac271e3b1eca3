// SPDX-License-Identifier: Apache-2.0
// A file that is written once, whole, in blocks: a checkpoint, a snapshot, a catalog.
//
// It is written under another name and renamed when all of it is on the disk, so under its own name
// there is the whole of it or the whole of what was there before. Each block carries its number, and a
// last, empty one the count: a block that is damaged, missing or doubled is found when it is read.
import type { Disk } from "./disk.ts";
import { corrupted } from "./errors.ts";
import { FrameReader, fileHeader, fileHeaderBytes, frameHeaderBytes, putFrame } from "./frame.ts";

const name = "SPNDBLCK";

/** A name that a crash may leave behind; whoever owns the folder removes what ends so. */
export const unfinishedSuffix = ".unfinished";

/**
 * Writes a file of blocks in place of what was there; gives its bytes. `blocks` may take its time
 * between two of them, and what it throws leaves the file as it was.
 */
export async function writeBlockFile(
  disk: Disk,
  directory: string,
  fileName: string,
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  const path = `${directory}/${fileName}`;
  const unfinished = `${path}${unfinishedSuffix}`;
  await disk.remove(unfinished);
  const file = await disk.open(unfinished, { create: true });
  let offset = fileHeaderBytes;
  let count = 0;
  try {
    const put = async (payload: Uint8Array): Promise<void> => {
      const frame = new Uint8Array(frameHeaderBytes + payload.length);
      putFrame(frame, 0, count, payload);
      await file.write(frame, offset);
      offset += frame.length;
    };
    await file.write(fileHeader(name), 0);
    for await (const block of blocks) {
      await put(block);
      count++;
    }
    await put(new Uint8Array());
    await file.sync();
  } catch (thrown) {
    await file.close();
    await disk.remove(unfinished);
    throw thrown;
  }
  await file.close();
  await disk.rename(unfinished, path);
  await disk.syncDirectory(directory);
  return offset;
}

/**
 * The blocks of a file, in order. None of them may be empty when they are written.
 *
 * @throws {StatusError} DATA_LOSS with path and offset for anything that was not written so.
 */
export async function* readBlockFile(disk: Disk, path: string): AsyncGenerator<Uint8Array> {
  const file = await disk.open(path);
  try {
    const reader = new FrameReader(file, await file.size());
    await reader.requireHeader(name, path);
    let offset = fileHeaderBytes;
    for (let count = 0; ; count++) {
      const frame = await reader.frame(offset);
      if (frame === undefined || frame.stamp !== count) {
        throw corrupted(path, offset, "a block is not what was written");
      }
      if (frame.payload.length === 0) return;
      yield frame.payload;
      offset += frameHeaderBytes + frame.payload.length;
    }
  } finally {
    await file.close();
  }
}
