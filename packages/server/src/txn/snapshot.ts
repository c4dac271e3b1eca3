// SPDX-License-Identifier: Apache-2.0
// A read-only view of a database at one moment: no locks, no waiting.
import type { StoredRow, VersionedEntry } from "../mvcc/versions.ts";
import type { KeyValueReader } from "./key-values.ts";
import type { Spaces } from "./spaces.ts";

/** The rows of a moment. */
export class Snapshot implements KeyValueReader {
  readonly atMicros: number;
  readonly #spaces: Spaces;

  constructor(spaces: Spaces, atMicros: number) {
    this.#spaces = spaces;
    this.atMicros = atMicros;
  }

  lock(): undefined {
    return undefined;
  }

  get(space: number, key: string): StoredRow {
    return this.#spaces.of(space).get(key, this.atMicros);
  }

  scan(
    space: number,
    start: string,
    end: string,
    isReverse: boolean,
  ): IterableIterator<VersionedEntry> {
    return this.#spaces.of(space).scan(start, end, this.atMicros, isReverse);
  }

  rows(
    space: number,
    start: string,
    end: string,
    isReverse: boolean,
  ): IterableIterator<readonly string[]> {
    return this.#spaces.of(space).rows(start, end, this.atMicros, isReverse);
  }
}
