// SPDX-License-Identifier: Apache-2.0
// What comes on streams: headers, data, trailers, in an order that makes a request or an answer.
// https://www.rfc-editor.org/rfc/rfc9113#section-8.1
import { HeaderDecoder } from "../hpack/decoder.ts";
import { HeaderListError, HpackError } from "../hpack/errors.ts";
import type { Headers } from "../hpack/header-list.ts";
import { compressionError, ErrorCode, tooMuch } from "./errors.ts";
import { Flag } from "./frame.ts";
import type { HeaderBlock } from "./header-blocks.ts";
import { EMPTY_DATA_MAX, HEADER_LIST_BYTES_MAX } from "./limits.ts";
import { contentLengthOf, isAnswer, isInterim, isRequest, isTrailers } from "./message-rules.ts";
import type { EndpointState } from "./state.ts";
import { nobody, Stream } from "./stream.ts";

/** The messages of one direction of one connection. */
export class IncomingMessages {
  readonly #state: EndpointState;
  readonly #decoder = new HeaderDecoder({ listBytesMax: HEADER_LIST_BYTES_MAX });
  /** The stream of the DATA frame that is coming in; undefined while nobody wants its data. */
  #dataStream: Stream | undefined;
  /** Bytes of that frame's payload that were not data, so far as is known. */
  #paddingBytes = 0;
  /** Bytes that came and for which the connection's window has not been widened again. */
  #unreturnedBytes = 0;
  /** Frames without data in a row. */
  #emptyFrames = 0;

  constructor(state: EndpointState) {
    this.#state = state;
  }

  /** A frame of data begins, with so many bytes of payload. */
  dataBegan(flags: number, streamId: number, length: number): void {
    const state = this.#state;
    const stream = state.find(streamId, "DATA");
    this.#count(flags, length);
    this.#dataStream = stream;
    this.#paddingBytes = length;
    if (stream === undefined) return;
    if (stream.isRemoteEnded) state.breakStream(stream, ErrorCode.STREAM_CLOSED);
    else if (!stream.hasHeaders) state.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    else if (length > stream.receiveWindow) {
      state.breakStream(stream, ErrorCode.FLOW_CONTROL_ERROR);
    } else {
      stream.receiveWindow -= length;
    }
  }

  dataReceived(bytes: Uint8Array, start: number, end: number): void {
    const stream = this.#dataStream;
    if (stream === undefined || stream.isOver) return;
    this.#paddingBytes -= end - start;
    if (stream.contentBytesLeft !== undefined) {
      stream.contentBytesLeft -= end - start;
      if (stream.contentBytesLeft < 0) {
        this.#state.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
        return;
      }
    }
    stream.handler.dataReceived(bytes, start, end);
  }

  dataEnded(flags: number): void {
    const stream = this.#dataStream;
    this.#dataStream = undefined;
    if (stream === undefined || stream.isOver) return;
    if ((flags & Flag.END_STREAM) !== 0) this.#ended(stream);
    else if (this.#paddingBytes > 0) this.#state.consumed(stream, this.#paddingBytes);
  }

  /** Headers came, or trailers. */
  blockReceived({ streamId, isEnd, bytes }: HeaderBlock): void {
    const state = this.#state;
    // Whoever wants them, or nobody: the table must see all of them.
    const headers = this.#decode(bytes);
    if (!state.options.isClient && streamId % 2 === 1 && streamId > state.lastStreamId) {
      this.#requestReceived(streamId, headers, isEnd);
      return;
    }
    const stream = state.find(streamId, "HEADERS");
    if (stream === undefined) return;
    if (stream.isRemoteEnded) state.breakStream(stream, ErrorCode.STREAM_CLOSED);
    else if (headers instanceof HeaderListError) state.breakStream(stream, codeOf(headers));
    else if (stream.hasHeaders) this.#trailersReceived(stream, headers, isEnd);
    else this.#answerReceived(stream, headers, isEnd);
  }

  /**
   * Counts a frame of data on the connection as a whole.
   *
   * Its window is given back as data comes, because each stream has its own bound. Half of it is
   * there at any time, which is more than any frame has: nobody can exceed it.
   */
  #count(flags: number, length: number): void {
    const { options, outbox } = this.#state;
    this.#unreturnedBytes += length;
    if (this.#unreturnedBytes * 2 >= options.connectionWindowBytes) {
      outbox.windowUpdate(0, this.#unreturnedBytes);
      this.#unreturnedBytes = 0;
      this.#state.tellOutput();
    }
    const isEmpty = length === 0 && (flags & Flag.END_STREAM) === 0;
    this.#emptyFrames = isEmpty ? this.#emptyFrames + 1 : 0;
    if (this.#emptyFrames > EMPTY_DATA_MAX) throw tooMuch("frames of no data");
  }

  #ended(stream: Stream): void {
    const { contentBytesLeft = 0 } = stream;
    if (contentBytesLeft !== 0) {
      this.#state.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    stream.isRemoteEnded = true;
    this.#state.sideEnded(stream);
    stream.handler.endReceived();
  }

  #decode(block: Uint8Array): Headers | HeaderListError {
    try {
      return this.#decoder.decode(block);
    } catch (error) {
      if (error instanceof HeaderListError) return error;
      if (error instanceof HpackError) throw compressionError(error.message);
      throw error;
    }
  }

  #answerReceived(stream: Stream, headers: Headers, isEnd: boolean): void {
    const isGood = isAnswer(headers) && !(isInterim(headers) && isEnd);
    if (!isGood || !setContentLength(stream, headers)) {
      this.#state.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    if (isInterim(headers)) return;
    stream.hasHeaders = true;
    stream.handler.headersReceived(headers);
    if (isEnd && !stream.isOver) this.#ended(stream);
  }

  #trailersReceived(stream: Stream, headers: Headers, isEnd: boolean): void {
    if (!isEnd || !isTrailers(headers)) {
      this.#state.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    stream.handler.trailersReceived(headers);
    if (!stream.isOver) this.#ended(stream);
  }

  #requestReceived(streamId: number, headers: Headers | HeaderListError, isEnd: boolean): void {
    const state = this.#state;
    state.lastStreamId = streamId;
    // What is newer than this end's GOAWAY says is not looked at; the peer knows that.
    if (state.isGoingAway) return;
    state.lastAcceptedId = streamId;
    const { windowBytes, streamsMax = Number.POSITIVE_INFINITY } = state.options;
    const stream = new Stream(streamId, nobody, state.peer.windowBytes, windowBytes);
    const isGood = !(headers instanceof HeaderListError) && isRequest(headers);
    if (!isGood || !setContentLength(stream, headers)) {
      const isList = headers instanceof HeaderListError;
      const code = isList ? codeOf(headers) : ErrorCode.PROTOCOL_ERROR;
      state.breakStream(stream, code);
      return;
    }
    if (state.streams.size >= streamsMax) {
      state.breakStream(stream, ErrorCode.REFUSED_STREAM);
      return;
    }
    stream.hasHeaders = true;
    state.streams.set(streamId, stream);
    const handler = state.handler.requestReceived(stream, headers);
    if (handler === undefined) {
      state.breakStream(stream, ErrorCode.REFUSED_STREAM);
      return;
    }
    stream.handler = handler;
    if (isEnd && !stream.isOver) this.#ended(stream);
  }
}

/** False when the header makes no sense. */
function setContentLength(stream: Stream, headers: Headers): boolean {
  stream.contentBytesLeft = contentLengthOf(headers);
  return !Number.isNaN(stream.contentBytesLeft);
}

function codeOf(error: HeaderListError): number {
  return error.isTooLong ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.PROTOCOL_ERROR;
}
