// SPDX-License-Identifier: Apache-2.0
// Snippets: the stretches of a text in which the words of a query stand. Every character is as wide as
// any other here; Spanner estimates widths.
// https://cloud.google.com/spanner/docs/reference/standard-sql/search_functions#snippet
import { JSON_TYPE } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { normalizeJson } from "./json-text.ts";
import { parseSearchQuery, phrasesOf } from "./search-query.ts";
import { fold, plainText, sizeOf, type Word, wordsOf } from "./search-text.ts";
import { bool, define, int64, named, nullable, type Overload, string } from "./signature.ts";

const widthDefault = 160n;
const snippetsDefault = 3n;

interface Stretch {
  start: number;
  end: number;
  readonly hits: Word[];
}

/** Stretches of a text, from its start, each around a hit and no wider than said. */
function stretchesOf(text: string, hits: readonly Word[], width: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  const words = wordsOf(text);
  for (const hit of hits) {
    const last = stretches.at(-1);
    if (last !== undefined && hit.end <= last.end) last.hits.push(hit);
    else stretches.push(stretchAround(text, words, hit, width, last?.end ?? 0));
  }
  return stretches;
}

/** Begins at a word up to a quarter of the width before the hit, and ends before a word is cut. */
function stretchAround(
  text: string,
  words: readonly Word[],
  hit: Word,
  width: number,
  from: number,
): Stretch {
  if (from === 0 && text.length <= width) return { start: 0, end: text.length, hits: [hit] };
  const earliest = Math.max(from, hit.start - Math.floor(width / 4));
  const first = words.find(({ start }) => start >= earliest) ?? hit;
  const start = Math.min(first.start, hit.start);
  if (text.length - start <= width) return { start, end: text.length, hits: [hit] };
  const whole = words.findLast((word) => word.start >= start && word.end - start <= width);
  return { start, end: Math.max(hit.end, whole?.end ?? 0), hits: [hit] };
}

function snippets(
  source: string,
  query: string,
  isHtml: boolean,
  width: number,
  count: number,
): string {
  const { text, sources } = plainText(source, isHtml);
  const wanted = new Set(
    phrasesOf(parseSearchQuery(query)).flatMap(({ words }) =>
      words.map((word) => word.replace(/^#/, "")),
    ),
  );
  const hits = wordsOf(text).filter((word) => wanted.has(fold(word.text, false).replace(/^#/, "")));
  const found = stretchesOf(text, hits, width).slice(0, count);
  // Places are counted in characters, from 1.
  const inSource = (unit: number): number => sizeOf(source.slice(0, sources?.[unit] ?? unit)) + 1;
  return normalizeJson(
    JSON.stringify({
      snippets: found.map((stretch) => ({
        highlights: stretch.hits.map(({ start, end }) => ({
          begin: String(sizeOf(text.slice(stretch.start, start)) + 1),
          end: String(sizeOf(text.slice(stretch.start, end)) + 1),
        })),
        snippet: text.slice(stretch.start, stretch.end).trimEnd(),
        source_begin: inSource(stretch.start),
        source_end: inSource(stretch.end),
      })),
    }),
  );
}

/** SNIPPET. */
export const snippetFunctions: readonly Overload[] = [
  define(
    "SNIPPET",
    [
      nullable(string),
      nullable(string),
      named("language_tag", nullable(string)),
      named("enhance_query", nullable(bool)),
      named("max_snippet_width", nullable(int64)),
      named("max_snippets", nullable(int64)),
      named("content_type", nullable(string)),
    ],
    JSON_TYPE,
    (source, query, _language, _enhance, width, count, contentType) => {
      if (source === null || query === null) return null;
      const type = contentType ?? "text/plain";
      if (type !== "text/plain" && type !== "text/html") {
        throw evaluationFailed(`Invalid content_type: ${type}`);
      }
      const most = (given: bigint): number => Number(given < 0n ? 0n : given);
      return snippets(
        source,
        query,
        type === "text/html",
        most(width ?? widthDefault),
        most(count ?? snippetsDefault),
      );
    },
    { seesNull: true },
  ),
];
