// SPDX-License-Identifier: Apache-2.0
// A generated statement as a tree of text: enough structure to print it, and to make it smaller.

/** A piece of a statement. */
export interface Piece {
  /** The printed type of an expression; `clause` for what may be left out; else what it is. */
  readonly type: string;
  readonly parts: readonly (string | Piece)[];
}

/** A piece of some parts. */
export function piece(type: string, ...parts: readonly (string | Piece)[]): Piece {
  return { type, parts };
}

/** The text of a piece. */
export function print(part: string | Piece): string {
  return typeof part === "string" ? part : part.parts.map(print).join("");
}

/** Pieces with something between them. */
export function joined(pieces: readonly (string | Piece)[], between = ", "): (string | Piece)[] {
  return pieces.flatMap((each, index) => (index === 0 ? [each] : [between, each]));
}
