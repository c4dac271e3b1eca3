// SPDX-License-Identifier: Apache-2.0
import type { WireValue } from "@spandrel/model";
import type { ValueReader } from "../values/value-reader.ts";
import type { RowSink } from "./row-sink.ts";

/**
 * The values of a message, one behind the other as they lie in it, taken from the front.
 *
 * They keep the bytes of the whole message in memory until they are taken.
 */
export class EncodedValues {
  readonly #reader: ValueReader;
  #count: number;

  /** So many values, of which the reader is at the first. */
  constructor(reader: ValueReader, count: number) {
    this.#reader = reader;
    this.#count = count;
  }

  /** How many are left. */
  get length(): number {
    return this.#count;
  }

  /** Takes so many values as they are on the wire. */
  take(count: number): WireValue[] {
    const reader = this.#reader;
    this.#count -= count;
    return Array.from({ length: count }, () => reader.value(reader.endOfField()));
  }

  /** Takes so many rows of a width. */
  takeRows(count: number, width: number, rows: RowSink): void {
    this.#count -= count * width;
    rows.readRows(this.#reader, count);
  }
}
