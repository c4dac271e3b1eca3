// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, codeName, type StatusDetail, StatusError, seededRandom } from "@spandrel/base";
import { backoffMillis, defaultBackoff } from "./backoff.ts";
import { callRetryMillis, isTransient, transactionRetryMillis } from "./policy.ts";

const random = seededRandom(7);
const retryInfo: StatusDetail = { kind: "RetryInfo", delayNanos: 250_000_000n };

describe("a call", () => {
  const again = new Set<number>([Code.UNAVAILABLE]);
  for (const code of Object.values(Code)) {
    if (code === Code.OK) continue;
    const isAgain = again.has(code);
    test(`is ${isAgain ? "" : "not "}made again after ${codeName(code)}`, () => {
      assert.equal(isTransient(new StatusError(code, "")), isAgain);
    });
  }

  test("is made again after RESOURCE_EXHAUSTED when the server says when", () => {
    const error = new StatusError(Code.RESOURCE_EXHAUSTED, "", { details: [retryInfo] });
    assert.equal(callRetryMillis(error, 1, random), 250);
  });

  test("is made again after an INTERNAL error that tells of a broken connection", () => {
    for (const text of [
      "Received RST_STREAM with error code 2",
      "Received unexpected EOS on DATA frame from server",
      "HTTP/2 error code: INTERNAL_ERROR",
    ])
      assert.ok(isTransient(new StatusError(Code.INTERNAL, text)));
  });

  test("waits as long as the server says, however often it failed", () => {
    const error = new StatusError(Code.UNAVAILABLE, "", { details: [retryInfo] });
    assert.equal(callRetryMillis(error, 30, random), 250);
  });
});

describe("the wait before another attempt", () => {
  test("begins with 10 to 20 ms, grows by 1.3, and ends at 32 s", () => {
    for (let failures = 1; failures < 60; failures++) {
      const full = Math.min(20 * 1.3 ** (failures - 1), 32_000);
      const waits = Array.from({ length: 50 }, () => backoffMillis(failures, random));
      assert.ok(waits.every((wait) => wait >= full / 2 && wait <= full));
      assert.ok(Math.max(...waits) - Math.min(...waits) > full / 10, "callers spread");
    }
    assert.equal(defaultBackoff.maxMillis, 32_000);
  });

  test("of an aborted transaction is the server's, or begins the same way", () => {
    const told = new StatusError(Code.ABORTED, "", { details: [retryInfo] });
    assert.equal(transactionRetryMillis(told, 5, random), 250);
    const wait = transactionRetryMillis(new StatusError(Code.ABORTED, ""), 1, random);
    assert.ok(wait >= 10 && wait <= 20);
  });
});
