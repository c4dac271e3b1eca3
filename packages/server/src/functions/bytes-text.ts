// SPDX-License-Identifier: Apache-2.0
import { evaluationFailed } from "../errors/query.ts";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text as UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * UTF-8 as text.
 *
 * @throws {StatusError} OUT_OF_RANGE when the bytes are no UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    // The decoder's own error says nothing more.
    throw evaluationFailed(`${what}: invalid UTF-8 in bytes`);
  }
}

/** UTF-8 as text, with a U+FFFD in place of every byte that belongs to no character. */
export function decodeLenient(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = characterLengthAt(bytes, at);
    text += length === 0 ? "\ufffd" : strictDecoder.decode(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the character that begins at a place; 0 when none does. */
function characterLengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let place = 1; place < length; place++) {
    const [low, high] = place > 1 ? [0x80, 0xbf] : secondByteAfter(first);
    const byte = bytes[at + place] ?? 0;
    if (byte < low || byte > high) return 0;
  }
  return length;
}

/** What may follow a first byte: no long form, no surrogate, nothing past U+10FFFF. */
function secondByteAfter(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  return first === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

/** Bytes as the body of a bytes literal: `abc\x00`. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x5c || byte === 0x22) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}
