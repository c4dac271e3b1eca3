// SPDX-License-Identifier: Apache-2.0

import { readToken, skipBlank } from "./lexer/lexer.ts";
import type { Token } from "./lexer/token.ts";
import type { Position } from "./text/source.ts";

/** One statement of a script. */
export interface ScriptStatement {
  /** From the first word to the last, without the semicolon and without surrounding comments. */
  readonly text: string;
  readonly position: Position;
  /** Whether a semicolon ended it. The last statement of a script may have none. */
  readonly terminated: boolean;
}

/**
 * Cuts a script into statements at its semicolons, without parsing them.
 *
 * Semicolons in strings, quoted names, and comments do not count. Statements that hold nothing but
 * comments are left out. Text that cannot be read, such as a string that never ends, belongs to the
 * statement it starts in, up to the end of the script: parsing that statement tells what is wrong.
 */
export function splitStatements(script: string): ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  let start: number | undefined;
  let end = 0;
  let previous: Token | undefined;
  const finish = (terminated: boolean): void => {
    if (start === undefined) return;
    const position = { start, end };
    statements.push({ text: script.slice(start, end), position, terminated });
    start = undefined;
  };
  for (let offset = 0; ; offset = end) {
    const skipped = skipBlank(script, offset);
    if (skipped.kind === "unclosed") {
      start ??= skipped.offset;
      end = script.length;
      break;
    }
    if (skipped.offset >= script.length) break;
    const token = readToken(script, skipped.offset, previous);
    previous = token;
    if (token.kind === "symbol" && token.text === ";") {
      finish(true);
      end = token.end;
      continue;
    }
    start ??= skipped.offset;
    end = token.kind === "invalid" ? script.length : token.end;
  }
  finish(false);
  return statements;
}
