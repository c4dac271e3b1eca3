// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { SqlErrors } from "./errors.ts";
import { caretPicture, lineAndColumn } from "./source.ts";

test("lines and columns count from one, tabs reach to the next multiple of eight", () => {
  assert.deepEqual(lineAndColumn("ab", 0), { line: 1, column: 1 });
  assert.deepEqual(lineAndColumn("a\r\nb\rc\nde", 8), { line: 4, column: 2 });
  assert.deepEqual(lineAndColumn("\tx", 1), { line: 1, column: 9 });
  assert.deepEqual(lineAndColumn("ab\tx", 3), { line: 1, column: 9 });
});

test("a character outside the basic plane is one column", () => {
  assert.deepEqual(lineAndColumn("'😀' x", 5), { line: 1, column: 5 });
});

test("the caret stands under the place", () => {
  assert.equal(caretPicture("SELECT\n  a b c\nFROM t", 13), "  a b c\n      ^");
});

test("a long line is cut around the place and keeps the caret in view", () => {
  const line = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");
  const offset = line.indexOf("word30");
  const [shown = "", caret = ""] = caretPicture(line, offset).split("\n");
  assert.ok(shown.length <= 80);
  assert.ok(shown.startsWith("...word") && shown.endsWith("..."));
  assert.equal(shown.slice(caret.indexOf("^")).slice(0, 6), "word30");
});

test("an error shows the first mistake and keeps the others", () => {
  const errors = new SqlErrors("SELECT x,\n  y", [
    { message: "Unrecognized name: x", position: { start: 7, end: 8 } },
    { message: "Unrecognized name: y", position: { start: 12, end: 13 } },
  ]);
  assert.equal(errors.message, "Unrecognized name: x [at 1:8]");
  assert.equal(errors.describe(), "Unrecognized name: x [at 1:8]\nSELECT x,\n       ^");
  assert.deepEqual(
    errors.errors.map(({ line, column }) => [line, column]),
    [
      [1, 8],
      [2, 3],
    ],
  );
});
