// SPDX-License-Identifier: Apache-2.0
// From headers to bytes. A header that comes a second time with the same value goes into the table,
// and from then on is a byte or two. What is different in every call, such as a timeout, never
// goes there: it would push out what is worth keeping.
import { assert } from "@spandrel/base";
import { checkHeaders, type SentHeaders } from "./header-list.ts";
import { ENTRY_BYTES, STATIC_TABLE, TABLE_BYTES_DEFAULT } from "./static-table.ts";

/** What the encoder knows of one name. */
interface NameEntry {
  readonly name: string;
  /** The entry of the static table that has the name; 0 when none has. */
  readonly staticIndex: number;
  /** Values in the static table, with the numbers of their entries. */
  readonly staticValues: ReadonlyMap<string, number>;
  /** Values in the table, with the numbers that they got when they were put in. */
  readonly values: Map<string, number>;
  /** The last values that were sent in full, the newest last. */
  readonly recent: string[];
}

interface TableEntry {
  readonly nameEntry: NameEntry;
  readonly value: string;
  readonly bytes: number;
}

/** So many values of a name are remembered to see whether one of them comes again. */
const RECENT_MAX = 4;

/** So many names are known at most; others are sent in full each time. */
const NAMES_MAX = 256;

/** Makes the header blocks of one direction of one connection. */
export class HeaderEncoder {
  readonly #names = new Map<string, NameEntry>();
  /** The table's entries, the oldest first; those before `#oldest` have been given up. */
  #entries: TableEntry[] = [];
  #oldest = 0;
  /** How many entries were ever put in before the first one of `#entries`. */
  #forgotten = 0;
  #tableBytes = 0;
  #tableBytesMax = TABLE_BYTES_DEFAULT;
  /** The least size since the last block and the size now, while the other end has to be told. */
  #resized: { readonly least: number; readonly now: number } | undefined;
  #block: Uint8Array = new Uint8Array(1024);
  #length = 0;

  constructor() {
    for (const { name } of STATIC_TABLE) this.#nameEntry(name);
  }

  /**
   * Says how many bytes the other end allows the table to have; more than 4,096 are not used.
   *
   * The next block tells the other end.
   */
  setTableBytesMax(bytes: number): void {
    const now = Math.min(bytes, TABLE_BYTES_DEFAULT);
    if (now === this.#tableBytesMax && this.#resized === undefined) return;
    this.#resized = { least: Math.min(now, this.#resized?.least ?? now), now };
    this.#tableBytesMax = now;
    this.#evict(now);
  }

  /**
   * Makes one block; the bytes are good until the next one is made.
   *
   * Names are lower case, and those that begin with a colon come first.
   *
   * @throws {HeaderNotAllowedError} for a name or value that no header can have. The block was not
   * made, and the next one can be.
   */
  encode(headers: SentHeaders): Uint8Array {
    // Looked at before anything is written, since what is in the table must have been sent.
    checkHeaders(headers);
    this.#length = 0;
    this.#tellSize();
    for (const name in headers) {
      const value = headers[name];
      if (typeof value === "string") this.#field(name, value);
      else if (value !== undefined) for (const one of value) this.#field(name, one);
    }
    return this.#block.subarray(0, this.#length);
  }

  #tellSize(): void {
    if (this.#resized === undefined) return;
    const { least, now } = this.#resized;
    this.#resized = undefined;
    this.#reserve(12);
    if (least < now) this.#integer(least, 5, 0x20);
    this.#integer(now, 5, 0x20);
  }

  #field(name: string, value: string): void {
    const entry = this.#nameEntry(name);
    if (entry === undefined) {
      this.#literal(0, name, value, 0);
      return;
    }
    const index = entry.staticValues.get(value) ?? this.#index(entry.values.get(value));
    if (index !== undefined) {
      this.#reserve(6);
      this.#integer(index, 7, 0x80);
      return;
    }
    // The other end looks the name up before it puts the entry in, and so does this one.
    const nameIndex = this.#indexOfName(entry);
    const isInserted = this.#comesAgain(entry, value) && this.#insert(entry, value);
    this.#literal(nameIndex, name, value, isInserted ? 0x40 : 0);
  }

  #nameEntry(name: string): NameEntry | undefined {
    const known = this.#names.get(name);
    if (known !== undefined || this.#names.size >= NAMES_MAX) return known;
    const fields = STATIC_TABLE.map((field, place) => ({ ...field, index: place + 1 })).filter(
      (field) => field.name === name,
    );
    const entry: NameEntry = {
      name,
      staticIndex: fields[0]?.index ?? 0,
      staticValues: new Map(
        fields.filter(({ value }) => value !== "").map(({ value, index }) => [value, index]),
      ),
      values: new Map(),
      recent: [],
    };
    this.#names.set(name, entry);
    return entry;
  }

  /** Whether the value was sent a short while ago. */
  #comesAgain(entry: NameEntry, value: string): boolean {
    const { recent } = entry;
    if (recent.includes(value)) return true;
    recent.push(value);
    if (recent.length > RECENT_MAX) recent.shift();
    return false;
  }

  /** The number of an entry that has the name; 0 when none has. */
  #indexOfName(entry: NameEntry): number {
    if (entry.staticIndex > 0) return entry.staticIndex;
    for (const number of entry.values.values()) return this.#index(number) ?? 0;
    return 0;
  }

  /** What an entry is called now: the newest of the table comes after the static ones. */
  #index(number: number | undefined): number | undefined {
    if (number === undefined) return undefined;
    return STATIC_TABLE.length + this.#forgotten + this.#entries.length - number;
  }

  /** Puts a value into the table, unless it is too large for all of it. */
  #insert(nameEntry: NameEntry, value: string): boolean {
    const bytes = nameEntry.name.length + value.length + ENTRY_BYTES;
    if (bytes > this.#tableBytesMax) return false;
    this.#evict(this.#tableBytesMax - bytes);
    nameEntry.values.set(value, this.#forgotten + this.#entries.length);
    this.#entries.push({ nameEntry, value, bytes });
    this.#tableBytes += bytes;
    return true;
  }

  /** Gives up the oldest entries until the others fit into so many bytes. */
  #evict(bytes: number): void {
    while (this.#tableBytes > bytes) {
      const oldest = this.#entries[this.#oldest];
      assert(oldest !== undefined, "a table that has bytes has an entry");
      oldest.nameEntry.values.delete(oldest.value);
      this.#tableBytes -= oldest.bytes;
      this.#oldest += 1;
    }
    if (this.#oldest > 128) {
      this.#forgotten += this.#oldest;
      this.#entries = this.#entries.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  /** A header in full: RFC 7541, section 6.2. */
  #literal(nameIndex: number, name: string, value: string, kind: 0x40 | 0): void {
    this.#reserve(name.length + value.length + 18);
    this.#integer(nameIndex, kind === 0 ? 4 : 6, kind);
    if (nameIndex === 0) this.#text(name);
    this.#text(value);
  }

  #text(text: string): void {
    this.#integer(text.length, 7, 0);
    for (let index = 0; index < text.length; index++) {
      this.#block[this.#length + index] = text.charCodeAt(index);
    }
    this.#length += text.length;
  }

  /** An integer whose first bits share a byte with others: RFC 7541, section 5.1. */
  #integer(value: number, prefixBits: number, otherBits: number): void {
    const mask = 2 ** prefixBits - 1;
    if (value < mask) {
      this.#block[this.#length] = otherBits | value;
      this.#length += 1;
      return;
    }
    this.#block[this.#length] = otherBits | mask;
    this.#length += 1;
    let rest = value - mask;
    while (rest >= 0x80) {
      this.#block[this.#length] = (rest & 0x7f) | 0x80;
      this.#length += 1;
      rest >>>= 7;
    }
    this.#block[this.#length] = rest;
    this.#length += 1;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#block.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#block.length));
    larger.set(this.#block.subarray(0, this.#length));
    this.#block = larger;
  }
}
