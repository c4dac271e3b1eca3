// SPDX-License-Identifier: Apache-2.0
// One call of a client, from its headers to its status, whichever kind of method it calls. It ends
// exactly once: by the server's status, by a broken connection, by its deadline, by its signal, or
// because nobody reads on.
import { Code, StatusError } from "@spandrel/base";
import type { CallOptions } from "../contract/transport.ts";
import { ErrorCode } from "../endpoint/errors.ts";
import type { Stream, StreamHandler } from "../endpoint/stream.ts";
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
import { metadataOf } from "../grpc/metadata.ts";
import { codeOfHttpStatus, statusOfTrailers } from "../grpc/status.ts";
import type { Headers } from "../hpack/header-list.ts";
import type { Connection } from "./connection.ts";
import { ANSWER_BYTES_FIRST, COPY_BYTES_MAX } from "./limits.ts";

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
export class ClientCall implements StreamHandler {
  readonly options: CallOptions;
  readonly #settings: CallSettings;
  readonly #request: Uint8Array;
  readonly #receiver: Receiver;
  readonly #reader: FrameReader;
  /** Called once when the call is over. */
  readonly #ended: (call: ClientCall) => void;
  deadline: Deadline | undefined;
  #connection: Connection | undefined;
  #stream: Stream | undefined;
  #encoding: Encoding = "identity";
  #hasHeaders = false;
  #status: StatusError | "ok" | undefined;
  #trailers: Headers | undefined;
  #isPaused = false;
  /** Bytes that came while the call was paused: the server gets no room for more instead of them. */
  #withheldBytes = 0;
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
    this.#reader = new FrameReader(settings.messageBytesMax, ANSWER_BYTES_FIRST);
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

  /**
   * Sends the request on a connection that has room.
   *
   * @throws {HeaderNotAllowedError} for headers that HTTP/2 cannot carry.
   */
  send(connection: Connection, headers: Record<string, string>): void {
    const request = this.#request;
    const isShort = request.length <= COPY_BYTES_MAX;
    const body = isShort ? [frameOf(request)] : [frameHeader(request.length), request];
    this.#stream = connection.request(headers, body, this);
    this.#connection = connection;
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
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const bytes = this.#withheldBytes;
    this.#withheldBytes = 0;
    if (bytes > 0) this.#consumed(bytes);
  }

  /** Ends the call from this side; the server is told to stop. Harmless when it is over. */
  fail(error: StatusError): void {
    if (this.#isOver) return;
    this.#end(error);
  }

  headersReceived(headers: Headers): void {
    try {
      this.#acceptHeaders(headers);
    } catch (error) {
      this.fail(StatusError.from(error));
    }
  }

  dataReceived(bytes: Uint8Array, start: number, end: number): void {
    this.#reader.push(bytes, start, end);
    if (this.#isPaused) this.#withheldBytes += end - start;
    else this.#consumed(end - start);
    if (this.#hasHeaders && this.#reader.hasFrame) this.#deliver();
  }

  trailersReceived(headers: Headers): void {
    this.#trailers = headers;
    this.#status = statusOfTrailers(headers);
  }

  endReceived(): void {
    this.#finish(ErrorCode.NO_ERROR);
  }

  streamReset(code: number): void {
    this.#finish(code);
  }

  drained(): void {
    // The request was handed over whole.
  }

  #consumed(bytes: number): void {
    if (this.#stream !== undefined) this.#connection?.consumed(this.#stream, bytes);
  }

  #acceptHeaders(headers: Headers): void {
    const status = statusOfTrailers(headers);
    const httpStatus = Number(headers[":status"] ?? 0);
    const contentType = singleValue(headers["content-type"]) ?? "";
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

  #deliver(): void {
    try {
      this.#receiver.bytesArrived();
    } catch (error) {
      this.fail(StatusError.from(error, Code.INTERNAL));
    }
  }

  /** The server's side of the stream is over, by such a code. */
  #finish(code: number): void {
    if (this.#isOver) return;
    if (this.#status === undefined) this.#end(this.#failure(code));
    else if (this.#status !== "ok") this.#end(this.#status);
    else if (this.#reader.isInsideFrame) this.#end(truncatedFrame());
    else this.#end(undefined);
  }

  /** What it means that no status came. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors */
  #failure(reset: number): StatusError {
    const connection = this.#connection;
    if (connection !== undefined) {
      // Some servers that close a connection in good order end its streams without an error first.
      const isEnding = reset === ErrorCode.NO_ERROR && !connection.isUsable;
      if (isEnding || connection.isBroken) return connection.failure();
    }
    if (reset === ErrorCode.REFUSED_STREAM) return streamRefused(this.#settings.addressText);
    return statusMissing(codeOfReset(reset), `the stream was reset with code ${reset}.`);
  }

  #end(error: StatusError | undefined): void {
    this.#isOver = true;
    this.deadline?.cancel();
    if (this.#aborted !== undefined) {
      this.options.signal?.removeEventListener("abort", this.#aborted);
    }
    // Ending early tells the server to stop; what it still sends is thrown away.
    if (this.#stream !== undefined) this.#connection?.release(this.#stream);
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
    case ErrorCode.CANCEL:
      return Code.CANCELLED;
    case ErrorCode.ENHANCE_YOUR_CALM:
      return Code.RESOURCE_EXHAUSTED;
    case ErrorCode.INADEQUATE_SECURITY:
      return Code.PERMISSION_DENIED;
    default:
      return Code.INTERNAL;
  }
}
