// SPDX-License-Identifier: Apache-2.0
// There are two ways from the wire to a value: through a wire value, and straight from the bytes. They
// must agree on everything a server may send, the malformed included.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  FLOAT64,
  INT64,
  JSON_TYPE,
  NUMERIC,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
  type WireValue,
} from "@spandrel/model";
import { PartialResultSet } from "@spandrel/protocol";
import fc from "fast-check";
import { decoderOf } from "./decode.ts";
import {
  listReader,
  type ObjectShape,
  objectShape,
  plainListReader,
  plainShape,
} from "./object-shape.ts";
import { columnReader } from "./read-column.ts";
import { ValueReader } from "./value-reader.ts";

const struct = structOf([
  { name: "Id", type: INT64 },
  { name: "", type: STRING },
  { name: "Tags", type: arrayOf(STRING) },
]);
const types: readonly Type[] = [
  ...[BOOL, BYTES, DATE, FLOAT64, INT64, JSON_TYPE, NUMERIC, STRING, TIMESTAMP],
  ...[arrayOf(INT64), arrayOf(STRING), struct, arrayOf(struct)],
];

const digits = fc.stringMatching(/^-?[0-9]{0,20}$/);
const decimal = fc.stringMatching(/^-?[0-9]{0,8}\.?[0-9]{0,11}$/);
const moment = fc.stringMatching(
  /^20[0-9]{2}-0[1-3]-[23][0-9]T[12][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z$/,
);
const base64 = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  fc.stringMatching(/^[A-Za-z0-9+/=é]{0,12}$/),
);
const scalar: fc.Arbitrary<WireValue> = fc.oneof(
  ...[fc.constant(null), fc.boolean(), fc.double(), digits, decimal, moment, base64],
  ...[fc.string({ unit: "grapheme", maxLength: 30 }), fc.constantFrom("NaN", "2026-02-29", "{}")],
);
const element = fc.oneof(scalar, fc.tuple(digits, fc.string(), fc.array(fc.string())));
const wire: fc.Arbitrary<WireValue> = fc.oneof(scalar, fc.array(element, { maxLength: 3 }));

/** What a function gives, or the text of what it throws. */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

function readerOf(values: readonly WireValue[]): ValueReader {
  // The generated type names google.protobuf.Value by what it can hold.
  const message = { values: [...values] as NonNullable<PartialResultSet["values"]> };
  return new ValueReader(PartialResultSet.encode(message).finish());
}

test("reading from bytes gives what decoding a wire value gives, or fails like it", () => {
  const int64 = fc.constantFrom("bigint" as const, "number" as const);
  fc.assert(
    fc.property(fc.constantFrom(...types), int64, wire, (type, int64, value) => {
      const reader = readerOf([value]);
      const read = columnReader(type, { int64 });
      assert.deepEqual(
        outcome(() => read(reader, reader.endOfField())),
        outcome(() => decoderOf(type, { int64 })(value)),
      );
    }),
    { numRuns: 3_000 },
  );
});

test("a list that claims to be longer than its value is refused", () => {
  const { bytes } = readerOf([["a", "b"], "behind"]);
  bytes[3] = 9; // The length of the list, which was six.
  const reader = new ValueReader(bytes);
  assert.throws(() => columnReader(arrayOf(STRING))(reader, reader.endOfField()), {
    reason: "MALFORMED_MESSAGE",
  });
});

test("short texts are what they are, however long the message is", () => {
  const texts = Array.from({ length: 5_000 }, (_, index) => `${index * 7_919}`.slice(0, 12));
  const reader = readerOf(texts);
  const read = columnReader(STRING);
  assert.deepEqual(
    texts.map(() => read(reader, reader.endOfField())),
    texts,
  );
});

test("integers of every length are exact, with and without a sign", () => {
  const read = columnReader(INT64);
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(62), (long, bits) => {
      const value = long >> BigInt(bits);
      const reader = readerOf([String(value)]);
      assert.equal(read(reader, reader.endOfField()), value);
    }),
    { numRuns: 2_000 },
  );
});

test("lists hold the values in their order, also where making code from text is forbidden", () => {
  const readers = [STRING, INT64, FLOAT64].map((type) => columnReader(type));
  for (const read of [listReader(readers), plainListReader(readers)]) {
    assert.deepEqual(read(readerOf(["a", "7", null])), ["a", 7n, null]);
  }
});

describe("objects", () => {
  const rowOf = (shape: ObjectShape, width: number): unknown => {
    const values = Array.from({ length: width }, (_, index) => `value ${index}`);
    const decoded = shape.decoder(values.map(() => decoderOf(STRING)))(values, 0);
    const read = shape.reader(values.map(() => columnReader(STRING)))(readerOf(values));
    assert.deepEqual(read, decoded);
    return read;
  };

  test("have their names, whatever these are", () => {
    const names = ["a", "constructor", '"', "\u2028", "`", "b c", "7", "\\"];
    const row = rowOf(objectShape(names), names.length) as Record<string, unknown>;
    assert.equal(row["constructor"], "value 1");
    assert.deepEqual(rowOf(plainShape(names), names.length), row);
    const careful = rowOf(objectShape(["__proto__", "b"]), 2) as Record<string, unknown>;
    assert.equal(Object.getPrototypeOf(careful), Object.prototype);
    assert.deepEqual(Object.entries(careful), [
      ["__proto__", "value 0"],
      ["b", "value 1"],
    ]);
  });

  test("are the same where making code from text is forbidden", () => {
    const file = new URL("object-shape.ts", import.meta.url).href;
    const program = `
      const { objectShape } = await import(${JSON.stringify(file)});
      const decode = objectShape(["a", "b"]).decoder([String, String]);
      console.log(JSON.stringify(decode([1, 2], 0)));`;
    const flags = ["--conditions=source", "--disallow-code-generation-from-strings"];
    const args = [...flags, "--input-type=module", "--eval", program];
    const output = execFileSync(process.execPath, args, { encoding: "utf8", timeout: 20_000 });
    assert.equal(output.trim(), '{"a":"1","b":"2"}');
  });
});
