// SPDX-License-Identifier: Apache-2.0
// Values as they lie in a message: google.protobuf.Value, read by hand. Nearly all bytes of a result
// are values, and the generated decoder makes three objects for each; this one makes the value.
// https://protobuf.dev/programming-guides/encoding/
import { Buffer } from "node:buffer";
import type { WireValue } from "@spandrel/model";
import { malformedMessage } from "./bad-value.ts";

/** Tags of the fields of google.protobuf.Value: number * 8 + wire type. */
const NULL_VALUE = 8;
export const NUMBER_VALUE = 17;
export const STRING_VALUE = 26;
export const BOOL_VALUE = 32;
const STRUCT_VALUE = 42;
export const LIST_VALUE = 50;
/** The tag of an element of google.protobuf.ListValue. */
export const LIST_ELEMENT = 10;

/**
 * Texts up to this length are cut out of a window of the message read as Latin-1, five times as fast
 * as reading each. A longer cut would keep the window in memory as long as the text lives.
 */
const SHORT_TEXT_BYTES_MAX = 12;

/** A window is so many bytes: a message may be a hundred megabytes. */
const WINDOW_BYTES = 16_384;

/** Lists within lists go no deeper than Spanner's types do. */
const DEPTH_MAX = 64;

/** Short texts that were read before, so that one that comes again and again is made once. */
const knownTexts: string[] = new Array<string>(1_024).fill("");

/** Buffers of Node have what their `toString` calls, which saves choosing the encoding per text. */
interface SlicingBuffer extends Buffer {
  readonly utf8Slice?: (start: number, end: number) => string;
}

/** Reads one message from front to back. Whatever it is told to read lies within the message. */
export class ValueReader {
  readonly bytes: Uint8Array;
  /** Where the next byte is read. */
  offset = 0;
  #buffer: SlicingBuffer | undefined;
  #view: DataView | undefined;
  #window = "";
  #windowStart = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The value that ends at an offset, whatever it is. */
  value(end: number, depth = 0): WireValue {
    let value: WireValue = null;
    while (this.offset < end) {
      const start = this.offset;
      switch (this.varint()) {
        case STRING_VALUE:
          value = this.text(this.end());
          break;
        case NUMBER_VALUE:
          value = this.double();
          break;
        case BOOL_VALUE:
          value = this.varint() !== 0;
          break;
        case NULL_VALUE:
          this.varint();
          value = null;
          break;
        case LIST_VALUE:
          value = this.#list(this.end(), depth + 1);
          break;
        case STRUCT_VALUE:
          throw malformedMessage("a value that is a struct of JSON");
        default:
          this.offset = start;
          this.skipField();
      }
    }
    this.checkEnd(end);
    return value;
  }

  #list(end: number, depth: number): WireValue[] {
    if (depth > DEPTH_MAX) throw malformedMessage("lists nested too deep");
    const elements: WireValue[] = [];
    while (this.offset < end) {
      if (this.entersElement()) elements.push(this.value(this.end(), depth));
    }
    this.checkEnd(end);
    return elements;
  }

  /** @throws {StatusError} INTERNAL when what was read last went beyond the end of what it is in. */
  checkEnd(end: number): void {
    if (this.offset !== end) throw malformedMessage("a field longer than what it is in");
  }

  /** Goes on behind the tag of a list's element; skips a field that is none and gives false. */
  entersElement(): boolean {
    const start = this.offset;
    if (this.varint() === LIST_ELEMENT) return true;
    this.offset = start;
    this.skipField();
    return false;
  }

  /** Whether the value that ends at an offset is NULL as it is usually written. */
  isNull(end: number): boolean {
    return end - this.offset === 2 && this.bytes[this.offset] === NULL_VALUE;
  }

  /**
   * Goes on behind the tag and the length of a value that is a text or a list, and nothing else, up
   * to an offset; stays where it is and gives false when the value is not such a one.
   */
  enters(tag: number, end: number): boolean {
    const start = this.offset;
    if (start < end && this.bytes[start] === tag) {
      this.offset = start + 1;
      if (this.end() === end) return true;
      this.offset = start;
    }
    return false;
  }

  /** The end of the field whose tag of one byte is here, and goes on behind its length. */
  endOfField(): number {
    this.offset += 1;
    return this.end();
  }

  /** The UTF-8 text that ends at an offset. */
  text(end: number): string {
    const start = this.offset;
    this.offset = end;
    if (end - start > SHORT_TEXT_BYTES_MAX) return this.#utf8(start, end);
    const { bytes } = this;
    let hash = 0;
    let bits = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      bits |= byte;
      hash = (hash * 31 + byte) | 0;
    }
    if (bits >= 128) return this.#utf8(start, end);
    const place = hash & (knownTexts.length - 1);
    const known = knownTexts[place] ?? "";
    if (isText(known, bytes, start, end)) return known;
    const text = this.#latin1(start, end);
    knownTexts[place] = text;
    return text;
  }

  #latin1(start: number, end: number): string {
    if (start < this.#windowStart || end > this.#windowStart + this.#window.length) {
      this.#window = this.#asBuffer().toString("latin1", start, start + WINDOW_BYTES);
      this.#windowStart = start;
    }
    return this.#window.substring(start - this.#windowStart, end - this.#windowStart);
  }

  #utf8(start: number, end: number): string {
    const buffer = this.#buffer ?? this.#asBuffer();
    return buffer.utf8Slice?.(start, end) ?? buffer.toString("utf8", start, end);
  }

  #asBuffer(): SlicingBuffer {
    const { buffer, byteOffset, length } = this.bytes;
    // That it may have the method is more than its type says, and all that is claimed here.
    this.#buffer ??= Buffer.from(buffer, byteOffset, length) as SlicingBuffer;
    return this.#buffer;
  }

  double(): number {
    const start = this.offset;
    this.offset = start + 8;
    if (this.offset > this.bytes.length) throw malformedMessage("a number cut short");
    const { buffer, byteOffset, length } = this.bytes;
    this.#view ??= new DataView(buffer, byteOffset, length);
    return this.#view.getFloat64(start, true);
  }

  /** The end of a field with a length, which is read now. */
  end(): number {
    const length = this.varint();
    const end = this.offset + length;
    if (end > this.bytes.length) throw malformedMessage("a field longer than its message");
    return end;
  }

  /** An unsigned number of at most 32 bits; bits beyond are read over. */
  varint(): number {
    const byte = this.bytes[this.offset];
    if (byte !== undefined && byte < 128) {
      this.offset += 1;
      return byte;
    }
    return this.#longVarint();
  }

  #longVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.offset++];
      if (byte === undefined) throw malformedMessage("a message cut short");
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw malformedMessage("a number of more than 64 bits");
  }

  /** Goes on behind the field that starts here. */
  skipField(): void {
    const wireType = this.varint() & 7;
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.offset += 8;
    else if (wireType === 2) this.offset = this.end();
    else if (wireType === 5) this.offset += 4;
    else throw malformedMessage(`wire type ${wireType}`);
    if (this.offset > this.bytes.length) throw malformedMessage("a message cut short");
  }
}

/** Whether a text is what a part of some bytes says in ASCII. */
function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at - start) !== bytes[at]) return false;
  }
  return true;
}
