// SPDX-License-Identifier: Apache-2.0
// Bytes: comparing, joining, and base64, without Node's Buffer so that it runs anywhere.

/** The order of unsigned bytes; a prefix comes first. Negative, zero or positive. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Joins byte strings into a new one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Int8Array(128).fill(-1);
for (let index = 0; index < 64; index++) values[digits.charCodeAt(index)] = index;

/** Node's Buffer, where there is one: native code is faster for all but the shortest texts. */
interface NativeBase64 {
  from(text: string, encoding: "base64"): Uint8Array;
  from(
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ): { toString(encoding: "base64"): string };
}
const native = (globalThis as { readonly Buffer?: NativeBase64 }).Buffer;
const shortBytes = 48;

/** Bytes as base64 in the standard alphabet, padded. */
export function toBase64(bytes: Uint8Array): string {
  if (native !== undefined && bytes.length > shortBytes) {
    return native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  }
  return writeBase64(bytes);
}

function writeBase64(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const group =
      ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text +=
      digits.charAt(group >> 18) +
      digits.charAt((group >> 12) & 63) +
      digits.charAt((group >> 6) & 63) +
      digits.charAt(group & 63);
  }
  const left = bytes.length - index;
  if (left === 1) {
    const group = bytes[index] ?? 0;
    text += `${digits.charAt(group >> 2)}${digits.charAt((group & 3) << 4)}==`;
  } else if (left === 2) {
    const group = ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
    text += `${digits.charAt(group >> 10)}${digits.charAt((group >> 4) & 63)}${digits.charAt((group & 15) << 2)}=`;
  }
  return text;
}

/**
 * Reads base64 in the standard alphabet, padded; gives undefined for any other text.
 *
 * Bits that no byte uses must be zero, so that each byte string has one text only.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  if (native === undefined || text.length <= shortBytes) return readBase64(text);
  if (!alphabet.test(text)) return undefined;
  // Only the last group can be padded, or have bits that no byte uses.
  const last = readBase64(text.slice(-4));
  if (last === undefined) return undefined;
  const bytes = new Uint8Array((text.length / 4) * 3 - 3 + last.length);
  bytes.set(native.from(text, "base64"));
  return bytes;
}

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

function readBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let offset = 0;
  for (let index = 0; index < text.length; index += 4) {
    const isLast = index + 4 === text.length;
    let group = 0;
    for (let place = 0; place < 4; place++) {
      const isPadding = isLast && place >= 4 - padding;
      const value = isPadding ? 0 : (values[text.charCodeAt(index + place)] ?? -1);
      if (value < 0) return undefined;
      group = (group << 6) | value;
    }
    const used = isLast ? 3 - padding : 3;
    if (used === 2 && (group & 0xff) !== 0) return undefined;
    if (used === 1 && (group & 0xffff) !== 0) return undefined;
    for (let place = 0; place < used; place++) bytes[offset++] = (group >> (16 - 8 * place)) & 255;
  }
  return bytes;
}
