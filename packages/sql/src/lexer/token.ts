// SPDX-License-Identifier: Apache-2.0

import type { Position } from "../text/source.ts";
import { isKeyword } from "./keywords.ts";

/**
 * The pieces a statement is made of.
 *
 * `keyword` is a reserved word; words that are special only in places are identifiers. `invalid`
 * stands for the first piece that is no token at all: it carries its error, which is reported only
 * if the grammar gets that far, as Spanner does.
 */
export type Token =
  | WordToken
  | NumberToken
  | StringToken
  | BytesToken
  | SymbolToken
  | EndToken
  | InvalidToken;

/** A reserved word, or a name. */
export interface WordToken extends Position {
  readonly kind: "keyword" | "identifier";
  /** The name, unquoted. */
  readonly text: string;
  /** The word in capitals, to be compared with keywords; empty when it was quoted. */
  readonly word: string;
}

/** A number as written. */
export interface NumberToken extends Position {
  readonly kind: "integer" | "float";
  readonly text: string;
}

/** A string with its escapes resolved. */
export interface StringToken extends Position {
  readonly kind: "string";
  readonly value: string;
}

/** A byte string with its escapes resolved. */
export interface BytesToken extends Position {
  readonly kind: "bytes";
  readonly value: Uint8Array;
}

/** Punctuation. */
export interface SymbolToken extends Position {
  readonly kind: "symbol";
  readonly text: string;
}

/** The end of the text. */
export interface EndToken extends Position {
  readonly kind: "end";
}

/** A piece that cannot be read. */
export interface InvalidToken extends Position {
  readonly kind: "invalid";
  readonly message: string;
}

/** How error messages speak of a token. */
export function describeToken(token: Token, text: string): string {
  switch (token.kind) {
    case "keyword":
      return `keyword ${token.word}`;
    case "identifier":
      if (isKeyword(token.word)) return `keyword ${token.word}`;
      if (token.word === "") return `identifier ${text.slice(token.start, token.end)}`;
      return `identifier "${token.text}"`;
    case "integer":
      return `integer literal "${token.text}"`;
    case "float":
      return `floating point literal "${token.text}"`;
    case "string":
      return `string literal ${text.slice(token.start, token.end)}`;
    case "bytes":
      return `bytes literal ${text.slice(token.start, token.end)}`;
    case "symbol":
      return `"${token.text}"`;
    case "end":
      return "end of statement";
    case "invalid":
      return token.message;
  }
}
