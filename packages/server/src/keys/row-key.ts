// SPDX-License-Identifier: Apache-2.0
// Whole keys and ranges of them, as bytes in order.
import type { Type, Value } from "@spandrel/model";
import { afterPrefix, type EncodedKey, encodePart } from "./part.ts";

/** What a key is made of: a type and a direction a part. */
export interface KeyLayout {
  readonly type: Type;
  readonly isDescending: boolean;
}

/** A range of encoded keys, from `start` (included) to `end` (excluded). */
export interface EncodedRange {
  readonly start: EncodedKey;
  readonly end: EncodedKey;
}

/** A key, or its first parts, as bytes in order. */
export function encodeKey(layout: readonly KeyLayout[], values: readonly Value[]): EncodedKey {
  let key = "";
  for (let index = 0; index < values.length; index++) {
    const part = layout[index];
    if (part === undefined) break;
    key += encodePart(part.type, values[index] ?? null, part.isDescending);
  }
  return key;
}

/** The bounds of a range in values; see KeyRange in the room `rows`. */
export interface KeyBounds {
  readonly start: readonly Value[];
  readonly isStartClosed: boolean;
  readonly end: readonly Value[];
  readonly isEndClosed: boolean;
}

/** A range of values as a range of bytes; undefined when nothing can be in it. */
export function encodeRange(
  layout: readonly KeyLayout[],
  bounds: KeyBounds,
): EncodedRange | undefined {
  if (isWholeKey(layout, bounds)) {
    const key = encodeKey(layout, bounds.start);
    return { start: key, end: `${key}\0` };
  }
  const startPrefix = encodeKey(layout, bounds.start);
  const endPrefix = encodeKey(layout, bounds.end);
  const start = bounds.isStartClosed ? startPrefix : startPrefix + afterPrefix;
  const end = bounds.isEndClosed ? endPrefix + afterPrefix : endPrefix;
  return start < end ? { start, end } : undefined;
}

/** Whether the bounds are those of one whole key; the very same values, as a point read gives them. */
function isWholeKey(layout: readonly KeyLayout[], bounds: KeyBounds): boolean {
  return (
    bounds.start === bounds.end &&
    bounds.start.length === layout.length &&
    bounds.isStartClosed &&
    bounds.isEndClosed
  );
}

/** The one key of a range that holds no other, since no whole key begins with another. */
export function singleKeyOf(range: EncodedRange): EncodedKey | undefined {
  return range.end.length === range.start.length + 1 && range.end === `${range.start}\0`
    ? range.start
    : undefined;
}

/** Ranges in order, those that touch or overlap made one, so that each key stands in one only. */
export function mergeRanges(ranges: readonly EncodedRange[]): readonly EncodedRange[] {
  if (ranges.length < 2) return ranges;
  const sorted = ranges.toSorted((left, right) => (left.start < right.start ? -1 : 1));
  const merged: EncodedRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end) merged.push(range);
    else if (range.end > last.end)
      merged[merged.length - 1] = { start: last.start, end: range.end };
  }
  return merged;
}
