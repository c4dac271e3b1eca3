// SPDX-License-Identifier: Apache-2.0
// One end of a connection of HTTP/2, https://www.rfc-editor.org/rfc/rfc9113, as a state machine: bytes
// in, events out; commands in, bytes out. It has no socket, no timer and no promise, and is the same
// for both ends. What it promises:
//
//   * Whatever a peer sends, nothing is thrown: the events come in their order, a broken stream ends
//     alone, and a broken connection ends once, with a GOAWAY that says why.
//   * Bytes may be split anywhere. What they are received in is only lent: nobody keeps it.
//   * No window is ever exceeded, in either direction, and nobody has to count but this room.
//   * Memory is bounded: by the windows for what is received, and by `limits.ts` for all else. What is
//     to be sent waits with whoever sends it: `Stream.hasRoom` says when to stop.
//
// It does not do what gRPC has no use for: no server push, no priorities, no CONNECT, no upgrade from
// HTTP/1.1. It does not know what a message is, either.
//
// This file says what a frame looks like: nine bytes that give its length, its type, its flags and its
// stream, and then the payload. https://www.rfc-editor.org/rfc/rfc9113#section-4.1

/** Bytes in front of every payload. */
export const FRAME_HEADER_BYTES = 9;

/** What a frame is, by the number on the wire. */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** The bits of a frame's flags; END_STREAM and ACK are the same bit of different frames. */
export const Flag = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** What a settings frame may set. https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2 */
export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** The text that a client begins a connection with. */
export const PREFACE: Uint8Array = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** The window of a connection, and of a stream until the peer has said otherwise. */
export const WINDOW_BYTES_DEFAULT = 65_535;

/** The largest that a window may become. */
export const WINDOW_BYTES_MAX = 0x7fffffff;

/** The largest number that a stream can have. */
export const STREAM_ID_MAX = 0x7fffffff;

/** The largest payload that everybody takes, and that this end takes. */
export const FRAME_BYTES_DEFAULT = 16_384;

/** The largest payload that a peer may allow. */
export const FRAME_BYTES_MAX = 0xffffff;

/** Reads a number of 31 bits; the bit in front of it is reserved. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) & 0x7fffffff;
}

/** Reads a number of 32 bits. */
export function readUint32(bytes: Uint8Array, at: number): number {
  const low = (byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3);
  return byteAt(bytes, at) * 0x1000000 + low;
}

/** Reads a number of 24 bits. */
export function readUint24(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
