// SPDX-License-Identifier: Apache-2.0
// What the tests of this room share: an endpoint that keeps a diary, and frames made by hand.
import { concatBytes } from "@spandrel/base";
import { HeaderEncoder } from "../hpack/encoder.ts";
import type { Headers, SentHeaders } from "../hpack/header-list.ts";
import { Endpoint } from "./endpoint.ts";
import { type ConnectionError, nameOfCode } from "./errors.ts";
import { FrameType, PREFACE, readUint24, readUint31, readUint32 } from "./frame.ts";
import type { EndpointHandler } from "./state.ts";
import type { Stream, StreamHandler } from "./stream.ts";

export const request: SentHeaders = {
  ":method": "POST",
  ":scheme": "http",
  ":authority": "a:1",
  ":path": "/x",
};
export const answer: SentHeaders = { ":status": "200" };

/** One frame, whole. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: readonly number[] | Uint8Array = [],
): Uint8Array {
  const { length } = payload;
  const head = [length >> 16, length >> 8, length, type, flags];
  const id = [streamId >> 24, streamId >> 16, streamId >> 8, streamId];
  return Uint8Array.from([...head, ...id, ...payload]);
}

/** A number of 32 bits, as it travels. */
export function uint32(value: number): number[] {
  return [value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 0xff);
}

/** The frames in some bytes, as text: their types, streams, and what matters of the payload. */
export function told(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  const hasPreface = bytes[0] === PREFACE[0] && bytes[1] === PREFACE[1];
  for (let at = hasPreface ? PREFACE.length : 0; at < bytes.length; ) {
    const length = readUint24(bytes, at);
    const type = bytes[at + 3] ?? 0;
    const flags = bytes[at + 4] ?? 0;
    const id = readUint31(bytes, at + 5);
    const name = Object.entries(FrameType).find(([, value]) => value === type)?.[0] ?? `${type}`;
    lines.push(`${name}${id === 0 ? "" : ` ${id}`}${detail(type, flags, bytes, at + 9, length)}`);
    at += 9 + length;
  }
  return lines;
}

function detail(
  type: number,
  flags: number,
  bytes: Uint8Array,
  at: number,
  length: number,
): string {
  switch (type) {
    case FrameType.DATA:
      return ` of ${length}${flags & 1 ? ", end" : ""}`;
    case FrameType.RST_STREAM:
      return ` ${nameOfCode(readUint32(bytes, at))}`;
    case FrameType.GOAWAY:
      return ` after ${readUint31(bytes, at)} ${nameOfCode(readUint32(bytes, at + 4))}`;
    case FrameType.WINDOW_UPDATE:
      return ` by ${readUint31(bytes, at)}`;
    case FrameType.SETTINGS:
    case FrameType.PING:
      return flags & 1 ? " ACK" : "";
    case FrameType.HEADERS:
      return flags & 1 ? ", end" : "";
    default:
      return "";
  }
}

/** An endpoint that writes down what happens to it. */
export class Recorder implements EndpointHandler {
  readonly endpoint: Endpoint;
  readonly events: string[] = [];
  /** Streams that the peer has opened. */
  readonly accepted: Stream[] = [];
  /** Makes headers as the peer would: it keeps the table that the endpoint decodes with. */
  readonly peersEncoder = new HeaderEncoder();

  constructor(isClient: boolean, streamsMax?: number) {
    const windows = { windowBytes: 100_000, connectionWindowBytes: 200_000 };
    const limit = streamsMax === undefined ? {} : { streamsMax };
    this.endpoint = new Endpoint({ isClient, ...windows, ...limit }, this);
  }

  /** One that has greeted its peer, and been greeted: what it sends next is about the test. */
  static greeted(
    isClient: boolean,
    settings: readonly number[] = [],
    streamsMax?: number,
  ): Recorder {
    const recorder = new Recorder(isClient, streamsMax);
    if (!isClient) recorder.endpoint.receive(PREFACE);
    recorder.endpoint.receive(frame(FrameType.SETTINGS, 0, 0, settings));
    recorder.sent();
    recorder.events.length = 0;
    return recorder;
  }

  /** Opens a stream as a client. */
  open(): Stream {
    return this.endpoint.open(request, this.streamHandler());
  }

  /** A frame of headers, from the peer. */
  headers(streamId: number, flags: number, headers: SentHeaders): Uint8Array {
    return frame(FrameType.HEADERS, flags, streamId, this.peersEncoder.encode(headers));
  }

  /** Receives frames, and tells what is sent because of them. */
  receive(...frames: readonly Uint8Array[]): string[] {
    this.endpoint.receive(concatBytes(frames));
    return this.sent();
  }

  /** Tells everything that is to be sent. */
  sent(): string[] {
    return told(this.sentBytes());
  }

  sentBytes(): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let bytes = this.take(); bytes !== undefined; bytes = this.take()) pieces.push(bytes);
    return concatBytes(pieces);
  }

  /** Takes the next output as a socket would: its memory is used again at once. */
  take(): Uint8Array | undefined {
    const bytes = this.endpoint.takeOutput();
    if (bytes === undefined) return undefined;
    const copy = bytes.slice();
    this.endpoint.giveBackOutput(bytes);
    return copy;
  }

  streamHandler(): StreamHandler {
    const { events } = this;
    return {
      headersReceived: (headers) => events.push(`headers ${headers[":status"]}`),
      dataReceived: (_, start, end) => events.push(`data of ${end - start}`),
      trailersReceived: (headers) => events.push(`trailers ${Object.keys(headers).join()}`),
      endReceived: () => events.push("end"),
      streamReset: (code) => events.push(`reset ${nameOfCode(code)}`),
      drained: () => events.push("drained"),
    };
  }

  outputReady(): void {
    // The tests look for themselves.
  }

  settingsReceived(): void {
    this.events.push("settings");
  }

  goawayReceived(code: number, debug: string): void {
    this.events.push(`goaway ${nameOfCode(code)} ${debug}`.trimEnd());
  }

  pingAnswered(): void {
    this.events.push("pong");
  }

  connectionFailed(error: ConnectionError): void {
    this.events.push(`failed ${nameOfCode(error.code)}: ${error.message}`);
  }

  streamsEnded(): void {
    // The tests look for themselves.
  }

  requestReceived(stream: Stream, headers: Headers): StreamHandler | undefined {
    this.events.push(`request ${headers[":path"]}`);
    this.accepted.push(stream);
    return this.streamHandler();
  }
}
