// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@spandrel/base";
import fc from "fast-check";
import { parseTimeout, printTimeout } from "./timeout.ts";

test("a printed timeout is never shorter than what was asked for, nor much longer", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e14, noNaN: true }), (millis) => {
      const text = printTimeout(millis);
      assert.match(text, /^[0-9]{1,8}[HMSmun]$/);
      const read = parseTimeout(text);
      assert.ok(read >= millis);
      assert.ok(read <= Math.max(millis + 1, millis * 1.1));
    }),
  );
});

test("every unit is read", () => {
  const read = ["2H", "3M", "4S", "5m", "6u", "7n"].map(parseTimeout);
  assert.deepEqual(read, [7_200_000, 180_000, 4_000, 5, 0.006, 0.000007]);
});

test("what is no timeout is refused", () => {
  for (const text of ["", "5", "m", "5x", "-5m", "1.5S", "123456789m", " 5m"]) {
    assert.throws(() => parseTimeout(text), { code: Code.INTERNAL }, text);
  }
});
