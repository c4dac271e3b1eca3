// SPDX-License-Identifier: Apache-2.0
// One end of a connection, put together. A stream goes these ways; ours and the peer's END_STREAM
// may come in either order:
//
//   open ──END_STREAM of one side──▶ half closed ──END_STREAM of the other──▶ over
//     │                                  │                                    ▲
//     └────────────── RST_STREAM of either, GOAWAY, lost connection ──────────┘
//
// A stream that is over is forgotten. What still comes for it was sent before the peer knew: its data
// counts against the window of the connection and is given back, its headers go through the table.
import { assert } from "@spandrel/base";
import { HeaderDecoder } from "../hpack/decoder.ts";
import { HeaderEncoder } from "../hpack/encoder.ts";
import { HeaderListError, HpackError } from "../hpack/errors.ts";
import { checkHeaders, type Headers, type SentHeaders } from "../hpack/header-list.ts";
import {
  ConnectionError,
  compressionError,
  ErrorCode,
  flowControlError,
  frameSizeError,
  protocolError,
  tooMuch,
} from "./errors.ts";
import {
  Flag,
  FRAME_BYTES_DEFAULT,
  FrameType,
  PREFACE,
  readUint31,
  readUint32,
  Setting,
  WINDOW_BYTES_DEFAULT,
  WINDOW_BYTES_MAX,
} from "./frame.ts";
import { FrameDecoder, type FrameHandler } from "./frame-decoder.ts";
import { type HeaderBlock, HeaderBlocks } from "./header-blocks.ts";
import { EMPTY_DATA_MAX, HEADER_LIST_BYTES_MAX, UNSENT_ANSWERS_MAX } from "./limits.ts";
import { contentLengthOf, isAnswer, isInterim, isRequest, isTrailers } from "./message-rules.ts";
import { Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";
import { defaultSettings, isSettingsLength, printSettings, readSettings } from "./settings.ts";
import { Stream, type StreamHandler } from "./stream.ts";

/** Who takes what is about the connection as a whole. None of these may throw. */
export interface EndpointHandler {
  /** There is output to take, after there was none. */
  outputReady(): void;
  /** The peer has said how many streams it takes, among others. */
  settingsReceived(): void;
  /** The peer takes no new streams. Those that it never saw are reset with REFUSED_STREAM next. */
  goawayReceived(code: number, debug: string): void;
  pingAnswered(): void;
  /** The peer broke the protocol: the output ends with a GOAWAY, and nothing is received any more. */
  connectionFailed(error: ConnectionError): void;
  /** The peer asks for something. Who takes the rest of the request; undefined refuses it. */
  requestReceived(stream: Stream, headers: Headers): StreamHandler | undefined;
  /** No stream is open any more; the last of its output may still have to be taken. */
  streamsEnded(): void;
}

/** What one end is and allows. */
export interface EndpointOptions {
  readonly isClient: boolean;
  /** Bytes that may come on one stream before they are consumed. */
  readonly windowBytes: number;
  /** Bytes that may be on their way on all streams together; given back as they come. */
  readonly connectionWindowBytes: number;
  /** Streams that the peer may have open at a time; a client's peer opens none. */
  readonly streamsMax?: number;
}

/** One end of one connection. */
export class Endpoint {
  readonly #handler: EndpointHandler;
  readonly #options: EndpointOptions;
  readonly #input: FrameDecoder;
  readonly #blocks = new HeaderBlocks();
  readonly #decoder = new HeaderDecoder({ listBytesMax: HEADER_LIST_BYTES_MAX });
  readonly #encoder = new HeaderEncoder();
  readonly #outbox = new Outbox();
  readonly #sender: Sender;
  readonly #streams = new Map<number, Stream>();
  readonly #peer = defaultSettings();
  /** How much of the client's preface has come. */
  #prefaceBytes: number;
  #hasSettings = false;
  /** The newest stream that this end has opened, if it is a client. */
  #lastLocalId = -1;
  /** The newest stream that the peer has opened, if it is a client. */
  #lastRemoteId = 0;
  /** The newest of them that is looked at, which this end's GOAWAY has told. */
  #lastAcceptedId = 0;
  #isGoingAway = false;
  #isOutputTold = false;
  #unsentAnswers = 0;
  #emptyData = 0;
  #unreturnedBytes = 0;
  /** The stream of the DATA frame that is coming in; undefined while nobody wants its data. */
  #dataStream: Stream | undefined;
  /** Bytes of that frame's payload that were not data, so far as is known. */
  #paddingBytes = 0;
  #failure: ConnectionError | undefined;
  #isClosed = false;

  constructor(options: EndpointOptions, handler: EndpointHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#input = new FrameDecoder(this.#frames());
    this.#sender = new Sender(this.#outbox, this.#encoder, (stream) => this.#sideEnded(stream));
    this.#prefaceBytes = options.isClient ? PREFACE.length : 0;
    this.#introduce();
  }

  /** How many streams are open. */
  get streamsOpen(): number {
    return this.#streams.size;
  }

  /** How many streams the peer takes at a time, as far as it has said. */
  get peerStreamsMax(): number | undefined {
    return this.#peer.streamsMax;
  }

  /** Whether the peer has said anything yet. */
  get hasSettings(): boolean {
    return this.#hasSettings;
  }

  /** Whether this end has numbers left for new streams. */
  get hasStreamIds(): boolean {
    return this.#lastLocalId < WINDOW_BYTES_MAX - 2;
  }

  /** Takes bytes of the peer's, which are not looked at after the call. Never throws. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    try {
      const at = this.#receivePreface(bytes, start, end);
      this.#input.receive(bytes, at, end);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error);
    }
  }

  /**
   * Gives the bytes that are to be sent now; undefined when there are none.
   *
   * They are the caller's until they are given back.
   */
  takeOutput(): Uint8Array | undefined {
    if (this.#failure === undefined) this.#sender.write();
    this.#isOutputTold = false;
    this.#unsentAnswers = 0;
    return this.#outbox.length === 0 ? undefined : this.#outbox.take();
  }

  /** Lets the memory of output that has left be used again. */
  giveBackOutput(bytes: Uint8Array): void {
    this.#outbox.giveBack(bytes);
  }

  /**
   * Opens a stream with a request's headers; its body follows by `sendData` and `end`.
   *
   * @throws {HeaderNotAllowedError} for headers that HTTP/2 cannot carry; then nothing was opened.
   */
  open(headers: SentHeaders, handler: StreamHandler): Stream {
    assert(this.#options.isClient && !this.#isClosed, "a client opens streams while it is open");
    const block = this.#encoder.encode(headers);
    this.#lastLocalId += 2;
    const { windowBytes } = this.#options;
    const stream = new Stream(this.#lastLocalId, handler, this.#peer.windowBytes, windowBytes);
    this.#streams.set(stream.id, stream);
    this.#outbox.headers(stream.id, block, false, FRAME_BYTES_DEFAULT);
    this.#tellOutput();
    return stream;
  }

  /**
   * Sends the headers of an answer, which may be all there is of it.
   *
   * @throws {HeaderNotAllowedError} as `open`.
   */
  sendHeaders(stream: Stream, headers: SentHeaders, isEnd = false): void {
    if (stream.isOver) return;
    const block = this.#encoder.encode(headers);
    this.#outbox.headers(stream.id, block, isEnd, FRAME_BYTES_DEFAULT);
    this.#tellOutput();
    if (!isEnd) return;
    stream.isEnding = true;
    stream.isLocalEnded = true;
    this.#sideEnded(stream);
  }

  /** Sends data, which is not copied before it leaves; false when the sender should wait. */
  sendData(stream: Stream, bytes: Uint8Array): boolean {
    if (stream.isOver) return true;
    assert(!stream.isEnding, "nothing is sent after the end");
    if (bytes.length > 0) {
      stream.pieces.push(bytes);
      stream.unsentBytes += bytes.length;
      this.#sender.offer(stream);
      this.#tellOutput();
    }
    if (stream.hasRoom) return true;
    stream.wantsDrain = true;
    return false;
  }

  /** Ends this side of a stream after all that was sent. */
  end(stream: Stream): void {
    this.#end(stream, undefined);
  }

  /**
   * Ends this side of a stream with trailers, after all that was sent.
   *
   * @throws {HeaderNotAllowedError} for trailers that HTTP/2 cannot carry; then nothing has ended.
   */
  endWithTrailers(stream: Stream, trailers: SentHeaders): void {
    checkHeaders(trailers);
    this.#end(stream, trailers);
  }

  /** Ends both sides of a stream at once; harmless when it is over. */
  reset(stream: Stream, code: number): void {
    if (stream.isOver) return;
    this.#forget(stream);
    this.#outbox.rstStream(stream.id, code);
    this.#tellOutput();
  }

  /** Says that received data was made use of, so that as much may come again. */
  consumed(stream: Stream, bytes: number): void {
    stream.unreturnedBytes += bytes;
    if (stream.isRemoteEnded || stream.isOver) return;
    if (stream.unreturnedBytes * 2 < this.#options.windowBytes) return;
    this.#outbox.windowUpdate(stream.id, stream.unreturnedBytes);
    stream.receiveWindow += stream.unreturnedBytes;
    stream.unreturnedBytes = 0;
    this.#tellOutput();
  }

  /** Asks the peer for a sign of life: `pingAnswered` follows. */
  ping(): void {
    this.#outbox.frame(FrameType.PING, 0, 0, new Uint8Array(8));
    this.#tellOutput();
  }

  /** Tells the peer that its newer streams are not looked at; the others go on. */
  goAway(): void {
    if (this.#isGoingAway) return;
    this.#isGoingAway = true;
    this.#outbox.goaway(this.#lastAcceptedId, ErrorCode.NO_ERROR, new Uint8Array(0));
    this.#tellOutput();
  }

  /** The connection is no more: all streams are reset, and nothing happens from here on. */
  close(code: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams.values()) {
      this.#forget(stream);
      stream.handler.streamReset(code);
    }
  }

  #introduce(): void {
    const { isClient, windowBytes, connectionWindowBytes, streamsMax } = this.#options;
    // The peer does not know of smaller ones before it may send, and larger ones can do no harm.
    assert(windowBytes >= WINDOW_BYTES_DEFAULT, "windows are never smaller than the default");
    assert(connectionWindowBytes > WINDOW_BYTES_DEFAULT, "the connection's window is made larger");
    const settings: [number, number][] = [
      [Setting.INITIAL_WINDOW_SIZE, windowBytes],
      [Setting.MAX_HEADER_LIST_SIZE, HEADER_LIST_BYTES_MAX],
    ];
    if (isClient) settings.push([Setting.ENABLE_PUSH, 0]);
    if (streamsMax !== undefined) settings.push([Setting.MAX_CONCURRENT_STREAMS, streamsMax]);
    if (isClient) this.#outbox.bytes(PREFACE);
    this.#outbox.frame(FrameType.SETTINGS, 0, 0, printSettings(settings));
    this.#outbox.windowUpdate(0, connectionWindowBytes - WINDOW_BYTES_DEFAULT);
  }

  #tellOutput(): void {
    if (this.#isOutputTold) return;
    this.#isOutputTold = true;
    this.#handler.outputReady();
  }

  /** A frame that the peer made this end send: as many as wait are bounded. */
  #answered(): void {
    this.#unsentAnswers += 1;
    if (this.#unsentAnswers > UNSENT_ANSWERS_MAX) throw tooMuch("frames to answer");
    this.#tellOutput();
  }

  #fail(error: ConnectionError): void {
    this.#failure = error;
    const debug = new TextEncoder().encode(error.message);
    this.#outbox.goaway(this.#lastAcceptedId, error.code, debug);
    this.#tellOutput();
    this.#handler.connectionFailed(error);
  }

  #end(stream: Stream, trailers: SentHeaders | undefined): void {
    if (stream.isOver) return;
    assert(!stream.isEnding, "a side ends once");
    stream.isEnding = true;
    stream.trailers = trailers;
    this.#sender.offer(stream);
    this.#tellOutput();
  }

  #sideEnded(stream: Stream): void {
    if (stream.isLocalEnded && stream.isRemoteEnded) this.#forget(stream);
  }

  #forget(stream: Stream): void {
    stream.isOver = true;
    this.#streams.delete(stream.id);
    this.#sender.forget(stream);
    if (this.#dataStream === stream) this.#dataStream = undefined;
    if (this.#streams.size === 0) this.#handler.streamsEnded();
  }

  /** The peer broke a rule of one stream, which alone ends for it. */
  #breakStream(stream: Stream, code: number): void {
    this.#forget(stream);
    this.#outbox.rstStream(stream.id, code);
    stream.handler.streamReset(code);
    this.#answered();
  }

  #receivePreface(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (; at < end && this.#prefaceBytes < PREFACE.length; at++) {
      if (bytes[at] !== PREFACE[this.#prefaceBytes]) throw protocolError("no preface");
      this.#prefaceBytes += 1;
    }
    return at;
  }

  #frames(): FrameHandler {
    return {
      frameBegan: (type, flags, streamId, length) => {
        if (!this.#hasSettings && (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0)) {
          throw protocolError("the first frame must be SETTINGS");
        }
        if (length > FRAME_BYTES_DEFAULT) throw frameSizeError(`a frame of ${length} bytes`);
        this.#blocks.check(type, streamId);
        if (type === FrameType.DATA) this.#dataBegan(flags, streamId, length);
      },
      frameReceived: (type, flags, streamId, payload) => {
        this.#frameReceived(type, flags, streamId, payload);
      },
      dataReceived: (_, bytes, start, end) => this.#dataReceived(bytes, start, end),
      dataEnded: (flags) => this.#dataEnded(flags),
    };
  }

  #frameReceived(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    if (this.#isClosed) return; // closed by whoever took an earlier frame of the same bytes
    switch (type) {
      case FrameType.HEADERS:
        this.#blockReceived(this.#blocks.begin(flags, streamId, payload));
        break;
      case FrameType.CONTINUATION:
        this.#blockReceived(this.#blocks.continue(flags, payload));
        break;
      case FrameType.RST_STREAM:
        this.#resetReceived(streamId, payload);
        break;
      case FrameType.WINDOW_UPDATE:
        this.#windowReceived(streamId, payload);
        break;
      case FrameType.SETTINGS:
        this.#settingsReceived(flags, streamId, payload);
        break;
      case FrameType.PING:
        this.#pingReceived(flags, streamId, payload);
        break;
      case FrameType.GOAWAY:
        this.#goawayReceived(streamId, payload);
        break;
      case FrameType.PRIORITY:
        if (streamId === 0) throw protocolError("a priority of the connection");
        if (payload.length !== 5) throw frameSizeError("PRIORITY has 5 bytes");
        break;
      case FrameType.PUSH_PROMISE:
        throw protocolError("nobody may push here");
    }
  }

  /** The stream of a frame; undefined when it is over. */
  #streamOf(streamId: number, what: string): Stream | undefined {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) return stream;
    if (streamId === 0) throw protocolError(`${what} needs a stream`);
    const { isClient } = this.#options;
    // Streams have odd numbers, because only clients open them.
    const last = isClient ? this.#lastLocalId : this.#lastRemoteId;
    if (streamId % 2 === 0 || streamId > last) throw protocolError(`${what} on an idle stream`);
    return undefined;
  }

  #dataBegan(flags: number, streamId: number, length: number): void {
    const stream = this.#streamOf(streamId, "DATA");
    this.#countData(flags, length);
    this.#dataStream = stream;
    this.#paddingBytes = length;
    if (stream === undefined) return;
    if (stream.isRemoteEnded) this.#breakStream(stream, ErrorCode.STREAM_CLOSED);
    else if (!stream.hasHeaders) this.#breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    else if (length > stream.receiveWindow) {
      this.#breakStream(stream, ErrorCode.FLOW_CONTROL_ERROR);
    } else {
      stream.receiveWindow -= length;
    }
  }

  /**
   * The connection's window is given back as data comes, because each stream has its own bound.
   *
   * Half of it is there at any time, which is more than any frame has: nobody can exceed it.
   */
  #countData(flags: number, length: number): void {
    this.#unreturnedBytes += length;
    if (this.#unreturnedBytes * 2 >= this.#options.connectionWindowBytes) {
      this.#outbox.windowUpdate(0, this.#unreturnedBytes);
      this.#unreturnedBytes = 0;
      this.#tellOutput();
    }
    this.#emptyData = length === 0 && (flags & Flag.END_STREAM) === 0 ? this.#emptyData + 1 : 0;
    if (this.#emptyData > EMPTY_DATA_MAX) throw tooMuch("frames of no data");
  }

  #dataReceived(bytes: Uint8Array, start: number, end: number): void {
    const stream = this.#dataStream;
    if (stream === undefined) return;
    this.#paddingBytes -= end - start;
    if (stream.contentBytesLeft !== undefined) {
      stream.contentBytesLeft -= end - start;
      if (stream.contentBytesLeft < 0) {
        this.#breakStream(stream, ErrorCode.PROTOCOL_ERROR);
        return;
      }
    }
    stream.handler.dataReceived(bytes, start, end);
  }

  #dataEnded(flags: number): void {
    const stream = this.#dataStream;
    if (stream === undefined) return;
    this.#dataStream = undefined;
    if ((flags & Flag.END_STREAM) !== 0) this.#remoteEnded(stream);
    else if (this.#paddingBytes > 0) this.consumed(stream, this.#paddingBytes);
  }

  #remoteEnded(stream: Stream): void {
    if (stream.contentBytesLeft !== undefined && stream.contentBytesLeft !== 0) {
      this.#breakStream(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    stream.isRemoteEnded = true;
    this.#sideEnded(stream);
    stream.handler.endReceived();
  }

  #blockReceived(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    const { streamId, isEnd } = block;
    const headers = this.#decode(block.bytes);
    const isNew = !this.#options.isClient && streamId % 2 === 1 && streamId > this.#lastRemoteId;
    if (isNew) {
      this.#requestReceived(streamId, headers, isEnd);
      return;
    }
    const stream = this.#streamOf(streamId, "HEADERS");
    if (stream === undefined) return;
    if (stream.isRemoteEnded) this.#breakStream(stream, ErrorCode.STREAM_CLOSED);
    else if (headers instanceof HeaderListError) this.#breakStream(stream, codeOf(headers));
    else if (stream.hasHeaders) this.#trailersReceived(stream, headers, isEnd);
    else this.#answerReceived(stream, headers, isEnd);
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
    const isWhole = isAnswer(headers) && !(isInterim(headers) && isEnd);
    if (!isWhole || !setContentLength(stream, headers)) {
      this.#breakStream(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    if (isInterim(headers)) return;
    stream.hasHeaders = true;
    stream.handler.headersReceived(headers);
    if (isEnd && !stream.isOver) this.#remoteEnded(stream);
  }

  #trailersReceived(stream: Stream, headers: Headers, isEnd: boolean): void {
    if (!isEnd || !isTrailers(headers)) {
      this.#breakStream(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    stream.handler.trailersReceived(headers);
    if (!stream.isOver) this.#remoteEnded(stream);
  }

  #requestReceived(streamId: number, headers: Headers | HeaderListError, isEnd: boolean): void {
    this.#lastRemoteId = streamId;
    // What is newer than this end's GOAWAY says is not looked at; the peer knows that.
    if (this.#isGoingAway) return;
    this.#lastAcceptedId = streamId;
    const { windowBytes, streamsMax = Number.POSITIVE_INFINITY } = this.#options;
    const stream = new Stream(streamId, nobody, this.#peer.windowBytes, windowBytes);
    const isGood = !(headers instanceof HeaderListError) && isRequest(headers);
    if (!isGood || !setContentLength(stream, headers)) {
      const code = headers instanceof HeaderListError ? codeOf(headers) : ErrorCode.PROTOCOL_ERROR;
      this.#breakStream(stream, code);
      return;
    }
    stream.hasHeaders = true;
    this.#streams.set(streamId, stream);
    const isRefused = this.#streams.size > streamsMax;
    const handler = isRefused ? undefined : this.#handler.requestReceived(stream, headers);
    if (handler === undefined) {
      this.#breakStream(stream, ErrorCode.REFUSED_STREAM);
      return;
    }
    stream.handler = handler;
    if (isEnd && !stream.isOver) this.#remoteEnded(stream);
  }

  #resetReceived(streamId: number, payload: Uint8Array): void {
    if (payload.length !== 4) throw frameSizeError("RST_STREAM has 4 bytes");
    const stream = this.#streamOf(streamId, "RST_STREAM");
    if (stream === undefined) return;
    this.#forget(stream);
    stream.handler.streamReset(readUint32(payload, 0));
  }

  #windowReceived(streamId: number, payload: Uint8Array): void {
    if (payload.length !== 4) throw frameSizeError("WINDOW_UPDATE has 4 bytes");
    const bytes = readUint31(payload, 0);
    if (streamId === 0) {
      if (bytes === 0) throw protocolError("a window that grows by nothing");
      if (!this.#sender.widen(bytes))
        throw flowControlError("the connection's window is too large");
      this.#tellSendable();
      return;
    }
    const stream = this.#streamOf(streamId, "WINDOW_UPDATE");
    if (stream === undefined) return;
    if (bytes === 0) this.#breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    else if (stream.sendWindow + bytes > WINDOW_BYTES_MAX) {
      this.#breakStream(stream, ErrorCode.FLOW_CONTROL_ERROR);
    } else {
      stream.sendWindow += bytes;
      this.#sender.offer(stream);
      this.#tellSendable();
    }
  }

  #tellSendable(): void {
    if (this.#sender.isReady) this.#tellOutput();
  }

  #settingsReceived(flags: number, streamId: number, payload: Uint8Array): void {
    if (streamId !== 0) throw protocolError("settings of a stream");
    if ((flags & Flag.ACK) !== 0) {
      if (payload.length !== 0) throw frameSizeError("an answer to SETTINGS is empty");
      return;
    }
    if (!isSettingsLength(payload.length)) throw frameSizeError("half a setting");
    const windowBefore = this.#peer.windowBytes;
    readSettings(payload, this.#peer, this.#options.isClient);
    this.#hasSettings = true;
    this.#encoder.setTableBytesMax(this.#peer.headerTableBytes);
    this.#changeWindows(this.#peer.windowBytes - windowBefore);
    this.#outbox.frameHeader(FrameType.SETTINGS, Flag.ACK, 0, 0);
    this.#answered();
    this.#handler.settingsReceived();
  }

  /** Streams that are open get what new ones get; a window below zero first has to be made good. */
  #changeWindows(bytes: number): void {
    if (bytes === 0) return;
    for (const stream of this.#streams.values()) {
      stream.sendWindow += bytes;
      if (stream.sendWindow > WINDOW_BYTES_MAX) throw flowControlError("a window is too large");
      this.#sender.offer(stream);
    }
    this.#tellSendable();
  }

  #pingReceived(flags: number, streamId: number, payload: Uint8Array): void {
    if (streamId !== 0) throw protocolError("a ping of a stream");
    if (payload.length !== 8) throw frameSizeError("PING has 8 bytes");
    if ((flags & Flag.ACK) !== 0) {
      this.#handler.pingAnswered();
      return;
    }
    this.#outbox.frame(FrameType.PING, Flag.ACK, 0, payload);
    this.#answered();
  }

  #goawayReceived(streamId: number, payload: Uint8Array): void {
    if (streamId !== 0) throw protocolError("a GOAWAY of a stream");
    if (payload.length < 8) throw frameSizeError("GOAWAY has 8 bytes at least");
    const debug = new TextDecoder().decode(payload.subarray(8, 8 + DEBUG_BYTES_MAX));
    this.#handler.goawayReceived(readUint32(payload, 4), debug);
    if (!this.#options.isClient) return;
    const lastId = readUint31(payload, 0);
    for (const stream of this.#streams.values()) {
      if (stream.id <= lastId) continue;
      this.#forget(stream);
      stream.handler.streamReset(ErrorCode.REFUSED_STREAM);
    }
  }
}

/** How much of what a GOAWAY says for people is passed on. */
const DEBUG_BYTES_MAX = 200;

/** False when the header makes no sense. */
function setContentLength(stream: Stream, headers: Headers): boolean {
  stream.contentBytesLeft = contentLengthOf(headers);
  return !Number.isNaN(stream.contentBytesLeft);
}

function codeOf(error: HeaderListError): number {
  return error.isTooLong ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.PROTOCOL_ERROR;
}

/** Who takes what comes on a stream that was refused: nobody is told. */
const nobody: StreamHandler = {
  headersReceived: () => undefined,
  dataReceived: () => undefined,
  trailersReceived: () => undefined,
  endReceived: () => undefined,
  streamReset: () => undefined,
  drained: () => undefined,
};
