// SPDX-License-Identifier: Apache-2.0
// Reading rows: key ranges become byte ranges, each is locked and then walked, rows are unpacked by
// the columns that were asked for.
import { type EncodedRange, mergeRanges, singleKeyOf } from "../keys/row-key.ts";
import { type Access, columnSet, readRows, rowExists, writeRows } from "../locks/columns.ts";
import type { VersionedEntry } from "../mvcc/versions.ts";
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
    const toRow = rowMaker(scan);
    const access = accessOf(scan);
    let batchRows = firstBatchRows;
    let batch: Row[] = [];
    for (const range of rangesOf(scan, layout)) {
      const locked = this.#keyValues.lock({ space, start: range.start, end: range.end }, access);
      if (locked !== undefined) await locked;
      for (const rows of this.#rowsOf(space, range, scan.isReverse)) {
        for (let from = 0; from < rows.length; ) {
          from = fill(batch, batchRows, rows, from, toRow);
          if (batch.length < batchRows) continue;
          yield batch;
          batch = [];
          batchRows = Math.min(batchRows * 4, batchRowsMax);
        }
      }
    }
    if (batch.length > 0) yield batch;
  }

  /** Many rows at a time where that may be; a transaction looks after each one. */
  #rowsOf(space: number, range: EncodedRange, isReverse: boolean): Iterable<readonly string[]> {
    const key = singleKeyOf(range);
    if (key !== undefined) {
      const row = this.#keyValues.get(space, key);
      return row === null ? [] : [[row]];
    }
    const { start, end } = range;
    const many = this.#keyValues.rows?.(space, start, end, isReverse);
    return many ?? oneByOne(this.#keyValues.scan(space, start, end, isReverse));
  }
}

function* oneByOne(entries: Iterable<VersionedEntry>): Generator<readonly string[]> {
  for (const [, row] of entries) yield [row];
}

/** Makes rows until a batch is full; gives where the next one begins. Fast, as no generator is. */
function fill(
  batch: Row[],
  most: number,
  packed: readonly string[],
  from: number,
  toRow: (packed: string) => Row,
): number {
  const end = Math.min(packed.length, from + most - batch.length);
  for (let index = from; index < end; index++) batch.push(toRow(packed[index] ?? ""));
  return end;
}

function rowMaker({ columns, isPacked }: Scan): (packed: string) => Row {
  if (isPacked === true) return (packed) => [packed];
  const unpacker = new RowUnpacker(columns);
  return (packed) => unpacker.unpack(packed);
}

/**
 * Of a row, its key and the columns that are asked for are read; an entry of an index is read whole.
 * Who is going to write columns locks them for that from the start, and has those alone that are read
 * as well: two who read them both before either writes would have to give way to each other.
 */
function accessOf({ index, columns, isForUpdate, written }: Scan): Access {
  if (isForUpdate && written === undefined) return writeRows;
  if (index === undefined) {
    const writerShared = isForUpdate ? columnSet(written ?? []) : 0;
    return { readerShared: rowExists | columnSet(columns), writerShared };
  }
  const inEntry = [...index.key.map(({ column }) => column), ...index.storing];
  const isRewritten =
    isForUpdate && inEntry.some(({ id }) => written?.some((each) => each.id === id));
  return isRewritten ? writeRows : readRows;
}

function layoutOf(scan: Scan): Layout {
  return scan.index === undefined ? tableLayout(scan.table) : indexLayout(scan.index, scan.table);
}

function rangesOf(scan: Scan, layout: Layout): readonly EncodedRange[] {
  const encoded = scan.ranges.flatMap((range) => rangeBytes(layout, range) ?? []);
  const merged = mergeRanges(encoded);
  return scan.isReverse ? merged.toReversed() : merged;
}
