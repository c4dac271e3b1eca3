// SPDX-License-Identifier: Apache-2.0
// One call at the server, from its first bytes to its trailers.
//
//   receiving ──request complete──▶ answering ──handler done──▶ over
//       │                               │                        ▲
//       └── bad request, deadline, client gone, handler threw ───┘
//
// A call that fails always sends its headers before its trailers, never both as one: Google's client
// for Node takes the latter for a lost answer, and tries again for seven seconds.
import type { Logger, Random } from "@spandrel/base";
import type { Route, Router } from "../contract/router.ts";
import type { StreamHandler } from "../endpoint/stream.ts";
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
import type { Headers } from "../hpack/header-list.ts";
import { COPY_BYTES_MAX } from "./limits.ts";
import type { RequestStream } from "./server-connection.ts";

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
export class ServerCall implements StreamHandler {
  readonly #settings: ServerSettings;
  readonly #to: RequestStream;
  readonly #path: string;
  readonly #context: HandlerContext;
  readonly #reader: FrameReader;
  /** Undefined while nobody has looked whether the method exists. */
  #route: Route | undefined;
  #encoding: Encoding = "identity";
  #frame: Frame | undefined;
  #deadline: Deadline | undefined;
  #hasSentHeaders = false;
  #isOver = false;
  #isHandlerRunning = false;
  /** Wakes the answer that waits for the client to read on. */
  #wake: (() => void) | undefined;

  constructor(settings: ServerSettings, to: RequestStream, headers: Headers) {
    this.#settings = settings;
    this.#to = to;
    this.#path = singleValue(headers[":path"]) ?? "";
    this.#context = new HandlerContext(headers);
    this.#reader = new FrameReader(settings.messageBytesMax);
  }

  /** Answers the call. Never throws: whatever goes wrong becomes its status. */
  start(headers: Headers): void {
    try {
      this.#route = this.#settings.router.find(this.#path);
      if (this.#route === undefined) throw methodNotFound(this.#path);
      this.#encoding = parseEncoding(singleValue(headers["grpc-encoding"]));
      const timeout = singleValue(headers["grpc-timeout"]);
      if (timeout !== undefined) this.#setDeadline(parseTimeout(timeout));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  headersReceived(): void {
    // Those of a request come with it.
  }

  dataReceived(bytes: Uint8Array, start: number, end: number): void {
    const { endpoint, stream } = this.#to;
    endpoint.consumed(stream, end - start);
    if (this.#isOver) return;
    try {
      this.#reader.push(bytes, start, end);
      for (let frame = this.#reader.take(); frame !== undefined; frame = this.#reader.take()) {
        if (this.#frame !== undefined) throw wrongRequestCount(2);
        this.#frame = frame;
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  trailersReceived(): void {
    // gRPC has none in requests.
  }

  endReceived(): void {
    if (this.#route !== undefined) this.#answer(this.#route, this.#encoding);
  }

  streamReset(): void {
    if (this.#isOver) return;
    this.#over();
    this.#context.abort(callCancelled());
  }

  drained(): void {
    this.#wake?.();
  }

  #setDeadline(timeoutMillis: number): void {
    const expired = (): void => this.#fail(deadlineExceeded());
    this.#deadline = this.#settings.deadlines.set(timeoutMillis, expired);
  }

  /** The request is complete: does what it asks for. Never throws; the stream tells how it went. */
  #answer(route: Route, encoding: Encoding): void {
    if (this.#isOver) return;
    let request: unknown;
    try {
      request = this.#decode(route, encoding);
    } catch (thrown) {
      this.#fail(thrown);
      return;
    }
    void this.#run(route, request);
  }

  async #run(route: Route, request: unknown): Promise<void> {
    this.#isHandlerRunning = true;
    try {
      if (route.kind === "unary") await this.#answerOnce(route, request);
      else await this.#answerStream(route, request);
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#isHandlerRunning = false;
    // Whether the client waited for the handler or not, it has taken its place until now.
    if (this.#isOver) this.#to.done();
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
    const response = await route.handler(request, this.#context);
    if (this.#isOver) return;
    const bytes = route.method.response.encode(response);
    this.#sendHeaders();
    this.#write(bytes);
    this.#end({ "grpc-status": "0" });
  }

  async #answerStream(route: StreamRoute, request: unknown): Promise<void> {
    for await (const response of route.handler(request, this.#context)) {
      if (this.#isOver) return;
      this.#sendHeaders();
      const hasRoom = this.#write(route.method.response.encode(response));
      if (!hasRoom) await this.#drained();
      if (this.#isOver) return;
    }
    if (this.#isOver) return;
    this.#sendHeaders();
    this.#end({ "grpc-status": "0" });
  }

  /** Waits until the client has read enough, or the call is over. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #write(message: Uint8Array): boolean {
    const { endpoint, stream } = this.#to;
    if (message.length <= COPY_BYTES_MAX) return endpoint.sendData(stream, frameOf(message));
    endpoint.sendData(stream, frameHeader(message.length));
    return endpoint.sendData(stream, message);
  }

  #sendHeaders(): void {
    if (this.#hasSentHeaders) return;
    const headers: Record<string, string> = {
      ":status": "200",
      "content-type": "application/grpc",
      "grpc-accept-encoding": ACCEPT_ENCODING,
    };
    if (this.#context.headers !== undefined) addMetadata(headers, this.#context.headers);
    this.#to.endpoint.sendHeaders(this.#to.stream, headers);
    this.#hasSentHeaders = true;
  }

  /** Ends the call with whatever the handler, or reading the request, threw. */
  #fail(thrown: unknown): void {
    const { logger, random } = this.#settings;
    if (this.#isOver) {
      logLateFailure(thrown, this.#path, logger, random);
      return;
    }
    const error = statusOfThrown(thrown, this.#path, logger, random);
    const trailers: Record<string, string> = {};
    addStatusTrailers(trailers, error);
    this.#context.abort(error);
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

  /** Ends the call with trailers after all that was sent. */
  #end(trailers: Record<string, string>): void {
    this.#over();
    const { endpoint, stream } = this.#to;
    const status = { ...trailers };
    if (this.#context.trailers !== undefined) addMetadata(trailers, this.#context.trailers);
    try {
      endpoint.endWithTrailers(stream, trailers);
    } catch (error) {
      // A trailer of the handler's that HTTP/2 does not allow: the status must arrive without it.
      const { logger, random } = this.#settings;
      statusOfThrown(error, this.#path, logger, random);
      endpoint.endWithTrailers(stream, status);
    }
  }

  #over(): void {
    this.#isOver = true;
    this.#deadline?.cancel();
    this.#wake?.();
    if (!this.#isHandlerRunning) this.#to.done();
  }
}

function singleValue(value: string | string[] | undefined): string | undefined {
  return typeof value === "object" ? value[0] : value;
}
