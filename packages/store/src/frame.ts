// SPDX-License-Identifier: Apache-2.0
// Frames: how bytes lie in a file so that damage shows.
//
//   file    8 bytes of name, u32 version, u32 checksum of both; then frames
//   frame   u32 length of the payload, u32 checksum of stamp and payload, f64 stamp, payload
//
// All numbers are little-endian; checksums are CRC-32. What a stamp says is the business of the file.
import { crc32 } from "node:zlib";
import type { DiskFile } from "./disk.ts";
import { corrupted, unknownFormat } from "./errors.ts";

/** Bytes before the first frame of a file. */
export const fileHeaderBytes = 16;

/** Bytes before the payload of a frame. */
export const frameHeaderBytes = 16;

/** The version of what this program writes, and all that it reads. */
const version = 1;

/** A frame as it was read. */
export interface Frame {
  readonly offset: number;
  readonly stamp: number;
  readonly payload: Uint8Array;
}

/** The beginning of a file. `name` has eight ASCII characters, and tells the kinds of files apart. */
export function fileHeader(name: string): Uint8Array {
  const header = new Uint8Array(fileHeaderBytes);
  const view = viewOf(header);
  for (let index = 0; index < 8; index++) header[index] = name.charCodeAt(index);
  view.setUint32(8, version, true);
  view.setUint32(12, crc32(header.subarray(0, 12)), true);
  return header;
}

/** Whether a file begins as it should. @throws {StatusError} when it is of another version. */
export function isFileHeader(header: Uint8Array, name: string, path: string): boolean {
  if (header.length < fileHeaderBytes) return false;
  for (let index = 0; index < 8; index++) {
    if (header[index] !== name.charCodeAt(index)) return false;
  }
  const view = viewOf(header);
  if (view.getUint32(12, true) !== crc32(header.subarray(0, 12))) return false;
  const written = view.getUint32(8, true);
  if (written !== version) throw unknownFormat(path, written, version);
  return true;
}

/** Writes a frame into a buffer that has room for it; gives the offset behind it. */
export function putFrame(
  buffer: Uint8Array,
  offset: number,
  stamp: number,
  payload: Uint8Array,
): number {
  const end = offset + frameHeaderBytes + payload.length;
  const view = viewOf(buffer);
  view.setUint32(offset, payload.length, true);
  view.setFloat64(offset + 8, stamp, true);
  buffer.set(payload, offset + frameHeaderBytes);
  view.setUint32(offset + 4, crc32(buffer.subarray(offset + 8, end)), true);
  return end;
}

/** How long the payload behind the header of a frame is. */
export function payloadBytesOf(header: Uint8Array): number {
  return viewOf(header).getUint32(0, true);
}

/** Whether a header and a payload are those of one frame, as it was written. */
export function isFrame(header: Uint8Array, payload: Uint8Array): boolean {
  const checksum = viewOf(header).getUint32(4, true);
  return crc32(payload, crc32(header.subarray(8, frameHeaderBytes))) === checksum;
}

/** The stamp in the header of a frame. */
export function stampOf(header: Uint8Array): number {
  return viewOf(header).getFloat64(8, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const windowBytes = 1 << 20;

/** Reads a file from one place to the next, a large piece at a time. */
export class FrameReader {
  readonly #file: DiskFile;
  readonly #size: number;
  #window: Uint8Array = new Uint8Array();
  #windowOffset = 0;

  constructor(file: DiskFile, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Bytes of the file at an offset, fewer where it ends. */
  async bytes(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.#size - offset));
    const start = offset - this.#windowOffset;
    if (start >= 0 && start + wanted <= this.#window.length) {
      return this.#window.subarray(start, start + wanted);
    }
    this.#window = await this.#file.read(offset, Math.max(wanted, windowBytes));
    this.#windowOffset = offset;
    return this.#window.subarray(0, wanted);
  }

  /** The frame at an offset; undefined when what stands there is none, or not the whole of one. */
  async frame(offset: number): Promise<Frame | undefined> {
    const header = await this.bytes(offset, frameHeaderBytes);
    if (header.length < frameHeaderBytes) return undefined;
    const view = viewOf(header);
    const checksum = view.getUint32(4, true);
    const whole = frameHeaderBytes + view.getUint32(0, true);
    if (offset + whole > this.#size) return undefined;
    const bytes = await this.bytes(offset, whole);
    if (bytes.length < whole || crc32(bytes.subarray(8)) !== checksum) return undefined;
    return { offset, stamp: stampOf(bytes), payload: bytes.subarray(frameHeaderBytes) };
  }

  /** @throws {StatusError} DATA_LOSS when the file does not begin as one of its kind. */
  async requireHeader(name: string, path: string): Promise<void> {
    const header = await this.bytes(0, fileHeaderBytes);
    if (!isFileHeader(header, name, path)) throw corrupted(path, 0, "its header is not readable");
  }
}
