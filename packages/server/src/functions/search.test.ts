// SPDX-License-Identifier: Apache-2.0
// What holds of every text and query; the examples of the documentation are in golden/expressions.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { printTokenList } from "./debug-tokens.ts";
import { matchesQuery, parseSearchQuery, phrasesOf } from "./search-query.ts";
import { scoreOf, trigramSimilarity, weightsDefault } from "./search-score.ts";
import { fold, gramsOf, plainText, sizeOf, wordsOf } from "./search-text.ts";
import { decodeTokenList, encodeTokenList, type FullTextTokens, tokensOf } from "./token-list.ts";

function tokenized(text: string): FullTextTokens {
  const words = wordsOf(text).map((word) => fold(word.text, false));
  return { kind: "full text", words, removesDiacritics: false };
}

function finds(query: string, text: string, dialect?: string): boolean {
  return matchesQuery(parseSearchQuery(query, dialect), [tokenized(text)]);
}

function score(query: string, text: string): number {
  return scoreOf(phrasesOf(parseSearchQuery(query)), [tokenized(text)], weightsDefault);
}

const word = fc.constantFrom("rock", "Jazz", "café", "soul", "or", "around", "7");
const sentence = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(" "));

describe("queries", () => {
  test("a text matches itself, as terms, as a phrase, and with every word required", () => {
    fc.assert(
      fc.property(sentence, (text) => {
        assert.ok(finds(text, text));
        assert.ok(finds(`"${text}"`, text));
        assert.ok(finds(text, text.toUpperCase(), "words_phrase"));
      }),
    );
  });

  test("what a phrase finds its words find too, and one OR finds what either side finds", () => {
    fc.assert(
      fc.property(sentence, word, word, (text, left, right) => {
        if (finds(`"${left} ${right}"`, text)) assert.ok(finds(`${left} ${right}`, text));
        const either = finds(left, text) || finds(right, text);
        assert.equal(finds(`${left} OR ${right}`, text), either);
        assert.equal(finds(`${left}|${right}`, text), either);
        assert.equal(finds(`${left} AROUND(1) ${right}`, text), finds(`"${left} ${right}"`, text));
      }),
    );
  });

  test("a dash finds exactly what the term does not", () => {
    fc.assert(
      fc.property(sentence, word, (text, term) => {
        assert.equal(finds(`-${term}`, text), !finds(term, text));
        assert.equal(finds(`-"${term}"`, text), !finds(term, text));
      }),
    );
  });

  test("no text is too odd to be a query", () => {
    const odd = fc.string({
      unit: fc.constantFrom('"', "-", "|", " ", "OR", "AROUND", "(", "5", "a"),
    });
    fc.assert(
      fc.property(odd, fc.constantFrom("rquery", "words", "words_phrase"), (query, dialect) => {
        assert.equal(typeof finds(query, "a 5", dialect), "boolean");
      }),
    );
  });
});

describe("scores", () => {
  test("one more hit never scores less, and words side by side score more than apart", () => {
    fc.assert(
      fc.property(sentence, sentence, (query, text) => {
        const [first = ""] = query.split(" ");
        assert.ok(score(query, `${text} and ${first}`) >= score(query, text));
      }),
    );
    assert.ok(
      score("classical album", "classical album") > score("classical album", "album classical"),
    );
  });

  test("similarity is the same both ways, and 1 only for the same text", () => {
    fc.assert(
      fc.property(sentence, sentence, (left, right) => {
        assert.equal(trigramSimilarity(left, right), trigramSimilarity(right, left));
        assert.equal(trigramSimilarity(left, left), 1);
      }),
    );
  });
});

describe("texts", () => {
  test("the n-grams of a text begin at each of its characters, also outside the basic plane", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 5 }), (text, size) => {
        const grams = gramsOf(text, size);
        assert.equal(grams.length, Math.max(0, sizeOf(text) - size + 1));
        for (const gram of grams) assert.ok(sizeOf(gram) === size && text.includes(gram));
      }),
    );
  });

  test("markup is left out, and every unit knows where it was", () => {
    const source = "<h1>Fish</h1> <!-- no --> &amp; <script>no()</script>ch<i>ip</i>s";
    const plain = plainText(source, true);
    assert.deepEqual(
      wordsOf(plain.text).map(({ text }) => text),
      ["Fish", "chips"],
    );
    for (const [unit, at] of [...(plain.sources ?? [])].slice(0, -1).entries()) {
      const character = plain.text[unit] ?? "";
      assert.ok(source[at] === character || source[at] === "&" || source[at] === "<");
    }
    assert.equal(plain.categories?.[plain.text.indexOf("Fish")], "large");
    assert.equal(plain.categories?.[plain.text.indexOf("chips")], "small");
  });
});

test("a token list comes back from its bytes, and says who cannot search it", () => {
  fc.assert(
    fc.property(fc.array(sentence), (texts) => {
      const list = texts.map(tokenized);
      const bytes = encodeTokenList(list);
      assert.deepEqual(decodeTokenList(bytes), list);
      assert.deepEqual(tokensOf("SEARCH", bytes, ["full text"], "TOKENIZE_FULLTEXT"), list);
      assert.equal(printTokenList(decodeTokenList(bytes)), printTokenList(list));
    }),
  );
  const other = encodeTokenList([{ kind: "exact", tokens: ["a"] }]);
  assert.throws(() => tokensOf("SEARCH", other, ["full text"], "TOKENIZE_FULLTEXT"), {
    message: "SEARCH requires a TOKENLIST generated by TOKENIZE_FULLTEXT",
  });
});
