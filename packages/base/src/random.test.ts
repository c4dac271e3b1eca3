// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText, seededRandom } from "./random.ts";

test("a seed repeats its numbers, and another seed gives others", () => {
  const take = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.next());
  };
  assert.deepEqual(take(1), take(1));
  assert.notDeepEqual(take(1), take(2));
  assert.ok(take(3).every((number) => number >= 0 && number < 1));
});

test("numbers fall evenly", () => {
  const random = seededRandom(42);
  const counts = new Array(10).fill(0);
  for (let count = 0; count < 10_000; count++) counts[Math.floor(random.next() * 10)]++;
  assert.ok(
    counts.every((count) => count > 850 && count < 1_150),
    counts.join(" "),
  );
});

test("a random text has its length and only characters that a URL takes as they are", () => {
  assert.match(randomText(seededRandom(7), 68), /^[A-Za-z0-9_-]{68}$/);
});
