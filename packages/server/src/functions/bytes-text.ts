// SPDX-License-Identifier: Apache-2.0
import { evaluationFailed } from "../errors/query.ts";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

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

/** UTF-8 as text, with U+FFFD in place of what is none. */
export function decodeLenient(bytes: Uint8Array): string {
  return lenientDecoder.decode(bytes);
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
