// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, codeName, codeOf, StatusError } from "./status.ts";

test("what is thrown becomes a status by one door, and keeps its cause", () => {
  const own = new StatusError(Code.ABORTED, "give way", { reason: "WOUNDED" });
  assert.equal(StatusError.from(own), own);
  const broken = new TypeError("x is not a function");
  const made = StatusError.from(broken, Code.INTERNAL);
  assert.deepEqual([made.codeName, made.message, made.cause], ["INTERNAL", broken.message, broken]);
  const abort = StatusError.from(AbortSignal.abort().reason);
  assert.equal(abort.code, Code.CANCELLED);
  assert.equal(
    StatusError.from(new DOMException("late", "TimeoutError")).code,
    Code.DEADLINE_EXCEEDED,
  );
  assert.equal(StatusError.from("text").message, "text");
});

test("another copy of the package makes errors that are recognized, and other errors are not", () => {
  const foreign = Object.assign(new Error("far away"), {
    code: Code.NOT_FOUND,
    [Symbol.for("spandrel.StatusError")]: true,
  });
  assert.ok(foreign instanceof StatusError);
  assert.equal(new Error("plain") instanceof StatusError, false);
  class Special extends StatusError {}
  assert.ok(new Special(Code.OK, "") instanceof StatusError);
  assert.equal(foreign instanceof Special, false);
});

test("a detail is found by its kind", () => {
  const error = new StatusError(Code.ABORTED, "", {
    details: [
      { kind: "Help", links: [] },
      { kind: "RetryInfo", delayNanos: 5n },
    ],
  });
  assert.equal(error.findDetail("RetryInfo")?.delayNanos, 5n);
  assert.equal(error.findDetail("ErrorInfo"), undefined);
});

test("a number that is no code is UNKNOWN", () => {
  assert.deepEqual([codeName(5), codeName(99), codeOf(99)], ["NOT_FOUND", "UNKNOWN", Code.UNKNOWN]);
});
