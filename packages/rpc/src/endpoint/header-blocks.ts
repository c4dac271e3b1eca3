// SPDX-License-Identifier: Apache-2.0
// Puts header blocks together: one frame, or one and its continuations with nothing between them.
// https://www.rfc-editor.org/rfc/rfc9113#section-6.2
import { protocolError, tooMuch } from "./errors.ts";
import { Flag, FrameType } from "./frame.ts";
import { CONTINUATIONS_MAX, HEADER_BLOCK_BYTES_MAX } from "./limits.ts";

/** A block that is complete. */
export interface HeaderBlock {
  readonly streamId: number;
  /** Whether the stream's body ends with it. */
  readonly isEnd: boolean;
  /** Lent until the next frame is received. */
  readonly bytes: Uint8Array;
}

/** A block of which the end has not come. */
interface Begun {
  readonly streamId: number;
  readonly isEnd: boolean;
  readonly pieces: Uint8Array[];
  bytes: number;
}

/** The blocks of one direction of one connection. */
export class HeaderBlocks {
  #begun: Begun | undefined;

  /**
   * Refuses a frame that must not come now.
   *
   * @throws {ConnectionError} PROTOCOL_ERROR.
   */
  check(type: number, streamId: number): void {
    if (this.#begun === undefined) {
      if (type === FrameType.CONTINUATION) throw protocolError("a continuation of nothing");
    } else if (type !== FrameType.CONTINUATION || streamId !== this.#begun.streamId) {
      throw protocolError("another frame before a header block was complete");
    }
  }

  /**
   * Takes a frame of headers or a continuation, and gives the block when it is complete.
   *
   * @throws {ConnectionError} when the frame is broken, or the block too long.
   */
  receive(
    type: number,
    flags: number,
    streamId: number,
    payload: Uint8Array,
  ): HeaderBlock | undefined {
    if (type === FrameType.CONTINUATION) return this.#continue(flags, payload);
    return this.#begin(flags, streamId, payload);
  }

  #begin(flags: number, streamId: number, payload: Uint8Array): HeaderBlock | undefined {
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    const fragment = fragmentOf(flags, payload);
    if ((flags & Flag.END_HEADERS) !== 0) return { streamId, isEnd, bytes: fragment };
    this.#begun = { streamId, isEnd, pieces: [fragment.slice()], bytes: fragment.length };
    return undefined;
  }

  #continue(flags: number, payload: Uint8Array): HeaderBlock | undefined {
    const begun = this.#begun;
    if (begun === undefined) throw protocolError("a continuation of nothing");
    begun.pieces.push(payload.slice());
    begun.bytes += payload.length;
    if (begun.bytes > HEADER_BLOCK_BYTES_MAX) throw tooMuch("bytes in a header block");
    if (begun.pieces.length > CONTINUATIONS_MAX) throw tooMuch("frames in a header block");
    if ((flags & Flag.END_HEADERS) === 0) return undefined;
    this.#begun = undefined;
    const bytes = new Uint8Array(begun.bytes);
    let at = 0;
    for (const piece of begun.pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return { streamId: begun.streamId, isEnd: begun.isEnd, bytes };
  }
}

/** What of a frame is the block: the rest is padding, and a priority that nobody heeds. */
function fragmentOf(flags: number, payload: Uint8Array): Uint8Array {
  let start = 0;
  let end = payload.length;
  if ((flags & Flag.PADDED) !== 0) {
    end -= payload[0] ?? 0;
    start = 1;
  }
  if ((flags & Flag.PRIORITY) !== 0) start += 5;
  if (start > end) throw protocolError("padding is longer than its frame");
  return payload.subarray(start, end);
}
