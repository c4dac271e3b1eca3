// SPDX-License-Identifier: Apache-2.0
// Cuts a connection's bytes into frames. The payload of DATA is passed on as it comes, piece by piece
// and without a copy; all other payloads are short, and are passed on whole.
import { protocolError } from "./errors.ts";
import { Flag, FRAME_HEADER_BYTES, FrameType, readUint24, readUint31 } from "./frame.ts";

/** Who takes the frames. What it throws comes out of `receive`, and nothing is received after it. */
export interface FrameHandler {
  /** A frame begins. Refuses what must not come now, or is too long. */
  frameBegan(type: number, flags: number, streamId: number, length: number): void;
  /** The payload of a frame other than DATA. The bytes are lent for the length of the call. */
  frameReceived(type: number, flags: number, streamId: number, payload: Uint8Array): void;
  /** A piece of the data of the frame that began last; lent for the length of the call. */
  dataReceived(bytes: Uint8Array, start: number, end: number): void;
  /** The frame of data is over. */
  dataEnded(flags: number): void;
}

/** One direction of one connection. */
export class FrameDecoder {
  readonly #handler: FrameHandler;
  /** A header, or a payload that is passed on whole, of which not all is there. */
  #partial: Uint8Array = new Uint8Array(0);
  #partialBytes = 0;
  readonly #header: Uint8Array = new Uint8Array(FRAME_HEADER_BYTES);
  #stage: "header" | "payload" | "pad length" | "data" | "padding" = "header";
  #type = 0;
  #flags = 0;
  #streamId = 0;
  /** Bytes of the payload, without padding, that are still to come. */
  #remaining = 0;
  #padding = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Takes the next bytes of the connection. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      switch (this.#stage) {
        case "header":
          at = this.#receiveHeader(bytes, at, end);
          break;
        case "payload":
          at = this.#receivePayload(bytes, at, end);
          break;
        case "pad length":
          this.#setPadding(bytes[at] ?? 0);
          at += 1;
          break;
        case "data":
          at = this.#receiveData(bytes, at, end);
          break;
        case "padding":
          at = this.#skipPadding(at, end);
          break;
      }
    }
  }

  #receiveHeader(bytes: Uint8Array, at: number, end: number): number {
    if (this.#partialBytes === 0 && end - at >= FRAME_HEADER_BYTES) {
      this.#begin(bytes, at);
      return at + FRAME_HEADER_BYTES;
    }
    const taken = Math.min(FRAME_HEADER_BYTES - this.#partialBytes, end - at);
    this.#header.set(bytes.subarray(at, at + taken), this.#partialBytes);
    this.#partialBytes += taken;
    if (this.#partialBytes === FRAME_HEADER_BYTES) {
      this.#partialBytes = 0;
      this.#begin(this.#header, 0);
    }
    return at + taken;
  }

  #begin(bytes: Uint8Array, at: number): void {
    const length = readUint24(bytes, at);
    const type = bytes[at + 3] ?? 0;
    const flags = bytes[at + 4] ?? 0;
    const streamId = readUint31(bytes, at + 5);
    this.#handler.frameBegan(type, flags, streamId, length);
    this.#type = type;
    this.#flags = flags;
    this.#streamId = streamId;
    this.#remaining = length;
    this.#padding = 0;
    if (type === FrameType.DATA) {
      if ((flags & Flag.PADDED) === 0) this.#beginData();
      else if (length === 0) throw protocolError("padding without a length");
      else this.#stage = "pad length";
    } else if (length === 0) {
      this.#handler.frameReceived(type, flags, streamId, bytes.subarray(0, 0));
    } else {
      this.#stage = "payload";
    }
  }

  #setPadding(padding: number): void {
    this.#remaining -= 1;
    if (padding > this.#remaining) throw protocolError("padding is longer than its frame");
    this.#padding = padding;
    this.#remaining -= padding;
    this.#beginData();
  }

  #beginData(): void {
    this.#stage = "data";
    if (this.#remaining === 0) this.#endData();
  }

  #receiveData(bytes: Uint8Array, at: number, end: number): number {
    const taken = Math.min(this.#remaining, end - at);
    this.#remaining -= taken;
    this.#handler.dataReceived(bytes, at, at + taken);
    if (this.#remaining === 0) this.#endData();
    return at + taken;
  }

  #endData(): void {
    if (this.#padding > 0) {
      this.#stage = "padding";
      return;
    }
    this.#stage = "header";
    this.#handler.dataEnded(this.#flags);
  }

  #skipPadding(at: number, end: number): number {
    const taken = Math.min(this.#padding, end - at);
    this.#padding -= taken;
    if (this.#padding === 0) this.#endData();
    return at + taken;
  }

  #receivePayload(bytes: Uint8Array, at: number, end: number): number {
    const length = this.#remaining;
    if (this.#partialBytes === 0 && end - at >= length) {
      this.#endPayload(bytes.subarray(at, at + length));
      return at + length;
    }
    if (this.#partial.length < length) this.#partial = new Uint8Array(length);
    const taken = Math.min(length - this.#partialBytes, end - at);
    this.#partial.set(bytes.subarray(at, at + taken), this.#partialBytes);
    this.#partialBytes += taken;
    if (this.#partialBytes === length) this.#endPayload(this.#partial.subarray(0, length));
    return at + taken;
  }

  #endPayload(payload: Uint8Array): void {
    this.#partialBytes = 0;
    this.#stage = "header";
    this.#handler.frameReceived(this.#type, this.#flags, this.#streamId, payload);
  }
}
