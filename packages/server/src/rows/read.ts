// SPDX-License-Identifier: Apache-2.0
// Reading rows: key ranges become byte ranges, each is locked and then walked, rows are unpacked by
// the columns that were asked for.
import { mergeRanges, singleKeyOf } from "../keys/row-key.ts";
import type { KeyValueReader } from "../txn/key-values.ts";
import type { Row, RowReader, Scan } from "./contract.ts";
import { indexLayout, type Layout, rangeBytes, tableLayout } from "./layout.ts";
import { RowUnpacker } from "./row-codec.ts";

/** Rows in a batch. The first batch is small, so that a query with a small limit reads little. */
const firstBatchRows = 16;
const batchRowsMax = 512;

/** Reads rows of a snapshot or within a transaction. */
export class Rows implements RowReader {
  readonly #keyValues: KeyValueReader;

  constructor(keyValues: KeyValueReader) {
    this.#keyValues = keyValues;
  }

  async *scan(scan: Scan): AsyncIterable<readonly Row[]> {
    const layout = layoutOf(scan);
    const { space } = layout;
    const unpacker = new RowUnpacker(scan.columns);
    const mode = scan.isForUpdate ? "exclusive" : "shared";
    let batchRows = firstBatchRows;
    let batch: Row[] = [];
    for (const range of rangesOf(scan, layout)) {
      const locked = this.#keyValues.lock({ space, start: range.start, end: range.end }, mode);
      if (locked !== undefined) await locked;
      const key = singleKeyOf(range);
      if (key !== undefined) {
        const row = this.#keyValues.get(space, key);
        if (row !== null) batch.push(unpacker.unpack(row));
        continue;
      }
      const entries = this.#keyValues.scan(space, range.start, range.end, scan.isReverse);
      for (const [, row] of entries) {
        batch.push(unpacker.unpack(row));
        if (batch.length < batchRows) continue;
        yield batch;
        batch = [];
        batchRows = Math.min(batchRows * 4, batchRowsMax);
      }
    }
    if (batch.length > 0) yield batch;
  }
}

function layoutOf(scan: Scan): Layout {
  return scan.index === undefined ? tableLayout(scan.table) : indexLayout(scan.index, scan.table);
}

function rangesOf(scan: Scan, layout: Layout): readonly { start: string; end: string }[] {
  const encoded = scan.ranges.flatMap((range) => rangeBytes(layout, range) ?? []);
  const merged = mergeRanges(encoded);
  return scan.isReverse ? merged.toReversed() : merged;
}
