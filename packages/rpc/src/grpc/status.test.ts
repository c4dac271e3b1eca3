// SPDX-License-Identifier: Apache-2.0
// What an error says must survive the wire, whatever is in it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, type StatusDetail, StatusError } from "@spandrel/base";
import fc from "fast-check";
import {
  addStatusTrailers,
  codeOfHttpStatus,
  decodeBinary,
  decodeMessage,
  encodeBinary,
  encodeMessage,
  statusOfTrailers,
} from "./status.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const detail: fc.Arbitrary<StatusDetail> = fc.oneof(
  fc.record({
    kind: fc.constant("ResourceInfo" as const),
    resourceType: text,
    resourceName: text,
    owner: text,
    description: text,
  }),
  fc.record({
    kind: fc.constant("RetryInfo" as const),
    delayNanos: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
  }),
  fc.record({
    kind: fc.constant("ErrorInfo" as const),
    reason: text,
    domain: text,
    metadata: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
  }),
  fc.record({
    kind: fc.constant("BadRequest" as const),
    violations: fc.array(fc.record({ field: text, description: text }), { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("Help" as const),
    links: fc.array(fc.record({ description: text, url: text }), { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("Any" as const),
    typeUrl: text.map((name) => `type.googleapis.com/sample.${name}`),
    value: fc.uint8Array({ maxLength: 20 }),
  }),
);

/** An `Any` whose type name contains a slash or is one of ours reads back as something else. */
function isPlain(value: StatusDetail): boolean {
  return value.kind !== "Any" || !value.typeUrl.slice("type.googleapis.com/".length).includes("/");
}

test("code, text and details come back as they were sent", () => {
  const details = fc.array(detail.filter(isPlain), { maxLength: 4 });
  const code = fc.integer({ min: 1, max: 16 });
  fc.assert(
    fc.property(code, text, details, (number, message, sent) => {
      const error = new StatusError(number as Code, message, { details: sent });
      const trailers: Record<string, string> = {};
      addStatusTrailers(trailers, error);
      for (const value of Object.values(trailers)) assert.match(value, /^[ -~]*$/);
      const received = statusOfTrailers(trailers);
      assert.ok(received instanceof StatusError);
      assert.equal(received.code, number);
      assert.equal(received.message, message);
      assert.deepEqual(received.details, structuredClone(sent)); // with ordinary prototypes
    }),
  );
});

describe("grpc-message", () => {
  test("any text survives percent-encoding", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        assert.equal(decodeMessage(encodeMessage(message)), message.toWellFormed());
      }),
    );
  });

  test("only what the specification asks for is encoded", () => {
    assert.equal(encodeMessage("a ~!#$&/:;=?@ text"), "a ~!#$&/:;=?@ text");
    assert.equal(encodeMessage("100% schön\n"), "100%25 sch%C3%B6n%0A");
  });

  test("what is badly encoded is taken as it stands", () => {
    assert.equal(decodeMessage("100% of %4 and %zz"), "100% of %4 and %zz");
  });

  test("a text that no header can hold is cut between characters", () => {
    const encoded = encodeMessage("ö".repeat(100_000));
    assert.ok(encoded.length <= 4_096);
    assert.match(decodeMessage(encoded), /^ö+\.\.\.$/);
  });
});

describe("statuses of other people", () => {
  test("binary values are read with and without padding", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const bare = encodeBinary(bytes);
        assert.ok(!bare.includes("="));
        assert.deepEqual(decodeBinary(bare), bytes);
        assert.deepEqual(decodeBinary(Buffer.from(bytes).toString("base64")), bytes);
      }),
    );
  });

  test("an unknown code is UNKNOWN, and 00 is no OK", () => {
    for (const status of ["17", "-1", "", "x", "999999999999", "00"]) {
      const error = statusOfTrailers({ "grpc-status": status });
      assert.ok(error instanceof StatusError && error.code === Code.UNKNOWN, status);
    }
  });

  test("broken details do not hide the status", () => {
    const error = statusOfTrailers({
      "grpc-status": "5",
      "grpc-message": "gone",
      "grpc-status-details-bin": "////",
      "google.rpc.retryinfo-bin": "not base64!",
    });
    assert.ok(error instanceof StatusError);
    assert.deepEqual([error.code, error.message, error.details], [Code.NOT_FOUND, "gone", []]);
  });

  test("an ErrorInfo gives the reason", () => {
    const trailers: Record<string, string> = {};
    const info = { kind: "ErrorInfo", reason: "QUOTA", domain: "d", metadata: {} } as const;
    addStatusTrailers(trailers, new StatusError(Code.ABORTED, "", { details: [info] }));
    const error = statusOfTrailers(trailers);
    assert.ok(error instanceof StatusError && error.reason === "QUOTA");
  });

  test("an HTTP status stands for the code that gRPC gives it", () => {
    assert.equal(codeOfHttpStatus(401), Code.UNAUTHENTICATED);
    assert.equal(codeOfHttpStatus(404), Code.UNIMPLEMENTED);
    assert.equal(codeOfHttpStatus(503), Code.UNAVAILABLE);
    assert.equal(codeOfHttpStatus(418), Code.UNKNOWN);
  });
});
