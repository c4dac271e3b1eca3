// SPDX-License-Identifier: Apache-2.0
// Rows out of messages. Whole rows are read straight from the bytes of a message. Only what lies at its
// edge, and may go on in the next, takes the longer way: as wire values, joined, decoded.
import type { Type, WireValue } from "@spandrel/model";
import type { EncodedValues } from "./encoded-values.ts";
import { ChunkMerger } from "./merge-chunks.ts";
import type { RowSink } from "./row-sink.ts";

/** Puts the values of the messages of one result into rows. */
export class RowAssembler {
  readonly #width: number;
  readonly #merger: ChunkMerger;
  readonly #rows: RowSink;
  #partialRow: readonly WireValue[] = [];

  /** Puts rows of columns of such types into a sink. */
  constructor(types: readonly Type[], rows: RowSink) {
    this.#width = types.length;
    this.#merger = new ChunkMerger(types);
    this.#rows = rows;
  }

  /** Whether a row began that is not complete. */
  get isInsideRow(): boolean {
    return this.#partialRow.length > 0 || this.#merger.isPending;
  }

  /** Takes the values of a message. */
  add(values: readonly WireValue[], endsInMiddle: boolean): void {
    const width = this.#width;
    const whole = this.#merger.add(values, endsInMiddle);
    const all = this.#partialRow.length === 0 ? whole : [...this.#partialRow, ...whole];
    const count = width === 0 ? 0 : Math.floor(all.length / width);
    if (count > 0) this.#rows.decodeRows(all, count);
    this.#partialRow = count * width === all.length ? [] : all.slice(count * width);
  }

  /** As `add`, for values that still lie in their message. */
  addEncoded(values: EncodedValues, endsInMiddle: boolean): void {
    const width = this.#width;
    const head = this.isInsideRow ? width - this.#partialRow.length : 0;
    if (width === 0 || head >= values.length) {
      this.add(values.take(values.length), endsInMiddle);
      return;
    }
    if (head > 0) this.add(values.take(head), false);
    const complete = endsInMiddle ? values.length - 1 : values.length;
    values.takeRows(Math.floor(complete / width), width, this.#rows);
    if (values.length > 0) this.add(values.take(values.length), endsInMiddle);
  }
}
