// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection of a server.
//
//   open ──close──▶ draining ──last stream over──▶ closed
//     └────────── socket closed, broken protocol ──▲
//
// A draining connection finishes what has begun and looks at nothing new.
import type { Socket } from "node:net";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { ErrorCode } from "../endpoint/errors.ts";
import type { Stream, StreamHandler } from "../endpoint/stream.ts";
import type { Headers } from "../hpack/header-list.ts";
import { REQUESTS_RUNNING_MAX, STREAMS_MAX, WINDOW_BYTES } from "./limits.ts";
import { Wire } from "./wire.ts";

/** Where a request came in by, and its answer goes out by. */
export interface RequestStream {
  readonly endpoint: Endpoint;
  readonly stream: Stream;
  /**
   * To be called once when nothing is done for the request any more.
   *
   * A client that gives its requests up still has no more of them at work than it may.
   */
  readonly done: () => void;
}

/** Answers requests: gives who takes the body of each. */
export type Http2Handler = (stream: RequestStream, headers: Headers) => StreamHandler;

/** One connection. */
export class ServerConnection {
  readonly #wire: Wire;
  readonly #handler: Http2Handler;
  #requestsRunning = 0;
  #isDraining = false;

  /** @param head what the client has already sent. */
  constructor(socket: Socket, head: Uint8Array, handler: Http2Handler) {
    this.#handler = handler;
    this.#wire = new Wire(
      {
        isClient: false,
        windowBytes: WINDOW_BYTES,
        connectionWindowBytes: 2 * WINDOW_BYTES,
        streamsMax: STREAMS_MAX,
      },
      {
        settingsReceived: () => undefined,
        goawayReceived: () => this.close(),
        pingAnswered: () => undefined,
        connectionFailed: () => this.#wire.cut(),
        requestReceived: (stream, headers) => this.#requestReceived(stream, headers),
        streamsEnded: () => this.#endWhenIdle(),
      },
    );
    socket.on("data", (bytes: Uint8Array) => this.#received(bytes));
    socket.on("close", () => this.#wire.closed(ErrorCode.CANCEL));
    this.#wire.open(socket);
    this.#received(head);
    socket.resume();
  }

  #received({ buffer, byteOffset, length }: Uint8Array): void {
    // Node's Buffer behaves differently from the Uint8Array that it is: its slices share memory.
    this.#wire.received(new Uint8Array(buffer, byteOffset, length), length);
  }

  /** Ends the connection once what has begun is over; harmless when done before. */
  close(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#wire.endpoint.goAway();
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#isDraining && this.#wire.endpoint.streamsOpen === 0) this.#wire.end();
  }

  #requestReceived(stream: Stream, headers: Headers): StreamHandler | undefined {
    if (this.#requestsRunning >= REQUESTS_RUNNING_MAX) return undefined;
    this.#requestsRunning += 1;
    const done = (): void => {
      this.#requestsRunning -= 1;
    };
    return this.#handler({ endpoint: this.#wire.endpoint, stream, done }, headers);
  }
}
