// SPDX-License-Identifier: Apache-2.0
// Versions of a key by timestamp, over the ordered tree of `store`.
//
// Under each key stands a chain, newest version first. A version is what the key held from its
// timestamp on: the bytes of a row, or nothing (a tombstone). A read at a moment takes the newest
// version that is not younger, so it is a snapshot without any copying. Timestamps are microseconds
// since the Unix epoch, which a number holds exactly until the year 2255.
//
// Versions that no read can ask for any more are cut off when their key is written, and by `sweep`,
// which walks the keys round and round, a few at a time. Reads before the horizon of the last cut are
// refused: they would not see what has been cut off.
//
// To cut a chain is to walk along it. So that a key which is written all the time does not pay for its
// whole past with each write, a chain is cut again only when the horizon has passed all that was left of
// it the last time: what is kept is at most twice what must be, and a write costs the same however many
// there were before it.
import { assert } from "@spandrel/base";
import { OrderedTree } from "@spandrel/store";
import { readTimestampTooOld } from "../errors/transaction.ts";

/** What a key holds: the bytes of a row as characters 0 to 255; null is nothing. */
export type StoredRow = string | null;

/** What a key held from a moment on. */
export interface Moment {
  readonly atMicros: number;
  readonly row: StoredRow;
}

interface Version extends Moment {
  readonly previous: Version | undefined;
  /** Once the horizon is here, it pays to cut the chain that begins with this version. */
  readonly cutFromMicros: number;
}

/** A change of one key. */
export interface Write {
  readonly key: string;
  readonly row: StoredRow;
}

/** What a key held at a moment, and what it holds now. */
export interface Change {
  readonly before: StoredRow;
  readonly after: StoredRow;
}

/** A key and its row, as a scan gives them. */
export type VersionedEntry = readonly [key: string, row: string];

/** The rows of one table, or the entries of one index, in all their versions. */
export class Versions {
  readonly #tree: OrderedTree<Version>;
  /** What only older reads could see may have been cut off. */
  #horizonMicros: number;
  /** Where the next sweep begins. */
  #sweptTo = "";

  constructor(tree: OrderedTree<Version> = new OrderedTree(), horizonMicros = 0) {
    this.#tree = tree;
    this.#horizonMicros = horizonMicros;
  }

  /** How many keys there are, those included that only old reads can see. */
  get size(): number {
    return this.#tree.size;
  }

  /**
   * The row of a key at a moment; null when there was none.
   *
   * @throws {StatusError} FAILED_PRECONDITION when versions of that moment may be gone.
   */
  get(key: string, atMicros: number): StoredRow {
    if (atMicros < this.#horizonMicros) throw readTimestampTooOld();
    return visible(this.#tree.get(key), atMicros);
  }

  /** What the key holds now; null when that is nothing. */
  newest(key: string): StoredRow {
    return this.#tree.get(key)?.row ?? null;
  }

  /** When the key was last written; 0 when it never was, or nothing of it is left. */
  writtenAtMicros(key: string): number {
    return this.#tree.get(key)?.atMicros ?? 0;
  }

  /**
   * What the keys from `start` (included) to `end` (excluded) that were written after a moment held at it,
   * and what they hold now; undefined when that can no longer be told.
   */
  writtenAfter(start: string, end: string, atMicros: number): Iterable<Change> | undefined {
    if (atMicros < this.#horizonMicros) return undefined;
    if (end !== `${start}\0`) return this.#changes(start, end, atMicros);
    const newest = this.#tree.get(start);
    return newest === undefined || newest.atMicros <= atMicros ? [] : [changeOf(newest, atMicros)];
  }

  *#changes(start: string, end: string, atMicros: number): Iterable<Change> {
    for (const [, newest] of this.#tree.scan(start, end)) {
      if (newest.atMicros > atMicros) yield changeOf(newest, atMicros);
    }
  }

  /**
   * The rows of a moment, in key order from `start` (included) to `end` (excluded).
   *
   * @throws {StatusError} FAILED_PRECONDITION when versions of that moment may be gone, now or by the
   * time that the scan has come so far.
   */
  *scan(
    start: string,
    end: string,
    atMicros: number,
    isReverse: boolean,
  ): IterableIterator<VersionedEntry> {
    const entries = isReverse ? this.#tree.scanReverse(start, end) : this.#tree.scan(start, end);
    for (const [key, version] of entries) {
      if (atMicros < this.#horizonMicros) throw readTimestampTooOld();
      const row = visible(version, atMicros);
      if (row !== null) yield [key, row];
    }
  }

  /**
   * The same without the keys, some dozens of rows at a time.
   *
   * @throws {StatusError} as `scan` does.
   */
  *rows(
    start: string,
    end: string,
    atMicros: number,
    isReverse: boolean,
  ): IterableIterator<readonly string[]> {
    for (const versions of this.#tree.runs(start, end, isReverse)) {
      if (atMicros < this.#horizonMicros) throw readTimestampTooOld();
      yield visibleRows(versions, atMicros);
    }
  }

  /**
   * Writes what one commit changed here; no version before `horizonMicros` will be asked for again.
   */
  write(writes: Iterable<Write>, atMicros: number, horizonMicros: number): void {
    this.#moveHorizon(horizonMicros);
    for (const { key, row } of writes) {
      const previous = this.#tree.get(key);
      assert(
        previous === undefined || previous.atMicros < atMicros,
        "timestamps of a key only rise",
      );
      if (previous === undefined && row === null) continue;
      this.#tree.set(key, versionOver(cut(previous, horizonMicros), atMicros, row));
    }
  }

  /**
   * Goes on with the round through the keys, over at most `keysMax` of them, and drops what no read
   * from `horizonMicros` on can see. Gives how many keys it has looked at.
   */
  sweep(keysMax: number, horizonMicros: number): number {
    this.#moveHorizon(horizonMicros);
    const due: [key: string, kept: Version | undefined][] = [];
    let looked = 0;
    let sweptTo = "";
    for (const [key, version] of this.#tree.scan(this.#sweptTo, undefined)) {
      if (looked === keysMax) {
        sweptTo = key;
        break;
      }
      looked++;
      const isGone = version.row === null && version.atMicros <= horizonMicros;
      const kept = isGone ? undefined : cut(version, horizonMicros);
      if (kept !== version) due.push([key, kept]);
    }
    for (const [key, kept] of due) {
      if (kept === undefined) this.#tree.delete(key);
      else this.#tree.set(key, kept);
    }
    this.#sweptTo = sweptTo;
    return looked;
  }

  /** Whether the round through the keys is at its beginning. */
  get isRoundComplete(): boolean {
    return this.#sweptTo === "";
  }

  /** From now on, reads before this moment are refused. */
  #moveHorizon(horizonMicros: number): void {
    this.#horizonMicros = Math.max(this.#horizonMicros, horizonMicros);
  }

  /**
   * Every key with all of its versions, newest first, in key order; while it is being walked through,
   * writes may go on.
   */
  *histories(): IterableIterator<readonly [key: string, newestFirst: readonly Moment[]]> {
    for (const [key, newest] of this.#tree.scan("", undefined)) {
      const newestFirst: Moment[] = [];
      for (let version: Version | undefined = newest; version; version = version.previous) {
        newestFirst.push(version);
      }
      yield [key, newestFirst];
    }
  }

  /** Puts a version back that was there before, unless the key has one as young. */
  restore(key: string, { atMicros, row }: Moment): void {
    const previous = this.#tree.get(key);
    if (previous !== undefined && previous.atMicros >= atMicros) return;
    this.#tree.set(key, versionOver(previous, atMicros, row));
  }

  /** Reads before this moment are refused. */
  get horizonMicros(): number {
    return this.#horizonMicros;
  }

  /** A copy in constant time. */
  fork(): Versions {
    return new Versions(this.#tree.fork(), this.#horizonMicros);
  }
}

function visibleRows(newest: readonly Version[], atMicros: number): readonly string[] {
  const rows: string[] = [];
  for (const version of newest) {
    const row = visible(version, atMicros);
    if (row !== null) rows.push(row);
  }
  return rows;
}

function changeOf(newest: Version, atMicros: number): Change {
  return { before: visible(newest, atMicros), after: newest.row };
}

function visible(newest: Version | undefined, atMicros: number): StoredRow {
  let version = newest;
  while (version !== undefined && version.atMicros > atMicros) version = version.previous;
  return version === undefined ? null : version.row;
}

/** A new version in front of a chain. */
function versionOver(previous: Version | undefined, atMicros: number, row: StoredRow): Version {
  // Of one version nothing can be cut; of two the older one, once nobody reads before the younger.
  const cutFromMicros = previous?.previous === undefined ? atMicros : previous.cutFromMicros;
  return { atMicros, row, previous, cutFromMicros };
}

/** The chain without the versions behind the newest one that a read at the horizon would see. */
function cut(newest: Version | undefined, horizonMicros: number): Version | undefined {
  if (newest?.previous === undefined || newest.cutFromMicros > horizonMicros) return newest;
  const kept: Version[] = [];
  let version: Version | undefined = newest;
  while (version !== undefined && version.atMicros > horizonMicros) {
    kept.push(version);
    version = version.previous;
  }
  if (version === undefined) return newest;
  const cutFromMicros = newest.atMicros;
  let chain: Version = { ...version, previous: undefined, cutFromMicros };
  for (const { atMicros, row } of kept.reverse()) {
    chain = { atMicros, row, previous: chain, cutFromMicros };
  }
  return chain;
}
