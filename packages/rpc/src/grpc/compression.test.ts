// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Code } from "@spandrel/base";
import { decompressFrame, parseEncoding } from "./compression.ts";

test("a small message that would fill the memory is refused", () => {
  const bomb = { isCompressed: true, bytes: gzipSync(new Uint8Array(10_000_000)) };
  assert.ok(bomb.bytes.length < 20_000);
  assert.throws(() => decompressFrame(bomb, "gzip", 1_000_000), { code: Code.RESOURCE_EXHAUSTED });
  assert.equal(decompressFrame(bomb, "gzip", 10_000_000).length, 10_000_000);
});

test("bytes that are no gzip, and gzip that nobody announced, are refused", () => {
  const frame = { isCompressed: true, bytes: Uint8Array.of(1, 2, 3) };
  assert.throws(() => decompressFrame(frame, "gzip", 100), { code: Code.INTERNAL });
  assert.throws(() => decompressFrame(frame, "identity", 100), { code: Code.INTERNAL });
});

test("an encoding that nobody understands is UNIMPLEMENTED", () => {
  assert.throws(() => parseEncoding("snappy"), {
    code: Code.UNIMPLEMENTED,
    message: 'Unknown message encoding "snappy"; supported are identity,gzip.',
  });
});
