// SPDX-License-Identifier: Apache-2.0
// Frames on their way out, one after the other in one buffer, so that what is made in one turn leaves
// in one piece.
import { Flag, FRAME_HEADER_BYTES, FrameType } from "./frame.ts";

/** How large a buffer is to begin with, and how large it may be to be used again. */
const BUFFER_BYTES: number = 16 * 1024;
const BUFFER_BYTES_KEPT: number = 256 * 1024;

/** Writes frames. */
export class Outbox {
  #buffer: Uint8Array = new Uint8Array(0);
  #length = 0;

  /** Bytes that are there. */
  get length(): number {
    return this.#length;
  }

  /** Takes all that is there; the outbox makes no further use of its memory. */
  take(): Uint8Array {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
    return bytes;
  }

  /** Gives back what `take` gave, once its bytes have left, so that the memory is used again. */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (buffer.byteLength <= this.#buffer.length || buffer.byteLength > BUFFER_BYTES_KEPT) return;
    const larger = new Uint8Array(buffer);
    if (this.#length > 0) larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }

  /** Bytes that are no frame: the preface. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The nine bytes in front of a payload. */
  frameHeader(type: number, flags: number, streamId: number, payloadBytes: number): void {
    this.#reserve(FRAME_HEADER_BYTES + payloadBytes);
    const buffer = this.#buffer;
    const at = this.#length;
    buffer[at] = payloadBytes >>> 16;
    buffer[at + 1] = payloadBytes >>> 8;
    buffer[at + 2] = payloadBytes;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    this.#length = at + 5;
    this.#uint32(streamId);
  }

  /** A whole frame. */
  frame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    this.frameHeader(type, flags, streamId, payload.length);
    this.bytes(payload);
  }

  /** A header block, in as many frames as it takes. */
  headers(streamId: number, block: Uint8Array, isEnd: boolean, frameBytesMax: number): void {
    const endStream = isEnd ? Flag.END_STREAM : 0;
    if (block.length <= frameBytesMax) {
      this.frame(FrameType.HEADERS, endStream | Flag.END_HEADERS, streamId, block);
      return;
    }
    for (let at = 0; at < block.length; at += frameBytesMax) {
      const piece = block.subarray(at, at + frameBytesMax);
      const type = at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
      const isLast = at + frameBytesMax >= block.length;
      const flags = (at === 0 ? endStream : 0) | (isLast ? Flag.END_HEADERS : 0);
      this.frame(type, flags, streamId, piece);
    }
  }

  rstStream(streamId: number, code: number): void {
    this.frameHeader(FrameType.RST_STREAM, 0, streamId, 4);
    this.#uint32(code);
  }

  windowUpdate(streamId: number, bytes: number): void {
    this.frameHeader(FrameType.WINDOW_UPDATE, 0, streamId, 4);
    this.#uint32(bytes);
  }

  goaway(lastStreamId: number, code: number, debug: Uint8Array): void {
    this.frameHeader(FrameType.GOAWAY, 0, 0, 8 + debug.length);
    this.#uint32(lastStreamId);
    this.#uint32(code);
    this.bytes(debug);
  }

  #uint32(value: number): void {
    const buffer = this.#buffer;
    const at = this.#length;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
    this.#length = at + 4;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length, BUFFER_BYTES));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
