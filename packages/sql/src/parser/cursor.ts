// SPDX-License-Identifier: Apache-2.0

/**
 * From tokens to trees, by recursive descent.
 *
 * One function per rule of the grammar, one file per family of rules. All share a `Cursor`, which
 * walks over the tokens and knows how to complain. The grammar is recursive, the files are not: a
 * family reaches the rules of a family above it through the cursor, which was given them as
 * `Rules`.
 *
 * A parse stops at its first error. It never overflows the stack: nesting is bounded by `depthMax`,
 * and operators that chain to the left are bounded by `chainMax`, since whoever walks the tree will
 * recurse that deep. It is linear in the length of the text: the grammar is decided by looking a
 * few tokens ahead, never by trying and going back.
 */
import { tokenize } from "../lexer/lexer.ts";
import { describeToken, type Token } from "../lexer/token.ts";
import { type ErrorStyle, SqlErrors } from "../text/errors.ts";
import type { Position } from "../text/source.ts";
import type { Expression } from "../tree/expression.ts";
import type { Identifier, Path } from "../tree/position.ts";
import type { Query } from "../tree/query.ts";

/** How deep expressions and queries may nest. */
const depthMax = 200;

/** How many operators may follow one another at one level. */
const chainMax = 2000;

/** The rules through which the grammar is recursive. */
export interface Rules {
  expression(cursor: Cursor): Expression;
  query(cursor: Cursor): Query;
  /** The rest of a query whose first part, in parentheses, has been read. */
  queryAfter(cursor: Cursor, first: Query, start: number): Query;
}

/** A place in a list of tokens. */
export class Cursor {
  readonly text: string;
  readonly #tokens: Token[];
  readonly #rules: Rules;
  readonly #style: ErrorStyle;
  #index = 0;
  #depth = 0;

  constructor(text: string, rules: Rules, style: ErrorStyle = "sql") {
    this.text = text;
    this.#tokens = tokenize(text);
    this.#rules = rules;
    this.#style = style;
  }

  /** Parses any expression. */
  expression(): Expression {
    this.#enter();
    const expression = this.#rules.expression(this);
    this.#depth -= 1;
    return expression;
  }

  /** Parses a query without parentheses of its own. */
  query(): Query {
    this.#enter();
    const query = this.#rules.query(this);
    this.#depth -= 1;
    return query;
  }

  /** Parses the rest of a query whose first part stood in parentheses. */
  queryAfter(first: Query, start: number): Query {
    return this.nested(() => this.#rules.queryAfter(this, first, start));
  }

  /** Runs a rule one level deeper. */
  nested<T>(rule: () => T): T {
    this.#enter();
    const result = rule();
    this.#depth -= 1;
    return result;
  }

  /** An error leaves the depth as it is: the parse is over then. */
  #enter(): void {
    if (this.#depth >= depthMax) throw this.#tooDeep();
    this.#depth += 1;
  }

  /** Fails when a chain of operators has grown too long. */
  checkChain(length: number): void {
    if (length > chainMax) throw this.#tooDeep();
  }

  #tooDeep(): SqlErrors {
    return this.error("Out of stack space due to deeply nested query expression");
  }

  // Looking.

  /** The token some places ahead, without moving. */
  peek(ahead = 0): Token {
    const token = this.#tokens[this.#index + ahead] ?? this.#tokens.at(-1);
    return token ?? { kind: "end", start: this.text.length, end: this.text.length };
  }

  /** Whether a keyword, reserved or not, stands here. */
  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.kind === "keyword" || token.kind === "identifier") && token.word === word;
  }

  /** Whether one of some keywords stands here. */
  isAnyWord(words: ReadonlySet<string>, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (token.kind === "keyword" || token.kind === "identifier") && words.has(token.word);
  }

  /** Whether several keywords stand here in a row. */
  isWords(...words: readonly string[]): boolean {
    return words.every((word, ahead) => this.isWord(word, ahead));
  }

  /** Whether a punctuation mark stands here. */
  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === symbol;
  }

  /** Whether a name stands here: a quoted identifier or a word that is not reserved. */
  isName(ahead = 0): boolean {
    return this.peek(ahead).kind === "identifier";
  }

  isEnd(): boolean {
    return this.peek().kind === "end";
  }

  // Moving.

  /** Takes the token here. */
  take(): Token {
    const token = this.peek();
    if (token.kind === "invalid") throw this.unexpected();
    if (token.kind !== "end") this.#index += 1;
    return token;
  }

  /** Takes a keyword if it stands here. */
  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#index += 1;
    return true;
  }

  /** Takes several keywords if all of them stand here. */
  takeWords(...words: readonly string[]): boolean {
    if (!this.isWords(...words)) return false;
    this.#index += words.length;
    return true;
  }

  /** Takes a punctuation mark if it stands here. */
  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#index += 1;
    return true;
  }

  /** Takes the closing bracket of a type, splitting `>>` when it closes two. */
  takeClosingAngle(): boolean {
    if (this.takeSymbol(">")) return true;
    if (!this.isSymbol(">>")) return false;
    const { end } = this.peek();
    this.#tokens[this.#index] = { kind: "symbol", text: ">", start: end - 1, end };
    return true;
  }

  /** Takes a keyword that must stand here. */
  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.expected(`keyword ${word}`);
  }

  /** Takes keywords that must stand here in a row. */
  expectWords(...words: readonly string[]): void {
    for (const word of words) this.expectWord(word);
  }

  /** Takes a punctuation mark that must stand here. */
  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.expected(`"${symbol}"`);
  }

  /** Refuses anything after the statement but one semicolon. */
  expectEnd(): void {
    this.takeSymbol(";");
    if (!this.isEnd()) throw this.expected("end of input");
  }

  // Names and lists, which every family needs.

  /** Takes a name. */
  identifier(): Identifier {
    const token = this.peek();
    if (token.kind !== "identifier") throw this.unexpected();
    this.take();
    return { kind: "identifier", name: token.text, position: span(token) };
  }

  /** Takes a name if one stands here. */
  identifierIfAny(): Identifier | undefined {
    return this.isName() ? this.identifier() : undefined;
  }

  /** Takes a name or a reserved word, where only a name can stand. */
  anyWord(): Identifier {
    const token = this.peek();
    if (token.kind !== "identifier" && token.kind !== "keyword") throw this.unexpected();
    this.take();
    return { kind: "identifier", name: token.text, position: span(token) };
  }

  /** Takes names joined by dots. */
  path(): Path {
    const start = this.start();
    const parts = [this.identifier()];
    while (this.takeSymbol(".")) parts.push(this.identifier());
    return { kind: "path", parts, position: this.since(start) };
  }

  /** One or more items with commas between them. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.takeSymbol(",")) items.push(item());
    return items;
  }

  /** `(item, item, …)` with at least one item. */
  parenthesized<T>(item: () => T): T[] {
    this.expectSymbol("(");
    const items = this.list(item);
    this.expectListEnd();
    return items;
  }

  /** Takes the `)` after a list, which might also have gone on. */
  expectListEnd(): void {
    if (!this.takeSymbol(")")) throw this.expected('")" or ","');
  }

  // Positions and errors.

  /** The offset where the next token starts. */
  start(): number {
    return this.peek().start;
  }

  /** Where the last token that was taken ends. */
  end(): number {
    return this.#tokens[this.#index - 1]?.end ?? 0;
  }

  /** The stretch from an offset to the last token that was taken. */
  since(start: number): Position {
    return { start, end: Math.max(start, this.end()) };
  }

  /** An error that says what should have stood here. */
  expected(what: string): SqlErrors {
    const token = this.peek();
    if (token.kind === "invalid") return this.error(token.message);
    if (this.#style === "ddl") {
      return this.error(`Expecting '${bare(what)}' but found '${this.#spelling(token)}'`);
    }
    return this.error(`Syntax error: Expected ${what} but got ${describeToken(token, this.text)}`);
  }

  /** An error that says that what stands here should not; `rule` is what was being read. */
  unexpected(rule = "identifier"): SqlErrors {
    const token = this.peek();
    if (token.kind === "invalid") return this.error(token.message);
    if (this.#style === "ddl") {
      return this.error(`Encountered '${this.#spelling(token)}' while parsing: ${rule}`);
    }
    return this.error(`Syntax error: Unexpected ${describeToken(token, this.text)}`);
  }

  /** A token as written; the end has the name that Spanner's schema parser gives it. */
  #spelling(token: Token): string {
    return token.kind === "end" ? "EOF" : this.text.slice(token.start, token.end);
  }

  /** An error in its own words, at the token here or at a given place. */
  error(message: string, position: Position = span(this.peek())): SqlErrors {
    // A schema statement's error says "Syntax error" with its place, before the message.
    const told = this.#style === "ddl" ? message.replace(/^Syntax error: /, "") : message;
    return new SqlErrors(this.text, [{ message: told, position }], this.#style);
  }
}

/** A description of a token without the words that only queries use. */
function bare(what: string): string {
  if (what === "end of input") return "EOF";
  return what.replaceAll('"', "").replaceAll("keyword ", "");
}

/** The position of a token or node alone. */
export function span(place: Position): Position {
  return { start: place.start, end: place.end };
}

/** Leaves out the fields that are undefined, so that absent parts of a node are truly absent. */
export function present<T extends object>(
  fields: T,
): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  // The entries come from `fields`, so they have its types, less undefined.
  return Object.fromEntries(kept) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
