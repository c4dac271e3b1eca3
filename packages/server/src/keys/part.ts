// SPDX-License-Identifier: Apache-2.0
// SQL order as byte order. A key is a string of characters 0 to 255, one a byte, such that comparing
// two keys with `<` compares their rows in the order of the table or index.
//
// Each part of a key begins with a tag: 1 for NULL, 2 for a value; a descending part has every byte
// inverted, tag included (254 and 253), so that NULL comes last and values run down. What follows a
// tag has a fixed length for its type, or ends itself (text: a zero byte is written as 0 255, and the
// end as 0 1). So no encoded part is a prefix of another one, and the keys that begin with some parts
// are exactly the keys from their encoding up to that encoding followed by 255, which is no tag.
//
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#orderable_data_types
import { unreachable } from "@spandrel/base";
import { TIMESTAMP_MIN, type Type, type Value } from "@spandrel/model";

/** A key, or the beginning of one: characters 0 to 255. */
export type EncodedKey = string;

/** Above every key that begins with a prefix, when it is put behind that prefix. */
export const afterPrefix = "\xff";

const nullTag = "\x01";
const valueTag = "\x02";
const bytes8 = new DataView(new ArrayBuffer(8));

/** One value as part of a key. */
export function encodePart(type: Type, value: Value, isDescending: boolean): EncodedKey {
  const encoded = value === null ? nullTag : valueTag + encodeValue(type, value);
  return isDescending ? invert(encoded) : encoded;
}

function encodeValue(type: Type, value: Value): string {
  switch (type.kind) {
    case "BOOL":
      return value === true ? "\x01" : "\x00";
    case "INT64":
    case "ENUM":
      bytes8.setBigInt64(0, (value as bigint) ^ (-1n << 63n));
      return eightBytes();
    case "FLOAT32":
    case "FLOAT64":
      return encodeFloat(value as number);
    case "DATE":
      return bigEndian(BigInt((value as number) + 2 ** 31), 4);
    case "TIMESTAMP":
      return encodeTimestamp(value as bigint);
    case "NUMERIC":
      return bigEndian((value as bigint) + (1n << 127n), 16);
    case "STRING":
    case "JSON":
      return endMarked(utf8(value as string));
    case "UUID":
      return endMarked(value as string);
    case "BYTES":
    case "PROTO":
      return endMarked(latin1(value as Uint8Array));
    case "INTERVAL":
    case "ARRAY":
    case "STRUCT":
      return unreachable(type as never); // no column of such a type can be part of a key
  }
}

/** What stands for a commit timestamp that is not known yet is out of range, and comes last. */
function encodeTimestamp(nanos: bigint): string {
  return nanos < TIMESTAMP_MIN ? "\xff".repeat(9) : bigEndian(nanos + (1n << 71n), 9);
}

/** NaN first, then from -Infinity to +Infinity; both zeros are one. */
function encodeFloat(value: number): string {
  if (Number.isNaN(value)) return "\x00".repeat(8);
  bytes8.setFloat64(0, value === 0 ? 0 : value);
  const bits = bytes8.getBigInt64(0);
  bytes8.setBigInt64(0, bits < 0n ? ~bits : bits ^ (-1n << 63n));
  return eightBytes();
}

function eightBytes(): string {
  return String.fromCharCode(
    bytes8.getUint8(0),
    bytes8.getUint8(1),
    bytes8.getUint8(2),
    bytes8.getUint8(3),
    bytes8.getUint8(4),
    bytes8.getUint8(5),
    bytes8.getUint8(6),
    bytes8.getUint8(7),
  );
}

function bigEndian(value: bigint, length: number): string {
  let text = "";
  for (let shift = BigInt(8 * (length - 1)); shift >= 0n; shift -= 8n) {
    text += String.fromCharCode(Number((value >> shift) & 255n));
  }
  return text;
}

function endMarked(text: string): string {
  return `${text.includes("\x00") ? text.replaceAll("\x00", "\x00\xff") : text}\x00\x01`;
}

function invert(text: string): string {
  let inverted = "";
  for (let index = 0; index < text.length; index++) {
    inverted += String.fromCharCode(255 - text.charCodeAt(index));
  }
  return inverted;
}

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text as characters; a text of ASCII is its own. */
function utf8(text: string): string {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return latin1(encoder.encode(text));
  }
  return text;
}

/** Bytes as characters. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4_096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4_096));
  }
  return text;
}
