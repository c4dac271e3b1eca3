// SPDX-License-Identifier: Apache-2.0
// The list of known failures is true: nothing else fails, and all of it does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findData } from "./data.ts";
import { readKnownFailures, surprisesOf } from "./known-failures.ts";
import { runFolder } from "./run.ts";

const folder = findData(process.env["SPANDREL_CONFORMANCE"]);

test("what others wrote down about GoogleSQL holds, but for the failures that are known", {
  skip: folder === undefined ? "there is no conformance data here" : false,
  timeout: 300_000,
}, async () => {
  const failed: string[] = [];
  const passed: string[] = [];
  for await (const { cases } of runFolder(folder ?? "")) {
    for (const { id, verdict } of cases) {
      if (verdict.kind === "failed") failed.push(id);
      if (verdict.kind === "passed") passed.push(id);
    }
  }
  assert.ok(passed.length > 1_000, "the cases were run");
  assert.deepEqual(surprisesOf(readKnownFailures() ?? new Set(), failed, passed), {
    broken: [],
    mended: [],
  });
});
