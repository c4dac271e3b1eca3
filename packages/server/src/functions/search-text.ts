// SPDX-License-Identifier: Apache-2.0
// Texts as search sees them: without markup, cut into words or n-grams, in lower case.
//
// Words are runs of letters, marks and digits. In full text every Chinese or Japanese character is a
// word of its own, and a run of them is searched as a phrase; Spanner cuts them by a dictionary.

/** How much a word stands out, from the least. */
export type Category = "small" | "medium" | "large" | "title";

export const categories: readonly Category[] = ["small", "medium", "large", "title"];

/** A text without its markup. */
export interface PlainText {
  readonly text: string;
  /** Where each unit of the text was in the source, and where the last one ended. */
  readonly sources: readonly number[] | undefined;
  readonly categories: readonly Category[] | undefined;
}

/** A word at its place. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const markup =
  /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-z][a-z0-9]*)[^>]*>|&(#x?[0-9a-f]+|[a-z]+[0-9]*);/gi;

const prominence: Readonly<Record<string, Category>> = {
  title: "title",
  h1: "large",
  h2: "large",
  h3: "medium",
  h4: "medium",
  h5: "medium",
  h6: "medium",
  b: "medium",
  strong: "medium",
};

/** Tags that do not end a word. */
const inline = new Set(["a", "abbr", "b", "code", "em", "i", "mark", "s", "small", "span"]);
for (const name of ["strong", "sub", "sup", "u"]) inline.add(name);

/** The characters from U+00A0 on, by their names in HTML, in order. */
const latinNames =
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 " +
  "sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc " +
  "Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve " +
  "Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute " +
  "acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde " +
  "ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["apos", "'"],
  ["gt", ">"],
  ["lt", "<"],
  ["quot", '"'],
  ...latinNames
    .split(" ")
    .map((name, index): [string, string] => [name, String.fromCodePoint(0xa0 + index)]),
]);

/** Leaves out tags, comments and scripts, and puts characters for their entities. */
export function plainText(source: string, isHtml: boolean): PlainText {
  if (!isHtml) return { text: source, sources: undefined, categories: undefined };
  let text = "";
  const sources: number[] = [];
  const marks: Category[] = [];
  const open: Category[] = [];
  const add = (piece: string, start: number, step: number): void => {
    const category = open.reduce(higher, "small");
    for (let at = 0; at < piece.length; at++) {
      sources.push(start + at * step);
      marks.push(category);
    }
    text += piece;
  };
  let from = 0;
  for (const match of source.matchAll(markup)) {
    add(source.slice(from, match.index), from, 1);
    from = match.index + match[0].length;
    const [, , slash, tag, entity] = match;
    if (entity !== undefined) {
      add(entityText(entity) ?? match[0], match.index, 0);
      continue;
    }
    const name = tag?.toLowerCase() ?? "";
    if (!inline.has(name) && text !== "" && !text.endsWith(" ")) add(" ", match.index, 0);
    const category = prominence[name];
    if (category === undefined) continue;
    if (slash === "") open.push(category);
    else if (open.includes(category)) open.splice(open.lastIndexOf(category), 1);
  }
  add(source.slice(from), from, 1);
  sources.push(source.length);
  return { text, sources, categories: marks };
}

function higher(left: Category, right: Category): Category {
  return categories.indexOf(left) > categories.indexOf(right) ? left : right;
}

function entityText(name: string): string | undefined {
  if (!name.startsWith("#")) return entities.get(name);
  const isHex = name[1]?.toLowerCase() === "x";
  const code = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

const ideograph = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const fullTextWord = new RegExp(
  String.raw`[${ideograph}]|#?(?:(?![${ideograph}])[\p{L}\p{M}\p{N}])+`,
  "gu",
);
const wholeWord = /[\p{L}\p{M}\p{N}]+/gu;

/** The words of a text as full text has them; a hashtag keeps its `#`. */
export function wordsOf(text: string): readonly Word[] {
  return cut(text, fullTextWord);
}

/** The words of a text as its parts are searched: nothing is cut inside a run of letters. */
export function runsOf(text: string): readonly string[] {
  return cut(text, wholeWord).map((word) => word.text);
}

function cut(text: string, pattern: RegExp): readonly Word[] {
  return Array.from(text.matchAll(pattern), ({ 0: word, index }) => ({
    text: word,
    start: index,
    end: index + word.length,
  }));
}

/** A text without regard to case and, when asked, to accents. */
export function fold(text: string, removesDiacritics: boolean): string {
  const lower = text.normalize("NFC").toLowerCase();
  return removesDiacritics ? withoutDiacritics(lower) : lower;
}

export function withoutDiacritics(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFC");
}

/** All n-grams of one size, in order; none of a text that is shorter. */
export function gramsOf(text: string, size: number): readonly string[] {
  const characters = [...text];
  const count = characters.length - size + 1;
  return Array.from({ length: Math.max(0, count) }, (_, start) =>
    characters.slice(start, start + size).join(""),
  );
}

/** How many characters a text has. */
export function sizeOf(text: string): number {
  return [...text].length;
}
