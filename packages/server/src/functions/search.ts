// SPDX-License-Identifier: Apache-2.0
// Functions that search token lists. They read what is in the row, so they need no search index, and
// stand wherever an expression may; Spanner requires an index, and most of them only in WHERE.
// `language_tag` and `enhance_query` are taken and change nothing.
// https://cloud.google.com/spanner/docs/reference/standard-sql/search_functions
import { BOOL, FLOAT64 } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { isObject, type JsonTree, parseJson } from "./json-text.ts";
import {
  isEmptyQuery,
  matchesQuery,
  parseSearchQuery,
  phrasesOf,
  type SearchQuery,
} from "./search-query.ts";
import { type ScoreWeights, scoreOf, trigramSimilarity, weightsDefault } from "./search-score.ts";
import {
  type Category,
  categories,
  fold,
  gramsOf,
  runsOf,
  sizeOf,
  withoutDiacritics,
} from "./search-text.ts";
import {
  bool,
  defineByType,
  float64,
  int64,
  json,
  named,
  nullable,
  type Overload,
  string,
} from "./signature.ts";
import {
  type FullTextTokens,
  type GramTokens,
  type SubstringTokens,
  tokenList,
  tokensOf,
} from "./token-list.ts";

type Maybe<V> = V | null | undefined;

const dialect = named("dialect", nullable(string));
const language = named("language_tag", nullable(string));
const enhance = named("enhance_query", nullable(bool));

function fullTextOf(caller: string, tokens: Uint8Array): readonly FullTextTokens[] {
  return tokensOf(caller, tokens, ["full text"], "TOKENIZE_FULLTEXT");
}

function gramsIn(caller: string, tokens: Uint8Array): readonly (SubstringTokens | GramTokens)[] {
  const tokenizers = "TOKENIZE_SUBSTRING or TOKENIZE_NGRAMS";
  return tokensOf(caller, tokens, ["substring", "n-grams"], tokenizers);
}

/** Reads the query once: it is mostly the same for every row. */
function queryReader(): (text: string, dialect: Maybe<string>) => SearchQuery {
  let last: { text: string; dialect: string; query: SearchQuery } | undefined;
  return (text, dialectGiven) => {
    const inDialect = dialectGiven ?? "rquery";
    if (last?.text !== text || last.dialect !== inDialect) {
      last = { text, dialect: inDialect, query: parseSearchQuery(text, inDialect) };
    }
    return last.query;
  };
}

const search = defineByType(
  "SEARCH",
  [nullable(tokenList), nullable(string), dialect, language, enhance],
  BOOL,
  () => {
    const read = queryReader();
    return (tokens, text, dialectGiven) => {
      if (tokens === null || text === null) return null;
      const query = read(text, dialectGiven);
      return !isEmptyQuery(query) && matchesQuery(query, fullTextOf("SEARCH", tokens));
    };
  },
  { seesNull: true },
);

const score = defineByType(
  "SCORE",
  [
    nullable(tokenList),
    nullable(string),
    dialect,
    language,
    enhance,
    named("options", nullable(json)),
  ],
  FLOAT64,
  () => {
    const read = queryReader();
    return (tokens, text, dialectGiven, _language, _enhance, options) => {
      if (tokens === null || text === null) return 0;
      const phrases = phrasesOf(read(text, dialectGiven));
      return scoreOf(phrases, fullTextOf("SCORE", tokens), weightsOf(options));
    };
  },
  { seesNull: true },
);

function weightsOf(options: Maybe<string>): ScoreWeights {
  if (options === undefined || options === null) return weightsDefault;
  const tree = parseJson(options);
  const given = field(tree, "token_category_weights");
  const weigh = (category: Category): number =>
    numberIn(field(given, category)) ?? weightsDefault.categories[category];
  const [small, medium, large, title] = categories.map(weigh);
  const known = weightsDefault.categories;
  return {
    bigram: numberIn(field(tree, "bigram_weight")) ?? weightsDefault.bigram,
    categories: {
      small: small ?? known.small,
      medium: medium ?? known.medium,
      large: large ?? known.large,
      title: title ?? known.title,
    },
  };
}

function field(tree: JsonTree | undefined, name: string): JsonTree | undefined {
  return tree !== undefined && isObject(tree) ? tree.get(name) : undefined;
}

function numberIn(tree: JsonTree | undefined): number | undefined {
  const number = tree === undefined || isObject(tree) ? Number.NaN : Number(tree);
  return Number.isFinite(number) ? number : undefined;
}

const searchSubstring = defineByType(
  "SEARCH_SUBSTRING",
  [
    nullable(tokenList),
    nullable(string),
    language,
    named("relative_search_type", nullable(string)),
  ],
  BOOL,
  () => (tokens, query, _language, relative) => {
    if (tokens === null || query === null) return null;
    const tokenizers = "TOKENIZE_SUBSTRING";
    const texts = tokensOf("SEARCH_SUBSTRING", tokens, ["substring"], tokenizers);
    if (relative !== undefined && relative !== null) {
      const type = relative.toLowerCase();
      return texts.some((text) => matchesRelative(text, query, type));
    }
    const prepared = texts.map((text) => ({
      text,
      words: wordsIn(text.text, text),
      wanted: wordsIn(query, text),
    }));
    const isFound = (index: number): boolean =>
      prepared.some(({ text, words, wanted }) => {
        const part = wanted[index] ?? "";
        return canFind(text, part) && words.some((word) => has(text, word, part));
      });
    const count = prepared[0]?.wanted.length ?? 0;
    return count > 0 && Array.from({ length: count }, (_, index) => index).every(isFound);
  },
  { seesNull: true },
);

function wordsIn(source: string, { removesDiacritics }: SubstringTokens): readonly string[] {
  return runsOf(fold(source, removesDiacritics));
}

/** Parts shorter than the greatest n-gram may have been left out. */
function canFind({ shortOnlyForAnchors, sizes }: SubstringTokens, wanted: string): boolean {
  return !shortOnlyForAnchors || sizeOf(wanted) >= sizes.max;
}

/** Parts shorter than the least n-gram are only found as whole words. */
function has({ sizes }: SubstringTokens, word: string, wanted: string): boolean {
  return sizeOf(wanted) < sizes.min ? word === wanted : word.includes(wanted);
}

/** The words of the query one after the other; only the first and the last may be parts of words. */
function matchesRelative(text: SubstringTokens, query: string, type: string): boolean {
  if (!relativeTypes.has(type)) {
    throw evaluationFailed(`Invalid relative_search_type: ${type}`);
  }
  if (!text.relative.includes(type) && !text.relative.includes("all")) return false;
  const [words, wanted] = [wordsIn(text.text, text), wordsIn(query, text)];
  if (wanted.length === 0) return false;
  const last = words.length - wanted.length;
  const isAt = (start: number): boolean =>
    wanted.every((each, index) => {
      const word = words[start + index] ?? "";
      const isFree = type === "phrase";
      const isCutLeft = index === 0 && (isFree || type.endsWith("suffix"));
      const isCutRight = index === wanted.length - 1 && (isFree || type.endsWith("prefix"));
      if (isCutLeft && isCutRight) return canFind(text, each) && has(text, word, each);
      if (isCutLeft) return word.endsWith(each);
      return isCutRight ? word.startsWith(each) : word === each;
    });
  if (last < 0) return false;
  if (type === "value_prefix") return isAt(0);
  if (type === "value_suffix") return isAt(last);
  return Array.from({ length: last + 1 }, (_, start) => start).some(isAt);
}

const relativeTypes: ReadonlySet<string> = new Set([
  "phrase",
  "value_prefix",
  "value_suffix",
  "word_prefix",
  "word_suffix",
]);

const searchGrams = defineByType(
  "SEARCH_NGRAMS",
  [
    nullable(tokenList),
    nullable(string),
    language,
    named("min_ngrams", nullable(int64)),
    named("min_ngrams_percent", nullable(float64)),
  ],
  BOOL,
  () => (tokens, query, _language, least, percent) => {
    if (tokens === null || query === null) return null;
    const wanted = new Set<string>();
    const found = new Set<string>();
    for (const text of gramsIn("SEARCH_NGRAMS", tokens)) {
      const known = new Set(text.kind === "substring" ? shortAndLong(text) : gramsUpTo(text));
      for (const gram of queryGrams(query, text)) {
        wanted.add(gram);
        if (known.has(gram)) found.add(gram);
      }
    }
    if (wanted.size === 0 || found.size < Number(least ?? 2n)) return false;
    return (found.size / wanted.size) * 100 >= (percent ?? 0);
  },
  { seesNull: true },
);

/** What a query is cut into: the greatest n-grams, or what is too short for one as it is. */
function queryGrams(query: string, text: SubstringTokens | GramTokens): readonly string[] {
  const { sizes } = text;
  // N-grams over the bounds of words keep their case.
  const whole = text.removesDiacritics ? withoutDiacritics(query) : query;
  const pieces = text.kind === "substring" ? wordsIn(query, text) : [whole];
  return pieces.flatMap((piece) => {
    const size = sizeOf(piece);
    if (size < sizes.min) return [];
    return size < sizes.max ? [piece] : gramsOf(piece, sizes.max);
  });
}

function gramsUpTo({ text, sizes }: GramTokens): readonly string[] {
  const grams: string[] = [];
  for (let size = sizes.min; size <= sizes.max; size++) grams.push(...gramsOf(text, size));
  return grams;
}

function shortAndLong(text: SubstringTokens): readonly string[] {
  const { sizes } = text;
  const from = text.shortOnlyForAnchors ? sizes.max : sizes.min;
  return wordsIn(text.text, text).flatMap((word) => {
    const grams: string[] = [];
    for (let size = from; size <= sizes.max; size++) grams.push(...gramsOf(word, size));
    return grams;
  });
}

const scoreGrams = defineByType(
  "SCORE_NGRAMS",
  [
    nullable(tokenList),
    nullable(string),
    language,
    named("algorithm", nullable(string)),
    named("array_aggregator", nullable(string)),
  ],
  FLOAT64,
  () => (tokens, query, _language, algorithm, aggregator) => {
    if (tokens === null || query === null) return 0;
    if ((algorithm ?? "trigrams").toLowerCase() !== "trigrams") {
      throw evaluationFailed(`Invalid algorithm of SCORE_NGRAMS: ${algorithm}`);
    }
    const texts = gramsIn("SCORE_NGRAMS", tokens);
    const removes = texts.some(({ removesDiacritics }) => removesDiacritics);
    const similarity = (text: string): number =>
      trigramSimilarity(fold(query, removes), fold(text, removes));
    switch ((aggregator ?? "flatten").toLowerCase()) {
      case "flatten":
        return similarity(texts.map(({ text }) => text).join(" "));
      case "max_element":
        return Math.max(0, ...texts.map(({ text }) => similarity(text)));
      default:
        throw evaluationFailed(`Invalid array_aggregator of SCORE_NGRAMS: ${aggregator}`);
    }
  },
  { seesNull: true },
);

/** Functions that search, and those that say how well it went. */
export const searchFunctions: readonly Overload[] = [
  search,
  searchSubstring,
  searchGrams,
  score,
  scoreGrams,
];
