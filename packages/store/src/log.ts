// SPDX-License-Identifier: Apache-2.0
// An append-only log: what was acknowledged is there after any crash, in the order of appending.
//
// Records wait in line while a sync is under way and then share the next one. The log is a row of
// segments, files with rising numbers; a new one is begun by `rotate`, and old ones are removed when a
// checkpoint has made them superfluous.
//
// Each record carries, as the stamp of its frame, up to where its segment was synced when it was
// written. That tells a torn tail from damage. A record that cannot be read, with nothing behind it
// that was written after its sync, was never acknowledged: it is cut off. One with such a record
// behind it, or with another segment, was: the log is damaged, and nobody gets to see half of it. A
// log that was closed in order ends with an empty record, so that damage shows in all of it.
//
// When the disk is full the log is cut back to its last good byte, the records that waited fail, and
// later ones are tried again. After a sync that failed nobody knows what the disk holds; the log takes
// no more records.
import { assert, createDeferred, type Deferred, type StatusError } from "@spandrel/base";
import type { Disk, DiskFile } from "./disk.ts";
import { corrupted, diskFull, logBroken, logClosed, writeFailed } from "./errors.ts";
import {
  FrameReader,
  fileHeader,
  fileHeaderBytes,
  frameHeaderBytes,
  isFileHeader,
  putFrame,
  stampOf,
} from "./frame.ts";

const name = "SPNDRLOG";

/** What is being appended shares one write up to about this size. */
const groupBytesMax = 8 << 20;

/** Where a log lives. */
export interface LogOptions {
  readonly disk: Disk;
  /** A folder of the log's own, which exists. */
  readonly directory: string;
  /** The first segment that is still of interest; default 1. */
  readonly fromSegment?: number;
}

interface Waiting {
  readonly payload: Uint8Array;
  readonly done: Deferred<void>;
}

interface Segment {
  readonly number: number;
  readonly path: string;
  readonly file: DiskFile;
  /** Where the next record goes. */
  bytes: number;
  /** Up to here everything is on the disk. */
  syncedBytes: number;
}

/** See the top of this file. */
export class Log {
  readonly #disk: Disk;
  readonly #directory: string;
  #segment: Segment;
  #line: Waiting[] = [];
  #rotation: Deferred<number> | undefined;
  #running: Promise<void> | undefined;
  #end: StatusError | undefined;

  private constructor({ disk, directory }: LogOptions, segment: Segment) {
    this.#disk = disk;
    this.#directory = directory;
    this.#segment = segment;
  }

  /**
   * Opens a log, and hands what is in it to `replay`, in order; makes one where there is none. A torn
   * tail is cut off.
   *
   * @throws {StatusError} DATA_LOSS with file and offset when the log is damaged; then nothing has been
   * changed. What `replay` throws.
   */
  static async open(
    options: LogOptions,
    replay: (payload: Uint8Array) => void | Promise<void>,
  ): Promise<Log> {
    const { disk, directory, fromSegment = 1 } = options;
    const numbers = (await segmentNumbers(disk, directory)).filter((each) => each >= fromSegment);
    for (const [index, number] of numbers.entries()) {
      if (number !== fromSegment + index) {
        throw corrupted(segmentPath(directory, fromSegment + index), 0, "the file is missing");
      }
    }
    let last: Segment | undefined;
    for (const number of numbers) {
      const isLast = number === numbers.at(-1);
      const segment = await readSegment(options, number, isLast, replay);
      if (isLast) last = segment;
      else await segment.file.close();
    }
    return new Log(options, last ?? (await beginSegment(disk, directory, fromSegment)));
  }

  /** Bytes of the segment that is being written. */
  get segmentBytes(): number {
    return this.#segment.bytes;
  }

  /** Why the log takes no more records; undefined while it does. */
  get endedBy(): StatusError | undefined {
    return this.#end;
  }

  /**
   * Adds a record, which must not be empty, and returns once it is on the disk. Promises are kept in
   * the order of the calls.
   *
   * @throws {StatusError} RESOURCE_EXHAUSTED when the disk is full and UNAVAILABLE when it cannot be
   * written: then the record is not there. INTERNAL when nobody knows, and from then on.
   */
  append(payload: Uint8Array): Promise<void> {
    assert(payload.length > 0, "a record holds something");
    if (this.#end !== undefined) return this.#refuse(this.#end);
    const done = createDeferred<void>();
    this.#line.push({ payload, done });
    this.#run();
    return done.promise;
  }

  /**
   * Begins a new segment behind what has been appended so far; gives its number, once all before it
   * is on the disk.
   */
  rotate(): Promise<number> {
    if (this.#end !== undefined) return this.#refuse(this.#end);
    this.#rotation ??= createDeferred<number>();
    const { promise } = this.#rotation;
    this.#run();
    return promise;
  }

  /** Removes the segments before one. */
  async removeBefore(segment: number): Promise<void> {
    for (const number of await segmentNumbers(this.#disk, this.#directory)) {
      if (number < segment) await this.#disk.remove(segmentPath(this.#directory, number));
    }
  }

  /** Waits for what has been appended, and closes the file. Harmless when it was done before. */
  async close(): Promise<void> {
    if (this.#end?.reason === "LOG_CLOSED") return;
    const wasWhole = this.#end === undefined;
    this.#end ??= logClosed(this.#segment.path);
    await this.#running;
    const { file, bytes } = this.#segment;
    if (wasWhole && this.#end.reason === "LOG_CLOSED") {
      const last = new Uint8Array(frameHeaderBytes);
      putFrame(last, 0, bytes, new Uint8Array());
      // Without it the log is as good; only damage to its very end could not be told from a crash.
      await file.write(last, bytes).then(
        () => file.sync(),
        () => undefined,
      );
    }
    await file.close();
  }

  /** Says no behind those who still wait, since all answers come in the order of the calls. */
  async #refuse(error: StatusError): Promise<never> {
    await this.#running;
    throw error;
  }

  #run(): void {
    this.#running ??= this.#writeLine();
  }

  async #writeLine(): Promise<void> {
    // Whatever is appended before this turn ends shares the first sync.
    await undefined;
    while (this.#line.length > 0 || this.#rotation !== undefined) {
      if (this.#line.length > 0) await this.#writeGroup(this.#takeGroup());
      else await this.#beginNext();
    }
    // In the same turn as the look at the line, so that nothing is put into it unseen.
    this.#running = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { payload } of this.#line) {
      bytes += frameHeaderBytes + payload.length;
      if (count > 0 && bytes > groupBytesMax) break;
      count++;
    }
    return this.#line.splice(0, count);
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const segment = this.#segment;
    const { file, path } = segment;
    if (this.#end !== undefined && this.#end.reason !== "LOG_CLOSED") {
      for (const { done } of group) done.reject(this.#end);
      return;
    }
    const bytes = group.reduce((sum, { payload }) => sum + frameHeaderBytes + payload.length, 0);
    const buffer = new Uint8Array(bytes);
    let offset = 0;
    for (const { payload } of group) {
      offset = putFrame(buffer, offset, segment.syncedBytes, payload);
    }
    try {
      await file.write(buffer, segment.bytes);
    } catch (thrown) {
      const error = await this.#cutBack(segment, thrown);
      for (const { done } of group) done.reject(error);
      return;
    }
    try {
      await file.sync();
    } catch (thrown) {
      this.#end = logBroken(path, thrown);
      for (const { done } of group) done.reject(this.#end);
      return;
    }
    segment.bytes += bytes;
    segment.syncedBytes = segment.bytes;
    for (const { done } of group) done.resolve();
  }

  /** After a write that failed: takes away what there is of it. Gives what to tell those who waited. */
  async #cutBack({ file, path, bytes }: Segment, cause: unknown): Promise<StatusError> {
    try {
      await file.truncate(bytes);
      return isFull(cause) ? diskFull(path, cause) : writeFailed(path, cause);
    } catch (thrown) {
      this.#end = logBroken(path, thrown);
      return this.#end;
    }
  }

  async #beginNext(): Promise<void> {
    const rotation = this.#rotation;
    this.#rotation = undefined;
    const before = this.#segment;
    try {
      this.#segment = await beginSegment(this.#disk, this.#directory, before.number + 1);
    } catch (thrown) {
      const path = segmentPath(this.#directory, before.number + 1);
      rotation?.reject(isFull(thrown) ? diskFull(path, thrown) : writeFailed(path, thrown));
      return;
    }
    rotation?.resolve(this.#segment.number);
    await before.file.close();
  }
}

function isFull(cause: unknown): boolean {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
}

function segmentPath(directory: string, number: number): string {
  return `${directory}/log-${String(number).padStart(12, "0")}`;
}

async function segmentNumbers(disk: Disk, directory: string): Promise<readonly number[]> {
  const names = await disk.list(directory);
  return names.flatMap((each) => {
    const digits = /^log-(\d{12})$/.exec(each)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

async function beginSegment(disk: Disk, directory: string, number: number): Promise<Segment> {
  const path = segmentPath(directory, number);
  const file = await disk.open(path, { create: true });
  try {
    await file.truncate(0);
    await file.write(fileHeader(name), 0);
    await file.sync();
    await disk.syncDirectory(directory);
  } catch (thrown) {
    await file.close();
    await disk.remove(path);
    throw thrown;
  }
  return { number, path, file, bytes: fileHeaderBytes, syncedBytes: fileHeaderBytes };
}

/** Reads a segment to its end; the last one is made ready to be written on. */
async function readSegment(
  { disk, directory }: LogOptions,
  number: number,
  isLast: boolean,
  replay: (payload: Uint8Array) => void | Promise<void>,
): Promise<Segment> {
  const path = segmentPath(directory, number);
  const file = await disk.open(path);
  try {
    const size = await file.size();
    const reader = new FrameReader(file, size);
    let offset = fileHeaderBytes;
    let isCut = !isFileHeader(await reader.bytes(0, fileHeaderBytes), name, path);
    if (isCut) offset = 0;
    while (!isCut && offset < size) {
      const frame = await reader.frame(offset);
      if (frame === undefined) {
        isCut = true;
        break;
      }
      if (frame.payload.length > 0) await replay(frame.payload);
      offset += frameHeaderBytes + frame.payload.length;
    }
    if (isCut) {
      if (!isLast || (await wasSyncedLater(reader, offset, size))) {
        throw corrupted(path, offset, "a record is not what was written");
      }
      if (offset === 0) {
        await file.close();
        return await beginSegment(disk, directory, number);
      }
      await file.truncate(offset);
      await file.sync();
    }
    return { number, path, file, bytes: offset, syncedBytes: offset };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** Whether behind an offset there is a record that was written when the offset had been synced. */
async function wasSyncedLater(reader: FrameReader, offset: number, size: number): Promise<boolean> {
  for (let from = offset + 1; from + frameHeaderBytes <= size; from += searchBytes) {
    const bytes = await reader.bytes(from, searchBytes + frameHeaderBytes - 1);
    for (let index = 0; index + frameHeaderBytes <= bytes.length; index++) {
      const at = from + index;
      const stamp = stampOf(bytes.subarray(index, index + frameHeaderBytes));
      // The test by numbers is cheap and nearly always enough; the checksum decides.
      if (!(Number.isInteger(stamp) && stamp > offset && stamp <= at)) continue;
      if ((await reader.frame(at)) !== undefined) return true;
    }
  }
  return false;
}

const searchBytes = 1 << 16;
