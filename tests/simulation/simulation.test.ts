// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { findProblems } from "./history.ts";
import { simulate } from "./simulate.ts";

test("whatever network and power do, commit timestamps are the serial order of all that happened", {
  timeout: 600_000,
}, async () => {
  let committed = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const history = await simulate({ seed });
    assert.deepEqual(findProblems(history), [], `seed ${seed}: npm run simulate -- --seed ${seed}`);
    committed += history.log.size;
  }
  assert.ok(committed > 5_000, `only ${committed} transactions were committed`);
});

test("the same seed gives the same history", async () => {
  assert.deepEqual(await simulate({ seed: 7 }), await simulate({ seed: 7 }));
});

test("a bug that is planted is found: reads that go around their transaction", async () => {
  const problems = [];
  for (let seed = 1; seed <= 10; seed++) {
    problems.push(...findProblems(await simulate({ seed, isCanary: true })));
  }
  assert.notDeepEqual(problems, []);
});
