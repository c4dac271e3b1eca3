// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OrderedTree } from "./ordered-tree.ts";

const key = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 3,
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("set" as const), key, value: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fork" as const) }) },
);

function byKey([left]: readonly [string, number], [right]: readonly [string, number]): number {
  return left < right ? -1 : 1;
}

test("a tree and all of its forks behave as plain sorted maps, whatever is done to them", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), key, key, (steps, start, end) => {
      const pairs = [{ tree: new OrderedTree<number>(), model: new Map<string, number>() }];
      for (const [count, action] of steps.entries()) {
        const pair = pairs[count % pairs.length] as (typeof pairs)[number];
        if (action.kind === "set") {
          pair.tree.set(action.key, action.value);
          pair.model.set(action.key, action.value);
        } else if (action.kind === "delete") {
          assert.equal(pair.tree.delete(action.key), pair.model.delete(action.key));
        } else if (pairs.length < 4) {
          pairs.push({ tree: pair.tree.fork(), model: new Map(pair.model) });
        }
      }
      for (const { tree, model } of pairs) {
        const sorted = [...model].sort(byKey);
        assert.equal(tree.size, model.size);
        assert.deepEqual([...tree.scan("", undefined)], sorted);
        assert.deepEqual([...tree.scanReverse("", undefined)], sorted.toReversed());
        const within = sorted.filter(([each]) => each >= start && each < end);
        assert.deepEqual([...tree.scan(start, end)], within);
        assert.deepEqual([...tree.scanReverse(start, end)], within.toReversed());
        const values = within.map(([, value]) => value);
        assert.deepEqual([...tree.runs(start, end, false)].flat(), values);
        assert.deepEqual([...tree.runs(start, end, true)].flat(), values.toReversed());
        for (const [each, value] of sorted) assert.equal(tree.get(each), value);
      }
    }),
  );
});

test("a scan goes on in order while its tree is written, split and emptied around it", () => {
  const tree = new OrderedTree<number>();
  const name = (number: number) => String(number).padStart(6, "0");
  for (let number = 0; number < 1_000; number += 2) tree.set(name(number), number);
  const seen: string[] = [];
  for (const [each, value] of tree.scan("", undefined)) {
    seen.push(each);
    if (value % 2 === 0) tree.set(name(value + 1), value + 1);
    tree.delete(each);
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 1_000 }, (_, number) => name(number)),
  );
  assert.equal(tree.size, 0);
});

test("runs go on in order, either way, while the tree is emptied around them", () => {
  for (const isReverse of [false, true]) {
    const tree = new OrderedTree<number>();
    const name = (number: number) => String(number).padStart(6, "0");
    for (let number = 0; number < 1_000; number++) tree.set(name(number), number);
    const seen: number[] = [];
    for (const run of tree.runs(name(10), name(990), isReverse)) {
      seen.push(...run);
      for (const number of run) tree.delete(name(number));
      tree.set(name(5), 5);
    }
    const expected = Array.from({ length: 980 }, (_, number) => number + 10);
    assert.deepEqual(seen, isReverse ? expected.reverse() : expected);
  }
});

test("a hundred thousand keys in any order stay sorted, and a fork does not see later writes", () => {
  const tree = new OrderedTree<number>();
  for (let number = 0; number < 100_000; number++) {
    tree.set(String((number * 7_919) % 100_003).padStart(6, "0"), number);
  }
  const fork = tree.fork();
  for (let number = 0; number < 100_003; number += 3) tree.delete(String(number).padStart(6, "0"));
  assert.equal(fork.size, 100_000);
  let previous = "";
  let count = 0;
  for (const [each] of fork.scan("", undefined)) {
    assert.ok(each > previous);
    previous = each;
    count++;
  }
  assert.equal(count, 100_000);
  assert.ok(tree.size < 67_000);
});
