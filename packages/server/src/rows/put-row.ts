// SPDX-License-Identifier: Apache-2.0
// The last step of a write: a row or an entry, worked out and checked, goes under its key.
import type { Value } from "@spandrel/model";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import type { Finish, KeyValueWriter, PartialRow } from "../txn/key-values.ts";
import { keyBytes, type Layout } from "./layout.ts";
import { packRow } from "./row-codec.ts";
import { valuesAt } from "./table-program.ts";

/** A row or an entry, and where it goes. */
export interface PlacedRow {
  readonly layout: Layout;
  /** Values of the layout's columns. */
  readonly values: readonly Value[];
  readonly key: string;
  /** Whether some column may hold the timestamp of the commit to come. */
  readonly mayAwaitTimestamp: boolean;
  /** Where the key stands in the values; undefined when it stands first. */
  readonly keyPlaces: readonly number[] | undefined;
  /** Set when the other columns of the row are not locked: others may write them meanwhile. */
  readonly part?: PartialRow | undefined;
}

/** Puts a row in its place; one with a commit timestamp to come is packed again at the commit. */
export function putRow(keyValues: KeyValueWriter, placed: PlacedRow): void {
  const { layout, values, key, mayAwaitTimestamp, part } = placed;
  const finish = mayAwaitTimestamp ? finishOf(placed) : undefined;
  const row = packRow(layout.columns, values);
  if (part === undefined) keyValues.put(layout.space, key, row, finish);
  else keyValues.putPart(layout.space, key, row, part, finish);
}

function finishOf({ layout, values, keyPlaces }: PlacedRow): Finish | undefined {
  if (!values.includes(PENDING_COMMIT_TIMESTAMP)) return undefined;
  return (commitMicros) => {
    const atNanos = BigInt(commitMicros) * 1_000n;
    const known = values.map((value) => (value === PENDING_COMMIT_TIMESTAMP ? atNanos : value));
    const key = keyPlaces === undefined ? known : valuesAt(known, keyPlaces);
    return { key: keyBytes(layout, key), row: packRow(layout.columns, known) };
  };
}
