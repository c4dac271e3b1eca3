// SPDX-License-Identifier: Apache-2.0
// Rows as a stream of messages of bounded size. A message ends between two rows where it can, because
// only there can a stream be resumed, and clients hold back what comes until they may resume behind it.
// A row too large for a message is spread over several; a value of it that is too large for what is
// left of one is cut and goes on in the next.
//
// How a value is cut follows from how clients join it: strings are concatenated; lists are
// concatenated, and where the last element of the one and the first of the other are both strings, or
// both lists, those two are joined in turn. So a list that is cut between two whole elements goes on
// with an empty element of the same kind, which joins to nothing. Numbers, booleans and NULL are never
// cut. https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#partialresultset
import type { WireValue } from "@spandrel/model";

/** A message's worth of values. */
export interface Chunk {
  readonly values: readonly WireValue[];
  /** Whether the last value goes on in the next chunk. */
  readonly isCut: boolean;
  /** Whole rows that have been sent once this chunk has; undefined while a row is under way. */
  readonly rowsSent: number | undefined;
}

const noChunks: readonly Chunk[] = [];

/** Gathers values and gives chunks of about so many bytes. */
export class Chunker {
  readonly #bytesMax: number;
  #values: WireValue[] = [];
  #bytes = 0;
  #rows: number;
  /** Whether some of a row has been taken, but not all of it. */
  #isMidRow = false;

  constructor(bytesMax: number, rowsSent = 0) {
    this.#bytesMax = bytesMax;
    this.#rows = rowsSent;
  }

  /** Takes a row; gives the chunks that are full with it, which most rows give none of. */
  row(row: readonly WireValue[]): readonly Chunk[] {
    const size = sizeOfRow(row);
    if (this.#bytes + size < this.#bytesMax) {
      for (const value of row) this.#values.push(value);
      this.#bytes += size;
      this.#rows++;
      return noChunks;
    }
    return [...this.#fullRow(row, size)];
  }

  *#fullRow(row: readonly WireValue[], size: number): IterableIterator<Chunk> {
    if (this.#values.length > 0 && this.#bytes + size > this.#bytesMax) yield this.#flush(false);
    if (this.#bytes + size > this.#bytesMax) {
      for (const value of row) yield* this.#add(value);
    } else {
      for (const value of row) this.#values.push(value);
      this.#bytes += size;
    }
    this.#rows++;
    this.#isMidRow = false;
    if (this.#bytes >= this.#bytesMax) yield this.#flush(false);
  }

  /** What is left, once there are no more rows; undefined when it is nothing. */
  rest(): Chunk | undefined {
    return this.#values.length === 0 ? undefined : this.#flush(false);
  }

  *#add(value: WireValue): IterableIterator<Chunk> {
    let rest = value;
    let size = sizeOf(rest);
    while (this.#bytes + size > this.#bytesMax) {
      const room = this.#bytesMax - this.#bytes;
      const parts = room > 0 ? cut(rest, room) : undefined;
      if (parts === undefined) {
        // It cannot be cut here: it goes whole into the next chunk, or into this one if that is empty.
        if (this.#values.length === 0) break;
        yield this.#flush(false);
        continue;
      }
      this.#values.push(parts.head);
      this.#isMidRow = true;
      yield this.#flush(true);
      rest = parts.tail;
      size = sizeOf(rest);
    }
    this.#values.push(rest);
    this.#bytes += size;
    this.#isMidRow = true;
  }

  #flush(isCut: boolean): Chunk {
    const rowsSent = this.#isMidRow ? undefined : this.#rows;
    const chunk = { values: this.#values, isCut, rowsSent };
    this.#values = [];
    this.#bytes = 0;
    return chunk;
  }
}

/** About how many bytes a row takes on the wire. */
export function sizeOfRow(row: readonly WireValue[]): number {
  let size = 0;
  for (const value of row) size += sizeOf(value);
  return size;
}

/** About how many bytes a value takes on the wire; texts count three bytes beyond ASCII at most. */
function sizeOf(value: WireValue): number {
  if (typeof value === "string") return utf8Length(value) + 6;
  if (!Array.isArray(value)) return 11;
  let size = 8;
  for (const each of value) size += sizeOf(each);
  return size;
}

/** Texts that are longer are cheaper to measure by a call out of JavaScript. */
const shortText = 24;

function utf8Length(text: string): number {
  if (text.length > shortText) return Buffer.byteLength(text);
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) length += code > 0x7ff ? (code >= 0xd800 && code <= 0xdfff ? 1 : 2) : 1;
  }
  return length;
}

interface Parts {
  readonly head: WireValue;
  readonly tail: WireValue;
}

/** Cuts a value so that its head takes about `room` bytes; undefined when it cannot be cut so small. */
function cut(value: WireValue, room: number): Parts | undefined {
  if (typeof value === "string") return cutText(value, room);
  return Array.isArray(value) ? cutList(value, room) : undefined;
}

function cutText(text: string, room: number): Parts | undefined {
  let at = 0;
  let bytes = 6;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    bytes += code > 0xffff ? 4 : code > 0x7ff ? 3 : code > 0x7f ? 2 : 1;
    if (bytes > room) break;
    at += code > 0xffff ? 2 : 1;
  }
  return at === 0 ? undefined : { head: text.slice(0, at), tail: text.slice(at) };
}

function cutList(list: readonly WireValue[], room: number): Parts | undefined {
  let bytes = 8;
  for (let at = 0; at < list.length; at++) {
    const element = list[at] ?? null;
    const size = sizeOf(element);
    if (bytes + size <= room) {
      bytes += size;
      continue;
    }
    const parts = cut(element, room - bytes);
    if (parts !== undefined) {
      return {
        head: [...list.slice(0, at), parts.head],
        tail: [parts.tail, ...list.slice(at + 1)],
      };
    }
    if (at === 0 || (at === 1 && isEmpty(list[0] ?? null))) return undefined;
    return { head: list.slice(0, at), tail: [...joint(list[at - 1] ?? null), ...list.slice(at)] };
  }
  return undefined;
}

/** Whether a value joins to nothing: a head of only that would be no progress. */
function isEmpty(value: WireValue): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

/** What the tail of a list begins with when its head ends with a whole element. */
function joint(last: WireValue): readonly WireValue[] {
  if (typeof last === "string") return [""];
  return Array.isArray(last) ? [[]] : [];
}
