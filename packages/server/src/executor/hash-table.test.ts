// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@spandrel/base";
import fc from "fast-check";
import { frameOf } from "../expression/frame.ts";
import type { HashKey } from "../functions/hash-key.ts";
import type { Row } from "../rows/contract.ts";
import { hashTable, rowsOfKey } from "./hash-table.ts";

const context = {
  nowNanos: 0n,
  timeZone: "UTC",
  random: seededRandom(1),
  sequences: undefined,
};

const integer = fc.oneof(fc.nat(5), fc.maxSafeInteger(), fc.constantFrom(-0, 2 ** 32, -(2 ** 32)));
const other = fc.oneof(
  fc.double({ noNaN: true }),
  fc.string(),
  fc.constant(2n ** 60n),
  fc.boolean(),
);
const keys = fc.oneof(
  fc.array(fc.option(integer, { nil: undefined })),
  fc.array(fc.option(fc.oneof(integer, other), { nil: undefined })),
);

test("a hash table finds the rows of a key in their order, whatever the keys are", () => {
  fc.assert(
    fc.property(keys, (given: readonly (HashKey | undefined)[]) => {
      const rows = given.map((_, place): Row => [BigInt(place)]);
      const table = hashTable(rows, ([place]) => given[Number(place)], frameOf(context));
      const groups = new Map<HashKey, Row[]>();
      for (const [place, key] of given.entries()) {
        if (key === undefined) continue;
        groups.set(key, [...(groups.get(key) ?? []), rows[place] ?? []]);
      }
      for (const [key, expected] of groups) assert.deepEqual(rowsOfKey(table, key), expected);
      assert.deepEqual(rowsOfKey(table, "no such key at all"), []);
      assert.deepEqual(rowsOfKey(table, 7.25), groups.get(7.25) ?? []);
    }),
  );
});
