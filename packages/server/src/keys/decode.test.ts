// SPDX-License-Identifier: Apache-2.0
// A key comes back from its bytes, whole or in part; what is cut off in the middle is left out.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BOOL,
  BYTES,
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
import { decodeKey } from "./decode.ts";
import { afterPrefix } from "./part.ts";
import { encodeKey } from "./row-key.ts";

const text = fc.string({ unit: fc.constantFrom("\0", "\u0001", "ÿ", "\uffff", "😀", "a") });
const samples: readonly (readonly [Type, fc.Arbitrary<Value>])[] = [
  [BOOL, fc.boolean()],
  [INT64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [FLOAT64, fc.double().map((number) => (number === 0 ? 0 : number))],
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
    value: fc.option(value),
  }),
);
const parts = fc.array(part, { minLength: 1, maxLength: 4 });

test("a key comes back from its bytes, and so do its first parts", () => {
  fc.assert(
    fc.property(parts, fc.nat({ max: 4 }), fc.boolean(), (layout, taken, isEndOfRange) => {
      const values = layout.slice(0, taken).map(({ value }) => value);
      const key = encodeKey(layout, values) + (isEndOfRange ? afterPrefix : "");
      assert.deepEqual(decodeKey(layout, key), values);
    }),
    { numRuns: 1_000 },
  );
});

test("a part that is cut off in the middle is left out", () => {
  fc.assert(
    fc.property(parts, fc.nat(), (layout, place) => {
      const values = layout.map(({ value }) => value);
      const key = encodeKey(layout, values);
      const decoded = decodeKey(layout, key.slice(0, place % key.length));
      assert.deepEqual(decoded, values.slice(0, decoded.length));
      assert.ok(decoded.length < values.length);
    }),
    { numRuns: 500 },
  );
});
