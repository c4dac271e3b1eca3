// SPDX-License-Identifier: Apache-2.0
// How well a text matches. The numbers are not Spanner's, whose formula is not published: they only
// keep what it promises. More hits, hits that stand next to each other as in the query, and hits in
// words that stand out score higher. How rare a word is nobody here knows, so `idf_weight` does nothing.
// https://cloud.google.com/spanner/docs/full-text-search/ranked-search
import type { Phrase } from "./search-query.ts";
import { placesOf } from "./search-query.ts";
import { type Category, gramsOf } from "./search-text.ts";
import type { FullTextTokens } from "./token-list.ts";

/** What the `options` of SCORE weigh. */
export interface ScoreWeights {
  readonly bigram: number;
  readonly categories: Readonly<Record<Category, number>>;
}

export const weightsDefault: ScoreWeights = {
  bigram: 2,
  categories: { small: 1, medium: 1.5, large: 2, title: 3 },
};

const wordShare = 0.25;
const pairShare = 0.4;

/** The score of texts for the phrases of a query; 0 when none is found. */
export function scoreOf(
  phrases: readonly Phrase[],
  texts: readonly FullTextTokens[],
  weights: ScoreWeights,
): number {
  const words = phrases.flatMap(({ words, plain }) =>
    words.map((word, index) => single(word, plain[index] ?? word)),
  );
  const distinct = new Map(words.map((word) => [word.words[0], word]));
  let score = 0;
  for (const word of distinct.values()) {
    score += wordShare * saturate(hits(word, texts, weights));
  }
  const pairs = new Map<string, Phrase>();
  for (const [index, next] of words.slice(1).entries()) {
    const pair = joined(words[index] ?? next, next);
    pairs.set(pair.words.join(" "), pair);
  }
  for (const pair of pairs.values()) {
    score += pairShare * weights.bigram * saturate(hits(pair, texts, weights));
  }
  return score;
}

function single(word: string, plain: string): Phrase {
  return { kind: "phrase", words: [word], plain: [plain] };
}

function joined(left: Phrase, right: Phrase): Phrase {
  return {
    kind: "phrase",
    words: [...left.words, ...right.words],
    plain: [...left.plain, ...right.plain],
  };
}

/** 1 for one hit; many come near to 2, so that no word alone decides. */
function saturate(weight: number): number {
  return (2 * weight) / (weight + 1);
}

function hits(phrase: Phrase, texts: readonly FullTextTokens[], weights: ScoreWeights): number {
  let sum = 0;
  for (const text of texts) {
    for (const place of placesOf(phrase, text)) {
      sum += weights.categories[text.categories?.[place] ?? "small"];
    }
  }
  return sum;
}

/** The trigrams that two texts share, of all that they have: 0 to 1. */
export function trigramSimilarity(left: string, right: string): number {
  const [ofLeft, ofRight] = [trigramsOf(left), trigramsOf(right)];
  let shared = 0;
  for (const gram of ofLeft) if (ofRight.has(gram)) shared++;
  return shared === 0 ? 0 : shared / (ofLeft.size + ofRight.size - shared);
}

/** The ends count: a text begins with two blanks and ends with one. */
function trigramsOf(text: string): Set<string> {
  return text === "" ? new Set() : new Set(gramsOf(`  ${text} `, 3));
}
