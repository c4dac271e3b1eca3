// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  DATE_MAX,
  DATE_MIN,
  FLOAT32,
  FLOAT64,
  INT64,
  INT64_MAX,
  INT64_MIN,
  JSON_TYPE,
  NUMERIC,
  NUMERIC_MAX,
  STRING,
  TIMESTAMP,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
  type Type,
  UUID,
  type Value,
} from "@spandrel/model";
import fc from "fast-check";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import { type Column, plainColumn } from "../schema/schema.ts";
import { ColumnReader } from "./column-reader.ts";
import { packRow, RowUnpacker } from "./row-codec.ts";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom("\0", "\x7f", "\x80", "ÿ", "\u0100", "\uffff", "😀") }),
);
const scalars: readonly (readonly [Type, fc.Arbitrary<Value>])[] = [
  [BOOL, fc.boolean()],
  [INT64, fc.oneof(fc.bigInt({ min: INT64_MIN, max: INT64_MAX }), fc.bigInt(-3n, 3n))],
  [FLOAT32, fc.float()],
  [FLOAT64, fc.double()],
  [NUMERIC, fc.bigInt({ min: -NUMERIC_MAX, max: NUMERIC_MAX })],
  [STRING, text],
  [BYTES, fc.uint8Array()],
  [DATE, fc.integer({ min: DATE_MIN, max: DATE_MAX })],
  [
    TIMESTAMP,
    fc.oneof(
      fc.bigInt({ min: TIMESTAMP_MIN, max: TIMESTAMP_MAX }),
      fc.constant(PENDING_COMMIT_TIMESTAMP),
    ),
  ],
  [JSON_TYPE, fc.json()],
  [UUID, fc.uuid()],
];
const typed = fc.constantFrom(...scalars).chain(([type, value]) =>
  fc.oneof(
    fc.record({ type: fc.constant(type), value: fc.option(value) }),
    fc.record({
      type: fc.constant<Type>(arrayOf(type)),
      value: fc.option(fc.array(fc.option(value))),
    }),
  ),
);

function columnOf(id: number, type: Type): Column {
  return {
    id,
    name: `c${id}`,
    type,
    ...plainColumn,
  };
}

test("a row of any types comes back as it was, whichever of its columns are asked for", () => {
  fc.assert(
    fc.property(fc.array(typed, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (cells, dice) => {
      const columns = cells.map(({ type }, place) => columnOf(place * 70_000 + 1, type));
      const packed = packRow(
        columns,
        cells.map(({ value }) => value),
      );
      assert.match(packed, /^[\0-\xff]*$/, "characters are bytes");
      const asked = columns
        .map((column, place) => ({ column, value: cells[place]?.value, order: dice.next().value }))
        .filter(({ order }) => order % 3 > 0)
        .sort((left, right) => left.order - right.order);
      const unpacker = new RowUnpacker(asked.map(({ column }) => column));
      const expected = asked.map(({ value }) => value);
      assert.deepEqual(unpacker.unpack(packed), expected);
      assert.deepEqual(unpacker.unpack(packed), expected, "once more, with what it remembers");
    }),
    { numRuns: 600 },
  );
});

test("columns are found in rows of one table that hold different ones", () => {
  const columns = [columnOf(1, INT64), columnOf(2, STRING), columnOf(3, BOOL)];
  const rows: readonly (readonly Value[])[] = [
    [1n, "one", true],
    [null, "two", null],
    [3n, null, false],
    [null, null, null],
    [5n, "five", true],
  ];
  const unpacker = new RowUnpacker(columns.toReversed());
  for (const row of rows) {
    assert.deepEqual(unpacker.unpack(packRow(columns, row)), row.toReversed());
  }
});

test("a column that came after the row is NULL; one that was dropped is passed over", () => {
  const [id, dropped, added] = [columnOf(1, INT64), columnOf(2, STRING), columnOf(9, STRING)];
  const packed = packRow([id, dropped], [7n, "gone"]);
  assert.deepEqual(new RowUnpacker([added, id]).unpack(packed), [null, 7n]);
});

test("rows of more than 65,535 bytes have wide offsets", () => {
  const columns = [columnOf(1, STRING), columnOf(2, BYTES), columnOf(3, STRING)];
  const row = ["x".repeat(70_000), new Uint8Array(70_000).fill(200), "ä€"];
  assert.deepEqual(new RowUnpacker(columns).unpack(packRow(columns, row)), row);
});

test("a column read alone is what the whole row has, and its integer is the same number", () => {
  const columns = Array.from(
    { length: 4 },
    (_, index): Column => ({
      ...plainColumn,
      id: index + 1,
      name: `c${index}`,
      type: INT64,
    }),
  );
  const reader = new RowUnpacker(columns);
  const readers = columns.map((each) => new ColumnReader(each));
  const integer = fc.oneof(
    fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
    fc.bigInt(-3n, 3n),
    fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 31n, -(2n ** 31n) - 1n),
  );
  const rows = fc.array(fc.array(fc.option(integer), { minLength: 4, maxLength: 4 }));
  fc.assert(
    fc.property(rows, (all) => {
      for (const values of all) {
        const row = packRow(columns, values);
        assert.deepEqual(reader.unpack(row), values);
        for (const [index, each] of readers.entries()) {
          const value = values[index] ?? null;
          const found = each.integer(row);
          assert.equal(each.value(row), value);
          assert.equal(found === null ? null : BigInt(found), value);
          if (value !== null) assert.equal(typeof found, isSafe(value) ? "number" : "bigint");
        }
      }
    }),
  );
});

function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value));
}
