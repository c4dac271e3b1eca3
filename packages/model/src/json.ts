// SPDX-License-Identifier: Apache-2.0
// JSON as Spanner keeps it: a normalized text. No white space, members sorted by name, of members with
// one name the first; integers keep all 64 bits, other numbers are FLOAT64 and must come back the same.
// https://cloud.google.com/spanner/docs/working-with-json#specs

/** How deep arrays and objects may stand in each other. */
export const JSON_DEPTH_MAX = 80;

/** A text is not JSON, or not JSON that Spanner takes. */
export class JsonFormatError extends Error {
  override readonly name = "JsonFormatError";
}

/**
 * The normalized form of a JSON text.
 *
 * @throws {JsonFormatError} when the text is not JSON, is nested too deep, or holds a number that
 * FLOAT64 cannot keep.
 */
export function normalizeJson(text: string): string {
  const reader = new JsonReader(text);
  const normalized = reader.value(0);
  reader.end();
  return normalized;
}

const space = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these in a string
const stringToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordToken = /true|false|null/y;

/** Reads a JSON text from the left and writes its normalized form. */
class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): string {
    if (depth > JSON_DEPTH_MAX) {
      throw new JsonFormatError(`JSON is nested deeper than ${JSON_DEPTH_MAX} levels`);
    }
    this.#take(space);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return JSON.stringify(this.#string());
      default:
        return this.#take(wordToken) ?? this.#number();
    }
  }

  end(): void {
    this.#take(space);
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  #object(depth: number): string {
    const members = new Map<string, string>();
    this.#at++;
    this.#take(space);
    while (this.#text[this.#at] !== "}") {
      if (members.size > 0) this.#expect(",");
      this.#take(space);
      const name = this.#string();
      this.#take(space);
      this.#expect(":");
      const value = this.value(depth + 1);
      if (!members.has(name)) members.set(name, value);
      this.#take(space);
    }
    this.#at++;
    const sorted = [...members].sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
  }

  #array(depth: number): string {
    const elements: string[] = [];
    this.#at++;
    this.#take(space);
    while (this.#text[this.#at] !== "]") {
      if (elements.length > 0) this.#expect(",");
      elements.push(this.value(depth + 1));
      this.#take(space);
    }
    this.#at++;
    return `[${elements.join(",")}]`;
  }

  #string(): string {
    const token = this.#take(stringToken);
    if (token === undefined) throw this.#unexpected();
    return JSON.parse(token) as string; // the token is one JSON string
  }

  #number(): string {
    const token = this.#take(numberToken);
    if (token === undefined) throw this.#unexpected();
    if (/^-?\d+$/.test(token)) {
      const integer = BigInt(token);
      if (integer >= -(2n ** 63n) && integer < 2n ** 64n) return integer.toString();
    }
    const number = Number(token);
    if (!Number.isFinite(number)) {
      throw new JsonFormatError(
        `Input number: ${token} cannot round-trip through string representation`,
      );
    }
    return Object.is(number, -0) ? "-0.0" : String(number);
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#unexpected();
    this.#at++;
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) return undefined;
    this.#at = token.lastIndex;
    return match[0];
  }

  #unexpected(): JsonFormatError {
    const found = this.#text[this.#at];
    const what = found === undefined ? "the text ends" : `found ${JSON.stringify(found)}`;
    return new JsonFormatError(`Malformed JSON: ${what} at offset ${this.#at}`);
  }
}
