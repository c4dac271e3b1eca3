// SPDX-License-Identifier: Apache-2.0
// Rows by their keys. Keys that are all integers, as most are, lie in flat arrays: that takes a third
// of the time of a Map. Rows of one key come in the order in which they were given.
import type { Frame } from "../expression/frame.ts";
import type { HashKey } from "../functions/hash-key.ts";
import type { Row } from "../rows/contract.ts";

/** Gives the hash of a row's join key; undefined when a part is NULL, which equals nothing. */
export type KeyHash = (row: Row, frame: Frame) => HashKey | undefined;

/** See the top of this file. Rows are known by their places in `rows`; -1 is none. */
export interface HashTable {
  readonly rows: readonly Row[];
  /** The first row of a key. */
  first(key: HashKey): number;
  /** The row of the same key that follows another one. */
  next(place: number): number;
}

/** Makes a hash table; rows without a key are left out. */
export function hashTable(rows: readonly Row[], hashOf: KeyHash, frame: Frame): HashTable {
  const keys: (HashKey | undefined)[] = [];
  let areIntegers = true;
  for (let place = 0; place < rows.length; place++) {
    const key = hashOf(rows[place] as Row, frame); // below the length
    keys.push(key);
    if (key !== undefined && !Number.isInteger(key)) areIntegers = false;
  }
  return areIntegers ? new IntegerTable(rows, keys) : new MapTable(rows, keys);
}

/** The rows of a key. */
export function rowsOfKey(table: HashTable, key: HashKey): readonly Row[] {
  const found: Row[] = [];
  for (let place = table.first(key); place >= 0; place = table.next(place)) {
    found.push(table.rows[place] as Row); // a place that the table gave
  }
  return found;
}

/** Chains of places, one for each slot. */
class IntegerTable implements HashTable {
  readonly rows: readonly Row[];
  readonly #keys: Float64Array;
  readonly #heads: Int32Array;
  readonly #links: Int32Array;
  readonly #shift: number;

  constructor(rows: readonly Row[], keys: readonly (HashKey | undefined)[]) {
    this.rows = rows;
    this.#shift = Math.min(Math.clz32(rows.length), 30);
    this.#keys = new Float64Array(rows.length);
    this.#heads = new Int32Array(2 ** (32 - this.#shift)).fill(-1);
    this.#links = new Int32Array(rows.length);
    for (let place = rows.length - 1; place >= 0; place--) {
      const key = keys[place];
      if (typeof key !== "number") continue;
      const slot = this.#slotOf(key);
      this.#keys[place] = key;
      this.#links[place] = this.#heads[slot] ?? -1;
      this.#heads[slot] = place;
    }
  }

  first(key: HashKey): number {
    return typeof key === "number" ? this.#findFrom(this.#heads[this.#slotOf(key)] ?? -1, key) : -1;
  }

  next(place: number): number {
    return this.#findFrom(this.#links[place] ?? -1, this.#keys[place] ?? 0);
  }

  #findFrom(start: number, key: number): number {
    let place = start;
    while (place >= 0 && this.#keys[place] !== key) place = this.#links[place] ?? -1;
    return place;
  }

  #slotOf(key: number): number {
    const folded = (key | 0) ^ ((key / 0x1_0000_0000) | 0);
    return Math.imul(folded, 0x9e3779b1) >>> this.#shift;
  }
}

class MapTable implements HashTable {
  readonly rows: readonly Row[];
  readonly #first = new Map<HashKey, number>();
  readonly #links: Int32Array;

  constructor(rows: readonly Row[], keys: readonly (HashKey | undefined)[]) {
    this.rows = rows;
    this.#links = new Int32Array(rows.length);
    for (let place = rows.length - 1; place >= 0; place--) {
      const key = keys[place];
      if (key === undefined) continue;
      this.#links[place] = this.first(key);
      this.#first.set(key, place);
    }
  }

  first(key: HashKey): number {
    return this.#first.get(key) ?? -1;
  }

  next(place: number): number {
    return this.#links[place] ?? -1;
  }
}
