// SPDX-License-Identifier: Apache-2.0

/**
 * From tokens to trees, by recursive descent.
 *
 * One function per rule of the grammar, one file per family of rules. All share a `Cursor`, which
 * walks over the tokens and knows how to complain. The grammar is recursive, the files are not: a
 * family reaches the rules of a family above it through the cursor, which was given them as
 * `Rules`.
 *
 * After an error a parse goes on at the next item, clause, or closing parenthesis, and tells all it
 * finds. It never overflows the stack: nesting is bounded by `depthMax`,
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
import { ErrorLog, findClause, findResumption, type Resumption } from "./recovery.ts";
import type { GraphPlace, OverGraph, Rules } from "./rules.ts";

/** How deep expressions and queries may nest. */
const depthMax = 200;

/** How many operators may follow one another at one level. */
const chainMax = 2000;

/** A place in a list of tokens. */
export class Cursor {
  readonly text: string;
  readonly #tokens: Token[];
  readonly #rules: Rules<Cursor>;
  readonly #style: ErrorStyle;
  readonly #log = new ErrorLog();
  #index = 0;
  #depth = 0;
  #isGraph = false;

  constructor(text: string, rules: Rules<Cursor>, style: ErrorStyle = "sql") {
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

  /** Parses a query over a graph. */
  graphQuery(place: GraphPlace): OverGraph {
    const isInside = this.#isGraph;
    this.#isGraph = true;
    const query = this.nested(() => this.#rules.graphQuery(this, place));
    this.#isGraph = isInside;
    return query;
  }

  /** Runs a rule one level deeper. */
  nested<T>(rule: () => T): T {
    this.#enter();
    const result = rule();
    this.#depth -= 1;
    return result;
  }

  /** An error leaves the depth as it is: who goes on after it sets it back. */
  #enter(): void {
    if (this.#depth >= depthMax) throw this.#tooDeep();
    this.#depth += 1;
  }

  /** Fails when a chain of operators has grown too long. */
  checkChain(length: number): void {
    if (length > chainMax) throw this.#tooDeep();
  }

  #tooDeep(): SqlErrors {
    this.#log.close();
    return this.error("Out of stack space due to deeply nested query expression");
  }

  // Going on after errors.

  /** Reads an item of a list. A wrong one is noted and left out. */
  item<T>(rule: () => T): T | undefined {
    return this.#attempt(rule, "item");
  }

  /** Reads a clause. A wrong one is noted and left out. */
  clause<T>(rule: () => T): T | undefined {
    return this.#attempt(rule, "clause");
  }

  /** Reads a clause and adds it, unless it is wrong. */
  addClause<T>(clauses: T[], rule: () => T): void {
    const read = this.clause(rule);
    if (read !== undefined) clauses.push(read);
  }

  /**
   * Reads a whole text, and fails with all errors in it.
   *
   * Behind an error that nothing else went on after, the clauses are read each for itself.
   */
  whole<T>(rule: () => T, readClause: () => void): T {
    let result: T;
    try {
      result = rule();
    } catch (thrown) {
      if (!(thrown instanceof SqlErrors)) throw thrown;
      if (this.#log.add(thrown, this.#index)) this.#readRest(readClause);
      throw this.#log.result(this.text, this.#style) ?? thrown;
    }
    const errors = this.#log.result(this.text, this.#style);
    if (errors !== undefined) throw errors;
    return result;
  }

  #readRest(readClause: () => void): void {
    this.#depth = 0;
    try {
      for (;;) {
        this.#index = findClause(this.#tokens, this.#index, this.#isGraph);
        if (this.isEnd()) return;
        this.clause(readClause);
      }
    } catch (thrown) {
      // There are as many errors now as are told.
      if (!(thrown instanceof SqlErrors)) throw thrown;
    }
  }

  #attempt<T>(rule: () => T, resumption: Resumption): T | undefined {
    const start = this.#index;
    const depth = this.#depth;
    const isGraph = this.#isGraph;
    try {
      return rule();
    } catch (thrown) {
      if (!(thrown instanceof SqlErrors)) throw thrown;
      if (!this.#log.add(thrown, this.#index)) throw thrown;
      this.#index = findResumption(this.#tokens, start, this.#index, resumption, isGraph);
      this.#log.resume(this.#index);
      this.#depth = depth;
      this.#isGraph = isGraph;
      return undefined;
    }
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

  /** One or more items with commas between them; wrong ones are left out. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    do this.addItem(items, item);
    while (this.takeSymbol(","));
    return items;
  }

  /** Reads an item of a list and adds it, unless it is wrong. */
  addItem<T>(items: T[], item: () => T): void {
    const read = this.item(item);
    if (read !== undefined) items.push(read);
  }

  /** `(item, item, …)` with at least one item. */
  parenthesized<T>(item: () => T): T[] {
    this.expectSymbol("(");
    const items: T[] = [];
    do this.addItem(items, item);
    while (this.continuesList());
    this.expectListEnd();
    return items;
  }

  /** Whether a comma leads to another item; what is no comma and no `)` is noted and skipped. */
  continuesList(): boolean {
    if (this.takeSymbol(",")) return true;
    if (this.isSymbol(")")) return false;
    this.item(() => this.expectListEnd());
    return this.takeSymbol(",");
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
  const kept: Partial<T> = {};
  for (const key in fields) {
    if (fields[key] !== undefined) kept[key] = fields[key];
  }
  // What is kept comes from `fields`, so it has its types, less undefined.
  return kept as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
