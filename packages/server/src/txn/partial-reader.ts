// SPDX-License-Identifier: Apache-2.0
// Reads of a part of what there is, for work that is cut into partitions.
import type { LockRange } from "../locks/lock-table.ts";
import type { KeyValueReader } from "./key-values.ts";

/** Reads that see, of one space, only the keys of a range; other spaces they see whole. */
export function clipped(reader: KeyValueReader, clip: LockRange): KeyValueReader {
  return {
    lock: (range, access) => reader.lock(range, access),
    get(space, key) {
      const isOutside = space === clip.space && (key < clip.start || key >= clip.end);
      return isOutside ? null : reader.get(space, key);
    },
    scan(space, start, end, isReverse) {
      if (space !== clip.space) return reader.scan(space, start, end, isReverse);
      const from = start > clip.start ? start : clip.start;
      const to = end < clip.end ? end : clip.end;
      return from < to ? reader.scan(space, from, to, isReverse) : [].values();
    },
  };
}

/** Reads that find nothing, and note in `asked` what they were asked for. */
export function asking(asked: LockRange[]): KeyValueReader {
  return {
    lock(range) {
      asked.push(range);
      return undefined;
    },
    get: () => null,
    scan: () => [].values(),
  };
}
