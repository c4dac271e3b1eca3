// SPDX-License-Identifier: Apache-2.0
// Reading an object that somebody wrote by hand: each field by its name and kind, and at the end the
// ones that nobody asked for. Whatever is wrong is refused with the path of the field.
import { wrongField } from "./errors.ts";

/** The fields of an object that came from outside. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #asked = new Set<string>();

  /**
   * @param path of the object itself; empty for the outermost.
   * @throws {StatusError} INVALID_ARGUMENT when it is no object.
   */
  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw wrongField(path === "" ? "(body)" : path, "must be an object");
    }
    // An object of any kind has texts for keys.
    this.#values = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  /** The path of a field. */
  pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  /** All fields as they are. */
  get all(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** The names of all fields that there are. */
  get names(): readonly string[] {
    return Object.keys(this.#values);
  }

  /** A field as it is; undefined when it is missing or null. */
  any(name: string): unknown {
    this.#asked.add(name);
    return this.#values[name] ?? undefined;
  }

  text(name: string): string | undefined {
    return this.#ofKind(name, "a text", (value) => typeof value === "string");
  }

  /** @throws {StatusError} INVALID_ARGUMENT when it is missing or empty. */
  requiredText(name: string): string {
    const text = this.text(name);
    if (text === undefined || text === "") throw wrongField(this.pathOf(name), "is required");
    return text;
  }

  flag(name: string): boolean | undefined {
    return this.#ofKind(name, "true or false", (value) => typeof value === "boolean");
  }

  /** A whole number that is no smaller than `least`. */
  count(name: string, least: number): number | undefined {
    return this.#ofKind(
      name,
      `a whole number, ${least} or more`,
      (value) => Number.isSafeInteger(value) && (value as number) >= least,
    );
  }

  /** A number from `least` to `most`. */
  number(name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const range =
      most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
    return this.#ofKind(
      name,
      `a number, ${range}`,
      (value) => typeof value === "number" && value >= least && value <= most,
    );
  }

  /** One of some words. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const isWord = (value: unknown) => words.some((word) => word === value);
    return this.#ofKind(name, `one of ${words.join(", ") || "none that there are"}`, isWord);
  }

  /** Texts by name. */
  texts(name: string): Readonly<Record<string, string>> | undefined {
    const fields = this.object(name);
    if (fields === undefined) return undefined;
    return Object.fromEntries(fields.names.map((key) => [key, fields.text(key) ?? ""]));
  }

  /** An object within this one. */
  object(name: string): Fields | undefined {
    const value = this.any(name);
    return value === undefined ? undefined : new Fields(value, this.pathOf(name));
  }

  list(name: string): readonly unknown[] | undefined {
    return this.#ofKind(name, "a list", Array.isArray);
  }

  /** @throws {StatusError} INVALID_ARGUMENT when there is a field that nobody has asked for. */
  end(): void {
    for (const name of this.names) {
      if (!this.#asked.has(name)) throw wrongField(this.pathOf(name), "is not known here");
    }
  }

  #ofKind<T>(name: string, kind: string, isOfKind: (value: unknown) => boolean): T | undefined {
    const value = this.any(name);
    if (value === undefined) return undefined;
    if (!isOfKind(value)) throw wrongField(this.pathOf(name), `must be ${kind}`);
    // `isOfKind` has just said so.
    return value as T;
  }
}
