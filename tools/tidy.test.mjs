// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, findingsOfRepository } from "./tidy.mjs";

const spdx = "// SPDX-License-Identifier: Apache-2.0";

/** What is found in a file, without its path. */
function found(path, lines, size) {
  const findings = findingsOf(path, lines.join("\n"), size);
  return findings.map((finding) => finding.slice(path.length + 1));
}

test("the repository is tidy", () => {
  assert.deepEqual(findingsOfRepository(), []);
});

test("a source without its SPDX line, but for generated ones", () => {
  assert.deepEqual(found("a.ts", [spdx, ""]), []);
  assert.deepEqual(found("a.mjs", ["#!/usr/bin/env node", spdx, ""]), []);
  assert.deepEqual(found("packages/protocol/src/gen/a.ts", [""]), []);
  assert.deepEqual(found("a.ts", ["const a = 1;"]), ["1: a source begins with its SPDX line"]);
});

test("a document with no title, or with two; a comment in a shell is none", () => {
  assert.deepEqual(found("a.md", ["# T", "```sh", "# remark", "```", "## U"]), []);
  assert.deepEqual(found("a.md", ["# T", "# U"]), ["2: a document has one title"]);
  assert.deepEqual(found("a.md", ["words"]), ["0: a document has one title"]);
});

test("work left undone", () => {
  assert.deepEqual(found("a.ts", [spdx, "// TODO: later", "mastodons"]), [
    "2: work left undone is an issue, not a comment",
  ]);
});

test("an empty catch without a reason", () => {
  assert.deepEqual(found("a.ts", [spdx, "try {} catch {", "  // it was closed before", "}"]), []);
  const says = "an empty catch gives its reason in words";
  assert.deepEqual(found("a.ts", [spdx, "try {", "} catch (error) {", "}"]), [`3: ${says}`]);
  assert.deepEqual(found("a.ts", [spdx, "try {} catch {}"]), [`2: ${says}`]);
});

test("a golden that does not end as it should", () => {
  const says = "a golden ends with one newline, and each line where its text ends";
  assert.deepEqual(found("a.golden", ["x", "---", "y", ""]), []);
  assert.deepEqual(found("a.golden", ["x", "---", "y"]), [`3: ${says}`]);
  assert.deepEqual(found("a.golden", ["x ", "---", "y", ""]), [`1: ${says}`]);
});

test("a large binary", () => {
  assert.deepEqual(found("a.png", ["\0"], 100_000), []);
  assert.deepEqual(found("a.png", ["\0"], 100_001), ["0: a binary has at most 100000 bytes"]);
  assert.deepEqual(found("a.txt", ["text"], 100_001), []);
});

test("a limit without its source", () => {
  const path = "packages/server/src/limits/limits.ts";
  const says = "a limit has the page that it comes from above it, or at the top of its file";
  const link = "https://cloud.google.com/spanner/quotas";
  const limits = ["/** How many. */", "export const ROWS_MAX = 7;"];
  assert.deepEqual(found(path, [spdx, "", ...limits]), [`4: ${says}`]);
  assert.deepEqual(found(path, [spdx, "", `// ${link}`, ...limits]), []);
  assert.deepEqual(found(path, [spdx, `// ${link}`, "", ...limits]), []);
  assert.deepEqual(found(path, [spdx, "", "interface L {", "  readonly rowsMax: number;", "}"]), [
    `4: ${says}`,
  ]);
});

test("an error of the server made outside of its room", () => {
  const text = [spdx, 'throw new StatusError(Code.INTERNAL, "oops");'];
  assert.deepEqual(found("packages/server/src/errors/row.ts", text), []);
  assert.deepEqual(found("packages/server/src/rows/write.test.ts", text), []);
  assert.deepEqual(found("packages/server/src/rows/write.ts", text), [
    "2: the server's errors are made in its room of errors",
  ]);
});

test("a path of one machine", () => {
  const says = "paths of one machine, and how the work was done, do not belong here";
  assert.deepEqual(found("a.txt", ["see /work/main/a.ts"]), [`1: ${says}`]);
  assert.deepEqual(found("a.txt", ["see shared/design/house"]), [`1: ${says}`]);
  assert.deepEqual(found("a.txt", ["a/work/of art, shared/exclusive"]), []);
});

test("a relative link that leads nowhere", () => {
  assert.deepEqual(
    found("README.md", ["# T", "[a](tools/tidy.mjs#x) [b](#t) [c](https://x.y)"]),
    [],
  );
  assert.deepEqual(found("tools/x.md", ["# T", "[a](tidy.mjs)", "", "[b](tools/tidy.mjs)"]), [
    "4: a relative link leads to a file",
  ]);
  assert.deepEqual(found("x.md", ["# T", "```", "[b](nowhere)", "```"]), []);
});
