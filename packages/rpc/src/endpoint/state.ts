// SPDX-License-Identifier: Apache-2.0
// What the parts of an endpoint share: its streams, what it knows of its peer, and its output.
import { HeaderEncoder } from "../hpack/encoder.ts";
import type { Headers } from "../hpack/header-list.ts";
import { type ConnectionError, protocolError, tooMuch } from "./errors.ts";
import { UNSENT_ANSWERS_MAX } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";
import { defaultSettings, type PeerSettings } from "./settings.ts";
import type { Stream, StreamHandler } from "./stream.ts";

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

/** The state of one end of one connection. */
export class EndpointState {
  readonly options: EndpointOptions;
  readonly handler: EndpointHandler;
  readonly peer: PeerSettings = defaultSettings();
  readonly encoder: HeaderEncoder = new HeaderEncoder();
  readonly outbox: Outbox = new Outbox();
  readonly sender: Sender;
  readonly streams: Map<number, Stream> = new Map();
  /** The newest stream that was opened, by whichever end is the client. */
  lastStreamId = -1;
  /** The newest stream of the peer's that was looked at, as a GOAWAY tells. */
  lastAcceptedId = 0;
  isGoingAway = false;
  isClosed = false;
  /** Whether the handler knows that there is output. */
  isOutputTold = false;
  /** Frames that the peer made this end send, and that have not left. */
  unsentAnswers = 0;

  constructor(options: EndpointOptions, handler: EndpointHandler) {
    this.options = options;
    this.handler = handler;
    this.sender = new Sender(this.outbox, this.encoder, (stream) => this.sideEnded(stream));
  }

  tellOutput(): void {
    if (this.isOutputTold) return;
    this.isOutputTold = true;
    this.handler.outputReady();
  }

  /** Tells of output if streams have something to send. */
  tellSendable(): void {
    if (this.sender.isReady) this.tellOutput();
  }

  /**
   * Tells of a frame that the peer made this end send.
   *
   * @throws {ConnectionError} ENHANCE_YOUR_CALM when too many of them have not left.
   */
  tellAnswer(): void {
    this.unsentAnswers += 1;
    if (this.unsentAnswers > UNSENT_ANSWERS_MAX) throw tooMuch("frames to answer");
    this.tellOutput();
  }

  /**
   * The stream of a frame that was received; undefined when it is over.
   *
   * @throws {ConnectionError} PROTOCOL_ERROR when there never was such a stream.
   */
  find(streamId: number, what: string): Stream | undefined {
    const stream = this.streams.get(streamId);
    if (stream !== undefined) return stream;
    if (streamId === 0) throw protocolError(`${what} needs a stream`);
    // Streams have odd numbers, because only clients open them.
    if (streamId % 2 === 0 || streamId > this.lastStreamId) {
      throw protocolError(`${what} on an idle stream`);
    }
    return undefined;
  }

  /** One side of a stream has ended. */
  sideEnded(stream: Stream): void {
    if (stream.isLocalEnded && stream.isRemoteEnded) this.forget(stream);
  }

  /** A stream is over. */
  forget(stream: Stream): void {
    stream.isOver = true;
    this.sender.forget(stream);
    if (this.streams.delete(stream.id) && this.streams.size === 0) this.handler.streamsEnded();
  }

  /** The peer broke a rule of one stream, which alone ends for it. */
  breakStream(stream: Stream, code: number): void {
    this.forget(stream);
    this.outbox.rstStream(stream.id, code);
    stream.handler.streamReset(code);
    this.tellAnswer();
  }

  /** Gives the peer room for as much as was consumed, once that is worth a frame. */
  consumed(stream: Stream, bytes: number): void {
    stream.unreturnedBytes += bytes;
    if (stream.isRemoteEnded || stream.isOver) return;
    if (stream.unreturnedBytes * 2 < this.options.windowBytes) return;
    this.outbox.windowUpdate(stream.id, stream.unreturnedBytes);
    stream.receiveWindow += stream.unreturnedBytes;
    stream.unreturnedBytes = 0;
    this.tellOutput();
  }
}
