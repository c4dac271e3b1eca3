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
import { checkHeaders, type SentHeaders } from "../hpack/header-list.ts";
import { ConnectionError, ErrorCode, frameSizeError, protocolError } from "./errors.ts";
import {
  Flag,
  FRAME_BYTES_DEFAULT,
  FrameType,
  PREFACE,
  Setting,
  STREAM_ID_MAX,
  WINDOW_BYTES_DEFAULT,
} from "./frame.ts";
import { FrameDecoder, type FrameHandler } from "./frame-decoder.ts";
import { HeaderBlocks } from "./header-blocks.ts";
import { IncomingControl } from "./incoming-control.ts";
import { IncomingMessages } from "./incoming-messages.ts";
import { HEADER_LIST_BYTES_MAX } from "./limits.ts";
import { printSettings } from "./settings.ts";
import { type EndpointHandler, type EndpointOptions, EndpointState } from "./state.ts";
import { Stream, type StreamHandler } from "./stream.ts";

/** One end of one connection. */
export class Endpoint {
  readonly #state: EndpointState;
  readonly #input: Input;

  constructor(options: EndpointOptions, handler: EndpointHandler) {
    const { windowBytes, connectionWindowBytes } = options;
    // The peer does not know of smaller ones before it may send, and larger ones can do no harm.
    assert(windowBytes >= WINDOW_BYTES_DEFAULT, "windows are never smaller than the default");
    assert(connectionWindowBytes > WINDOW_BYTES_DEFAULT, "the connection's window is made larger");
    this.#state = new EndpointState(options, handler);
    this.#input = new Input(this.#state);
    this.#introduce();
  }

  /** How many streams are open. */
  get streamsOpen(): number {
    return this.#state.streams.size;
  }

  /** How many streams the peer takes at a time; undefined when it has set no limit. */
  get peerStreamsMax(): number | undefined {
    return this.#state.peer.streamsMax;
  }

  /** Whether the peer has said anything about itself yet. */
  get hasSettings(): boolean {
    return this.#input.control.hasSettings;
  }

  /** Whether this end, a client, has numbers left for new streams. */
  get hasStreamIds(): boolean {
    return this.#state.lastStreamId < STREAM_ID_MAX;
  }

  /** Bytes that are ready to be taken, apart from data that waits for its turn. */
  get outputBytes(): number {
    return this.#state.outbox.length;
  }

  /** Takes bytes of the peer's, which are not looked at after the call. Never throws. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#input.receive(bytes, start, end);
  }

  /**
   * Gives the bytes that are to be sent now; undefined when there are none.
   *
   * They are the caller's until they are given back.
   */
  takeOutput(): Uint8Array | undefined {
    const { sender, outbox } = this.#state;
    if (!this.#input.hasFailed) sender.write();
    this.#state.isOutputTold = false;
    this.#state.unsentAnswers = 0;
    return outbox.length === 0 ? undefined : outbox.take();
  }

  /** Lets the memory of output that has left be used again. */
  giveBackOutput(bytes: Uint8Array): void {
    this.#state.outbox.giveBack(bytes);
  }

  /**
   * Opens a stream with a request's headers; its body follows by `sendData` and `end`.
   *
   * @throws {HeaderNotAllowedError} for headers that HTTP/2 cannot carry; then nothing was opened.
   */
  open(headers: SentHeaders, handler: StreamHandler): Stream {
    const state = this.#state;
    assert(state.options.isClient && !state.isClosed, "a client opens streams while it is open");
    assert(this.hasStreamIds, "a stream is opened only while there are numbers");
    const block = state.encoder.encode(headers);
    state.lastStreamId += 2;
    const { lastStreamId, peer, options } = state;
    const stream = new Stream(lastStreamId, handler, peer.windowBytes, options.windowBytes);
    state.streams.set(stream.id, stream);
    state.outbox.headers(stream.id, block, false, FRAME_BYTES_DEFAULT);
    state.tellOutput();
    return stream;
  }

  /**
   * Sends the headers of an answer, which may be all there is of it.
   *
   * @throws {HeaderNotAllowedError} as `open`.
   */
  sendHeaders(stream: Stream, headers: SentHeaders, isEnd = false): void {
    if (stream.isOver) return;
    const state = this.#state;
    const block = state.encoder.encode(headers);
    state.outbox.headers(stream.id, block, isEnd, FRAME_BYTES_DEFAULT);
    state.tellOutput();
    if (!isEnd) return;
    stream.isEnding = true;
    stream.isLocalEnded = true;
    state.sideEnded(stream);
  }

  /** Sends data, which is not copied before it leaves; false when the sender should wait. */
  sendData(stream: Stream, bytes: Uint8Array): boolean {
    if (stream.isOver) return true;
    assert(!stream.isEnding, "nothing is sent after the end");
    if (bytes.length > 0) {
      stream.pieces.push(bytes);
      stream.unsentBytes += bytes.length;
      this.#state.sender.offer(stream);
      this.#state.tellOutput();
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

  #end(stream: Stream, trailers: SentHeaders | undefined): void {
    if (stream.isOver) return;
    assert(!stream.isEnding, "a side ends once");
    stream.isEnding = true;
    stream.trailers = trailers;
    this.#state.sender.offer(stream);
    this.#state.tellOutput();
  }

  /** Ends both sides of a stream at once; harmless when it is over. */
  reset(stream: Stream, code: number): void {
    if (stream.isOver) return;
    this.#state.forget(stream);
    this.#state.outbox.rstStream(stream.id, code);
    this.#state.tellOutput();
  }

  /** Says that received data was made use of, so that as much may come again. */
  consumed(stream: Stream, bytes: number): void {
    this.#state.consumed(stream, bytes);
  }

  /** Asks the peer for a sign of life: `pingAnswered` follows. */
  ping(): void {
    this.#state.outbox.frame(FrameType.PING, 0, 0, new Uint8Array(8));
    this.#state.tellOutput();
  }

  /** Tells the peer that its newer streams are not looked at; the others go on. */
  goAway(): void {
    const state = this.#state;
    if (state.isGoingAway) return;
    state.isGoingAway = true;
    state.outbox.goaway(state.lastAcceptedId, ErrorCode.NO_ERROR, new Uint8Array(0));
    state.tellOutput();
  }

  /** The connection is no more: all streams are reset, and nothing happens from here on. */
  close(code: number): void {
    const state = this.#state;
    if (state.isClosed) return;
    state.isClosed = true;
    for (const stream of state.streams.values()) {
      state.forget(stream);
      stream.handler.streamReset(code);
    }
  }

  #introduce(): void {
    const { outbox, options } = this.#state;
    const { isClient, windowBytes, connectionWindowBytes, streamsMax } = options;
    const settings: [number, number][] = [
      [Setting.INITIAL_WINDOW_SIZE, windowBytes],
      [Setting.MAX_HEADER_LIST_SIZE, HEADER_LIST_BYTES_MAX],
    ];
    if (isClient) settings.push([Setting.ENABLE_PUSH, 0]);
    if (streamsMax !== undefined) settings.push([Setting.MAX_CONCURRENT_STREAMS, streamsMax]);
    if (isClient) outbox.bytes(PREFACE);
    outbox.frame(FrameType.SETTINGS, 0, 0, printSettings(settings));
    outbox.windowUpdate(0, connectionWindowBytes - WINDOW_BYTES_DEFAULT);
  }
}

/** The receiving half: which frames may come when, and who sees to each. */
class Input implements FrameHandler {
  readonly control: IncomingControl;
  readonly #state: EndpointState;
  readonly #messages: IncomingMessages;
  readonly #blocks = new HeaderBlocks();
  readonly #decoder: FrameDecoder = new FrameDecoder(this);
  /** How much of the client's preface has come. */
  #prefaceBytes: number;
  hasFailed = false;

  constructor(state: EndpointState) {
    this.#state = state;
    this.control = new IncomingControl(state);
    this.#messages = new IncomingMessages(state);
    this.#prefaceBytes = state.options.isClient ? PREFACE.length : 0;
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    if (this.#state.isClosed || this.hasFailed) return;
    try {
      const at = this.#receivePreface(bytes, start, end);
      this.#decoder.receive(bytes, at, end);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error);
    }
  }

  #receivePreface(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (; at < end && this.#prefaceBytes < PREFACE.length; at++) {
      if (bytes[at] !== PREFACE[this.#prefaceBytes]) throw protocolError("no preface");
      this.#prefaceBytes += 1;
    }
    return at;
  }

  #fail(error: ConnectionError): void {
    this.hasFailed = true;
    const { outbox, lastAcceptedId, handler } = this.#state;
    outbox.goaway(lastAcceptedId, error.code, new TextEncoder().encode(error.message));
    this.#state.tellOutput();
    handler.connectionFailed(error);
  }

  frameBegan(type: number, flags: number, streamId: number, length: number): void {
    const isSettings = type === FrameType.SETTINGS && (flags & Flag.ACK) === 0;
    if (!this.control.hasSettings && !isSettings) {
      throw protocolError("the first frame must be SETTINGS");
    }
    if (length > FRAME_BYTES_DEFAULT) throw frameSizeError(`a frame of ${length} bytes`);
    this.#blocks.check(type, streamId);
    if (type === FrameType.DATA) this.#messages.dataBegan(flags, streamId, length);
  }

  dataReceived(bytes: Uint8Array, start: number, end: number): void {
    this.#messages.dataReceived(bytes, start, end);
  }

  dataEnded(flags: number): void {
    this.#messages.dataEnded(flags);
  }

  frameReceived(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    if (this.#state.isClosed) return; // by whoever took an earlier frame of the same bytes
    const { control } = this;
    switch (type) {
      case FrameType.HEADERS:
      case FrameType.CONTINUATION: {
        const block = this.#blocks.receive(type, flags, streamId, payload);
        if (block !== undefined) this.#messages.blockReceived(block);
        break;
      }
      case FrameType.RST_STREAM:
        control.resetReceived(streamId, payload);
        break;
      case FrameType.WINDOW_UPDATE:
        control.windowReceived(streamId, payload);
        break;
      case FrameType.SETTINGS:
        control.settingsReceived(flags, streamId, payload);
        break;
      case FrameType.PING:
        control.pingReceived(flags, streamId, payload);
        break;
      case FrameType.GOAWAY:
        control.goawayReceived(streamId, payload);
        break;
      case FrameType.PRIORITY:
        control.priorityReceived(streamId, payload);
        break;
      case FrameType.PUSH_PROMISE:
        throw protocolError("nobody may push here");
    }
  }
}
