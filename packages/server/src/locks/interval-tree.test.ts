// SPDX-License-Identifier: Apache-2.0
// The tree finds what a walk over all ranges would find, and finds it without that walk.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Interval, IntervalTree } from "./interval-tree.ts";

const bound = fc.integer({ min: 0, max: 20 }).map((place) => String.fromCharCode(97 + place));
const interval = fc
  .tuple(bound, bound)
  .map(([one, other]) =>
    one < other ? { start: one, end: other } : { start: other, end: `${one}~` },
  );
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("add" as const), interval }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), place: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("find" as const), interval }) },
);

test("overlaps are those that a walk over all ranges finds, in the order of their beginnings", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const tree = new IntervalTree<Interval>();
      const all: Interval[] = [];
      for (const action of steps) {
        if (action.kind === "add") {
          const item = { ...action.interval };
          all.push(item);
          tree.add(item);
        } else if (action.kind === "remove") {
          const [item] = all.splice(action.place % Math.max(1, all.length), 1);
          if (item !== undefined) tree.remove(item);
        } else {
          const { start, end } = action.interval;
          const found: Interval[] = [];
          tree.visitOverlaps(start, end, (item) => found.push(item));
          const expected = all.filter((item) => item.start < end && start < item.end);
          assert.deepEqual(new Set(found), new Set(expected));
          assert.equal(found.length, expected.length);
          for (const [index, { start: next }] of found.entries()) {
            assert.ok(index === 0 || (found[index - 1]?.start ?? "") <= next);
          }
        }
        assert.equal(tree.size, all.length);
      }
    }),
    { numRuns: 300 },
  );
});

test("a hundred thousand ranges that come in order are as good as any: no walk, no deep tree", () => {
  const tree = new IntervalTree<Interval>();
  const key = (place: number): string => place.toString().padStart(6, "0");
  const items = Array.from({ length: 100_000 }, (_, place) => ({
    start: key(place),
    end: `${key(place)}~`,
  }));
  for (const item of items) tree.add(item);
  for (let place = 0; place < items.length; place += 7) {
    const found: Interval[] = [];
    tree.visitOverlaps(key(place), `${key(place)}\0`, (item) => found.push(item));
    assert.deepEqual(found, [items[place]]);
  }
  for (const item of items) tree.remove(item);
  assert.equal(tree.size, 0);
});
