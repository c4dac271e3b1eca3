// SPDX-License-Identifier: Apache-2.0

import { describeToken } from "../lexer/token.ts";
import type { Expression } from "../tree/expression.ts";
import { type Cursor, span } from "./cursor.ts";
import { parsePrimary } from "./primary.ts";

/** Whether a number or a parameter stands here, perhaps in a cast. */
export function isCount(cursor: Cursor, ahead = 0): boolean {
  return isPlainCount(cursor, ahead) || cursor.isWord("CAST", ahead);
}

function isPlainCount(cursor: Cursor, ahead: number): boolean {
  if (cursor.peek(ahead).kind === "integer") return true;
  // A brace after the sign makes it a hint.
  if (cursor.isSymbol("@", ahead)) return !cursor.isSymbol("{", ahead + 1);
  return cursor.isSymbol("@@", ahead) || cursor.isSymbol("?", ahead);
}

/** A number or a parameter, perhaps in a cast. */
export function parseCount(cursor: Cursor): Expression {
  if (!isCount(cursor)) throw cursor.unexpected();
  if (cursor.isWord("CAST") && cursor.isSymbol("(", 1) && !isPlainCount(cursor, 2)) {
    const token = cursor.peek(2);
    const found = describeToken(token, cursor.text);
    const message = `Syntax error: Expected "@" or "@@" or integer literal but got ${found}`;
    throw cursor.error(message, span(token));
  }
  return parsePrimary(cursor);
}
