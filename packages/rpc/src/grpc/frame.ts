// SPDX-License-Identifier: Apache-2.0
// A message on the wire is one byte that says whether it is compressed, four bytes of length in
// network order, and the message. The reader takes the bytes in whatever pieces they arrive in.
import { assert } from "@spandrel/base";
import { brokenFrame, messageTooLong } from "./errors.ts";

/** Bytes in front of every message. */
const FRAME_HEADER_BYTES = 5;

/** The longest message that is read when nobody says otherwise: 100 MB, as Spanner's emulator. */
export const MESSAGE_BYTES_MAX_DEFAULT: number = 100 * 1024 * 1024;

/** A message as it came: possibly compressed, not yet decoded. */
export interface Frame {
  readonly isCompressed: boolean;
  /** May share memory with the bytes that were pushed; not to be changed. */
  readonly bytes: Uint8Array;
}

/** The five bytes that go in front of an uncompressed message of so many bytes. */
export function frameHeader(messageBytes: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  writeLength(header, messageBytes);
  return header;
}

/** An uncompressed message with its five bytes in front, copied into one piece. */
export function frameOf(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + message.length);
  writeLength(frame, message.length);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}

function writeLength(frame: Uint8Array, length: number): void {
  assert(length <= 0xffffffff, "a message's length fits into four bytes");
  frame[1] = length >>> 24;
  frame[2] = length >>> 16;
  frame[3] = length >>> 8;
  frame[4] = length;
}

/** Cuts a stream of bytes, split anywhere, back into messages. */
export class FrameReader {
  readonly #messageBytesMax: number;
  #pieces: Uint8Array[] = [];
  /** Where the unread bytes of the first piece start. */
  #offset = 0;
  #unreadBytes = 0;
  /** The header of the frame whose message is still arriving. */
  #current: { readonly isCompressed: boolean; readonly length: number } | undefined;

  constructor(messageBytesMax: number = MESSAGE_BYTES_MAX_DEFAULT) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** Whether a frame has begun that is not complete. */
  get isInsideFrame(): boolean {
    return this.#unreadBytes > 0 || this.#current !== undefined;
  }

  /** Adds bytes; they are kept, not copied. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    // Node's Buffer behaves differently from the Uint8Array that it is; messages hold plain ones.
    this.#pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.length));
    this.#unreadBytes += piece.length;
  }

  /**
   * Takes the next complete message; undefined when more bytes are needed.
   *
   * A message that is too long is refused as soon as its header is there.
   *
   * @throws {StatusError} RESOURCE_EXHAUSTED for a message that is too long, INTERNAL for bytes that
   * are no frame.
   */
  take(): Frame | undefined {
    if (this.#current === undefined) {
      if (this.#unreadBytes < FRAME_HEADER_BYTES) return undefined;
      this.#current = this.#readHeader();
    }
    const { isCompressed, length } = this.#current;
    if (this.#unreadBytes < length) return undefined;
    this.#current = undefined;
    return { isCompressed, bytes: this.#read(length) };
  }

  #readHeader(): { readonly isCompressed: boolean; readonly length: number } {
    const header = this.#read(FRAME_HEADER_BYTES);
    const flag = header[0] ?? 0;
    if (flag > 1) throw brokenFrame(flag);
    const low = ((header[2] ?? 0) << 16) | ((header[3] ?? 0) << 8) | (header[4] ?? 0);
    const length = (header[1] ?? 0) * 0x1000000 + low;
    if (length > this.#messageBytesMax) throw messageTooLong(length, this.#messageBytesMax);
    return { isCompressed: flag === 1, length };
  }

  /** Reads so many bytes, all of which are there; copies only what spans several pieces. */
  #read(length: number): Uint8Array {
    assert(length <= this.#unreadBytes, "the bytes to read have arrived");
    this.#unreadBytes -= length;
    const first = this.#pieces[0];
    if (first === undefined) return new Uint8Array(0);
    const end = this.#offset + length;
    if (end > first.length) return this.#join(length);
    const bytes = first.subarray(this.#offset, end);
    if (end === first.length) {
      this.#pieces.shift();
      this.#offset = 0;
    } else {
      this.#offset = end;
    }
    return bytes;
  }

  #join(length: number): Uint8Array {
    const joined = new Uint8Array(length);
    let filled = 0;
    let used = 0;
    for (const piece of this.#pieces) {
      const part = piece.subarray(this.#offset, this.#offset + length - filled);
      joined.set(part, filled);
      filled += part.length;
      this.#offset += part.length;
      if (this.#offset < piece.length) break;
      this.#offset = 0;
      used += 1;
      if (filled === length) break;
    }
    assert(filled === length, "the pieces hold as many bytes as were counted");
    this.#pieces = this.#pieces.slice(used);
    return joined;
  }
}
