// SPDX-License-Identifier: Apache-2.0
// A commit as bytes: all that has to be known to make it true once more. A schema change is a commit
// with its statement; its rows are in the record like any others, so that nothing is computed again.
//
// Of a row that was written in some columns only these count. Two commits may write one row while both
// are on their way to the disk, and either may fail: so a record says what its commit did, and not what
// came of it together with those before.
import { type CounterList, PackedReader, PackedWriter } from "../mvcc/packed-bytes.ts";
import type { Write } from "../mvcc/versions.ts";
import type { PartialRow } from "./key-values.ts";

/** What a commit writes under one key. */
export interface RecordedWrite extends Write {
  /** Set when the row counts for some columns alone; the others are as they were. */
  readonly part: Pick<PartialRow, "columns"> | undefined;
}

/** What one commit wrote in one space. */
export interface SpaceWrites<Written extends Write = RecordedWrite> {
  readonly space: number;
  readonly writes: readonly Written[];
}

/** See the top of this file. */
export interface CommitRecord {
  readonly atMicros: number;
  /** The DDL statement of a schema change. */
  readonly statement: string | undefined;
  /** Where some counters go on after a crash: they do not wait for commits, but share their records. */
  readonly counters: CounterList;
  readonly spaces: readonly SpaceWrites[];
}

/** What stands behind the key of a write. */
const noRow = 0;
const wholeRow = 1;
const someColumns = 2;

/** The bytes of a commit. */
export function encodeCommit({ atMicros, statement, counters, spaces }: CommitRecord): Uint8Array {
  const writer = new PackedWriter(1_024);
  writer.moment(atMicros);
  writer.text(statement ?? "");
  writer.counters(counters);
  writer.count(spaces.length);
  for (const { space, writes } of spaces) {
    writer.count(space);
    writer.count(writes.length);
    for (const write of writes) putWrite(writer, write);
  }
  return writer.finish();
}

/** The bytes of a record that says nothing but where some counters go on. */
export function encodeCounters(counters: CounterList): Uint8Array {
  return encodeCommit({ atMicros: 0, statement: undefined, counters, spaces: [] });
}

/** The commit that was written as these bytes. */
export function decodeCommit(bytes: Uint8Array): CommitRecord {
  const reader = new PackedReader(bytes);
  const atMicros = reader.moment();
  const statement = reader.text();
  const counters = reader.counters();
  const spaces = times(reader.count(), () => ({
    space: reader.count(),
    writes: times(reader.count(), () => takeWrite(reader)),
  }));
  return { atMicros, statement: statement === "" ? undefined : statement, counters, spaces };
}

function putWrite(writer: PackedWriter, { key, row, part }: RecordedWrite): void {
  writer.key(key);
  if (row === null) {
    writer.byte(noRow);
    return;
  }
  writer.byte(part === undefined ? wholeRow : someColumns);
  if (part !== undefined) {
    writer.count(part.columns.length);
    for (const id of part.columns) writer.count(id);
  }
  writer.key(row);
}

function takeWrite(reader: PackedReader): RecordedWrite {
  const key = reader.key();
  const kind = reader.byte();
  const part =
    kind === someColumns ? { columns: times(reader.count(), () => reader.count()) } : undefined;
  return { key, row: kind === noRow ? null : reader.key(), part };
}

function times<T>(count: number, make: () => T): readonly T[] {
  const made: T[] = [];
  for (let index = 0; index < count; index++) made.push(make());
  return made;
}
