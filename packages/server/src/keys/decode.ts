// SPDX-License-Identifier: Apache-2.0
// Bytes in order as the values of a key: what an error says about the keys that two transactions want.
import type { Type, Value } from "@spandrel/model";
import type { EncodedKey } from "./part.ts";
import type { KeyLayout } from "./row-key.ts";

const numbers = new DataView(new ArrayBuffer(16));

/**
 * The values of a key, or of its first parts. A bound of a range may end in the middle of a part, or
 * with a mark that stands behind all keys; such an end is left out.
 */
export function decodeKey(layout: readonly KeyLayout[], key: EncodedKey): readonly Value[] {
  const values: Value[] = [];
  let place = 0;
  for (const { type, isDescending } of layout) {
    const rest = key.slice(place);
    const part = readPart(type, isDescending ? invert(rest) : rest);
    if (part === undefined) break;
    values.push(part.value);
    place += part.length;
  }
  return values;
}

interface Part {
  readonly value: Value;
  /** How many bytes it takes, its tag included. */
  readonly length: number;
}

function readPart(type: Type, bytes: string): Part | undefined {
  if (bytes.startsWith("\x01")) return { value: null, length: 1 };
  if (!bytes.startsWith("\x02")) return undefined;
  const fixed = fixedLength(type);
  if (fixed !== undefined) {
    if (bytes.length < 1 + fixed) return undefined;
    return { value: readFixed(type, bytes.slice(1, 1 + fixed)), length: 1 + fixed };
  }
  const end = bytes.indexOf("\x00\x01", 1);
  if (end < 0) return undefined;
  const text = bytes.slice(1, end).replaceAll("\x00\xff", "\x00");
  return { value: readText(type, text), length: end + 2 };
}

/** Bytes of a value behind its tag; undefined for a value that ends itself. */
function fixedLength({ kind }: Type): number | undefined {
  switch (kind) {
    case "BOOL":
      return 1;
    case "DATE":
      return 4;
    case "INT64":
    case "ENUM":
    case "FLOAT32":
    case "FLOAT64":
      return 8;
    case "TIMESTAMP":
      return 9;
    case "NUMERIC":
      return 16;
    default:
      return undefined;
  }
}

function readFixed({ kind }: Type, bytes: string): Value {
  switch (kind) {
    case "BOOL":
      return bytes === "\x01";
    case "DATE":
      return Number(unsigned(bytes)) - 2 ** 31;
    case "FLOAT32":
    case "FLOAT64":
      return readFloat(unsigned(bytes));
    case "TIMESTAMP":
      return unsigned(bytes) - (1n << 71n);
    case "NUMERIC":
      return unsigned(bytes) - (1n << 127n);
    default:
      return unsigned(bytes) - (1n << 63n);
  }
}

function readFloat(bits: bigint): number {
  if (bits === 0n) return Number.NaN;
  numbers.setBigUint64(0, bits >> 63n === 1n ? bits ^ (1n << 63n) : ~bits & ((1n << 64n) - 1n));
  return numbers.getFloat64(0);
}

function readText({ kind }: Type, text: string): Value {
  if (kind === "UUID") return text;
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return kind === "BYTES" || kind === "PROTO" ? bytes : new TextDecoder().decode(bytes);
}

function unsigned(bytes: string): bigint {
  let value = 0n;
  for (let index = 0; index < bytes.length; index++) {
    value = (value << 8n) | BigInt(bytes.charCodeAt(index));
  }
  return value;
}

function invert(text: string): string {
  let inverted = "";
  for (let index = 0; index < text.length; index++) {
    inverted += String.fromCharCode(255 - text.charCodeAt(index));
  }
  return inverted;
}
