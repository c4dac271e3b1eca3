// SPDX-License-Identifier: Apache-2.0
// What is dead leaves by itself, at the pace of the commits, and never before its time.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { StoredRow } from "../mvcc/versions.ts";
import { Spaces } from "./spaces.ts";

const kept = 10;

/** Every write that ever was, oldest first. */
type History = readonly {
  readonly space: number;
  readonly key: string;
  readonly row: StoredRow;
  readonly atMicros: number;
}[];

function rowAt(history: History, space: number, key: string, atMicros: number): StoredRow {
  const seen = history.findLast(
    (each) => each.space === space && each.key === key && each.atMicros <= atMicros,
  );
  return seen?.row ?? null;
}

const write = fc.record({
  space: fc.constantFrom(1, 2, 3),
  key: fc.constantFrom("a", "b", "c", "d"),
  row: fc.option(fc.constantFrom("1", "2")),
});

test("commits that sweep change nothing that a read from the horizon on sees", () => {
  fc.assert(
    fc.property(fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 60 }), (commits) => {
      const spaces = new Spaces();
      let history: History = [];
      for (const [index, writes] of commits.entries()) {
        const atMicros = index + 1;
        const horizon = Math.max(0, atMicros - kept);
        for (const { space, key, row } of new Map(
          writes.map((each) => [`${each.space}/${each.key}`, each]),
        ).values()) {
          spaces.of(space).write([{ key, row }], atMicros, horizon);
          history = [...history, { space, key, row, atMicros }];
        }
        spaces.sweep(writes.length, horizon);
        for (let at = horizon; at <= atMicros; at++) {
          for (const space of [1, 2, 3]) {
            for (const key of ["a", "b", "c", "d"]) {
              assert.equal(spaces.of(space).get(key, at), rowAt(history, space, key, at));
            }
          }
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("rows that come and go leave nothing behind, whichever keys they had", () => {
  const spaces = new Spaces();
  let most = 0;
  for (let at = 1; at <= 5_000; at++) {
    const horizon = Math.max(0, at - 100);
    spaces.of(1).write([{ key: `k${at}`, row: "1" }], at, horizon);
    if (at > 50) spaces.of(1).write([{ key: `k${at - 50}`, row: null }], at, horizon);
    spaces.sweep(2, horizon);
    most = Math.max(most, spaces.size.keys);
  }
  assert.ok(most < 300, `50 rows live at a time, and 100 moments are kept; keys: ${most}`);
});

test("a space that is forgotten goes once nobody can read the time when it was there", () => {
  const spaces = new Spaces();
  spaces.of(1).write([{ key: "a", row: "1" }], 1, 0);
  spaces.of(2).write([{ key: "a", row: "1" }], 2, 0);
  spaces.forget(1, 5);
  spaces.sweep(0, 4);
  assert.equal(spaces.of(1).get("a", 4), "1");
  spaces.sweep(0, 5);
  assert.deepEqual(spaces.size, { spaces: 1, keys: 1 });
  assert.throws(() => spaces.of(1).get("a", 4), /exceeded the maximum timestamp staleness/);
});
