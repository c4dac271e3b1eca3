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
        // What the bytes come in is used for something else right after.
        const lent = Uint8Array.of(9, ...bytes.subarray(at, at + size), 9);
        reader.push(lent, 1, lent.length - 1);
        lent.fill(0xee);
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

test("a long message comes whole, whatever memory it was given at first", () => {
  const message = Uint8Array.from({ length: 1_000_000 }, (_, index) => index * 31);
  const frame = frameOf(message);
  for (const firstBytes of [1, 1_000, 1_000_000, 2_000_000]) {
    const reader = new FrameReader(undefined, firstBytes);
    for (let at = 0; at < frame.length; at += 16_384) {
      assert.equal(reader.hasFrame, false);
      reader.push(frame, at, Math.min(at + 16_384, frame.length));
    }
    assert.deepEqual(takeAll(reader), [message]);
  }
});

test("a message that is promised and does not come takes little memory", () => {
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 1_000 }, () => new FrameReader());
  for (const reader of readers) reader.push(Uint8Array.of(0, 5, 0, 0, 0, 1));
  assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000);
  assert.ok(readers.every(({ isInsideFrame }) => isInsideFrame));
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
  const good = frameOf(Uint8Array.of(1));
  reader.push(concatBytes([good, new TextEncoder().encode("GET / HTTP/1.1")]));
  assert.deepEqual(reader.take()?.bytes, Uint8Array.of(1), "what came before is good");
  assert.throws(() => reader.take(), { code: Code.INTERNAL });
});
