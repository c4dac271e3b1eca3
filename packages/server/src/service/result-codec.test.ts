// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WireValue } from "@spandrel/model";
import { PartialResultSet, ResultSet } from "@spandrel/protocol";
import fc from "fast-check";
import { partialResultSetCodec, resultSetCodec } from "./result-codec.ts";

const text = fc.string({ unit: "binary", maxLength: 60 }).map((each) => each.toWellFormed());
const { value } = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      text.filter((each) => each !== "__proto__"),
      tie("value"),
      { maxKeys: 2, noNullPrototype: true },
    ),
  ),
}));

test("the generated codec reads the rows that are written by hand", () => {
  fc.assert(
    fc.property(fc.array(value), fc.uint8Array(), (values, resumeToken) => {
      const message = { values, resumeToken, chunkedValue: true, last: true };
      const decoded = PartialResultSet.decode(
        new Uint8Array(partialResultSetCodec.encode(message)),
      );
      const expected = PartialResultSet.decode(PartialResultSet.encode(message).finish());
      assert.deepEqual(decoded, expected);
      const rows = [values, values];
      assert.deepEqual(
        ResultSet.decode(resultSetCodec.encode({ rows })),
        ResultSet.decode(ResultSet.encode({ rows }).finish()),
      );
    }),
    { numRuns: 500 },
  );
});

test("texts of every length are written whole, also where their length takes one more byte", () => {
  for (const length of [0, 40, 41, 42, 120, 125, 126, 127, 128, 16_383, 16_384, 70_000]) {
    for (const unit of ["a", "é", "漢", "😀"]) {
      const values = [unit.repeat(length), [unit.repeat(length)]];
      assert.deepEqual(
        PartialResultSet.decode(partialResultSetCodec.encode({ values })).values,
        values,
      );
    }
  }
});
