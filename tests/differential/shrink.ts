// SPDX-License-Identifier: Apache-2.0
// Makes a statement smaller as long as the same difference stays: a clause goes, an expression is
// replaced by one of its type inside it, or by the simplest literal.
import { simplestOf } from "./literal.ts";
import { type Piece, piece, print } from "./node.ts";

/** Asks that one shrinking may cost. */
const ASKS_MAX = 400;

/** The smallest statement found for which the difference holds. */
export async function shrink(
  start: Piece,
  stillDiffers: (text: Piece) => Promise<boolean>,
): Promise<Piece> {
  let best = start;
  let asks = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(best)) {
      if (print(candidate).length >= print(best).length) continue;
      if (asks++ > ASKS_MAX) return best;
      if (!(await stillDiffers(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Pieces that are one step smaller, the boldest steps first. */
function* smaller(whole: Piece): Generator<Piece> {
  for (const replacement of replacements(whole)) yield replacement;
  for (const [index, part] of whole.parts.entries()) {
    if (typeof part === "string") continue;
    for (const each of smaller(part)) {
      yield { ...whole, parts: whole.parts.with(index, each) };
    }
  }
}

function* replacements(whole: Piece): Generator<Piece> {
  if (whole.type === "clause" && whole.parts.length > 0) yield piece("clause");
  for (const inside of insideOf(whole)) if (inside.type === whole.type) yield inside;
  if (/^[A-Z]/.test(whole.type)) {
    for (const literal of simplestOf(whole.type)) yield piece(whole.type, literal);
  }
}

/** All pieces within a piece, the larger before those in them. */
export function* insideOf({ parts }: Piece): Generator<Piece> {
  for (const part of parts) {
    if (typeof part === "string") continue;
    yield part;
    yield* insideOf(part);
  }
}
