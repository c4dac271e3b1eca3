// SPDX-License-Identifier: Apache-2.0
// Where rows go once they are whole: into a list of them, or value by value into columns.
import type { WireValue } from "@spandrel/model";
import { type Column, type ColumnFiller, columnFiller } from "../values/column.ts";
import type { DecodeOptions } from "../values/decode.ts";
import type { ValueReader } from "../values/value-reader.ts";
import type { Field, RowLayout } from "./rows.ts";

/** Takes rows in their order. */
export interface RowSink {
  /** How many rows came since the last `take`. */
  readonly rowCount: number;
  /** Takes so many rows that lie one behind the other in a message. */
  readRows(reader: ValueReader, count: number): void;
  /** Takes so many rows out of wire values, from the first value on. */
  decodeRows(values: readonly WireValue[], count: number): void;
  /** What the rows since the last time have become. */
  take(): unknown;
}

/** Some rows of a result, column by column. */
export interface ColumnBatch<T = Record<string, unknown>> {
  /** How many rows they are. */
  readonly rowCount: number;
  /** The columns by name, in the order of the result's fields. */
  readonly columns: { readonly [Name in keyof T]-?: Column<T[Name]> };
}

/** Rows as a list. */
export class RowList implements RowSink {
  readonly #layout: RowLayout;
  #rows: unknown[] = [];

  constructor(layout: RowLayout) {
    this.#layout = layout;
  }

  get rowCount(): number {
    return this.#rows.length;
  }

  readRows(reader: ValueReader, count: number): void {
    const { read } = this.#layout;
    for (let row = 0; row < count; row++) this.#rows.push(read(reader));
  }

  decodeRows(values: readonly WireValue[], count: number): void {
    const { decode, types } = this.#layout;
    for (let row = 0; row < count; row++) this.#rows.push(decode(values, row * types.length));
  }

  take(): unknown[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }
}

/** Rows by column. */
export class ColumnList implements RowSink {
  readonly #fields: readonly Field[];
  readonly #fillers: readonly ColumnFiller[];
  #rowCount = 0;

  constructor(fields: readonly Field[], options: DecodeOptions) {
    this.#fields = fields;
    this.#fillers = fields.map(({ type }) => columnFiller(type, options));
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  readRows(reader: ValueReader, count: number): void {
    this.#reserve(count);
    for (let row = 0; row < count; row++) {
      for (const filler of this.#fillers) filler.read(reader, reader.endOfField());
    }
  }

  decodeRows(values: readonly WireValue[], count: number): void {
    this.#reserve(count);
    const width = this.#fillers.length;
    this.#fillers.forEach((filler, column) => {
      for (let row = 0; row < count; row++) filler.add(values[row * width + column] ?? null);
    });
  }

  take(): ColumnBatch {
    const rowCount = this.#rowCount;
    this.#rowCount = 0;
    const columns = this.#fillers.map((filler) => filler.take());
    const names = this.#fields.map(({ name }) => name);
    return {
      rowCount,
      columns: Object.fromEntries(columns.map((column, index) => [names[index], column])),
    };
  }

  #reserve(count: number): void {
    for (const filler of this.#fillers) filler.reserve(count);
    this.#rowCount += count;
  }
}
