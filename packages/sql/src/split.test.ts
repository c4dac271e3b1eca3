// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitStatements } from "./split.ts";

function texts(script: string): string[] {
  return splitStatements(script).map(({ text }) => text);
}

test("a script falls apart at its semicolons", () => {
  assert.deepEqual(texts("SELECT 1; SELECT 2 ;\n\nSELECT 3"), ["SELECT 1", "SELECT 2", "SELECT 3"]);
});

test("semicolons in strings, names and comments hold nothing apart", () => {
  const script = 'SELECT \';\', """;""", `;` -- ;\n /* ; */ + 1; SELECT 2';
  assert.deepEqual(texts(script), ['SELECT \';\', """;""", `;` -- ;\n /* ; */ + 1', "SELECT 2"]);
});

test("comments around a statement and empty statements are left out", () => {
  assert.deepEqual(texts("-- first\nSELECT 1 -- done\n;; /* nothing */ ;"), ["SELECT 1"]);
});

test("a statement knows where it stands and whether a semicolon ended it", () => {
  const script = " SELECT 1; SELECT 2";
  const statements = splitStatements(script);
  assert.deepEqual(
    statements.map(({ terminated }) => terminated),
    [true, false],
  );
  for (const { text, position } of statements) {
    assert.equal(script.slice(position.start, position.end), text);
  }
});

test("what never ends belongs to the statement it starts in", () => {
  assert.deepEqual(texts("SELECT 1; SELECT 'a; SELECT 2"), ["SELECT 1", "SELECT 'a; SELECT 2"]);
  assert.deepEqual(texts("SELECT 1; SELECT /* 2;"), ["SELECT 1", "SELECT /* 2;"]);
});

test("statements joined by semicolons come apart again", () => {
  const statement = fc.constantFrom("SELECT 1", "SELECT ';'", "SELECT `a;b`", "SELECT r'\\';'");
  fc.assert(
    fc.property(fc.array(statement), (statements) => {
      assert.deepEqual(texts(statements.join(";\n-- next\n")), statements);
    }),
  );
});
