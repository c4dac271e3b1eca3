// SPDX-License-Identifier: Apache-2.0
// JSON documents given as STRING are read only as far as a path leads: what follows is never looked
// at, be it well formed or not. Numbers keep their digits, objects the order of their keys and the
// keys that come twice; of those the first is meant.
import { printJsonString } from "@spandrel/model";
import type { JsonStep } from "./json-path.ts";

/** Levels of nesting that are followed. */
const DEPTH_MAX = 1_000;

/** A value of a document as it was written, but for white space and escapes. */
export type WrittenJson =
  | { readonly kind: "string"; readonly value: string }
  /** A number, `true`, `false` or `null`. */
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "array"; readonly items: readonly WrittenJson[] }
  | {
      readonly kind: "object";
      readonly entries: readonly (readonly [string, WrittenJson])[];
    };

/** What a path leads to; undefined when it leads nowhere, or the text breaks off before. */
export function scanJson(text: string, steps: readonly JsonStep[]): WrittenJson | undefined {
  try {
    return new Scanner(text).find(steps);
  } catch (thrown) {
    if (thrown instanceof NotJson) return undefined;
    throw thrown;
  }
}

/** The text of a value, without white space. */
export function printWritten(value: WrittenJson): string {
  switch (value.kind) {
    case "string":
      return printJsonString(value.value);
    case "word":
      return value.text;
    case "array":
      return `[${value.items.map(printWritten).join(",")}]`;
    case "object": {
      const entries = value.entries.map(
        ([key, inside]) => `${printJsonString(key)}:${printWritten(inside)}`,
      );
      return `{${entries.join(",")}}`;
    }
  }
}

class NotJson extends Error {}

const space = /[ \t\r\n]*/y;
const word = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of them in its strings.
const quoted = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class Scanner {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find(steps: readonly JsonStep[]): WrittenJson | undefined {
    const [step, ...rest] = steps;
    if (step === undefined) return this.#value();
    if (typeof step === "number") {
      if (!this.#takes("[")) return undefined;
      return this.#within("]", (index) => (index === step ? this.find(rest) : this.#skip()));
    }
    if (!this.#takes("{")) return undefined;
    return this.#within("}", () => (this.#key() === step ? this.find(rest) : this.#skip()));
  }

  /** Reads items until one of them is what is looked for. */
  #within(end: string, item: (index: number) => WrittenJson | undefined): WrittenJson | undefined {
    if (this.#takes(end)) return undefined;
    for (let index = 0; ; index++) {
      const found = item(index);
      if (found !== undefined) return found;
      if (this.#takes(end)) return undefined;
      this.#expect(",");
    }
  }

  #skip(): undefined {
    this.#value();
  }

  #value(): WrittenJson {
    if (++this.#depth > DEPTH_MAX) throw new NotJson();
    const value = this.#container() ?? this.#scalar();
    this.#depth--;
    return value;
  }

  #container(): WrittenJson | undefined {
    if (this.#takes("[")) {
      const items: WrittenJson[] = [];
      this.#within("]", () => {
        items.push(this.#value());
        return undefined;
      });
      return { kind: "array", items };
    }
    if (!this.#takes("{")) return undefined;
    const entries: (readonly [string, WrittenJson])[] = [];
    this.#within("}", () => {
      entries.push([this.#key(), this.#value()]);
      return undefined;
    });
    return { kind: "object", entries };
  }

  #scalar(): WrittenJson {
    const text = this.#match(word);
    return text === undefined ? { kind: "string", value: this.#string() } : { kind: "word", text };
  }

  #key(): string {
    const key = this.#string();
    this.#expect(":");
    return key;
  }

  #string(): string {
    this.#match(space);
    const text = this.#match(quoted);
    if (text === undefined) throw new NotJson();
    return JSON.parse(text) as string;
  }

  #expect(character: string): void {
    if (!this.#takes(character)) throw new NotJson();
  }

  #takes(character: string): boolean {
    this.#match(space);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
