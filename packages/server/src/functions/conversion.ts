// SPDX-License-Identifier: Apache-2.0
// Bytes as text and back, hashes, UUIDs, addresses, and ERROR.
// https://cloud.google.com/spanner/docs/reference/standard-sql/string_functions#to_base64
// https://cloud.google.com/spanner/docs/reference/standard-sql/hash_functions
// https://cloud.google.com/spanner/docs/reference/standard-sql/net_functions
// https://cloud.google.com/spanner/docs/reference/standard-sql/utility-functions
import { createHash } from "node:crypto";
import { fromBase64, type Random, toBase64 } from "@spandrel/base";
import { BYTES, INT64, STRING, UUID } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { encodeUtf8 } from "./bytes-text.ts";
import { farmFingerprint } from "./farm-fingerprint.ts";
import {
  bytes,
  define,
  defineInContext,
  int64,
  nullable,
  type Overload,
  string,
} from "./signature.ts";

function toHex(value: Uint8Array): string {
  let text = "";
  for (const byte of value) text += byte.toString(16).padStart(2, "0");
  return text;
}

function fromHex(text: string): Uint8Array {
  const even = text.length % 2 === 0 ? text : `0${text}`;
  if (!/^[0-9a-fA-F]*$/.test(text)) {
    throw evaluationFailed(
      `Failed to decode invalid hexadecimal string due to character at position`,
    );
  }
  return Uint8Array.from({ length: even.length / 2 }, (_, index) =>
    Number.parseInt(even.slice(index * 2, index * 2 + 2), 16),
  );
}

function decodeBase64(text: string): Uint8Array {
  // White space does not count, and the padding may be left out as a whole.
  const [, digits = "", padding = ""] =
    /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text.replace(/\s/g, "")) ?? [];
  const whole = digits.padEnd(Math.ceil(digits.length / 4) * 4, "=");
  const isPadded = padding === "" || digits + padding === whole;
  const isText = digits !== "" || text.trim() === "";
  const decoded = isPadded && isText ? tryBase64(clearedBits(whole)) : undefined;
  if (decoded === undefined) throw evaluationFailed("Failed to decode invalid base64 string");
  return decoded;
}

/** The last digit before the padding without the bits that no byte uses. */
function clearedBits(text: string): string {
  const padding = text.endsWith("==") ? 4 : text.endsWith("=") ? 2 : 0;
  if (padding === 0) return text;
  const at = text.indexOf("=") - 1;
  const value = base64Alphabet.indexOf(text.charAt(at));
  const cleared = base64Alphabet.charAt((value >> padding) << padding);
  return text.slice(0, at) + cleared + text.slice(at + 1);
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function tryBase64(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch {
    // It only ever says that the text is none.
    return undefined;
  }
}

const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function toBase32(value: Uint8Array): string {
  let [text, buffer, bits] = ["", 0, 0];
  for (const byte of value) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32Alphabet.charAt((buffer >> bits) & 31);
    }
  }
  if (bits > 0) text += base32Alphabet.charAt((buffer << (5 - bits)) & 31);
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

function fromBase32(text: string): Uint8Array {
  if (!/^[A-Z2-7]*=*$/i.test(text) || text.length % 8 !== 0) {
    throw evaluationFailed("Failed to decode invalid base32 string");
  }
  const result: number[] = [];
  let [buffer, bits] = [0, 0];
  for (const character of text.toUpperCase().replace(/=+$/, "")) {
    buffer = ((buffer << 5) | base32Alphabet.indexOf(character)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    result.push((buffer >> bits) & 0xff);
  }
  return Uint8Array.from(result);
}

/** A UUID of version 4: random but for the six bits that say so. */
function randomUuid(random: Random): string {
  const value = random.bytes(16);
  value[6] = ((value[6] ?? 0) & 0x0f) | 0x40;
  value[8] = ((value[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(value);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

function hashes(name: string, algorithm: string): readonly Overload[] {
  const hash = (value: Uint8Array): Uint8Array =>
    new Uint8Array(createHash(algorithm).update(value).digest());
  return [
    define(name, [string], BYTES, (text) => hash(encodeUtf8(text))),
    define(name, [bytes], BYTES, hash),
  ];
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const isValid =
    parts.length === 4 && parts.every((piece) => /^\d{1,3}$/.test(piece) && Number(piece) < 256);
  return isValid ? Uint8Array.from(parts, Number) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = tail?.[2] === undefined ? undefined : parseIpv4(tail[2]);
  if (tail !== null && v4 === undefined) return undefined;
  const last = v4 === undefined ? "" : `${toHex(v4.slice(0, 2))}:${toHex(v4.slice(2))}`;
  const [head, rest, ...more] = ((tail?.[1] ?? text) + last).split("::");
  if (more.length > 0) return undefined;
  const groups = (part: string | undefined): string[] =>
    part === undefined || part === "" ? [] : part.split(":");
  const [front, back] = [groups(head), groups(rest)];
  const missing = 8 - front.length - back.length;
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...front, ...Array.from({ length: missing }, () => "0"), ...back];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(
    all.flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    }),
  );
}

function parseIp(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function printIp(value: Uint8Array): string {
  if (value.length === 4) return [...value].join(".");
  if (value.length !== 16) {
    throw evaluationFailed("Invalid IP address: NET.IP_TO_STRING takes 4 or 16 bytes");
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((value[index * 2] ?? 0) << 8) | (value[index * 2 + 1] ?? 0)).toString(16),
  );
  return shortenZeros(groups);
}

/** The longest run of two or more zero groups becomes `::`. */
function shortenZeros(groups: readonly string[]): string {
  let [start, length] = [-1, 1];
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (groups[to] === "0") to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  if (start < 0) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

function netMask(size: bigint, prefix: bigint): Uint8Array {
  if ((size !== 4n && size !== 16n) || prefix < 0n || prefix > size * 8n) {
    throw evaluationFailed(
      "The first argument to NET.IP_NET_MASK() must be 4 or 16, the second a prefix of it",
    );
  }
  const bits = Number(prefix);
  return Uint8Array.from({ length: Number(size) }, (_, index) => {
    const ones = Math.min(Math.max(bits - index * 8, 0), 8);
    return (0xff << (8 - ones)) & 0xff;
  });
}

function truncateIp(value: Uint8Array, prefix: bigint): Uint8Array {
  const mask = netMask(BigInt(value.length), prefix);
  return value.map((byte, index) => byte & (mask[index] ?? 0));
}

function hostOf(url: string): string | null {
  // What stands before a colon is a scheme only where two slashes follow.
  const pattern = /^(?:(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?\/\/)?(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:@]+)/;
  return pattern.exec(url.trim())?.[1] ?? null;
}

function raise(message: string | null): never {
  throw evaluationFailed(message ?? "ERROR function is called with NULL");
}

export const conversionFunctions: readonly Overload[] = [
  define("TO_HEX", [bytes], STRING, toHex),
  define("FROM_HEX", [string], BYTES, fromHex),
  define("TO_BASE64", [bytes], STRING, toBase64),
  define("FROM_BASE64", [string], BYTES, decodeBase64),
  define("TO_BASE32", [bytes], STRING, toBase32),
  define("FROM_BASE32", [string], BYTES, fromBase32),
  ...hashes("MD5", "md5"),
  ...hashes("SHA1", "sha1"),
  ...hashes("SHA256", "sha256"),
  ...hashes("SHA512", "sha512"),
  define("FARM_FINGERPRINT", [string], INT64, (text) => farmFingerprint(encodeUtf8(text))),
  define("FARM_FINGERPRINT", [bytes], INT64, farmFingerprint),
  defineInContext("GENERATE_UUID", [], STRING, (context) => randomUuid(context.random), {
    isVolatile: true,
  }),
  defineInContext("NEW_UUID", [], UUID, (context) => randomUuid(context.random), {
    isVolatile: true,
  }),
  define("ERROR", [nullable(string)], INT64, raise, { seesNull: true, isVolatile: true }),
  define("NET.IP_FROM_STRING", [string], BYTES, (text) => {
    const address = parseIp(text);
    if (address === undefined) throw evaluationFailed(`Invalid IP address: ${text}`);
    return address;
  }),
  define("NET.SAFE_IP_FROM_STRING", [string], BYTES, (text) => parseIp(text) ?? null),
  define("NET.IP_TO_STRING", [bytes], STRING, printIp),
  define("NET.IP_NET_MASK", [int64, int64], BYTES, netMask),
  define("NET.IP_TRUNC", [bytes, int64], BYTES, truncateIp),
  define("NET.IPV4_FROM_INT64", [int64], BYTES, (value) => {
    if (value < -0x80000000n || value > 0xffffffffn) {
      throw evaluationFailed("NET.IPV4_FROM_INT64() encountered an integer that is out of range");
    }
    const unsigned = BigInt.asUintN(32, value);
    return Uint8Array.from([24n, 16n, 8n, 0n], (shift) => Number((unsigned >> shift) & 0xffn));
  }),
  define("NET.IPV4_TO_INT64", [bytes], INT64, (value) => {
    if (value.length !== 4) throw evaluationFailed("NET.IPV4_TO_INT64() takes 4 bytes");
    return value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }),
  define("NET.HOST", [string], STRING, hostOf),
];
