// SPDX-License-Identifier: Apache-2.0
// What is known of one stream: what may be sent on it and what waits to be, what may come, and who
// takes it. A stream is over when both ends have ended their side, or either has reset it; nothing
// ever comes from a stream that is over, and what is sent on it goes nowhere.
// https://www.rfc-editor.org/rfc/rfc9113#section-5.1
import type { Headers, SentHeaders } from "../hpack/header-list.ts";
import { UNSENT_BYTES_MAX } from "./limits.ts";

/** Who takes what comes on a stream. None of these may throw. */
export interface StreamHandler {
  /** The headers of the answer; an endpoint hands those of a request to whoever accepts it. */
  headersReceived(headers: Headers): void;
  /** A piece of the body. Lent for the length of the call: it is overwritten afterwards. */
  dataReceived(bytes: Uint8Array, start: number, end: number): void;
  trailersReceived(headers: Headers): void;
  /** The peer has said all that it will. */
  endReceived(): void;
  /** Both sides end before their time, whoever wants it so; nothing follows. */
  streamReset(code: number): void;
  /** What was sent has left as far as `hasRoom` is true again, after it was false. */
  drained(): void;
}

/** Takes nothing: whoever it is given to is told nothing, as of a stream that was refused. */
export const nobody: StreamHandler = {
  headersReceived: () => undefined,
  dataReceived: () => undefined,
  trailersReceived: () => undefined,
  endReceived: () => undefined,
  streamReset: () => undefined,
  drained: () => undefined,
};

/** One stream. Only its endpoint changes it. */
export class Stream {
  readonly id: number;
  handler: StreamHandler;
  isOver = false;

  /** Bytes that the peer takes now; below zero after it has made its windows smaller. */
  sendWindow: number;
  /** What waits to be sent: pieces, of the first of which a part may have left. */
  pieces: Uint8Array[] = [];
  firstPieceAt = 0;
  unsentBytes = 0;
  /** Whether nothing is to be sent after the pieces, but for the trailers if there are any. */
  isEnding = false;
  trailers: SentHeaders | undefined;
  isLocalEnded = false;
  wantsDrain = false;

  /** Bytes that the peer may send now. */
  receiveWindow: number;
  /** Bytes that were consumed, and for which the peer has not been given new room yet. */
  unreturnedBytes = 0;
  hasHeaders = false;
  isRemoteEnded = false;
  /** Bytes that must still come, when a header said how many there would be. */
  contentBytesLeft: number | undefined;

  constructor(id: number, handler: StreamHandler, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.handler = handler;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }

  /** Whether more may well be sent; nothing is lost when more is sent all the same. */
  get hasRoom(): boolean {
    return this.unsentBytes < UNSENT_BYTES_MAX;
  }
}
