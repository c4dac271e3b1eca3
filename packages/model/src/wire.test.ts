// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { comparatorOf, compareText } from "./order.ts";
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  FLOAT64,
  INT64,
  NUMERIC,
  printType,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
  typesEqual,
} from "./type.ts";
import type { Value } from "./value.ts";
import { decodeValue, encodeValue, typeFromProto, typeToProto, WireFormatError } from "./wire.ts";

const scalars: readonly (readonly [Type, fc.Arbitrary<Value>])[] = [
  [BOOL, fc.boolean()],
  [INT64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [FLOAT64, fc.double()],
  [NUMERIC, fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })],
  [STRING, fc.string({ unit: "binary" })],
  [BYTES, fc.uint8Array()],
  [DATE, fc.integer({ min: -719_162, max: 2_932_896 })],
  [TIMESTAMP, fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n })],
];
const typed = fc.constantFrom(...scalars).chain(([type, value]) =>
  fc.oneof(
    fc.option(value).map((each) => [type, each] as const),
    fc.array(fc.option(value)).map((each) => [arrayOf(type), each] as const),
    fc.tuple(fc.option(value), fc.string()).map(
      (each) =>
        [
          structOf([
            { name: "a", type },
            { name: "", type: STRING },
          ]),
          each,
        ] as const,
    ),
  ),
);

test("values go over the wire and come back the same, and so do their types", () => {
  fc.assert(
    fc.property(typed, ([type, value]) => {
      const wire = JSON.parse(JSON.stringify(encodeValue(type, value)));
      const back = decodeValue(type, wire);
      // JSON writes -0 as 0; the wire's number does not, and both are one value in SQL.
      assert.equal(comparatorOf(type)(back, value), 0);
      const sameType = typeFromProto(typeToProto(type));
      assert.ok(sameType !== undefined && typesEqual(sameType, type), printType(type));
    }),
    { numRuns: 500 },
  );
});

test("what is not of the type is refused, and says what was expected", () => {
  const cases: [Type, unknown][] = [
    [INT64, 5],
    [INT64, "9223372036854775808"],
    [INT64, "1.0"],
    [INT64, ""],
    [FLOAT64, "1"],
    [FLOAT64, "nan"],
    [BOOL, "true"],
    [STRING, 1],
    [BYTES, "a"],
    [arrayOf(INT64), "1"],
    [arrayOf(INT64), [1]],
    [structOf([{ name: "a", type: INT64 }]), ["1", "2"]],
  ];
  for (const [type, wire] of cases) {
    assert.throws(() => decodeValue(type, wire as never), WireFormatError, JSON.stringify(wire));
  }
  assert.throws(() => decodeValue(INT64, "x"), /^WireFormatError: Could not parse "x" as INT64\.$/);
});

test("FLOAT64 knows its three texts, and FLOAT32 is rounded to what 32 bits hold", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.equal(decodeValue(FLOAT64, encodeValue(FLOAT64, value)), value);
  }
  assert.equal(decodeValue({ kind: "FLOAT32" }, 0.1), Math.fround(0.1));
});

test("texts are ordered by code point, as their UTF-8 bytes are", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
      assert.equal(Math.sign(compareText(left, right)), bytes);
    }),
    { numRuns: 1_000 },
  );
  assert.ok(compareText("\uffff", "😀") < 0);
});

test("NULL is first, NaN before all other floats, and the zeros are one", () => {
  const order = comparatorOf(FLOAT64);
  const sorted = [1, null, -0, Number.NaN, Number.NEGATIVE_INFINITY].sort(order);
  assert.deepEqual(sorted, [null, Number.NaN, Number.NEGATIVE_INFINITY, -0, 1]);
  assert.equal(order(0, -0), 0);
});
