// SPDX-License-Identifier: Apache-2.0
// Versions of a key by timestamp, over the ordered tree of `store`.
//
// Under each key stands a chain, newest version first. A version is what the key held from its
// timestamp on: the bytes of a row, or nothing (a tombstone). A read at a moment takes the newest
// version that is not younger, so it is a snapshot without any copying. Timestamps are microseconds
// since the Unix epoch, which a number holds exactly until the year 2255.
//
// Versions that no read can ask for any more are cut off when their key is written, and by `collect`.
import { assert } from "@spandrel/base";
import { OrderedTree } from "@spandrel/store";

/** What a key holds: the bytes of a row as characters 0 to 255; null is nothing. */
export type StoredRow = string | null;

interface Version {
  readonly atMicros: number;
  readonly row: StoredRow;
  readonly previous: Version | undefined;
}

/** A change of one key. */
export interface Write {
  readonly key: string;
  readonly row: StoredRow;
}

/** A key and its row, as a scan gives them. */
export type VersionedEntry = readonly [key: string, row: string];

/** The rows of one table, or the entries of one index, in all their versions. */
export class Versions {
  readonly #tree: OrderedTree<Version>;

  constructor(tree: OrderedTree<Version> = new OrderedTree()) {
    this.#tree = tree;
  }

  /** The row of a key at a moment; null when there was none. */
  get(key: string, atMicros: number): StoredRow {
    return visible(this.#tree.get(key), atMicros);
  }

  /** When the key was last written; 0 when it never was. */
  writtenAtMicros(key: string): number {
    return this.#tree.get(key)?.atMicros ?? 0;
  }

  /** The rows of a moment, in key order from `start` (included) to `end` (excluded). */
  *scan(
    start: string,
    end: string,
    atMicros: number,
    isReverse: boolean,
  ): IterableIterator<VersionedEntry> {
    const entries = isReverse ? this.#tree.scanReverse(start, end) : this.#tree.scan(start, end);
    for (const [key, version] of entries) {
      const row = visible(version, atMicros);
      if (row !== null) yield [key, row];
    }
  }

  /**
   * Writes what one commit changed here; no version before `horizonMicros` will be asked for again.
   */
  write(writes: Iterable<Write>, atMicros: number, horizonMicros: number): void {
    for (const { key, row } of writes) {
      const previous = this.#tree.get(key);
      assert(
        previous === undefined || previous.atMicros < atMicros,
        "timestamps of a key only rise",
      );
      if (previous === undefined && row === null) continue;
      this.#tree.set(key, { atMicros, row, previous: cut(previous, horizonMicros) });
    }
  }

  /** Drops what no read from `horizonMicros` on can see. Gives how many keys it dropped whole. */
  collect(horizonMicros: number): number {
    let dropped = 0;
    for (const [key, version] of this.#tree.scan("", undefined)) {
      if (version.row === null && version.atMicros <= horizonMicros) {
        this.#tree.delete(key);
        dropped++;
      } else {
        const kept = cut(version, horizonMicros);
        if (kept !== version && kept !== undefined) this.#tree.set(key, kept);
      }
    }
    return dropped;
  }

  /** A copy in constant time. */
  fork(): Versions {
    return new Versions(this.#tree.fork());
  }
}

function visible(newest: Version | undefined, atMicros: number): StoredRow {
  let version = newest;
  while (version !== undefined && version.atMicros > atMicros) version = version.previous;
  return version === undefined ? null : version.row;
}

/** The chain without the versions behind the newest one that a read at the horizon would see. */
function cut(newest: Version | undefined, horizonMicros: number): Version | undefined {
  if (newest === undefined || newest.previous === undefined) return newest;
  if (newest.atMicros <= horizonMicros) return { ...newest, previous: undefined };
  const previous = cut(newest.previous, horizonMicros);
  return previous === newest.previous ? newest : { ...newest, previous };
}
