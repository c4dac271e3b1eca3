// SPDX-License-Identifier: Apache-2.0

/**
 * How a parse goes on after an error, to find the others.
 *
 * The first error is what Spanner would say. Those behind it are for editors and for people who
 * like to mend everything at once. A wrong item of a list or a wrong clause is left out: the parse
 * goes on at the next comma, at the next clause, or where the parentheses around it close. An error
 * at the very place where the parse went on is the echo of the one before and is not told.
 */
import type { Token } from "../lexer/token.ts";
import { type ErrorStyle, type SqlErrorAt, SqlErrors } from "../text/errors.ts";

/** How many errors of one text are told. */
const errorsMax = 20;

/** The errors of one parse, in the order they were found. */
export class ErrorLog {
  readonly #errors: SqlErrorAt[] = [];
  /** The token where the parse went on last. */
  #resumedAt = -1;
  #isClosed = false;

  /** Tells no further errors: whatever was met makes going on pointless. */
  close(): void {
    this.#isClosed = true;
  }

  /** Keeps an error met at a token, unless it is an echo. False when the parse had better end. */
  add(thrown: SqlErrors, index: number): boolean {
    const error = thrown.errors[0];
    if (error !== undefined && index !== this.#resumedAt && !this.#isFull()) {
      this.#errors.push({ message: error.message, position: error.position });
      // While the error travels up, whoever meets it again must know it.
      this.#resumedAt = index;
    }
    return !this.#isClosed && !this.#isFull();
  }

  #isFull(): boolean {
    return this.#errors.length >= errorsMax;
  }

  /** Remembers where the parse goes on. */
  resume(index: number): void {
    this.#resumedAt = index;
  }

  /** All errors as one, if there were any. */
  result(text: string, style: ErrorStyle): SqlErrors | undefined {
    const [first, ...rest] = this.#errors;
    return first && new SqlErrors(text, [first, ...rest], style);
  }
}

/** What a parse can go on with: another item of the list, or only another clause. */
export type Resumption = "item" | "clause";

/** The words that begin a clause in the middle of a statement. */
const clauseWords: ReadonlySet<string> = new Set(
  "SELECT FROM WHERE GROUP HAVING ORDER LIMIT UNION INTERSECT EXCEPT WINDOW".split(" "),
);

/** The same in a graph query, whose statements are clauses too. */
const graphWords: ReadonlySet<string> = new Set([
  ...clauseWords,
  ..."MATCH OPTIONAL LET FILTER FOR OFFSET SKIP WITH RETURN CALL NEXT".split(" "),
]);

/**
 * The token to go on at, after an error at one token in a piece that began at another.
 *
 * When a parenthesis of the piece is never closed, any clause behind the error will do.
 */
export function findResumption(
  tokens: readonly Token[],
  start: number,
  failed: number,
  resumption: Resumption,
  isGraph: boolean,
): number {
  if (failed >= tokens.length - 1) return failed;
  const words = isGraph ? graphWords : clauseWords;
  let level = 0;
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index];
    const mark = token?.kind === "symbol" ? token.text : "";
    const isClosing = closings.has(mark);
    const isOutside = level === 0 && (isClosing || mark === "|>" || isClause(token, words));
    const isNext = level === 0 && mark === "," && resumption === "item";
    if (index >= failed && (isOutside || isNext || mark === ";")) return index;
    if (openings.has(mark)) level += 1;
    if (isClosing && level > 0) level -= 1;
  }
  return level > 0 ? findClause(tokens, failed + 1, isGraph) : tokens.length - 1;
}

/** The next token that begins a clause, in parentheses or not; else the end. */
export function findClause(tokens: readonly Token[], start: number, isGraph: boolean): number {
  const words = isGraph ? graphWords : clauseWords;
  let index = start;
  while (index < tokens.length - 1 && !isClause(tokens[index], words)) index += 1;
  return index;
}

const openings: ReadonlySet<string> = new Set(["(", "[", "{"]);
const closings: ReadonlySet<string> = new Set([")", "]", "}"]);

function isClause(token: Token | undefined, words: ReadonlySet<string>): boolean {
  return (token?.kind === "keyword" || token?.kind === "identifier") && words.has(token.word);
}
