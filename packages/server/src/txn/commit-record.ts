// SPDX-License-Identifier: Apache-2.0
// A commit as bytes: all that has to be known to make it true once more. A schema change is a commit
// with its statement; its rows are in the record like any others, so that nothing is computed again.
import { type CounterList, PackedReader, PackedWriter } from "../mvcc/packed-bytes.ts";
import type { Write } from "../mvcc/versions.ts";

/** What one commit wrote in one space. */
export interface SpaceWrites {
  readonly space: number;
  readonly writes: readonly Write[];
}

/** See the top of this file. */
export interface CommitRecord {
  readonly atMicros: number;
  /** The DDL statement of a schema change. */
  readonly statement: string | undefined;
  /** Where counters stand that have moved: they do not wait for commits, but this is when they are kept. */
  readonly counters: CounterList;
  readonly spaces: readonly SpaceWrites[];
}

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
    for (const { key, row } of writes) {
      writer.key(key);
      writer.row(row);
    }
  }
  return writer.finish();
}

/** The commit that was written as these bytes. */
export function decodeCommit(bytes: Uint8Array): CommitRecord {
  const reader = new PackedReader(bytes);
  const atMicros = reader.moment();
  const statement = reader.text();
  const counters = reader.counters();
  const spaces = times(reader.count(), () => ({
    space: reader.count(),
    writes: times(reader.count(), () => ({
      key: reader.key(),
      row: reader.row(),
    })),
  }));
  return { atMicros, statement: statement === "" ? undefined : statement, counters, spaces };
}

function times<T>(count: number, make: () => T): readonly T[] {
  const made: T[] = [];
  for (let index = 0; index < count; index++) made.push(make());
  return made;
}
