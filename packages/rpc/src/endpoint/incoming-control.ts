// SPDX-License-Identifier: Apache-2.0
// What comes about streams and the connection, rather than on them: windows, settings, pings, ends.
import { ErrorCode, flowControlError, frameSizeError, protocolError } from "./errors.ts";
import { Flag, FrameType, readUint31, readUint32, WINDOW_BYTES_MAX } from "./frame.ts";
import { isSettingsLength, readSettings } from "./settings.ts";
import type { EndpointState } from "./state.ts";

/** How much of what a GOAWAY says for people is passed on. */
const DEBUG_BYTES_MAX = 200;

/** The control frames of one direction of one connection. */
export class IncomingControl {
  readonly #state: EndpointState;
  #hasSettings = false;

  constructor(state: EndpointState) {
    this.#state = state;
  }

  /** Whether the peer has said anything about itself yet. */
  get hasSettings(): boolean {
    return this.#hasSettings;
  }

  resetReceived(streamId: number, payload: Uint8Array): void {
    if (payload.length !== 4) throw frameSizeError("RST_STREAM has 4 bytes");
    const stream = this.#state.find(streamId, "RST_STREAM");
    if (stream === undefined) return;
    this.#state.forget(stream);
    stream.handler.streamReset(readUint32(payload, 0));
  }

  windowReceived(streamId: number, payload: Uint8Array): void {
    if (payload.length !== 4) throw frameSizeError("WINDOW_UPDATE has 4 bytes");
    const bytes = readUint31(payload, 0);
    if (streamId === 0) this.#widenConnection(bytes);
    else this.#widenStream(streamId, bytes);
    this.#state.tellSendable();
  }

  #widenConnection(bytes: number): void {
    if (bytes === 0) throw protocolError("a window that grows by nothing");
    if (!this.#state.sender.widen(bytes)) {
      throw flowControlError("the connection's window is too large");
    }
  }

  #widenStream(streamId: number, bytes: number): void {
    const state = this.#state;
    const stream = state.find(streamId, "WINDOW_UPDATE");
    if (stream === undefined) return;
    if (bytes === 0) state.breakStream(stream, ErrorCode.PROTOCOL_ERROR);
    else if (stream.sendWindow + bytes > WINDOW_BYTES_MAX) {
      state.breakStream(stream, ErrorCode.FLOW_CONTROL_ERROR);
    } else {
      stream.sendWindow += bytes;
      state.sender.offer(stream);
    }
  }

  settingsReceived(flags: number, streamId: number, payload: Uint8Array): void {
    if (streamId !== 0) throw protocolError("settings of a stream");
    if ((flags & Flag.ACK) !== 0) {
      if (payload.length !== 0) throw frameSizeError("an answer to SETTINGS is empty");
      return;
    }
    if (!isSettingsLength(payload.length)) throw frameSizeError("half a setting");
    const { peer, options, encoder, outbox, handler } = this.#state;
    const windowBefore = peer.windowBytes;
    readSettings(payload, peer, options.isClient);
    this.#hasSettings = true;
    encoder.setTableBytesMax(peer.headerTableBytes);
    this.#changeWindows(peer.windowBytes - windowBefore);
    outbox.frameHeader(FrameType.SETTINGS, Flag.ACK, 0, 0);
    this.#state.tellAnswer();
    handler.settingsReceived();
  }

  /** Streams that are open get what new ones get; a window below zero first has to be made good. */
  #changeWindows(bytes: number): void {
    if (bytes === 0) return;
    const { streams, sender } = this.#state;
    for (const stream of streams.values()) {
      stream.sendWindow += bytes;
      if (stream.sendWindow > WINDOW_BYTES_MAX) throw flowControlError("a window is too large");
      sender.offer(stream);
    }
  }

  pingReceived(flags: number, streamId: number, payload: Uint8Array): void {
    if (streamId !== 0) throw protocolError("a ping of a stream");
    if (payload.length !== 8) throw frameSizeError("PING has 8 bytes");
    if ((flags & Flag.ACK) !== 0) {
      this.#state.handler.pingAnswered();
      return;
    }
    this.#state.outbox.frame(FrameType.PING, Flag.ACK, 0, payload);
    this.#state.tellAnswer();
  }

  goawayReceived(streamId: number, payload: Uint8Array): void {
    if (streamId !== 0) throw protocolError("a GOAWAY of a stream");
    if (payload.length < 8) throw frameSizeError("GOAWAY has 8 bytes at least");
    const { handler, options, streams } = this.#state;
    const debug = new TextDecoder().decode(payload.subarray(8, 8 + DEBUG_BYTES_MAX));
    handler.goawayReceived(readUint32(payload, 4), debug);
    if (!options.isClient) return;
    const lastId = readUint31(payload, 0);
    for (const stream of streams.values()) {
      if (stream.id <= lastId) continue;
      this.#state.forget(stream);
      stream.handler.streamReset(ErrorCode.REFUSED_STREAM);
    }
  }

  priorityReceived(streamId: number, payload: Uint8Array): void {
    if (streamId === 0) throw protocolError("a priority of the connection");
    if (payload.length !== 5) throw frameSizeError("PRIORITY has 5 bytes");
  }
}
