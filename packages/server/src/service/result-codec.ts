// SPDX-License-Identifier: Apache-2.0
// PartialResultSet and ResultSet as bytes, by hand. Rows are where an answer's bytes are: the generated
// codec wraps each value in an object, measures it, and writes it through a forked writer; this one
// writes it once, into one buffer that grows. The rest of a message goes through the generated codec.
// The generated decoder reads what this writes, as a test shows.
import type { WireValue } from "@spandrel/model";
import {
  PartialResultSet as PartialCodec,
  type PartialResultSet,
  ResultSet as ResultCodec,
  type ResultSet,
} from "@spandrel/protocol";
import type { Codec } from "@spandrel/rpc";

/** The codec of streamed results, with rows written by hand. */
export const partialResultSetCodec: Codec<PartialResultSet> = {
  encode: (message) => encodePartial(message),
  decode: (bytes) => PartialCodec.decode(bytes),
};

/** The codec of results in one message, with rows written by hand. */
export const resultSetCodec: Codec<ResultSet> = {
  encode: (message) => encodeResult(message),
  decode: (bytes) => ResultCodec.decode(bytes),
};

/** Field 2 of both messages holds the values: of a stream one by one, of a result row by row. */
const fieldTwo = 0x12;

function encodePartial(message: PartialResultSet): Uint8Array {
  const { values, ...rest } = message;
  const writer = new ValueWriter(PartialCodec.encode(rest).finish());
  for (const value of (values ?? []) as readonly WireValue[]) writer.value(fieldTwo, value);
  return writer.finish();
}

function encodeResult(message: ResultSet): Uint8Array {
  const { rows, ...rest } = message;
  const writer = new ValueWriter(ResultCodec.encode(rest).finish());
  for (const row of (rows ?? []) as readonly (readonly WireValue[])[]) writer.list(fieldTwo, row);
  return writer.finish();
}

// Fields of google.protobuf.Value, with their wire types: null 1, number 2, string 3, bool 4,
// struct 5, list 6. https://protobuf.dev/reference/protobuf/google.protobuf/#value
const nullTag = 0x08;
const numberTag = 0x11;
const stringTag = 0x1a;
const boolTag = 0x20;
const structTag = 0x2a;
const listTag = 0x32;

/** What a message of a value, or its text, may take at most for its length to fit one byte. */
const oneByteMax = 0x7f;

/** Writes values behind the fields that are there already. */
class ValueWriter {
  #buffer: Buffer;
  #at: number;

  constructor(head: Uint8Array) {
    this.#buffer = Buffer.allocUnsafe(Math.max(256, head.length * 2));
    this.#buffer.set(head);
    this.#at = head.length;
  }

  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  /** A google.protobuf.Value as a field. */
  value(field: number, value: WireValue): void {
    if (typeof value === "string") this.#text(field, value);
    else if (value === null) this.#small(field, nullTag, 0);
    else if (typeof value === "boolean") this.#small(field, boolTag, value ? 1 : 0);
    else if (typeof value === "number") this.#number(field, value);
    else {
      const start = this.#open(field);
      if (isList(value)) this.list(listTag, value);
      else this.#struct(value);
      this.#close(start);
    }
  }

  /** A google.protobuf.ListValue as a field. */
  list(field: number, values: readonly WireValue[]): void {
    const start = this.#open(field);
    for (const value of values) this.value(0x0a, value);
    this.#close(start);
  }

  #struct(members: { readonly [name: string]: WireValue }): void {
    const start = this.#open(structTag);
    for (const [name, value] of Object.entries(members)) {
      const entry = this.#open(0x0a);
      const bytes = Buffer.from(name);
      this.#reserve(bytes.length + 6);
      this.#buffer[this.#at++] = 0x0a;
      this.#varint(bytes.length);
      this.#buffer.set(bytes, this.#at);
      this.#at += bytes.length;
      this.value(fieldTwo, value);
      this.#close(entry);
    }
    this.#close(start);
  }

  #small(field: number, tag: number, bits: number): void {
    this.#reserve(4);
    const buffer = this.#buffer;
    buffer[this.#at++] = field;
    buffer[this.#at++] = 2;
    buffer[this.#at++] = tag;
    buffer[this.#at++] = bits;
  }

  #number(field: number, value: number): void {
    this.#reserve(11);
    this.#buffer[this.#at++] = field;
    this.#buffer[this.#at++] = 9;
    this.#buffer[this.#at++] = numberTag;
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  #text(field: number, text: string): void {
    // A text of so few units takes at most 3 bytes each, so its length is known to fit one byte.
    if (text.length * 3 + 2 <= oneByteMax) {
      this.#reserve(text.length * 3 + 4);
      const start = this.#at;
      const length = this.#write(text, start + 4);
      this.#buffer[start] = field;
      this.#buffer[start + 1] = length + 2;
      this.#buffer[start + 2] = stringTag;
      this.#buffer[start + 3] = length;
      this.#at = start + 4 + length;
      return;
    }
    const length = Buffer.byteLength(text);
    this.#reserve(length + 12);
    this.#buffer[this.#at++] = field;
    this.#varint(length + 1 + varintLength(length));
    this.#buffer[this.#at++] = stringTag;
    this.#varint(length);
    this.#at += this.#buffer.write(text, this.#at, "utf8");
  }

  /** Writes a short text; ASCII byte by byte, which is cheaper than a call out of JavaScript. */
  #write(text: string, at: number): number {
    const buffer = this.#buffer;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return buffer.write(text, at, "utf8");
      buffer[at + index] = code;
    }
    return text.length;
  }

  /** Begins a message whose length is not known yet; gives where it begins. */
  #open(field: number): number {
    this.#reserve(2);
    this.#buffer[this.#at++] = field;
    return this.#at++;
  }

  /** Ends a message: its length goes before it, for which its bytes move when one is not enough. */
  #close(start: number): void {
    const length = this.#at - start - 1;
    if (length <= oneByteMax) {
      this.#buffer[start] = length;
      return;
    }
    const more = varintLength(length) - 1;
    this.#reserve(more);
    this.#buffer.copyWithin(start + 1 + more, start + 1, this.#at);
    this.#at = start;
    this.#varint(length);
    this.#at += length;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
  }
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}

function varintLength(value: number): number {
  return value < 0x80
    ? 1
    : value < 0x4000
      ? 2
      : value < 0x20_0000
        ? 3
        : value < 0x1000_0000
          ? 4
          : 5;
}
