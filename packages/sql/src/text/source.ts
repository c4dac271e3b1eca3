// SPDX-License-Identifier: Apache-2.0

/**
 * The text of a statement, and how a place in it is shown to people.
 *
 * Inside the package a place is an offset in UTF-16 units. People get a line and a column, counted
 * from one as Spanner counts them: a column is one character on the screen, a tab reaches to the
 * next multiple of eight, and `\r\n` is one line break. The caret picture is the line the error is
 * on with a `^` under the place; a line wider than the picture is cut around the place.
 */
export interface Position {
  /** Offset of the first character. */
  readonly start: number;
  /** Offset after the last character. */
  readonly end: number;
}

/** Where people find an offset; both count from one. */
export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

const tabWidth = 8;
const pictureWidth = 80;
const lineBreak = /\r\n|\r|\n/g;

/** The line and column of an offset. */
export function lineAndColumn(text: string, offset: number): LineAndColumn {
  const { line, start } = findLine(text, offset);
  return { line, column: widthOf(text.slice(start, offset)) + 1 };
}

/** The source line that holds an offset and, under it, a caret at the offset. */
export function caretPicture(text: string, offset: number): string {
  const { start, end } = findLine(text, offset);
  const caretIndex = Array.from(expandTabs(text.slice(start, offset))).length;
  const window = cutAround(Array.from(expandTabs(text.slice(start, end))), caretIndex);
  return `${window.line}\n${" ".repeat(window.caretIndex)}^`;
}

/** The line that holds an offset: its number from one, and the offsets of its two ends. */
function findLine(text: string, offset: number): { line: number; start: number; end: number } {
  let line = 1;
  let start = 0;
  for (const match of text.matchAll(lineBreak)) {
    if (match.index >= offset) return { line, start, end: match.index };
    line += 1;
    start = match.index + match[0].length;
  }
  return { line, start, end: text.length };
}

function widthOf(text: string): number {
  // Without these every unit is a character of its own.
  if (!/[\t\ud800-\udfff]/.test(text)) return text.length;
  return Array.from(expandTabs(text)).length;
}

function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  let width = 0;
  let expanded = "";
  for (const character of text) {
    const piece = character === "\t" ? " ".repeat(tabWidth - (width % tabWidth)) : character;
    width += character === "\t" ? piece.length : 1;
    expanded += piece;
  }
  return expanded;
}

/**
 * Cuts a long line so that the caret stays in view.
 *
 * When the caret is far to the right, the cut starts at a word, if one starts between two thirds
 * and one third of the picture's width before the caret; otherwise half a width before it.
 */
function cutAround(line: string[], caretIndex: number): { line: string; caretIndex: number } {
  if (line.length <= pictureWidth) return { line: line.join(""), caretIndex };
  const third = Math.floor(pictureWidth / 3);
  if (caretIndex + 1 <= pictureWidth - third) return { line: cutEnd(line), caretIndex };
  const start = findCutStart(line, caretIndex, third);
  return { line: cutEnd(["...", ...line.slice(start)]), caretIndex: caretIndex - start + 3 };
}

function findCutStart(line: string[], caretIndex: number, third: number): number {
  for (let start = Math.max(0, caretIndex - 2 * third); start < caretIndex - third; start += 1) {
    if (isWordStart(line, start)) return start;
  }
  return Math.max(0, caretIndex - Math.floor(pictureWidth / 2));
}

function isWordStart(line: string[], index: number): boolean {
  const word = /\w/;
  return word.test(line[index] ?? "") && !word.test(line[index - 1] ?? " ");
}

function cutEnd(pieces: string[]): string {
  const characters = Array.from(pieces.join(""));
  if (characters.length <= pictureWidth) return characters.join("");
  return `${characters.slice(0, pictureWidth - 3).join("")}...`;
}
