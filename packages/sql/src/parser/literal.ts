// SPDX-License-Identifier: Apache-2.0

import type { StringToken } from "../lexer/token.ts";
import type { BytesLiteral, Literal, StringLiteral, TypedLiteralType } from "../tree/expression.ts";
import { type Cursor, span } from "./cursor.ts";

const typedLiterals: ReadonlyMap<string, TypedLiteralType> = new Map([
  ["DATE", "DATE"],
  ["TIMESTAMP", "TIMESTAMP"],
  ["NUMERIC", "NUMERIC"],
  ["DECIMAL", "NUMERIC"],
  ["BIGNUMERIC", "BIGNUMERIC"],
  ["BIGDECIMAL", "BIGNUMERIC"],
  ["JSON", "JSON"],
  ["DATETIME", "DATETIME"],
  ["TIME", "TIME"],
]);

/** Whether a literal stands here. */
export function isLiteral(cursor: Cursor): boolean {
  const token = cursor.peek();
  switch (token.kind) {
    case "integer":
    case "float":
    case "string":
    case "bytes":
      return true;
    case "keyword":
      return token.word === "NULL" || token.word === "TRUE" || token.word === "FALSE";
    case "identifier":
      return cursor.peek(1).kind === "string" && typedLiterals.has(token.word);
    default:
      return false;
  }
}

/** A literal, which must stand here. */
export function parseLiteral(cursor: Cursor): Literal {
  const token = cursor.peek();
  switch (token.kind) {
    case "integer":
      cursor.take();
      return {
        kind: "integer",
        value: BigInt(token.text),
        text: token.text,
        position: span(token),
      };
    case "float":
      cursor.take();
      return { kind: "float", value: Number(token.text), text: token.text, position: span(token) };
    case "string":
      return parseStringLiteral(cursor);
    case "bytes":
      return parseBytesLiteral(cursor);
    case "keyword":
      return parseWordLiteral(cursor);
    default:
      return parseTypedLiteral(cursor);
  }
}

function parseWordLiteral(cursor: Cursor): Literal {
  const position = span(cursor.peek());
  if (cursor.takeWord("NULL")) return { kind: "null", position };
  const value = cursor.isWord("TRUE");
  cursor.take();
  return { kind: "boolean", value, position };
}

function parseTypedLiteral(cursor: Cursor): Literal {
  const token = cursor.peek();
  const type = token.kind === "identifier" ? typedLiterals.get(token.word) : undefined;
  if (type === undefined) throw cursor.unexpected();
  cursor.take();
  const text = parseStringLiteral(cursor);
  return { kind: "typed-literal", type, text, position: cursor.since(token.start) };
}

/** One or more strings side by side, which are one string. */
export function parseStringLiteral(cursor: Cursor): StringLiteral {
  const start = cursor.start();
  const pieces: string[] = [];
  for (let token = cursor.peek(); token.kind === "string"; token = cursor.peek()) {
    checkGap(cursor, token, pieces.length);
    pieces.push(token.value);
    cursor.take();
  }
  if (pieces.length === 0) throw cursor.unexpected();
  if (cursor.peek().kind === "bytes") throw mixedConcatenation(cursor);
  return { kind: "string", value: pieces.join(""), position: cursor.since(start) };
}

function parseBytesLiteral(cursor: Cursor): BytesLiteral {
  const start = cursor.start();
  const pieces: number[] = [];
  for (let token = cursor.peek(); token.kind === "bytes"; token = cursor.peek()) {
    for (const byte of token.value) pieces.push(byte);
    cursor.take();
  }
  if (cursor.peek().kind === "string") throw mixedConcatenation(cursor);
  return { kind: "bytes", value: Uint8Array.from(pieces), position: cursor.since(start) };
}

function checkGap(cursor: Cursor, token: StringToken, before: number): void {
  if (before === 0 || cursor.end() < token.start) return;
  throw cursor.error(
    "Syntax error: concatenated string literals must be separated by whitespace or comments.",
  );
}

function mixedConcatenation(cursor: Cursor): Error {
  return cursor.error("Syntax error: string and bytes literals cannot be concatenated.");
}
