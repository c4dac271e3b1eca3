// SPDX-License-Identifier: Apache-2.0
// A message on the wire is one byte that says whether it is compressed, four bytes of length in
// network order, and the message. The reader takes the bytes in whatever pieces they arrive in.
import { assert, defined, type StatusError } from "@spandrel/base";
import { brokenFrame, messageTooLong } from "./errors.ts";

/** Bytes in front of every message. */
const FRAME_HEADER_BYTES = 5;

/** The longest message that is read when nobody says otherwise: 100 MB, as Spanner's emulator. */
export const MESSAGE_BYTES_MAX_DEFAULT: number = 100 * 1024 * 1024;

/** A message as it came: possibly compressed, not yet decoded. */
export interface Frame {
  readonly isCompressed: boolean;
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

/** How much memory a message gets when it begins, unless the reader trusts the peer with more. */
const FIRST_BYTES_DEFAULT: number = 16 * 1024;

/** How many times as much it gets once that is full. */
const GROWTH = 16;

/**
 * Cuts a stream of bytes, split anywhere, back into messages.
 *
 * Every byte is copied once, to where its message stands in the end. A long message gets its memory
 * as its bytes come, so that a peer that promises much and sends nothing takes little.
 */
export class FrameReader {
  readonly #messageBytesMax: number;
  readonly #firstBytes: number;
  readonly #header: Uint8Array = new Uint8Array(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  /** The message that is arriving, once its header is there. */
  #message: Uint8Array | undefined;
  #filledBytes = 0;
  #messageBytes = 0;
  #frames: Frame[] = [];
  #frameNext = 0;
  /** Why nothing can be read any more. */
  #fault: StatusError | undefined;

  constructor(
    messageBytesMax: number = MESSAGE_BYTES_MAX_DEFAULT,
    firstBytes: number = FIRST_BYTES_DEFAULT,
  ) {
    this.#messageBytesMax = messageBytesMax;
    this.#firstBytes = firstBytes;
  }

  /** Whether a frame has begun that is not complete. */
  get isInsideFrame(): boolean {
    return this.#headerBytes > 0;
  }

  /** Whether `take` has something to give, be it an error. */
  get hasFrame(): boolean {
    return this.#frameNext < this.#frames.length || this.#fault !== undefined;
  }

  /** Adds bytes, or a part of them; what they came in may be used again. */
  push(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    let at = start;
    while (at < end && this.#fault === undefined) {
      at =
        this.#message === undefined ? this.#pushHeader(bytes, at, end) : this.#fill(bytes, at, end);
    }
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
    const frame = this.#frames[this.#frameNext];
    if (frame === undefined) {
      if (this.#fault !== undefined) throw this.#fault;
      return undefined;
    }
    this.#frameNext += 1;
    if (this.#frameNext === this.#frames.length) {
      this.#frames = [];
      this.#frameNext = 0;
    }
    return frame;
  }

  #pushHeader(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#headerBytes < FRAME_HEADER_BYTES) {
      this.#header[this.#headerBytes] = bytes[at] ?? 0;
      this.#headerBytes += 1;
      at += 1;
    }
    if (this.#headerBytes === FRAME_HEADER_BYTES) this.#begin();
    return at;
  }

  #begin(): void {
    const header = this.#header;
    const flag = header[0] ?? 0;
    const low = ((header[2] ?? 0) << 16) | ((header[3] ?? 0) << 8) | (header[4] ?? 0);
    const length = (header[1] ?? 0) * 0x1000000 + low;
    if (flag > 1) this.#fault = brokenFrame(flag);
    else if (length > this.#messageBytesMax) {
      this.#fault = messageTooLong(length, this.#messageBytesMax);
    } else {
      this.#messageBytes = length;
      this.#filledBytes = 0;
      this.#message = new Uint8Array(Math.min(length, this.#firstBytes));
      if (length === 0) this.#complete(this.#message);
    }
  }

  #fill(bytes: Uint8Array, start: number, end: number): number {
    const message = this.#messageWithRoom();
    const taken = Math.min(end - start, message.length - this.#filledBytes);
    const isWhole = start === 0 && taken === bytes.length;
    message.set(isWhole ? bytes : bytes.subarray(start, start + taken), this.#filledBytes);
    this.#filledBytes += taken;
    if (this.#filledBytes === this.#messageBytes) this.#complete(message);
    return start + taken;
  }

  #messageWithRoom(): Uint8Array {
    const message = defined(this.#message, "a message has begun");
    if (this.#filledBytes < message.length) return message;
    const larger = new Uint8Array(Math.min(this.#messageBytes, message.length * GROWTH));
    larger.set(message);
    this.#message = larger;
    return larger;
  }

  #complete(bytes: Uint8Array): void {
    this.#frames.push({ isCompressed: this.#header[0] === 1, bytes });
    this.#message = undefined;
    this.#headerBytes = 0;
  }
}
