// SPDX-License-Identifier: Apache-2.0
// Functions that make token lists, and the one that shows them.
// https://cloud.google.com/spanner/docs/reference/standard-sql/search_functions
import { STRING, type Value } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { latin1 } from "./comparison.ts";
import { printTokenList } from "./debug-tokens.ts";
import { jsonTokens } from "./json-tokens.ts";
import {
  type Category,
  categories,
  fold,
  plainText,
  withoutDiacritics,
  wordsOf,
} from "./search-text.ts";
import {
  arrays,
  bool,
  bytes,
  define,
  float32,
  float64,
  int64,
  json,
  named,
  nullable,
  numeric,
  type Overload,
  type Parameter,
  string,
} from "./signature.ts";
import {
  decodeTokenList,
  encodeTokenList,
  type FullTextTokens,
  type GramSizes,
  TOKENLIST,
  type TokenList,
  type Tokens,
  tokenList,
} from "./token-list.ts";
import { numberTokens } from "./tokenize-number.ts";

type Maybe<V> = V | null | undefined;

const text = (name: string): Parameter<Maybe<string>> => named(name, nullable(string));
const truth = (name: string): Parameter<Maybe<boolean>> => named(name, nullable(bool));
const integer = (name: string): Parameter<Maybe<bigint>> => named(name, nullable(int64));

/** The values to tokenize, of one or of an array; those that are NULL leave nothing. */
function given<V extends Value>(value: V | readonly (V | null)[]): readonly V[] {
  const values = Array.isArray(value) ? (value as readonly (V | null)[]) : [value as V];
  return values.filter((each) => each !== null);
}

function list(tokens: TokenList): Uint8Array {
  return encodeTokenList(tokens);
}

function exact(tokens: readonly string[]): Uint8Array {
  return list([{ kind: "exact", tokens }]);
}

function isHtml(contentType: Maybe<string>): boolean {
  const type = contentType ?? "text/plain";
  if (type !== "text/plain" && type !== "text/html") {
    throw evaluationFailed(`Invalid content_type: ${type}`);
  }
  return type === "text/html";
}

function categoryOf(word: Maybe<string>): Category | undefined {
  if (word === undefined || word === null) return undefined;
  const found = categories.find((category) => category === word.toLowerCase());
  if (found === undefined) throw evaluationFailed(`Invalid token_category: ${word}`);
  return found;
}

function fullText(
  source: string,
  contentType: Maybe<string>,
  tokenCategory: Maybe<string>,
  removesDiacritics: boolean,
): FullTextTokens {
  const plain = plainText(source, isHtml(contentType));
  const found = wordsOf(plain.text);
  const words = found.map((word) => fold(word.text, removesDiacritics));
  const fixed = categoryOf(tokenCategory);
  const marks = found.map(({ start }) => fixed ?? plain.categories?.[start] ?? "small");
  const isPlain = marks.every((category) => category === "small");
  return {
    kind: "full text",
    words,
    ...(isPlain ? {} : { categories: marks }),
    removesDiacritics,
  };
}

function sizesOf(min: Maybe<bigint>, max: Maybe<bigint>): GramSizes {
  const sizes = { min: Number(min ?? 1n), max: Number(max ?? 4n) };
  if (sizes.min < 1 || sizes.min > sizes.max) {
    throw evaluationFailed(
      `ngram_size_min must be at least 1 and at most ngram_size_max: ${sizes.min}, ${sizes.max}`,
    );
  }
  return sizes;
}

const relativeTypes: ReadonlySet<string> = new Set([
  "all",
  "phrase",
  "value_prefix",
  "value_suffix",
  "word_prefix",
  "word_suffix",
]);

function relativeOf(
  types: Maybe<readonly (string | null)[]>,
  all: Maybe<boolean>,
): readonly string[] {
  const found = (types ?? []).filter((type) => type !== null).map((type) => type.toLowerCase());
  const unknown = found.find((type) => !relativeTypes.has(type));
  if (unknown !== undefined) throw evaluationFailed(`Invalid relative search type: ${unknown}`);
  return all === true ? ["all"] : found;
}

function ofTexts(
  value: string | readonly (string | null)[] | null,
  tokenize: (text: string) => Tokens,
): Uint8Array | null {
  return value === null ? null : list(given(value).map(tokenize));
}

type OneOrMany<V> = Parameter<V | readonly (V | null)[]>;

/** A value, or an array of such values. */
function oneOrMany<V extends Value>(one: Parameter<V>): readonly OneOrMany<V>[] {
  return [one, arrays<V>(one)];
}

const fromTexts = oneOrMany(string).flatMap((value): readonly Overload[] => [
  define("TOKEN", [value], TOKENLIST, (source) => exact(given(source))),
  define(
    "TOKENIZE_FULLTEXT",
    [
      nullable(value),
      text("language_tag"),
      text("content_type"),
      text("token_category"),
      truth("remove_diacritics"),
    ],
    TOKENLIST,
    (source, _language, contentType, category, removesDiacritics) =>
      ofTexts(source, (each) => fullText(each, contentType, category, removesDiacritics === true)),
    { seesNull: true },
  ),
  define(
    "TOKENIZE_SUBSTRING",
    [
      nullable(value),
      text("language_tag"),
      integer("ngram_size_max"),
      integer("ngram_size_min"),
      named("relative_search_types", nullable(arrays(string))),
      text("content_type"),
      truth("remove_diacritics"),
      truth("short_tokens_only_for_anchors"),
      truth("support_relative_search"),
    ],
    TOKENLIST,
    (source, _language, max, min, types, contentType, removesDiacritics, isShort, isRelative) =>
      ofTexts(source, (each) => ({
        kind: "substring",
        text: plainText(each, isHtml(contentType)).text,
        sizes: sizesOf(min, max),
        relative: relativeOf(types, isRelative),
        shortOnlyForAnchors: isShort === true,
        removesDiacritics: removesDiacritics === true,
      })),
    { seesNull: true },
  ),
  define(
    "TOKENIZE_NGRAMS",
    [
      nullable(value),
      integer("ngram_size_max"),
      integer("ngram_size_min"),
      truth("remove_diacritics"),
    ],
    TOKENLIST,
    (source, max, min, removesDiacritics) =>
      ofTexts(source, (each) => ({
        kind: "n-grams",
        text: removesDiacritics === true ? withoutDiacritics(each) : each,
        sizes: sizesOf(min, max),
        removesDiacritics: removesDiacritics === true,
      })),
    { seesNull: true },
  ),
]);

const fromBytes = oneOrMany(bytes).map((value) =>
  define("TOKEN", [value], TOKENLIST, (source) => exact(given(source).map(latin1))),
);

const fromTruths = oneOrMany(bool).map((value) =>
  define("TOKENIZE_BOOL", [value], TOKENLIST, (source) =>
    exact([...new Set(given(source))].map((each) => (each ? "y" : "n"))),
  ),
);

interface NumberKind<V extends number | bigint> {
  readonly one: Parameter<V>;
  readonly least?: V;
  readonly most?: V;
  readonly step?: V;
}

function fromNumbers<V extends number | bigint>({
  one,
  least,
  most,
  step,
}: NumberKind<V>): readonly Overload[] {
  const bound = (name: string): Parameter<Maybe<V>> => named(name, nullable(one));
  return oneOrMany<V>(one).map((value) =>
    define(
      "TOKENIZE_NUMBER",
      [
        nullable(value),
        text("comparison_type"),
        text("algorithm"),
        bound("min"),
        bound("max"),
        bound("granularity"),
        integer("tree_base"),
        integer("precision"),
      ],
      TOKENLIST,
      (source, comparison, algorithm, min, max, granularity, base) => {
        if (source === null) return null;
        const options = {
          comparison: comparison ?? "all",
          algorithm: algorithm ?? "logtree",
          min: min ?? least,
          max: max ?? most,
          granularity: granularity ?? step,
          base: base === undefined || base === null || base < 2n ? 2n : base,
        };
        return exact(numberTokens<V>(given<V>(source), options));
      },
      { seesNull: true },
    ),
  );
}

/** Functions whose result is a TOKENLIST, and DEBUG_TOKENLIST. */
export const tokenizeFunctions: readonly Overload[] = [
  ...fromTexts,
  ...fromBytes,
  ...fromTruths,
  ...fromNumbers({ one: int64, least: -(2n ** 63n), most: 2n ** 63n - 1n, step: 1n }),
  ...fromNumbers({ one: float64 }),
  ...fromNumbers({ one: float32 }),
  ...fromNumbers({ one: numeric }),
  define("TOKENIZE_JSON", [json], TOKENLIST, (document) => exact(jsonTokens(document))),
  define("TOKENLIST_CONCAT", [arrays(tokenList)], TOKENLIST, (lists) =>
    list(given(lists).flatMap(decodeTokenList)),
  ),
  define("DEBUG_TOKENLIST", [tokenList], STRING, (tokens) =>
    printTokenList(decodeTokenList(tokens)),
  ),
];
