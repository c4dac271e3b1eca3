// SPDX-License-Identifier: Apache-2.0
import type { WireValue } from "@spandrel/model";
import type { KeyRange as ProtoKeyRange, KeySet as ProtoKeySet } from "@spandrel/protocol";
import { badValue } from "./bad-value.ts";
import { encodeColumn } from "./encode.ts";
import type { InputValue } from "./typed-value.ts";

/** The values of a key's columns, in order; a part of them from the left names all that begin so. */
export type Key = readonly InputValue[];

/** Both ends of a range of keys: at most one kind per end, and at least one end. */
export interface KeyRangeBounds {
  readonly startClosed?: Key;
  readonly startOpen?: Key;
  readonly endClosed?: Key;
  readonly endOpen?: Key;
}

/**
 * A range of keys. An end that is left out is the end of the table.
 *
 * https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#google.spanner.v1.KeyRange
 */
export class KeyRange {
  readonly bounds: KeyRangeBounds;

  /** @throws {StatusError} INVALID_ARGUMENT when an end is said twice, or none is said. */
  constructor(bounds: KeyRangeBounds) {
    const { startClosed, startOpen, endClosed, endOpen } = bounds;
    if (startClosed && startOpen) throw badValue("range", "a start both closed and open");
    if (endClosed && endOpen) throw badValue("range", "an end both closed and open");
    if (!startClosed && !startOpen && !endClosed && !endOpen)
      throw badValue("range", "a range without ends");
    this.bounds = bounds;
  }

  /** The range as a request carries it. */
  toProto(): ProtoKeyRange {
    const { startClosed = [], startOpen, endClosed = [], endOpen } = this.bounds;
    return {
      startKeyType: startOpen
        ? { $case: "startOpen", startOpen: encodeKey(startOpen) }
        : { $case: "startClosed", startClosed: encodeKey(startClosed) },
      endKeyType: endOpen
        ? { $case: "endOpen", endOpen: encodeKey(endOpen) }
        : { $case: "endClosed", endClosed: encodeKey(endClosed) },
    };
  }
}

/** What a set of keys holds. */
export interface KeySetParts {
  readonly keys?: readonly Key[];
  readonly ranges?: readonly KeyRange[];
}

/** Rows by their keys: single keys and ranges, or all rows. An empty set names no row. */
export class KeySet {
  readonly keys: readonly Key[];
  readonly ranges: readonly KeyRange[];
  readonly isAll: boolean;

  constructor(parts: KeySetParts | "all" = {}) {
    this.isAll = parts === "all";
    this.keys = parts === "all" ? [] : (parts.keys ?? []);
    this.ranges = parts === "all" ? [] : (parts.ranges ?? []);
  }

  /** Every row. */
  static all(): KeySet {
    return new KeySet("all");
  }

  /** What may stand for a set: a set, a range, or keys. */
  static from(input: KeySetInput): KeySet {
    if (input instanceof KeySet) return input;
    return input instanceof KeyRange
      ? new KeySet({ ranges: [input] })
      : new KeySet({ keys: input });
  }

  /** The set as a request carries it. */
  toProto(): ProtoKeySet {
    if (this.isAll) return { all: true };
    return { keys: this.keys.map(encodeKey), ranges: this.ranges.map((range) => range.toProto()) };
  }
}

/** What may stand for a set of keys. */
export type KeySetInput = KeySet | KeyRange | readonly Key[];

function encodeKey(key: Key): WireValue[] {
  return key.map(encodeColumn);
}
