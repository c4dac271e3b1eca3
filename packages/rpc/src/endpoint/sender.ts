// SPDX-License-Identifier: Apache-2.0
// Who may send next, and how much. Streams that have something to send and a window take turns, a
// frame each; a stream without a window waits for it, and so do all without that of the connection.
// What needs no window (trailers, an empty end) never waits for one.
import { assert } from "@spandrel/base";
import type { HeaderEncoder } from "../hpack/encoder.ts";
import {
  Flag,
  FRAME_BYTES_DEFAULT,
  FrameType,
  WINDOW_BYTES_DEFAULT,
  WINDOW_BYTES_MAX,
} from "./frame.ts";
import { OUTPUT_BYTES } from "./limits.ts";
import type { Outbox } from "./outbox.ts";
import type { Stream } from "./stream.ts";

/** The sending half of one end. */
export class Sender {
  readonly #outbox: Outbox;
  readonly #encoder: HeaderEncoder;
  /** Told when the last of a stream has been written. */
  readonly #ended: (stream: Stream) => void;
  /** Streams that have their turn, in this order. */
  readonly #ready = new Set<Stream>();
  /** Streams that wait for the connection's window. */
  readonly #starved = new Set<Stream>();
  #window = WINDOW_BYTES_DEFAULT;

  constructor(outbox: Outbox, encoder: HeaderEncoder, ended: (stream: Stream) => void) {
    this.#outbox = outbox;
    this.#encoder = encoder;
    this.#ended = ended;
  }

  /** Whether something could be written now. */
  get isReady(): boolean {
    return this.#ready.size > 0;
  }

  /** A stream has something to send, or a larger window. */
  offer(stream: Stream): void {
    if (stream.isOver || stream.isLocalEnded || this.#starved.has(stream)) return;
    if (stream.unsentBytes === 0 ? stream.isEnding : stream.sendWindow > 0) this.#ready.add(stream);
  }

  /** A stream sends nothing more. */
  forget(stream: Stream): void {
    this.#ready.delete(stream);
    this.#starved.delete(stream);
    stream.pieces = [];
    stream.unsentBytes = 0;
    stream.trailers = undefined;
  }

  /** Makes the connection's window larger; false when it would get too large. */
  widen(bytes: number): boolean {
    if (this.#window + bytes > WINDOW_BYTES_MAX) return false;
    this.#window += bytes;
    for (const stream of this.#starved) this.#ready.add(stream);
    this.#starved.clear();
    return true;
  }

  /** Writes what may be sent, until the outbox is as full as it should get. */
  write(): void {
    for (const stream of this.#ready) {
      if (this.#outbox.length >= OUTPUT_BYTES) return;
      this.#ready.delete(stream);
      if (stream.unsentBytes > 0) {
        // The peer may have made its windows smaller since.
        if (stream.sendWindow <= 0) continue;
        if (this.#window === 0) {
          this.#starved.add(stream);
          continue;
        }
      }
      this.#writeTurn(stream);
      // Set iteration comes to what is added while it lasts: a stream that has more is last in line.
      this.offer(stream);
    }
  }

  #writeTurn(stream: Stream): void {
    if (stream.unsentBytes > 0) this.#writeData(stream);
    else if (stream.trailers === undefined) this.#writeEnd(stream);
    if (stream.unsentBytes === 0 && stream.isEnding && !stream.isLocalEnded) {
      if (stream.trailers === undefined) return;
      const block = this.#encoder.encode(stream.trailers);
      this.#outbox.headers(stream.id, block, true, FRAME_BYTES_DEFAULT);
      this.#end(stream);
    }
    if (stream.wantsDrain && stream.hasRoom) {
      stream.wantsDrain = false;
      stream.handler.drained();
    }
  }

  #writeEnd(stream: Stream): void {
    this.#outbox.frameHeader(FrameType.DATA, Flag.END_STREAM, stream.id, 0);
    this.#end(stream);
  }

  /** One frame of data, gathered from as many pieces as it takes. */
  #writeData(stream: Stream): void {
    const windows = Math.min(stream.sendWindow, this.#window);
    const length = Math.min(stream.unsentBytes, windows, FRAME_BYTES_DEFAULT);
    assert(length > 0, "a stream has its turn when it may send");
    stream.sendWindow -= length;
    stream.unsentBytes -= length;
    this.#window -= length;
    const isEnd = stream.unsentBytes === 0 && stream.isEnding && stream.trailers === undefined;
    this.#outbox.frameHeader(FrameType.DATA, isEnd ? Flag.END_STREAM : 0, stream.id, length);
    let left = length;
    let used = 0;
    for (const piece of stream.pieces) {
      const from = stream.firstPieceAt;
      const to = Math.min(piece.length, from + left);
      this.#outbox.bytes(from === 0 && to === piece.length ? piece : piece.subarray(from, to));
      left -= to - from;
      if (to < piece.length) {
        stream.firstPieceAt = to;
        break;
      }
      stream.firstPieceAt = 0;
      used += 1;
      if (left === 0) break;
    }
    stream.pieces = used === stream.pieces.length ? [] : stream.pieces.slice(used);
    if (isEnd) this.#end(stream);
  }

  #end(stream: Stream): void {
    stream.isLocalEnded = true;
    this.#ended(stream);
  }
}
