// SPDX-License-Identifier: Apache-2.0

import { isReservedKeyword } from "./keywords.ts";

/** The form of a quoted literal. */
export interface QuoteStyle {
  /** One or three quotation marks. */
  readonly quote: string;
  /** In a raw literal a backslash stands for itself. */
  readonly isRaw: boolean;
  readonly isBytes: boolean;
}

/** A literal read to its end, or what is wrong with it and where. */
export type QuoteResult =
  | { readonly kind: "string"; readonly value: string; readonly end: number }
  | { readonly kind: "bytes"; readonly value: Uint8Array; readonly end: number }
  | QuoteError;

/** What is wrong inside a quoted literal. */
export interface QuoteError {
  readonly kind: "error";
  readonly message: string;
  readonly offset: number;
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ["?", "?"],
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
]);

/**
 * Finds the end of a quoted literal: the offset of its closing quote.
 *
 * A backslash protects the character after it, in raw literals too. A line break ends the search
 * unless the quote is triple.
 */
export function findClosingQuote(text: string, start: number, quote: string): number | undefined {
  let offset = start;
  while (offset < text.length) {
    const character = text[offset];
    if (character === "\\") {
      offset += 2;
    } else if (text.startsWith(quote, offset)) {
      return offset;
    } else if (quote.length === 1 && (character === "\n" || character === "\r")) {
      return undefined;
    } else {
      offset += 1;
    }
  }
  return undefined;
}

/** Reads what stands between two quotes. Errors carry their offset in the text. */
export function readQuoted(
  text: string,
  start: number,
  end: number,
  style: QuoteStyle,
): QuoteResult {
  const after = end + style.quote.length;
  const pieces = style.isRaw
    ? [normalizeLineBreaks(text.slice(start, end))]
    : readEscapes(text, start, end, style);
  if (!Array.isArray(pieces)) return pieces;
  if (style.isBytes) return { kind: "bytes", value: toBytes(pieces), end: after };
  return { kind: "string", value: pieces.join(""), end: after };
}

/** Text as it stands, or a byte that an escape named. */
type Piece = string | number;

function readEscapes(
  text: string,
  start: number,
  end: number,
  style: QuoteStyle,
): Piece[] | QuoteError {
  const pieces: Piece[] = [];
  // Looking behind the end for one more would make many literals slow.
  const last = start + text.slice(start, end).lastIndexOf("\\");
  let offset = start;
  while (offset < end) {
    const backslash = offset <= last ? text.indexOf("\\", offset) : -1;
    if (backslash === -1) {
      pieces.push(normalizeLineBreaks(text.slice(offset, end)));
      break;
    }
    if (backslash > offset) pieces.push(normalizeLineBreaks(text.slice(offset, backslash)));
    const found = readEscape(text, backslash, end, style);
    if ("message" in found) return found;
    pieces.push(found.piece);
    offset = found.end;
  }
  return pieces;
}

type Escape = { readonly piece: Piece; readonly end: number } | QuoteError;

function readEscape(text: string, backslash: number, end: number, style: QuoteStyle): Escape {
  const letter = text[backslash + 1] ?? "";
  const simple = simpleEscapes.get(letter);
  if (simple !== undefined) return { piece: simple, end: backslash + 2 };
  switch (letter) {
    case "x":
    case "X":
      return readHexEscape(text, backslash, end, style);
    case "u":
      return readUnicodeEscape(text, backslash, end, style, 4);
    case "U":
      return readUnicodeEscape(text, backslash, end, style, 8);
    case "0":
    case "1":
    case "2":
    case "3":
      return readOctalEscape(text, backslash, end, style);
    case "\n":
    case "\r":
      return illegal("Illegal escaped newline", backslash + 1);
    default:
      return illegalEscape(
        Array.from(text.slice(backslash, backslash + 3))
          .slice(0, 2)
          .join(""),
        backslash,
      );
  }
}

function readHexEscape(text: string, backslash: number, end: number, style: QuoteStyle): Escape {
  const digits = text.slice(backslash + 2, Math.min(backslash + 4, end));
  if (/^[0-9a-fA-F]{2}$/.test(digits))
    return byteEscape(Number.parseInt(digits, 16), backslash + 4, style);
  const seen = text.slice(backslash, Math.min(backslash + 4, end));
  return illegalEscape(`Hex escape must be followed by 2 hex digits but saw: ${seen}`, backslash);
}

function readOctalEscape(text: string, backslash: number, end: number, style: QuoteStyle): Escape {
  const digits = text.slice(backslash + 1, Math.min(backslash + 4, end));
  if (/^[0-7]{3}$/.test(digits))
    return byteEscape(Number.parseInt(digits, 8), backslash + 4, style);
  const seen = `\\${digits}`;
  return illegalEscape(
    `Octal escape must be followed by 3 octal digits but saw: ${seen}`,
    backslash,
  );
}

/** In a string the escape names a code point below 256; in bytes it names the byte itself. */
function byteEscape(value: number, end: number, style: QuoteStyle): Escape {
  return { piece: style.isBytes ? value : String.fromCharCode(value), end };
}

function readUnicodeEscape(
  text: string,
  backslash: number,
  end: number,
  style: QuoteStyle,
  length: number,
): Escape {
  const prefix = text.slice(backslash, backslash + 2);
  if (style.isBytes) {
    return illegalEscape(
      `Unicode escape sequence ${prefix} cannot be used in bytes literals`,
      backslash,
    );
  }
  const after = backslash + 2 + length;
  const seen = text.slice(backslash, Math.min(after, end));
  const digits = seen.slice(2);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) {
    return illegalEscape(
      `${prefix} must be followed by ${length} hex digits but saw: ${seen}`,
      backslash,
    );
  }
  const value = Number.parseInt(digits, 16);
  if (value > 0x10ffff) {
    return illegalEscape(`Value of ${seen} exceeds Unicode limit (0x0010FFFF)`, backslash);
  }
  if (value >= 0xd800 && value <= 0xdfff) {
    return illegalEscape(`Unicode value ${seen} is invalid`, backslash);
  }
  return { piece: String.fromCodePoint(value), end: after };
}

function illegalEscape(what: string, offset: number): QuoteError {
  return illegal(`Illegal escape sequence: ${what}`, offset);
}

function illegal(what: string, offset: number): QuoteError {
  return { kind: "error", message: `Syntax error: ${what}`, offset };
}

function normalizeLineBreaks(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

function toBytes(pieces: readonly Piece[]): Uint8Array {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (const piece of pieces) {
    if (typeof piece === "number") bytes.push(piece);
    else for (const byte of encoder.encode(piece)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A name as it must be written: in backticks when it is reserved or has unusual characters. */
export function quoteIdentifier(name: string): string {
  if (plainName.test(name) && !isReservedKeyword(name)) return name;
  return `\`${escapeFor(name, "`")}\``;
}

/** A string as a literal in double quotes. */
export function quoteString(value: string): string {
  return `"${escapeFor(value, '"')}"`;
}

/** Bytes as a literal in double quotes; every byte that is not plain ASCII is escaped. */
export function quoteBytes(value: Uint8Array): string {
  const pieces = Array.from(value, (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `b"${pieces.join("")}"`;
}

function escapeFor(value: string, quote: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what we escape
  return value.replace(/[\x00-\x1f\x7f\\"'`]/g, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    if (character === "\t") return "\\t";
    if (character === "\\" || character === quote) return `\\${character}`;
    if (character >= " " && character !== "\x7f") return character;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
