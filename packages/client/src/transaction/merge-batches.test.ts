// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { type BatchSource, mergeBatches } from "./merge-batches.ts";

test("every batch of every source comes, no more sources open at once than allowed", async () => {
  let open = 0;
  let openMax = 0;
  const sourceOf = (name: string): BatchSource<string> =>
    async function* () {
      open += 1;
      openMax = Math.max(openMax, open);
      for (const part of ["1", "2"]) yield [`${name}${part}`];
      open -= 1;
    };
  const rows: string[] = [];
  for await (const batch of mergeBatches(["a", "b", "c", "d", "e"].map(sourceOf), 2))
    rows.push(...batch);
  assert.deepEqual(rows.sort(), ["a1", "a2", "b1", "b2", "c1", "c2", "d1", "d2", "e1", "e2"]);
  assert.equal(openMax, 2);
});

test("when one fails the others are ended at once, though they would wait for long", async () => {
  const endless: BatchSource<string> = async function* (signal) {
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    yield [];
  };
  const failing: BatchSource<string> = async function* () {
    yield ["row"];
    throw new Error("broken");
  };
  const rows: string[] = [];
  const read = async (): Promise<void> => {
    for await (const batch of mergeBatches([endless, failing], 2)) rows.push(...batch);
  };
  await assert.rejects(read(), /broken/);
  assert.deepEqual(rows, ["row"]);
});
