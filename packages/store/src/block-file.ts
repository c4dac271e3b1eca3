// SPDX-License-Identifier: Apache-2.0
// A file that is written once, whole, in blocks: a checkpoint, a snapshot, a catalog.
//
// It is written under another name and renamed when all of it is on the disk, so under its own name
// there is the whole of it or the whole of what was there before. Each block carries its number, and a
// last, empty one the count: a block that is damaged, missing or doubled is found when it is read.
import { concatBytes } from "@spandrel/base";
import type { Disk } from "./disk.ts";
import { corrupted } from "./errors.ts";
import {
  FrameReader,
  fileHeader,
  fileHeaderBytes,
  frameHeaderBytes,
  isFileHeader,
  isFrame,
  payloadBytesOf,
  putFrame,
  stampOf,
} from "./frame.ts";

const name = "SPNDBLCK";

/** A name that a crash may leave behind; whoever owns the folder removes what ends so. */
export const unfinishedSuffix = ".unfinished";

/** The bytes of a file of blocks, a block at a time; none of the blocks may be empty. */
export async function* encodeBlocks(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  const frameOf = (payload: Uint8Array): Uint8Array => {
    const frame = new Uint8Array(frameHeaderBytes + payload.length);
    putFrame(frame, 0, count, payload);
    count++;
    return frame;
  };
  yield fileHeader(name);
  for await (const block of blocks) yield frameOf(block);
  yield frameOf(new Uint8Array());
}

/**
 * The blocks of a file whose bytes come in pieces of any size; `origin` names it in errors.
 *
 * @throws {StatusError} DATA_LOSS with the offset for anything that was not written so, FAILED_PRECONDITION
 * for what another version has written.
 */
export async function* decodeBlocks(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  origin: string,
): AsyncGenerator<Uint8Array> {
  const incoming = new IncomingBytes(pieces);
  const header = await incoming.take(fileHeaderBytes);
  if (header === undefined || !isFileHeader(header, name, origin)) {
    throw corrupted(origin, 0, "its header is not readable");
  }
  for (let count = 0; ; count++) {
    const { offset } = incoming;
    const head = await incoming.take(frameHeaderBytes);
    const length = head === undefined ? 0 : payloadBytesOf(head);
    const payload = length > blockBytesMax ? undefined : await incoming.take(length);
    const isIntact =
      head !== undefined &&
      payload !== undefined &&
      stampOf(head) === count &&
      isFrame(head, payload);
    if (!isIntact) throw corrupted(origin, offset, "a block is not what was written");
    if (payload.length === 0) return;
    yield payload;
  }
}

/** No block is longer, so that a length that is damaged does not make anybody wait for the end. */
const blockBytesMax = 1 << 30;

/** Takes bytes by their number from pieces that come as they come. */
class IncomingBytes {
  readonly #pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  offset = 0;

  constructor(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
    this.#pieces =
      Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  /** So many bytes; undefined when there are not so many. */
  async take(length: number): Promise<Uint8Array | undefined> {
    while (this.#heldBytes < length) {
      const next = await this.#pieces.next();
      if (next.done) return undefined;
      this.#held.push(next.value);
      this.#heldBytes += next.value.length;
    }
    const [only] = this.#held;
    const all = this.#held.length === 1 && only !== undefined ? only : concatBytes(this.#held);
    this.#held = [all.subarray(length)];
    this.#heldBytes = all.length - length;
    this.offset += length;
    return all.subarray(0, length);
  }
}

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
  let offset = 0;
  try {
    for await (const piece of encodeBlocks(blocks)) {
      await file.write(piece, offset);
      offset += piece.length;
    }
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
