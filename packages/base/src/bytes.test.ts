// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareBytes, concatBytes, fromBase64, toBase64 } from "./bytes.ts";

const bytes = fc.uint8Array({ maxLength: 200, size: "max" });

test("bytes go through base64 and back, and Node reads the same text", () => {
  fc.assert(
    fc.property(bytes, (each) => {
      const text = toBase64(each);
      assert.equal(text, Buffer.from(each).toString("base64"));
      assert.deepEqual(fromBase64(text), each);
    }),
  );
});

test("each byte string has one text only: anything else is refused, short or long", () => {
  const long = "A".repeat(96);
  for (const tail of ["=", "A===", "AB==", "AAB=", "A A=", "AA-_", "A=AA", "é==="]) {
    assert.equal(fromBase64(tail), undefined, tail);
    assert.equal(fromBase64(long + tail), undefined, `long ${tail}`);
  }
  assert.deepEqual(fromBase64(`${long}AA==`), new Uint8Array(73));
  assert.deepEqual(fromBase64(""), new Uint8Array());
});

test("bytes compare as Node compares them, and join in order", () => {
  fc.assert(
    fc.property(bytes, bytes, (left, right) => {
      assert.equal(Math.sign(compareBytes(left, right)), Buffer.compare(left, right));
      assert.deepEqual(concatBytes([left, right]), new Uint8Array([...left, ...right]));
    }),
  );
});
