// SPDX-License-Identifier: Apache-2.0
// One call at the server, from its first bytes to its trailers.
//
//   receiving ──request complete──▶ answering ──handler done──▶ over
//       │                               │                        ▲
//       └── bad request, deadline, client gone, handler threw ───┘
//
// A call that fails always sends its headers before its trailers, never both as one: Google's client
// for Node takes the latter for a lost answer, and tries again for seven seconds.
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Logger, Random } from "@spandrel/base";
import type { Route, Router } from "../contract/router.ts";
import {
  ACCEPT_ENCODING,
  decompressFrame,
  type Encoding,
  parseEncoding,
} from "../grpc/compression.ts";
import type { Deadline, Deadlines } from "../grpc/deadlines.ts";
import {
  callCancelled,
  deadlineExceeded,
  malformedRequest,
  methodNotFound,
  truncatedFrame,
  wrongRequestCount,
} from "../grpc/errors.ts";
import { type Frame, FrameReader, frameHeader, frameOf } from "../grpc/frame.ts";
import { HandlerContext, logLateFailure, statusOfThrown } from "../grpc/handler-context.ts";
import { addMetadata } from "../grpc/metadata.ts";
import { addStatusTrailers } from "../grpc/status.ts";
import { parseTimeout } from "../grpc/timeout.ts";
import { checkHeaders } from "../hpack/header-list.ts";
import { COPY_BYTES_MAX } from "./limits.ts";

/** What all calls of a server share. */
export interface ServerSettings {
  readonly router: Router;
  readonly logger: Logger;
  readonly random: Random;
  readonly deadlines: Deadlines;
  readonly messageBytesMax: number;
}

type UnaryRoute = Extract<Route, { kind: "unary" }>;
type StreamRoute = Extract<Route, { kind: "stream" }>;

/** One call. */
export class ServerCall {
  readonly #settings: ServerSettings;
  readonly #stream: ServerHttp2Stream;
  readonly #path: string;
  readonly #context: HandlerContext;
  readonly #reader: FrameReader;
  #frame: Frame | undefined;
  #deadline: Deadline | undefined;
  #isOver = false;
  /** Wakes the answer that waits for the client to read on. */
  #wake: (() => void) | undefined;

  constructor(settings: ServerSettings, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#settings = settings;
    this.#stream = stream;
    this.#path = headers[":path"] ?? "";
    this.#context = new HandlerContext(headers);
    this.#reader = new FrameReader(settings.messageBytesMax);
  }

  /** Answers the call. Never throws: whatever goes wrong becomes its status. */
  start(headers: IncomingHttpHeaders): void {
    const stream = this.#stream;
    stream.on("error", () => undefined); // what matters of it follows as "close"
    stream.on("close", () => this.#clientGone());
    try {
      this.#begin(headers);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #begin(headers: IncomingHttpHeaders): void {
    const route = this.#settings.router.find(this.#path);
    if (route === undefined) throw methodNotFound(this.#path);
    const encoding = parseEncoding(singleValue(headers["grpc-encoding"]));
    const timeout = singleValue(headers["grpc-timeout"]);
    if (timeout !== undefined) this.#setDeadline(parseTimeout(timeout));
    const stream = this.#stream;
    stream.on("data", (bytes: Uint8Array) => this.#received(bytes));
    stream.on("end", () => this.#answer(route, encoding));
  }

  #setDeadline(timeoutMillis: number): void {
    const expired = (): void => this.#fail(deadlineExceeded());
    this.#deadline = this.#settings.deadlines.set(timeoutMillis, expired);
  }

  #received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#reader.push(bytes);
      for (let frame = this.#reader.take(); frame !== undefined; frame = this.#reader.take()) {
        if (this.#frame !== undefined) throw wrongRequestCount(2);
        this.#frame = frame;
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The request is complete: does what it asks for. Never throws; the stream tells how it went. */
  #answer(route: Route, encoding: Encoding): void {
    if (this.#isEnded()) return;
    let request: unknown;
    try {
      request = this.#decode(route, encoding);
    } catch (thrown) {
      this.#fail(thrown);
      return;
    }
    if (route.kind === "unary") void this.#answerOnce(route, request);
    else void this.#answerStream(route, request);
  }

  #decode(route: Route, encoding: Encoding): unknown {
    if (this.#reader.isInsideFrame) throw truncatedFrame();
    if (this.#frame === undefined) throw wrongRequestCount(0);
    const bytes = decompressFrame(this.#frame, encoding, this.#settings.messageBytesMax);
    this.#frame = undefined;
    try {
      return route.method.request.decode(bytes);
    } catch (error) {
      throw malformedRequest(error);
    }
  }

  async #answerOnce(route: UnaryRoute, request: unknown): Promise<void> {
    try {
      const response = await route.handler(request, this.#context);
      if (this.#isEnded()) return;
      const bytes = route.method.response.encode(response);
      this.#sendHeaders();
      if (bytes.length <= COPY_BYTES_MAX) {
        this.#end({ "grpc-status": "0" }, frameOf(bytes));
      } else {
        this.#write(bytes);
        this.#end({ "grpc-status": "0" });
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  async #answerStream(route: StreamRoute, request: unknown): Promise<void> {
    try {
      for await (const response of route.handler(request, this.#context)) {
        if (this.#isEnded()) return;
        this.#sendHeaders();
        const hasRoom = this.#write(route.method.response.encode(response));
        if (!hasRoom) await this.#drained();
        if (this.#isEnded()) return;
      }
      if (this.#isEnded()) return;
      this.#sendHeaders();
      this.#end({ "grpc-status": "0" });
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Waits until the client has read enough, or the call is over. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#stream.once("drain", resolve);
    });
  }

  #write(message: Uint8Array): boolean {
    const stream = this.#stream;
    if (message.length <= COPY_BYTES_MAX) return stream.write(frameOf(message));
    stream.cork();
    stream.write(frameHeader(message.length));
    const hasRoom = stream.write(message);
    stream.uncork();
    return hasRoom;
  }

  #sendHeaders(): void {
    if (this.#stream.headersSent) return;
    const headers: OutgoingHttpHeaders & Record<string, string> = {
      "content-type": "application/grpc",
      "grpc-accept-encoding": ACCEPT_ENCODING,
    };
    if (this.#context.headers !== undefined) addMetadata(headers, this.#context.headers);
    checkHeaders(headers); // Node lets some through that nobody may accept
    this.#stream.respond(headers, { waitForTrailers: true });
  }

  /** Ends the call with whatever the handler, or reading the request, threw. */
  #fail(thrown: unknown): void {
    const { logger, random } = this.#settings;
    if (this.#isEnded()) {
      logLateFailure(thrown, this.#path, logger, random);
      return;
    }
    const error = statusOfThrown(thrown, this.#path, logger, random);
    const trailers: Record<string, string> = {};
    addStatusTrailers(trailers, error);
    this.#context.abort(error);
    this.#stream.resume();
    try {
      this.#sendHeaders();
    } catch (headersError) {
      // A header of the handler's that HTTP/2 does not allow: the status must arrive without it.
      this.#context.headers = undefined;
      statusOfThrown(headersError, this.#path, logger, random);
      this.#sendHeaders();
    }
    this.#end(trailers);
  }

  /** Sends what is left to send, and the trailers after it. */
  #end(trailers: Record<string, string>, lastBytes?: Uint8Array): void {
    this.#over();
    const stream = this.#stream;
    const status = { ...trailers };
    if (this.#context.trailers !== undefined) addMetadata(trailers, this.#context.trailers);
    stream.once("wantTrailers", () => {
      try {
        checkHeaders(trailers);
        stream.sendTrailers(trailers);
      } catch (error) {
        const { logger, random } = this.#settings;
        statusOfThrown(error, this.#path, logger, random);
        if (!stream.destroyed) stream.sendTrailers(status);
      }
    });
    if (lastBytes === undefined) stream.end();
    else stream.end(lastBytes);
  }

  /** Whether there is nobody to answer. A stream can be gone some turns before it says so. */
  #isEnded(): boolean {
    if (this.#stream.destroyed || this.#stream.closed) this.#clientGone();
    return this.#isOver;
  }

  #clientGone(): void {
    if (this.#isOver) return;
    this.#over();
    this.#context.abort(callCancelled());
  }

  #over(): void {
    this.#isOver = true;
    this.#deadline?.cancel();
    this.#wake?.();
  }
}

function singleValue(value: string | string[] | undefined): string | undefined {
  return typeof value === "object" ? value[0] : value;
}
