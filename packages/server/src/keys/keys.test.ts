// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BOOL,
  BYTES,
  comparatorOf,
  DATE,
  FLOAT64,
  INT64,
  NUMERIC,
  STRING,
  TIMESTAMP,
  type Type,
  type Value,
} from "@spandrel/model";
import fc from "fast-check";
import { encodeKey, encodeRange, mergeRanges } from "./row-key.ts";

const text = fc.string({
  unit: fc.oneof(fc.constantFrom("\0", "\u0001", "ÿ", "\uffff", "😀"), fc.constantFrom("a", "b")),
});
const samples: readonly (readonly [Type, fc.Arbitrary<Value>])[] = [
  [BOOL, fc.boolean()],
  [INT64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [FLOAT64, fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN))],
  [NUMERIC, fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })],
  [STRING, text],
  [BYTES, fc.uint8Array({ maxLength: 4 })],
  [DATE, fc.integer({ min: -719_162, max: 2_932_896 })],
  [TIMESTAMP, fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n })],
];
const part = fc.constantFrom(...samples).chain(([type, value]) =>
  fc.record({
    type: fc.constant(type),
    isDescending: fc.boolean(),
    left: fc.option(value),
    right: fc.option(value),
  }),
);

test("keys compare as bytes the way their rows compare as values", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const left = encodeKey(
        parts,
        parts.map((each) => each.left),
      );
      const right = encodeKey(
        parts,
        parts.map((each) => each.right),
      );
      let expected = 0;
      for (const { type, isDescending, left: one, right: other } of parts) {
        const order = Math.sign(comparatorOf(type)(one, other));
        expected ||= isDescending ? 0 - order : order;
      }
      assert.equal(left < right ? -1 : left > right ? 1 : 0, expected);
    }),
    { numRuns: 2_000 },
  );
});

test("the range of a prefix holds the keys that begin with it and no other", () => {
  fc.assert(
    fc.property(part, part, (first, second) => {
      const layout = [first, second];
      const range = encodeRange(layout, {
        start: [first.left],
        isStartClosed: true,
        end: [first.left],
        isEndClosed: true,
      });
      assert.ok(range !== undefined);
      const isInside = (key: string) => key >= range.start && key < range.end;
      assert.ok(isInside(encodeKey(layout, [first.left, second.left])));
      const isSame = comparatorOf(first.type)(first.left, first.right) === 0;
      assert.equal(isInside(encodeKey(layout, [first.right, second.right])), isSame);
    }),
    { numRuns: 2_000 },
  );
});

test("open bounds leave out every key that begins with them; a reversed range is empty", () => {
  const layout = [
    { type: INT64, isDescending: false },
    { type: STRING, isDescending: false },
  ];
  const open = encodeRange(layout, {
    start: [1n],
    isStartClosed: false,
    end: [3n],
    isEndClosed: false,
  });
  assert.ok(open !== undefined);
  const inside = (values: Value[]) => {
    const key = encodeKey(layout, values);
    return key >= open.start && key < open.end;
  };
  assert.deepEqual(
    [
      [1n, "z"],
      [2n, ""],
      [2n, "z"],
      [3n, ""],
    ].map(inside),
    [false, true, true, false],
  );
  const reversed = { start: [3n], isStartClosed: true, end: [1n], isEndClosed: true };
  assert.equal(encodeRange(layout, reversed), undefined);
});

test("ranges that overlap become one, so that no row comes twice", () => {
  const merged = mergeRanges([
    { start: "d", end: "f" },
    { start: "a", end: "b" },
    { start: "e", end: "g" },
    { start: "b", end: "c" },
  ]);
  assert.deepEqual(merged, [
    { start: "a", end: "c" },
    { start: "d", end: "g" },
  ]);
});
