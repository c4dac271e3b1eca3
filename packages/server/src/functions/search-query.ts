// SPDX-License-Identifier: Apache-2.0
// Search queries: from their text to a tree, and whether it matches the words of a token list.
//
// In `rquery` terms are all required; `OR` and `|` join two neighbors; `AROUND` asks for an order and a
// distance; quotes make a phrase; a dash negates one term. `words` and `words_phrase` have no syntax.
// https://cloud.google.com/spanner/docs/full-text-search/query-overview
import { evaluationFailed } from "../errors/query.ts";
import { fold, type Word, wordsOf } from "./search-text.ts";
import type { FullTextTokens } from "./token-list.ts";

/** Words that must stand next to each other. */
export interface Phrase {
  readonly kind: "phrase";
  /** In lower case. */
  readonly words: readonly string[];
  /** Without their accents too. */
  readonly plain: readonly string[];
}

/** A search query. */
export type SearchQuery =
  | Phrase
  | { readonly kind: "all" | "any"; readonly operands: readonly SearchQuery[] }
  | { readonly kind: "not"; readonly operand: SearchQuery }
  /** Phrases in this order; each at most so many words after the one before. */
  | {
      readonly kind: "around";
      readonly first: Phrase;
      readonly rest: readonly { readonly phrase: Phrase; readonly distance: number }[];
    };

/** How far AROUND reaches when it does not say. */
const distanceDefault = 5;

/**
 * Reads a query.
 *
 * @throws {StatusError} OUT_OF_RANGE when there is no such dialect.
 */
export function parseSearchQuery(text: string, dialect = "rquery"): SearchQuery {
  switch (dialect.toLowerCase()) {
    case "rquery":
      return new Reader(text).read();
    case "words":
      return { kind: "all", operands: termsOf(text) };
    case "words_phrase":
      return phraseOf(wordsOf(text));
    default:
      throw evaluationFailed(`Invalid search query dialect: ${dialect}`);
  }
}

function phraseOf(words: readonly Word[]): Phrase {
  const texts = words.map((word) => word.text);
  return {
    kind: "phrase",
    words: texts.map((word) => fold(word, false)),
    plain: texts.map((word) => fold(word, true)),
  };
}

/** The words of a text, each a term; those that nothing separates, as in Japanese, are one. */
function termsOf(text: string): readonly Phrase[] {
  const runs: Word[][] = [];
  for (const word of wordsOf(text)) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.end === word.start) run.push(word);
    else runs.push([word]);
  }
  return runs.map(phraseOf);
}

type Piece =
  | { readonly kind: "or" }
  | { readonly kind: "around"; readonly distance: number }
  | { readonly kind: "term"; readonly text: string; readonly isQuoted: boolean }
  | { readonly kind: "not"; readonly text: string; readonly isQuoted: boolean };

const piece = /(-?)"([^"]*)"?|(\|)|(AROUND)\s*\(\s*(\d+)\s*\)|([^\s"|]+)/g;

function piecesOf(text: string): readonly Piece[] {
  const found = Array.from(text.matchAll(piece), (match): Piece => {
    const [, dash, quoted, pipe, around, distance, plain = ""] = match;
    if (quoted !== undefined) {
      return { kind: dash === "-" ? "not" : "term", text: quoted, isQuoted: true };
    }
    if (pipe !== undefined || plain === "OR") return { kind: "or" };
    if (around !== undefined) return { kind: "around", distance: Number(distance) };
    if (plain === "AROUND") return { kind: "around", distance: distanceDefault };
    if (plain.startsWith("-")) return { kind: "not", text: plain.slice(1), isQuoted: false };
    return { kind: "term", text: plain, isQuoted: false };
  });
  return joinDistances(found);
}

/** `AROUND 10 car`: a number with a term after it is the distance. */
function joinDistances(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const [each, next, after] = [pieces[at], pieces[at + 1], pieces[at + 2]];
    if (each === undefined) break;
    const isDistance = next?.kind === "term" && !next.isQuoted && /^\d+$/.test(next.text);
    if (each.kind === "around" && isDistance && after?.kind === "term") {
      joined.push({ kind: "around", distance: Number(next.text) });
      at++;
    } else joined.push(each);
  }
  return joined;
}

class Reader {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(text: string) {
    this.#pieces = piecesOf(text);
  }

  read(): SearchQuery {
    const operands: SearchQuery[] = [];
    while (this.#at < this.#pieces.length) {
      const operand = this.#readAlternatives();
      if (operand !== undefined) operands.push(operand);
    }
    const [only] = operands;
    return operands.length === 1 && only !== undefined ? only : { kind: "all", operands };
  }

  #readAlternatives(): SearchQuery | undefined {
    const operands: SearchQuery[] = [];
    do {
      const operand = this.#readAround();
      if (operand !== undefined) operands.push(operand);
    } while (this.#takeOr());
    const [only] = operands;
    return operands.length > 1 ? { kind: "any", operands } : only;
  }

  #takeOr(): boolean {
    if (this.#pieces[this.#at]?.kind !== "or") return false;
    this.#at++;
    return this.#at < this.#pieces.length;
  }

  #readAround(): SearchQuery | undefined {
    const first = this.#readTerm();
    const rest: { phrase: Phrase; distance: number }[] = [];
    for (;;) {
      const around = this.#pieces[this.#at];
      if (around?.kind !== "around" || first === undefined || first.kind === "not") break;
      this.#at++;
      const phrase = this.#readTerm();
      if (phrase !== undefined && phrase.kind !== "not") {
        rest.push({ phrase: asPhrase(phrase), distance: around.distance });
      }
    }
    if (first === undefined || rest.length === 0) return first;
    return { kind: "around", first: asPhrase(first), rest };
  }

  /** Undefined where there is no term, or nothing but punctuation. */
  #readTerm(): SearchQuery | undefined {
    const found = this.#pieces[this.#at];
    if (found === undefined || found.kind === "or") return undefined;
    this.#at++;
    if (found.kind === "around") return undefined;
    const operands = found.isQuoted ? [phraseOf(wordsOf(found.text))] : termsOf(found.text);
    const [only] = operands;
    if (only === undefined || only.words.length === 0) return undefined;
    const term: SearchQuery = operands.length === 1 ? only : { kind: "all", operands };
    return found.kind === "not" ? { kind: "not", operand: term } : term;
  }
}

/** A term of several words, such as `rock-album`, as a phrase: only that has a place. */
function asPhrase(query: SearchQuery): Phrase {
  const phrases = phrasesOf(query);
  return {
    kind: "phrase",
    words: phrases.flatMap(({ words }) => words),
    plain: phrases.flatMap(({ plain }) => plain),
  };
}

/** The phrases that a query looks for, in its order; what it negates is not among them. */
export function phrasesOf(query: SearchQuery): readonly Phrase[] {
  switch (query.kind) {
    case "phrase":
      return [query];
    case "not":
      return [];
    case "around":
      return [query.first, ...query.rest.map(({ phrase }) => phrase)];
    default:
      return query.operands.flatMap(phrasesOf);
  }
}

/** Whether a query asks for nothing; then it matches nothing. */
export function isEmptyQuery(query: SearchQuery): boolean {
  if (query.kind === "phrase") return query.words.length === 0;
  return "operands" in query && query.operands.every(isEmptyQuery);
}

/** Whether texts match; each term may be in another of them, a phrase is in one. */
export function matchesQuery(query: SearchQuery, texts: readonly FullTextTokens[]): boolean {
  switch (query.kind) {
    case "phrase":
      return texts.some((text) => placesOf(query, text).length > 0);
    case "all":
      return query.operands.every((operand) => matchesQuery(operand, texts));
    case "any":
      return query.operands.some((operand) => matchesQuery(operand, texts));
    case "not":
      return !matchesQuery(query.operand, texts);
    case "around":
      return texts.some((text) => isAround(query, text));
  }
}

function isAround(
  { first, rest }: Extract<SearchQuery, { kind: "around" }>,
  text: FullTextTokens,
): boolean {
  let ends = placesOf(first, text).map((place) => place + first.words.length - 1);
  for (const { phrase, distance } of rest) {
    ends = placesOf(phrase, text)
      .filter((place) => ends.some((end) => place > end && place - end <= distance))
      .map((place) => place + phrase.words.length - 1);
  }
  return ends.length > 0;
}

/** Where a phrase begins, as positions of words. */
export function placesOf(phrase: Phrase, text: FullTextTokens): readonly number[] {
  const wanted = text.removesDiacritics ? phrase.plain : phrase.words;
  const found: number[] = [];
  if (wanted.length === 0) return found;
  for (let start = 0; start + wanted.length <= text.words.length; start++) {
    if (wanted.every((word, offset) => isWord(text.words[start + offset], word))) found.push(start);
  }
  return found;
}

/** A hashtag is found with its `#` and without. */
function isWord(found: string | undefined, wanted: string): boolean {
  if (found === wanted) return true;
  return found?.startsWith("#") === true && found.slice(1) === wanted;
}
