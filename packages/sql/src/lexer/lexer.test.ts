// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenize } from "./lexer.ts";
import { quoteBytes, quoteIdentifier, quoteString } from "./quote.ts";

/** The tokens of a text, each as its kind and what it stands for. */
function read(text: string): string[] {
  return tokenize(text).map((token) => {
    if (token.kind === "string") return `string ${JSON.stringify(token.value)}`;
    if (token.kind === "bytes") return `bytes ${Array.from(token.value).join(" ")}`;
    if (token.kind === "invalid") return `invalid ${token.message} @${token.start}`;
    return token.kind === "end" ? "end" : `${token.kind} ${token.text}`;
  });
}

test("comments and white space leave nothing behind", () => {
  const expected = ["keyword SELECT", "integer 1", "end"];
  assert.deepEqual(read("SELECT 1"), expected);
  assert.deepEqual(read("# one\nSELECT -- two\n /* three\n */ 1 \t"), expected);
});

test("every way to quote a string means the same string", () => {
  for (const text of [
    `'a"b'`,
    `"a\\"b"`,
    `'''a"b'''`,
    `"""a"b"""`,
    `r'a"b'`,
    `"a\\x22b"`,
    `'a\\042b'`,
  ]) {
    assert.deepEqual(read(text), ['string "a\\"b"', "end"], text);
  }
});

test("a raw string keeps its backslashes, and a backslash still protects a quote", () => {
  assert.deepEqual(read(String.raw`r'\n\''`), [
    `string ${JSON.stringify(String.raw`\n\'`)}`,
    "end",
  ]);
});

test("an escape in bytes names a byte, in a string a character", () => {
  assert.deepEqual(read(String.raw`b'\xff\000é'`), ["bytes 255 0 195 169", "end"]);
  assert.deepEqual(read(String.raw`'\xff\u00e9\U0001F600'`), ['string "ÿé😀"', "end"]);
});

test("line breaks in triple-quoted strings are all one kind", () => {
  assert.deepEqual(read("'''a\r\nb\rc\nd'''"), ['string "a\\nb\\nc\\nd"', "end"]);
});

test("numbers end where they must", () => {
  assert.deepEqual(read("1 0x1F 1.5 .5 5. 1e10 1E-3"), [
    "integer 1",
    "integer 0x1F",
    "float 1.5",
    "float .5",
    "float 5.",
    "float 1e10",
    "float 1E-3",
    "end",
  ]);
});

test("after a dot everything is a name, even digits and reserved words", () => {
  assert.deepEqual(read("t.select.2days.5"), [
    "identifier t",
    "symbol .",
    "identifier select",
    "symbol .",
    "identifier 2days",
    "symbol .",
    "identifier 5",
    "end",
  ]);
});

test("what cannot be read becomes one invalid token, and the lexer stops there", () => {
  const cases: [string, string][] = [
    ["1 'abc", "invalid Syntax error: Unclosed string literal @2"],
    ["1 rb'''abc", "invalid Syntax error: Unclosed triple-quoted raw bytes literal @2"],
    ["1 `abc", "invalid Syntax error: Unclosed identifier literal @2"],
    ["1 ``", "invalid Syntax error: Invalid empty identifier @2"],
    ["1 /* abc", "invalid Syntax error: Unclosed comment @2"],
    [String.raw`1 'a\qb'`, String.raw`invalid Syntax error: Illegal escape sequence: \q @4`],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(read(text), ["integer 1", expected, "end"], text);
  }
});

test("names are quoted only when they must be", () => {
  assert.equal(quoteIdentifier("Singers"), "Singers");
  assert.equal(quoteIdentifier("Order"), "`Order`");
  assert.equal(quoteIdentifier("a b"), "`a b`");
  assert.equal(quoteIdentifier("back`tick\\"), "`back\\`tick\\\\`");
});

test("what is quoted reads back as it was", () => {
  const value = "a\"b'c`d\\e\nf\u0000g\u007fhé😀";
  assert.deepEqual(read(quoteString(value)), [`string ${JSON.stringify(value)}`, "end"]);
  assert.deepEqual(read(quoteBytes(Uint8Array.of(0, 34, 92, 65, 255))), [
    "bytes 0 34 92 65 255",
    "end",
  ]);
});
