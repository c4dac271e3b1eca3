// SPDX-License-Identifier: Apache-2.0
// Bytes arrive in whatever pieces the network makes of them; messages must come out whole.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, concatBytes } from "@spandrel/base";
import fc from "fast-check";
import { FrameReader, frameHeader, frameOf } from "./frame.ts";

function takeAll(reader: FrameReader): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let frame = reader.take(); frame !== undefined; frame = reader.take()) {
    messages.push(frame.bytes);
  }
  return messages;
}

test("messages come back whole, however their bytes are split", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(messages, sizes, (sent, pieceSizes) => {
      const bytes = concatBytes(sent.map(frameOf));
      const reader = new FrameReader();
      const received: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = pieceSizes[turn % pieceSizes.length] ?? 1;
        reader.push(bytes.subarray(at, at + size));
        at += size;
        received.push(...takeAll(reader));
      }
      assert.deepEqual(
        received.map((message) => [...message]),
        sent.map((message) => [...message]),
      );
      assert.equal(reader.isInsideFrame, false);
    }),
  );
});

test("a header that travels alone is the one in front of the message", () => {
  const message = Uint8Array.from({ length: 300 }, (_, index) => index);
  assert.deepEqual(concatBytes([frameHeader(300), message]), frameOf(message));
});

test("a message that is cut off is noticed", () => {
  const frame = frameOf(Uint8Array.of(1, 2, 3));
  for (let length = 1; length < frame.length; length++) {
    const reader = new FrameReader();
    reader.push(frame.subarray(0, length));
    assert.equal(reader.take(), undefined);
    assert.equal(reader.isInsideFrame, true);
  }
});

test("a message that is too long is refused by its header alone", () => {
  const reader = new FrameReader(1_000);
  reader.push(Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff));
  assert.throws(() => reader.take(), {
    code: Code.RESOURCE_EXHAUSTED,
    message: "A message of 4294967295 bytes exceeds the limit of 1000 bytes.",
  });
});

test("bytes that are no frame are refused", () => {
  const reader = new FrameReader();
  reader.push(new TextEncoder().encode("GET / HTTP/1.1"));
  assert.throws(() => reader.take(), { code: Code.INTERNAL });
});
