// SPDX-License-Identifier: Apache-2.0
// Token lists for human eyes: the tokens that Spanner would have stored.
// https://cloud.google.com/spanner/docs/reference/standard-sql/search_functions#debug_tokenlist
import { fold, gramsOf, runsOf, sizeOf } from "./search-text.ts";
import type {
  FullTextTokens,
  GramTokens,
  SubstringTokens,
  TokenList,
  Tokens,
} from "./token-list.ts";

/** What separates values that no phrase crosses. */
const gap = "<gap(1)>";

export function printTokenList(list: TokenList): string {
  let text = "";
  let before: Tokens["kind"] | undefined;
  for (const tokens of list) {
    const printed = printTokens(tokens);
    if (printed === "") continue;
    const isApart = before !== undefined && tokens.kind !== "exact";
    text += `${text === "" ? "" : ", "}${isApart ? `${gap}, ` : ""}${printed}`;
    before = tokens.kind;
  }
  return text;
}

function printTokens(tokens: Tokens): string {
  switch (tokens.kind) {
    case "exact":
      return tokens.tokens.join(", ");
    case "full text":
      return printWords(tokens);
    case "substring":
      return printSubstrings(tokens);
    case "n-grams":
      return printGrams(tokens);
  }
}

function printWords({ words, categories }: FullTextTokens): string {
  return words
    .map((word, index) => {
      const category = categories?.[index] ?? "small";
      const isEdge = index === 0 || index === words.length - 1;
      const attributes = [
        ...(category === "small" ? [] : [category]),
        ...(isEdge ? ["boundary"] : []),
      ];
      const shown = word.startsWith("#") ? `[${word}, ${word.slice(1)}]` : word;
      return attributes.length === 0 ? shown : `${shown}(${attributes.join(", ")})`;
    })
    .join(", ");
}

/** Short n-grams at the first place, then those of the greatest size, word by word. */
function printSubstrings(tokens: SubstringTokens): string {
  const { text, sizes, removesDiacritics, shortOnlyForAnchors } = tokens;
  const words = runsOf(fold(text, removesDiacritics));
  const short = new Set<string>();
  for (const word of shortOnlyForAnchors ? [] : words) {
    for (let size = sizes.min; size < sizes.max; size++) {
      for (const gram of gramsOf(word, size)) short.add(gram);
    }
    if (sizeOf(word) < sizes.max) short.add(word);
  }
  const long = words.map((word) => gramsOf(word, sizes.max)).filter((grams) => grams.length > 0);
  const first = short.size === 0 ? [] : [`[${[...short].sort().join(", ")}]`];
  return [...first, ...long.flatMap((grams, index) => (index > 0 ? [gap] : []).concat(grams))].join(
    ", ",
  );
}

/** The first n-gram of the greatest size stands at the place of the short ones. */
function printGrams({ text, sizes }: GramTokens): string {
  const grams = (size: number): readonly string[] =>
    gramsOf(text, size).map((gram) => gram.replaceAll(" ", "%20"));
  const short = new Set<string>();
  for (let size = sizes.min; size < sizes.max; size++) {
    for (const gram of grams(size)) short.add(gram);
  }
  const [first, ...rest] = grams(sizes.max);
  const together = [...[...short].sort(), ...(first === undefined ? [] : [first])];
  const places = short.size === 0 ? together : [`[${together.join(", ")}]`];
  return [...places, ...rest].join(", ");
}
