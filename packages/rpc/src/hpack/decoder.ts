// SPDX-License-Identifier: Apache-2.0
// From bytes to headers: https://www.rfc-editor.org/rfc/rfc7541#section-6.
import { HpackError } from "./errors.ts";
import { HeaderList, type Headers } from "./header-list.ts";
import { decodeHuffman } from "./huffman.ts";
import {
  ENTRY_BYTES,
  type HeaderField,
  STATIC_TABLE,
  TABLE_BYTES_DEFAULT,
} from "./static-table.ts";

/** What a decoder allows. */
export interface DecoderLimits {
  /** Bytes of the table that the other end may use, as this end's settings say. Default 4,096. */
  readonly tableBytesMax?: number | undefined;
  /** Bytes of one list: names, values and 32 for each header. Default 65,536. */
  readonly listBytesMax?: number | undefined;
}

/** Reads the header blocks of one direction of one connection. */
export class HeaderDecoder {
  readonly #tableBytesMax: number;
  readonly #listBytesMax: number;
  /** The table's entries, the oldest first; those before `#oldest` have been given up. */
  #entries: HeaderField[] = [];
  #oldest = 0;
  #tableBytes = 0;
  #tableBytesAllowed: number;
  #block: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(limits: DecoderLimits = {}) {
    this.#tableBytesMax = limits.tableBytesMax ?? TABLE_BYTES_DEFAULT;
    this.#listBytesMax = limits.listBytesMax ?? 65_536;
    this.#tableBytesAllowed = this.#tableBytesMax;
  }

  /**
   * Reads one block, which is complete.
   *
   * @throws {HpackError} when it is no block: nothing more can be read on this connection.
   * @throws {HeaderListError} when its headers cannot be accepted: the next block can be read.
   */
  decode(block: Uint8Array): Headers {
    this.#block = block;
    this.#at = 0;
    const list = new HeaderList(this.#listBytesMax);
    let hasFields = false;
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0;
      if (first >= 0x80) {
        const { name, value } = this.#entry(this.#integer(7));
        list.add(name, value);
      } else if (first >= 0x40) {
        const field = this.#literal(6);
        this.#insert(field);
        list.add(field.name, field.value);
      } else if (first >= 0x20) {
        if (hasFields) throw new HpackError("the table changes its size within a list");
        this.#resize(this.#integer(5));
        continue;
      } else {
        const field = this.#literal(4);
        list.add(field.name, field.value);
      }
      hasFields = true;
    }
    return list.finish();
  }

  #literal(prefixBits: number): HeaderField {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#text() : this.#entry(index).name;
    return { name, value: this.#text() };
  }

  #entry(index: number): HeaderField {
    const entry =
      index <= STATIC_TABLE.length
        ? STATIC_TABLE[index - 1]
        : this.#entries[this.#entries.length - (index - STATIC_TABLE.length)];
    const isGone = this.#entries.length - (index - STATIC_TABLE.length) < this.#oldest;
    if (entry === undefined || (index > STATIC_TABLE.length && isGone)) {
      throw new HpackError(`the table has no entry ${index}`);
    }
    return entry;
  }

  #insert(field: HeaderField): void {
    const bytes = sizeOf(field);
    this.#evict(this.#tableBytesAllowed - bytes);
    // An entry that is larger than the table empties it, and is no error.
    if (bytes > this.#tableBytesAllowed) return;
    this.#entries.push(field);
    this.#tableBytes += bytes;
  }

  #resize(bytes: number): void {
    if (bytes > this.#tableBytesMax) throw new HpackError(`a table of ${bytes} bytes is too large`);
    this.#tableBytesAllowed = bytes;
    this.#evict(bytes);
  }

  /** Gives up the oldest entries until the others fit into so many bytes. */
  #evict(bytes: number): void {
    while (this.#tableBytes > bytes) {
      const oldest = this.#entries[this.#oldest];
      if (oldest === undefined) break;
      this.#tableBytes -= sizeOf(oldest);
      this.#oldest += 1;
    }
    if (this.#oldest > 128) {
      this.#entries = this.#entries.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  /** An integer whose first bits stand in the byte at hand: RFC 7541, section 5.1. */
  #integer(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1;
    const prefix = this.#byte() & mask;
    if (prefix < mask) return prefix;
    let value = mask;
    // Four bytes more make any number that a block can mean.
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new HpackError("an integer is too large");
  }

  #text(): string {
    const isHuffman = (this.#block[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#block.length) throw new HpackError("a text goes past the end of its block");
    this.#at = end;
    if (isHuffman) return decodeHuffman(this.#block, start, end);
    let text = "";
    for (let at = start; at < end; at++) text += String.fromCharCode(this.#block[at] ?? 0);
    return text;
  }

  #byte(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new HpackError("a block ends inside of a header");
    this.#at += 1;
    return byte;
  }
}

function sizeOf({ name, value }: HeaderField): number {
  return name.length + value.length + ENTRY_BYTES;
}
