// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WireValue } from "@spandrel/model";
import fc from "fast-check";
import { type Chunk, Chunker } from "./chunk.ts";

/** Joins two parts of a value as the protocol's documentation tells clients to. */
function join(left: WireValue, right: WireValue): WireValue {
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (!Array.isArray(left) || !Array.isArray(right)) assert.fail("only strings and lists are cut");
  const [last, first] = [left.at(-1), right[0]];
  const joins =
    (typeof last === "string" && typeof first === "string") ||
    (Array.isArray(last) && Array.isArray(first));
  if (!joins) return [...left, ...right];
  return [...left.slice(0, -1), join(last as WireValue, first as WireValue), ...right.slice(1)];
}

function joinAll(chunks: readonly Chunk[]): WireValue[] {
  const values: WireValue[] = [];
  let isOpen = false;
  for (const chunk of chunks) {
    for (const [index, value] of chunk.values.entries()) {
      if (index === 0 && isOpen) values.push(join(values.pop() ?? null, value));
      else values.push(value);
    }
    isOpen = chunk.isCut;
  }
  assert.equal(isOpen, false, "the last chunk ends whole");
  return values;
}

const text = fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀"), maxLength: 40 });
const scalar = fc.oneof(text, fc.constant(null), fc.boolean(), fc.double({ noNaN: true }));
const list = fc.oneof(
  fc.array(fc.option(text)),
  fc.array(fc.option(fc.boolean())),
  fc.array(fc.option(fc.array(scalar, { minLength: 1, maxLength: 3 }))),
);
const rows = fc.array(fc.tuple(text, list, scalar) as fc.Arbitrary<WireValue[]>);

test("rows cut into messages of any size join to the same rows", () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 200 }), (given, bytesMax) => {
      const chunker = new Chunker(bytesMax);
      const chunks = given.flatMap((row) => chunker.row(row));
      const rest = chunker.rest();
      if (rest !== undefined) chunks.push(rest);
      assert.deepEqual(joinAll(chunks), given.flat());
    }),
    { numRuns: 2_000 },
  );
});

test("a value of ten megabytes leaves in pieces of about one megabyte", () => {
  const chunker = new Chunker(1 << 20);
  const chunks = [...chunker.row(["x".repeat(10 << 20)])];
  const rest = chunker.rest();
  if (rest !== undefined) chunks.push(rest);
  assert.equal(chunks.length, 11);
  for (const { values } of chunks) assert.ok(String(values[0]).length <= 1 << 20);
});

test("a chunk says how many whole rows have left with it, and none while a row is under way", () => {
  const chunker = new Chunker(20);
  const chunks = ["one", "two", "a much longer third row"].flatMap((each) => [
    ...chunker.row([each]),
  ]);
  const rest = chunker.rest();
  if (rest !== undefined) chunks.push(rest);
  assert.deepEqual(
    chunks.map(({ isCut, rowsSent }) => [isCut, rowsSent]),
    [
      [false, 2],
      [true, undefined],
      [false, 3],
    ],
  );
});

test("chunks of rows that fit end between two rows, so that each can be resumed behind", () => {
  const chunker = new Chunker(100);
  const given = Array.from({ length: 50 }, (_, index) => [`row ${index}`, "x".repeat(index % 17)]);
  const chunks = given.flatMap((row) => chunker.row(row));
  assert.ok(chunks.length > 10);
  for (const { isCut, rowsSent, values } of chunks) {
    assert.equal(isCut, false);
    assert.equal(values.at(-2), `row ${Number(rowsSent) - 1}`);
  }
});
