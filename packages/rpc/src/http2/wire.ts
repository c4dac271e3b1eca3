// SPDX-License-Identifier: Apache-2.0
// Joins one end of a connection to its socket. All that is to be sent in one turn of the event loop
// leaves in one write, and nothing is made ready while the socket still holds what came before.
//
// A server stops reading from a client that asks and asks and does not read the answers. A client
// always reads: if both ends waited for the other to read first, they would wait for ever.
import type { Socket } from "node:net";
import { nextTick } from "node:process";
import { assert } from "@spandrel/base";
import { Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointHandler, EndpointOptions } from "../endpoint/state.ts";
import { UNSENT_OUTPUT_MAX } from "./limits.ts";

/** Who takes what is about the connection, but for what the wire sees to itself. */
export type WireHandler = Omit<EndpointHandler, "outputReady">;

/** One end and its socket. */
export class Wire {
  readonly endpoint: Endpoint;
  readonly #isClient: boolean;
  #socket: Socket | undefined;
  #isOpen = false;
  #isEnding = false;
  #isFlushAsked = false;
  #isReadingHeld = false;
  /** What the socket has taken and not sent yet. */
  #leaving: Uint8Array | undefined;

  constructor(options: EndpointOptions, handler: WireHandler) {
    this.#isClient = options.isClient;
    this.endpoint = new Endpoint(options, {
      outputReady: () => this.#askFlush(),
      settingsReceived: () => handler.settingsReceived(),
      goawayReceived: (code, debug) => handler.goawayReceived(code, debug),
      pingAnswered: () => handler.pingAnswered(),
      connectionFailed: (error) => handler.connectionFailed(error),
      requestReceived: (stream, headers) => handler.requestReceived(stream, headers),
      streamsEnded: () => handler.streamsEnded(),
    });
  }

  /** The socket is connected: what was to be sent is sent, and what comes is to be `received`. */
  open(socket: Socket): void {
    assert(this.#socket === undefined, "a wire has one socket");
    this.#socket = socket;
    this.#isOpen = true;
    socket.setNoDelay(true);
    this.flush();
  }

  /** Bytes came; they are not looked at after the call. */
  received(bytes: Uint8Array, length: number): void {
    if (!this.#isOpen) return;
    this.endpoint.receive(bytes, 0, length);
    if (!this.#isClient) this.#holdReading();
  }

  #holdReading(): void {
    if (this.#leaving === undefined || this.endpoint.outputBytes < UNSENT_OUTPUT_MAX) return;
    this.#isReadingHeld = true;
    this.#socket?.pause();
  }

  /** Sends what is to be sent, as far as the socket takes it. */
  flush(): void {
    const socket = this.#socket;
    if (socket === undefined || !this.#isOpen || this.#leaving !== undefined) return;
    // A peer that has ended its side takes this end's as ended as well.
    while (socket.writable) {
      const bytes = this.endpoint.takeOutput();
      if (bytes === undefined) break;
      socket.write(bytes, this.#written);
      if (socket.writableLength > 0) {
        this.#leaving = bytes;
        return;
      }
      // The system has all of it already.
      this.endpoint.giveBackOutput(bytes);
    }
    if (this.#isEnding) this.cut();
  }

  /** Ends the connection when all that is to be sent has left. */
  end(): void {
    this.#isEnding = true;
    this.#askFlush();
  }

  /** Ends the connection; what the socket does not take now is lost. */
  cut(): void {
    this.#isEnding = false;
    this.flush();
    this.#isOpen = false;
    if (this.#leaving === undefined) this.#socket?.destroySoon();
    else this.#socket?.destroy();
  }

  /** The socket is no more; streams that are open end with this code. */
  closed(code: number): void {
    this.#isOpen = false;
    this.endpoint.close(code);
  }

  readonly #written = (): void => {
    const bytes = this.#leaving;
    // A write that was over at once is told late, maybe during one that is not.
    if (bytes === undefined || (this.#socket?.writableLength ?? 0) > 0) return;
    this.#leaving = undefined;
    this.endpoint.giveBackOutput(bytes);
    this.flush();
    if (!this.#isReadingHeld || this.#leaving !== undefined) return;
    this.#isReadingHeld = false;
    this.#socket?.resume();
  };

  #askFlush(): void {
    if (this.#isFlushAsked) return;
    this.#isFlushAsked = true;
    queueMicrotask(this.#flushSoon);
  }

  /** Everything that runs before the event loop goes on may have something to send as well. */
  readonly #flushSoon = (): void => nextTick(this.#flushNow);

  readonly #flushNow = (): void => {
    this.#isFlushAsked = false;
    this.flush();
  };
}
