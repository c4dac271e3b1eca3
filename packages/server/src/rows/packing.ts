// SPDX-License-Identifier: Apache-2.0
// Bytes that grow, and become one flat text of a byte a character. A text that is put together from
// pieces keeps every piece and the way they are joined, several times its own size; rows are kept by the
// million.

const roomFirst = 4_096;
const roomKeptMax = 1 << 20;

/** Bytes under way, big-endian. */
export class Packing {
  #buffer: Buffer = Buffer.allocUnsafe(roomFirst);
  #at = 0;

  /** Where the next byte goes. */
  get at(): number {
    return this.#at;
  }

  /** Goes on at a place; what stands behind it is written over. */
  begin(at: number): void {
    this.#at = at;
    this.#reserve(0);
  }

  /** An unsigned number in 1 to 4 bytes. */
  unsigned(value: number, length: number): void {
    this.#reserve(length);
    this.#at = this.#buffer.writeUIntBE(value, this.#at, length);
  }

  /** An unsigned number over bytes that are there already. */
  unsignedAt(at: number, value: number, length: number): void {
    this.#buffer.writeUIntBE(value, at, length);
  }

  /** An integer of 64 bits. */
  integer(value: bigint): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeBigInt64BE(value, this.#at);
  }

  float(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleBE(value, this.#at);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** Bytes as a text of a byte a character. */
  packed(text: string): void {
    this.#reserve(text.length);
    this.#at += this.#buffer.write(text, this.#at, "latin1");
  }

  /** A text of characters up to 255 as it is behind a 0, any other as UTF-8 behind a 1. */
  string(text: string): void {
    this.#reserve(1 + text.length * 3);
    const start = this.#at;
    const buffer = this.#buffer;
    buffer[start] = 0;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 255) {
        buffer[start] = 1;
        this.#at = start + 1 + buffer.write(text, start + 1, "utf8");
        return;
      }
      buffer[start + 1 + index] = code;
    }
    this.#at = start + 1 + text.length;
  }

  /** What was written between two places, as a text of a byte a character. */
  text(start: number, end: number): string {
    const text = this.#buffer.toString("latin1", start, end);
    // A row of many megabytes does not make the room for it stay.
    if (this.#buffer.length > roomKeptMax) this.#buffer = Buffer.allocUnsafe(roomFirst);
    return text;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer);
    this.#buffer = grown;
  }
}
