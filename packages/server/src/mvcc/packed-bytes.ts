// SPDX-License-Identifier: Apache-2.0
// Numbers and byte strings as bytes and back, for what is kept on a disk.
//
//   count   a whole number from 0 up: seven bits a byte, the lowest first, the top bit says "more"
//   moment  microseconds since the Unix epoch, as a 64-bit float
//   text    a count of bytes, and the bytes: UTF-8, or one byte a character ("keys")
//   row     a byte that says whether there is one, and its characters as a key
// biome-ignore-all lint/style/noRestrictedGlobals: only Buffer turns text into bytes natively, and this
// is the path of every commit
import { assert } from "@spandrel/base";
import type { StoredRow } from "./versions.ts";

/** Where counters stand, by their ids. */
export type CounterList = readonly (readonly [id: number, counter: bigint])[];

/** Writes values one behind the other into bytes that grow. */
export class PackedWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(bytesExpected = 256) {
    this.#bytes = Buffer.allocUnsafe(bytesExpected);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  count(value: number): void {
    this.#reserve(8);
    let left = value;
    while (left > 127) {
      this.#bytes[this.#length++] = (left % 128) | 128;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#length++] = left;
  }

  moment(micros: number): void {
    this.#reserve(8);
    this.#bytes.writeDoubleLE(micros, this.#length);
    this.#length += 8;
  }

  /** Characters 0 to 255, a byte each. */
  key(text: string): void {
    this.count(text.length);
    this.#reserve(text.length);
    this.#bytes.write(text, this.#length, text.length, "latin1");
    this.#length += text.length;
  }

  row(row: StoredRow): void {
    this.byte(row === null ? 0 : 1);
    if (row !== null) this.key(row);
  }

  counters(counters: CounterList): void {
    this.count(counters.length);
    for (const [id, counter] of counters) {
      this.count(id);
      this.text(String(counter));
    }
  }

  text(text: string): void {
    const length = Buffer.byteLength(text);
    this.count(length);
    this.#reserve(length);
    this.#bytes.write(text, this.#length, length, "utf8");
    this.#length += length;
  }

  /** What has been written; the writer is not used again. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(needed * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Reads what a `PackedWriter` wrote, in the same order. */
export class PackedReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether everything has been read. */
  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#offset++];
    assert(value !== undefined, "a record ends where it was written to end");
    return value;
  }

  count(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  moment(): number {
    const value = this.#bytes.readDoubleLE(this.#offset);
    this.#offset += 8;
    return value;
  }

  key(): string {
    return this.#slice("latin1");
  }

  row(): StoredRow {
    return this.byte() === 0 ? null : this.key();
  }

  counters(): CounterList {
    const counters: [id: number, counter: bigint][] = [];
    for (let left = this.count(); left > 0; left--) {
      counters.push([this.count(), BigInt(this.text())]);
    }
    return counters;
  }

  text(): string {
    return this.#slice("utf8");
  }

  #slice(encoding: "latin1" | "utf8"): string {
    const length = this.count();
    const end = this.#offset + length;
    assert(end <= this.#bytes.length, "a record ends where it was written to end");
    const text = this.#bytes.toString(encoding, this.#offset, end);
    this.#offset = end;
    return text;
  }
}
