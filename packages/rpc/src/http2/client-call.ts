// SPDX-License-Identifier: Apache-2.0
// One call of a client, from its headers to its status, whichever kind of method it calls. It ends
// exactly once: by the server's status, by a broken connection, by its deadline, by its signal, or
// because nobody reads on.
import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import { Code, StatusError } from "@spandrel/base";
import type { CallOptions } from "../contract/transport.ts";
import { decompressFrame, type Encoding, parseEncoding } from "../grpc/compression.ts";
import type { Deadline } from "../grpc/deadlines.ts";
import {
  callCancelled,
  notGrpc,
  statusMissing,
  streamRefused,
  truncatedFrame,
} from "../grpc/errors.ts";
import { type Frame, FrameReader, frameHeader, frameOf } from "../grpc/frame.ts";
import { type HttpHeaders, metadataOf } from "../grpc/metadata.ts";
import { codeOfHttpStatus, statusOfTrailers } from "../grpc/status.ts";
import type { Connection } from "./connection.ts";
import { COPY_BYTES_MAX } from "./limits.ts";

/** Who takes what a call receives. */
export interface Receiver {
  /** Bytes came: frames may be there to be taken. */
  bytesArrived(): void;
  /** The call is over, and well unless there is an error. */
  callEnded(error: StatusError | undefined): void;
}

/** What a call needs besides what its caller says. */
export interface CallSettings {
  readonly addressText: string;
  readonly messageBytesMax: number;
}

/** One call. */
export class ClientCall {
  readonly options: CallOptions;
  readonly #settings: CallSettings;
  readonly #request: Uint8Array;
  readonly #receiver: Receiver;
  readonly #reader: FrameReader;
  /** Called once when the call is over. */
  readonly #ended: (call: ClientCall) => void;
  deadline: Deadline | undefined;
  #connection: Connection | undefined;
  #stream: ClientHttp2Stream | undefined;
  #streamError: Error | undefined;
  #encoding: Encoding = "identity";
  #hasHeaders = false;
  #status: StatusError | "ok" | undefined;
  #trailers: HttpHeaders | undefined;
  #isOver = false;
  #aborted: (() => void) | undefined;

  constructor(
    settings: CallSettings,
    request: Uint8Array,
    options: CallOptions,
    receiver: Receiver,
    ended: (call: ClientCall) => void,
  ) {
    this.#settings = settings;
    this.#request = request;
    this.options = options;
    this.#receiver = receiver;
    this.#reader = new FrameReader(settings.messageBytesMax);
    this.#ended = ended;
    const { signal } = options;
    if (signal !== undefined) {
      this.#aborted = () => this.fail(callCancelled(signal.reason));
      signal.addEventListener("abort", this.#aborted, { once: true });
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends the request on a connection that has room. */
  send(connection: Connection, headers: Record<string, string>): void {
    const stream = connection.request(headers);
    this.#connection = connection;
    this.#stream = stream;
    stream.on("response", (response) => this.#responded(response));
    stream.on("data", (bytes: Uint8Array) => this.#received(bytes));
    stream.on("trailers", (trailers) => {
      this.#trailers = trailers;
      this.#status = statusOfTrailers(trailers);
    });
    stream.on("end", () => {
      if (this.#status !== undefined) this.#finish();
    });
    stream.on("error", (error) => {
      this.#streamError = error;
    });
    stream.on("close", () => this.#finish());
    this.#write(stream);
  }

  /** Takes the next message as it came; undefined while there is none. */
  takeFrame(): Frame | undefined {
    // How messages are compressed is said by the headers.
    if (!this.#hasHeaders) return undefined;
    return this.#reader.take();
  }

  /** @throws {StatusError} when the message is broken or too long. */
  decompress(frame: Frame): Uint8Array {
    return decompressFrame(frame, this.#encoding, this.#settings.messageBytesMax);
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  /** Ends the call from this side; the server is told to stop. Harmless when it is over. */
  fail(error: StatusError): void {
    if (this.#isOver) return;
    this.#end(error);
  }

  #write(stream: ClientHttp2Stream): void {
    const request = this.#request;
    if (request.length <= COPY_BYTES_MAX) {
      stream.end(frameOf(request));
      return;
    }
    stream.cork();
    stream.write(frameHeader(request.length));
    stream.end(request);
    stream.uncork();
  }

  #responded(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    if (this.#isOver) return;
    try {
      this.#acceptHeaders(headers);
    } catch (error) {
      this.fail(StatusError.from(error));
      return;
    }
    this.#deliver();
  }

  #acceptHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    const status = statusOfTrailers(headers);
    const httpStatus = headers[":status"] ?? 0;
    const contentType = headers["content-type"] ?? "";
    if (status !== undefined) {
      // The answer is nothing but trailers.
      this.#status = status;
      this.#trailers = headers;
      return;
    }
    if (httpStatus !== 200 || !contentType.startsWith("application/grpc")) {
      throw notGrpc(codeOfHttpStatus(httpStatus), httpStatus, contentType);
    }
    this.#encoding = parseEncoding(singleValue(headers["grpc-encoding"]));
    this.#hasHeaders = true;
    this.options.onHeaders?.(metadataOf(headers));
  }

  #received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#reader.push(bytes);
    if (this.#hasHeaders) this.#deliver();
  }

  #deliver(): void {
    try {
      this.#receiver.bytesArrived();
    } catch (error) {
      this.fail(StatusError.from(error, Code.INTERNAL));
    }
  }

  /** The server's side of the stream is over. */
  #finish(): void {
    if (this.#isOver) return;
    if (this.#status === undefined) this.#end(this.#failure());
    else if (this.#status !== "ok") this.#end(this.#status);
    else if (this.#reader.isInsideFrame) this.#end(truncatedFrame());
    else this.#end(undefined);
  }

  /** What it means that no status came. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors */
  #failure(): StatusError {
    const reset = this.#stream?.rstCode ?? 0;
    const connection = this.#connection;
    if (connection !== undefined) {
      // A connection that ends in good order ends its streams without an error, and before itself.
      const isEnding = reset === constants.NGHTTP2_NO_ERROR && !connection.isUsable;
      if (isEnding || connection.isBroken) return connection.failure(this.#streamError);
    }
    if (reset === constants.NGHTTP2_REFUSED_STREAM)
      return streamRefused(this.#settings.addressText);
    return statusMissing(codeOfReset(reset), `the stream was reset with code ${reset}.`);
  }

  #end(error: StatusError | undefined): void {
    this.#isOver = true;
    this.deadline?.cancel();
    if (this.#aborted !== undefined) {
      this.options.signal?.removeEventListener("abort", this.#aborted);
    }
    const stream = this.#stream;
    if (stream !== undefined) {
      // Ending early tells the server to stop; what it still sends is thrown away.
      if (error !== undefined || !stream.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
      stream.resume();
      this.#connection?.release();
    }
    this.#ended(this);
    const told = this.#tellTrailers();
    this.#receiver.callEnded(error ?? told);
  }

  /** What the caller's own function throws fails the call: there is nobody else to tell. */
  #tellTrailers(): StatusError | undefined {
    const { onTrailers } = this.options;
    if (onTrailers === undefined) return undefined;
    try {
      onTrailers(this.#trailers === undefined ? {} : metadataOf(this.#trailers));
      return undefined;
    } catch (thrown) {
      return StatusError.from(thrown);
    }
  }
}

function singleValue(value: string | string[] | undefined): string | undefined {
  return typeof value === "object" ? value[0] : value;
}

function codeOfReset(reset: number): Code {
  switch (reset) {
    case constants.NGHTTP2_CANCEL:
      return Code.CANCELLED;
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return Code.RESOURCE_EXHAUSTED;
    case constants.NGHTTP2_INADEQUATE_SECURITY:
      return Code.PERMISSION_DENIED;
    default:
      return Code.INTERNAL;
  }
}
