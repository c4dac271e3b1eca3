// SPDX-License-Identifier: Apache-2.0

/**
 * From text to tokens.
 *
 * The lexer never fails: what it cannot read becomes one `invalid` token that ends the list, and
 * the parser reports it if it gets there. Comments and white space leave no trace but the gaps
 * between positions. After a dot any run of letters, digits, and underscores is a name, so that
 * `t.select` and `t.2024` need no quotes.
 */
import { isReservedKeyword } from "./keywords.ts";
import { findClosingQuote, type QuoteResult, type QuoteStyle, readQuoted } from "./quote.ts";
import type { Token } from "./token.ts";

// White space that is not ASCII is what Unicode calls a space separator, as in GoogleSQL.
const blank = /[\s\u0085\u200b]+/y;
const lineComment = /(?:#|--)[^\r\n]*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const wordAfterDot = /[A-Za-z0-9_]+/y;
const hexadecimal = /0[xX][0-9a-fA-F]+/y;
const decimal = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const quoteStart = /(?:[bB]?[rR]?|[rR][bB])(?:'''|"""|'|")/y;
const symbol = /\|>|\|\||<<|>>|<=|>=|!=|<>|=>|->|\+=|-=|@@|[-+*/%~&|^<>=()[\]{}.,;:@?!$\\]/y;

/** Splits a text into tokens; the last one is always `end`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  let previous: Token | undefined;
  while (offset < text.length) {
    const skipped = skipBlank(text, offset);
    if (skipped.kind === "unclosed") {
      tokens.push(invalid("Syntax error: Unclosed comment", skipped.offset, text));
      break;
    }
    offset = skipped.offset;
    if (offset >= text.length) break;
    previous = readToken(text, offset, previous);
    tokens.push(previous);
    if (previous.kind === "invalid") break;
    offset = previous.end;
  }
  tokens.push({ kind: "end", start: text.length, end: text.length });
  return tokens;
}

/** Where the next token starts, or that a comment does not end. */
export type Skipped =
  | { readonly kind: "skipped"; readonly offset: number }
  | { readonly kind: "unclosed"; readonly offset: number };

/** Skips white space and comments. */
export function skipBlank(text: string, start: number): Skipped {
  let offset = start;
  for (;;) {
    const before = offset;
    offset = endOf(blank, text, offset) ?? offset;
    offset = endOf(lineComment, text, offset) ?? offset;
    if (text.startsWith("/*", offset)) {
      const close = text.indexOf("*/", offset + 2);
      if (close === -1) return { kind: "unclosed", offset };
      offset = close + 2;
    }
    if (offset === before) return { kind: "skipped", offset };
  }
}

/** Reads one token; `previous` tells whether a dot continues a path or starts a number. */
export function readToken(text: string, start: number, previous: Token | undefined): Token {
  const character = text.charAt(start);
  if (isSymbol(previous, ".")) {
    const end = endOf(wordAfterDot, text, start);
    if (end !== undefined) return nameToken(text, start, end);
  }
  if (character === "`") return readQuotedName(text, start);
  const quoteEnd = endOf(quoteStart, text, start);
  if (quoteEnd !== undefined) return readLiteral(text, start, quoteEnd);
  const wordEnd = endOf(word, text, start);
  if (wordEnd !== undefined) return wordToken(text, start, wordEnd);
  return (
    readNumber(text, start, previous) ??
    readSymbol(text, start) ??
    invalid(`Syntax error: Illegal input character "${firstCharacter(text, start)}"`, start, text)
  );
}

function nameToken(text: string, start: number, end: number): Token {
  const name = text.slice(start, end);
  return { kind: "identifier", text: name, word: name.toUpperCase(), start, end };
}

function wordToken(text: string, start: number, end: number): Token {
  const name = text.slice(start, end);
  const capitals = name.toUpperCase();
  const kind = isReservedKeyword(capitals) ? "keyword" : "identifier";
  return { kind, text: name, word: capitals, start, end };
}

function readNumber(text: string, start: number, previous: Token | undefined): Token | undefined {
  if (text.charAt(start) === "." && continuesPath(previous, text)) return undefined;
  const hexadecimalEnd = endOf(hexadecimal, text, start);
  const end = hexadecimalEnd ?? endOf(decimal, text, start);
  if (end === undefined) return undefined;
  const number = text.slice(start, end);
  const isInteger = hexadecimalEnd !== undefined || /^[0-9]+$/.test(number);
  return { kind: isInteger ? "integer" : "float", text: number, start, end };
}

/** Whether a dot after this token reaches into it, as in `a.1`, `@p.1`, `f(x).1`, and `a[0].1`. */
function continuesPath(previous: Token | undefined, text: string): boolean {
  if (previous?.kind === "identifier") return true;
  // The name of a parameter may be a reserved word.
  if (previous?.kind === "keyword") return text.charAt(previous.start - 1) === "@";
  return isSymbol(previous, ")") || isSymbol(previous, "]");
}

function readSymbol(text: string, start: number): Token | undefined {
  const end = endOf(symbol, text, start);
  if (end === undefined) return undefined;
  return { kind: "symbol", text: text.slice(start, end), start, end };
}

function readQuotedName(text: string, start: number): Token {
  const close = findClosingQuote(text, start + 1, "`");
  if (close === undefined) {
    return invalid("Syntax error: Unclosed identifier literal", start, text);
  }
  const style: QuoteStyle = { quote: "`", isRaw: false, isBytes: false };
  const result = readQuoted(text, start + 1, close, style);
  if (result.kind !== "string") return quoteToken(text, start, result);
  if (result.value === "") return invalid("Syntax error: Invalid empty identifier", start, text);
  return { kind: "identifier", text: result.value, word: "", start, end: result.end };
}

function readLiteral(text: string, start: number, contentStart: number): Token {
  const opening = text.slice(start, contentStart).toLowerCase();
  const quote = opening.replace(/^[br]+/, "");
  const style: QuoteStyle = {
    quote,
    isRaw: opening.includes("r"),
    isBytes: opening.includes("b"),
  };
  const close = findClosingQuote(text, contentStart, quote);
  if (close === undefined) return invalid(unclosed(text, contentStart, style), start, text);
  return quoteToken(text, start, readQuoted(text, contentStart, close, style));
}

function quoteToken(text: string, start: number, result: QuoteResult): Token {
  switch (result.kind) {
    case "string":
      return { kind: "string", value: result.value, start, end: result.end };
    case "bytes":
      return { kind: "bytes", value: result.value, start, end: result.end };
    case "error":
      return invalid(result.message, result.offset, text);
  }
}

function unclosed(text: string, contentStart: number, style: QuoteStyle): string {
  const triple = style.quote.length === 3 ? "triple-quoted " : "";
  const raw = style.isRaw ? "raw " : "";
  const rest = text.slice(contentStart);
  if (/^(?:[^\\\r\n]|\\[^\r\n])*\\[\r\n]/.test(rest) && triple === "" && raw === "") {
    return `Syntax error: Illegal escaped newline`;
  }
  return `Syntax error: Unclosed ${triple}${raw}${style.isBytes ? "bytes" : "string"} literal`;
}

function invalid(message: string, start: number, text: string): Token {
  return { kind: "invalid", message, start, end: Math.min(start + 1, text.length) };
}

function firstCharacter(text: string, start: number): string {
  return String.fromCodePoint(text.codePointAt(start) ?? 0);
}

function isSymbol(token: Token | undefined, symbolText: string): boolean {
  return token?.kind === "symbol" && token.text === symbolText;
}

function endOf(pattern: RegExp, text: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
