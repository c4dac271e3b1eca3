// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrayOf, structOf, type Type, type WireValue } from "@spandrel/model";
import fc from "fast-check";
import { ChunkMerger, mergeValues } from "./merge-chunks.ts";

const scalar = fc.constantFrom<Type>(
  { kind: "STRING" },
  { kind: "BOOL" },
  { kind: "INT64" },
  { kind: "FLOAT64" },
  { kind: "BYTES" },
);
const struct = fc
  .array(fc.oneof(scalar, scalar.map(arrayOf)), { minLength: 1, maxLength: 3 })
  .map((types) => structOf(types.map((type, index) => ({ name: `f${index}`, type }))));
const anyType: fc.Arbitrary<Type> = fc.oneof(
  scalar,
  scalar.map(arrayOf),
  struct,
  struct.map(arrayOf),
);

function present(type: Type): fc.Arbitrary<WireValue> {
  switch (type.kind) {
    case "BOOL":
      return fc.boolean();
    case "INT64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    case "FLOAT64":
      return fc.oneof(
        fc.double({ noNaN: true }).filter(Number.isFinite),
        fc.constantFrom("NaN", "Infinity", "-Infinity"),
      );
    case "ARRAY":
      return fc.array(anyValue(type.element), { maxLength: 4 });
    case "STRUCT":
      return fc.tuple(...type.fields.map((field) => anyValue(field.type)));
    default:
      return fc.string({ maxLength: 12 });
  }
}

function anyValue(type: Type): fc.Arbitrary<WireValue> {
  return fc.oneof(
    { weight: 5, arbitrary: present(type) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/**
 * Cuts a value in two as a server does: what is behind a cut between two elements begins with an
 * empty part of the element before the cut, where that element is of a kind that is joined.
 */
function cut(type: Type, value: WireValue, at: () => number): [WireValue, WireValue] | undefined {
  if (typeof value === "string") {
    if (value === "") return undefined;
    const place = 1 + Math.floor(at() * (value.length - 1));
    return [value.slice(0, place), value.slice(place)];
  }
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const place = Math.floor(at() * value.length);
  const element = value[place] as WireValue;
  const elementType =
    type.kind === "ARRAY"
      ? type.element
      : type.kind === "STRUCT"
        ? type.fields[place]?.type
        : undefined;
  const inner = elementType && cut(elementType, element, at);
  if (inner !== undefined)
    return [
      [...value.slice(0, place), inner[0]],
      [inner[1], ...value.slice(place + 1)],
    ];
  const rest = value.slice(place + 1);
  const empty = typeof element === "string" ? "" : Array.isArray(element) ? [] : undefined;
  const needsEmpty = empty !== undefined && rest.length > 0;
  return [value.slice(0, place + 1), needsEmpty ? [empty, ...rest] : rest];
}

/** Splits the values of rows into messages, cutting values in two and in two again. */
function split(
  types: readonly Type[],
  values: readonly WireValue[],
  at: () => number,
): { values: WireValue[]; isChunked: boolean }[] {
  const messages: { values: WireValue[]; isChunked: boolean }[] = [];
  let current: WireValue[] = [];
  values.forEach((value, index) => {
    const type = types[index % types.length] as Type;
    let rest = value;
    for (
      let parts = cut(type, rest, at);
      parts !== undefined && at() < 0.4;
      parts = cut(type, rest, at)
    ) {
      messages.push({ values: [...current, parts[0]], isChunked: true });
      current = [];
      rest = parts[1];
    }
    current.push(rest);
    if (at() < 0.2) {
      messages.push({ values: current, isChunked: false });
      current = [];
    }
  });
  messages.push({ values: current, isChunked: false });
  return messages;
}

test("any splitting of any rows gives the same rows", () => {
  const table = fc.array(anyType, { minLength: 1, maxLength: 3 }).chain((types) =>
    fc.record({
      types: fc.constant(types),
      rows: fc.array(fc.tuple(...types.map(anyValue)), { maxLength: 5 }),
      seed: fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
    }),
  );
  fc.assert(
    fc.property(table, ({ types, rows, seed }) => {
      const draw = seed[Symbol.iterator]();
      const at = (): number => draw.next().value ?? 0;
      const values = rows.flat() as WireValue[];
      const merger = new ChunkMerger(types);
      const merged = split(types, values, at).flatMap((message) => [
        ...merger.add(message.values, message.isChunked),
      ]);
      assert.deepEqual(merged, values);
      assert.equal(merger.isPending, false);
    }),
    { numRuns: 500 },
  );
});

describe("two parts", () => {
  const strings: Type = arrayOf({ kind: "STRING" });
  const cases: [string, Type, WireValue, WireValue, WireValue | undefined][] = [
    ["of a text are joined", { kind: "STRING" }, "Hello, ", "World", "Hello, World"],
    ["of a BOOL do not exist", { kind: "BOOL" }, true, false, undefined],
    ["of a number do not exist", { kind: "FLOAT64" }, 1, 2, undefined],
    ["of a number may be the number and nothing", { kind: "FLOAT64" }, 1.5, "", 1.5],
    ["of NaN are joined", { kind: "FLOAT64" }, "Na", "N", "NaN"],
    ["of a list join the element between", strings, ["a", "b"], ["c", "d"], ["a", "bc", "d"]],
    ["of a list keep a NULL apart", strings, ["a", null], ["c"], ["a", null, "c"]],
    [
      "of a list of BOOL are put together",
      arrayOf({ kind: "BOOL" }),
      [true],
      [false],
      [true, false],
    ],
    ["of a list of numbers keep both", arrayOf({ kind: "FLOAT64" }), [1], [2], [1, 2]],
    [
      "of a struct keep a number apart from a text",
      structOf([
        { name: "n", type: { kind: "FLOAT64" } },
        { name: "t", type: { kind: "STRING" } },
      ]),
      [1],
      [""],
      [1, ""],
    ],
    ["of a list may be empty", strings, [], ["a"], ["a"]],
    [
      "of nested lists join all the way down",
      arrayOf(structOf([{ name: "t", type: { kind: "STRING" } }])),
      [["a"], ["b"]],
      [["c"], ["d"]],
      [["a"], ["bc"], ["d"]],
    ],
  ];
  for (const [name, type, left, right, merged] of cases) {
    test(name, () => assert.deepEqual(mergeValues(type, left, right), merged));
  }

  test("that do not fit together are an error", () => {
    const merger = new ChunkMerger([{ kind: "BOOL" }]);
    merger.add([true], true);
    assert.throws(() => merger.add([false], false), { reason: "UNMERGEABLE_CHUNKS" });
  });
});
