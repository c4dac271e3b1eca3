// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WireValue } from "@spandrel/model";
import { PartialResultSet } from "@spandrel/protocol";
import fc from "fast-check";
import { generatedMessage, partialResultSetCodec } from "./partial-result-set-codec.ts";

const scalar: fc.Arbitrary<WireValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ maxLength: 14 }),
);
const value: fc.Arbitrary<WireValue> = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 4 })),
})).value;

test("what the generated codec writes is read alike", () => {
  const message = fc.record(
    {
      values: fc.array(value, { minLength: 1, maxLength: 20 }),
      resumeToken: fc.uint8Array({ minLength: 1, maxLength: 9 }),
      chunkedValue: fc.constant(true),
      last: fc.constant(true),
      metadata: fc.constant<PartialResultSet["metadata"]>({
        rowType: { fields: [{ name: "a", type: { code: 2 } }] },
        transaction: { id: Uint8Array.of(1, 2) },
      }),
      stats: fc.constant<PartialResultSet["stats"]>({
        rowCount: { $case: "rowCountExact", rowCountExact: 7n },
      }),
      precommitToken: fc.constant({ precommitToken: Uint8Array.of(9), seqNum: 3 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(message, (original) => {
      const bytes = PartialResultSet.encode(original).finish();
      const message = generatedMessage(partialResultSetCodec.decode(bytes));
      assert.deepEqual(message, PartialResultSet.decode(bytes));
    }),
    { numRuns: 300 },
  );
});

test("bytes that are no message are refused and never read past", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      // Surrounded by other bytes, as in a larger buffer.
      const larger = new Uint8Array(bytes.length + 16).fill(0x12);
      larger.set(bytes, 8);
      try {
        generatedMessage(partialResultSetCodec.decode(larger.subarray(8, 8 + bytes.length)));
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }),
    { numRuns: 500 },
  );
  const bytes = PartialResultSet.encode({ values: ["a long enough text"] }).finish();
  for (let length = 1; length < bytes.length; length++)
    assert.throws(() => generatedMessage(partialResultSetCodec.decode(bytes.subarray(0, length))));
});
