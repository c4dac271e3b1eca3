// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PackedReader, PackedWriter } from "./packed-bytes.ts";

const byteText = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 })
  .map((codes) => String.fromCharCode(...codes));

test("what was written is read again, in the same order", () => {
  const value = fc.oneof(
    fc.record({ kind: fc.constant("byte" as const), value: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant("count" as const), value: fc.maxSafeNat() }),
    fc.record({ kind: fc.constant("moment" as const), value: fc.maxSafeInteger() }),
    fc.record({ kind: fc.constant("key" as const), value: byteText }),
    fc.record({ kind: fc.constant("text" as const), value: fc.string({ unit: "grapheme" }) }),
  );
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const writer = new PackedWriter(1);
      for (const each of values) {
        if (each.kind === "key" || each.kind === "text") writer[each.kind](each.value);
        else writer[each.kind](each.value);
      }
      const bytes = writer.finish();
      assert.equal(bytes.length, writer.length);
      const reader = new PackedReader(bytes);
      for (const { kind, value } of values) assert.equal(reader[kind](), value);
      assert.ok(reader.isAtEnd);
    }),
  );
});
