// SPDX-License-Identifier: Apache-2.0
// The headers of one block, put together as they are read, and held to the rules of HTTP/2:
// https://www.rfc-editor.org/rfc/rfc9113#section-8.2. A list that breaks one is read to its end all
// the same, because the table of the connection depends on it.
import { HeaderListError, HeaderNotAllowedError } from "./errors.ts";
import { ENTRY_BYTES } from "./static-table.ts";

/** Headers by their lower-case names; a header that came several times is a list. */
export type Headers = Record<string, string | string[]>;

/** Headers that are to be sent; those that are undefined are not. */
export type SentHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers that speak of one connection of HTTP/1.1, and mean nothing here. */
const ofConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that stand for the first line of a message: https://www.rfc-editor.org/rfc/rfc9113#section-8.3. */
const ofFirstLine = new Set([":method", ":scheme", ":authority", ":path", ":status"]);

/** One list on its way. */
export class HeaderList {
  readonly #bytesMax: number;
  /** Without a prototype, so that no name of a header means anything else. */
  readonly #headers: Headers = Object.create(null) as Headers;
  #bytes = 0;
  #hasOrdinary = false;
  #fault: HeaderListError | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(name: string, value: string): void {
    this.#bytes += name.length + value.length + ENTRY_BYTES;
    if (this.#fault !== undefined) return;
    if (this.#bytes > this.#bytesMax) {
      this.#fault = new HeaderListError(`headers of more than ${this.#bytesMax} bytes`, true);
      return;
    }
    const isPseudo = name.charCodeAt(0) === 0x3a;
    const before = this.#headers[name];
    const rule = this.#brokenRule(name, value, isPseudo, before !== undefined);
    if (rule !== undefined) {
      this.#fault = new HeaderListError(rule, false);
      return;
    }
    if (!isPseudo) this.#hasOrdinary = true;
    if (before === undefined) this.#headers[name] = value;
    else if (typeof before === "string") this.#headers[name] = [before, value];
    else before.push(value);
  }

  /** @throws {HeaderListError} when the list is too long or breaks a rule. */
  finish(): Headers {
    if (this.#fault !== undefined) throw this.#fault;
    return this.#headers;
  }

  #brokenRule(
    name: string,
    value: string,
    isPseudo: boolean,
    isRepeated: boolean,
  ): string | undefined {
    if (!isName(name)) return "a header's name has characters that are not allowed";
    if (!isValue(value)) return `the value of ${name} has characters that are not allowed`;
    if (isPseudo) {
      if (!ofFirstLine.has(name)) return `${name} is not known`;
      if (this.#hasOrdinary) return `${name} comes after ordinary headers`;
      if (isRepeated) return `${name} comes twice`;
    } else if (ofConnection.has(name)) {
      return `${name} does not belong into HTTP/2`;
    } else if (name === "te" && value !== "trailers") {
      return "te may only say trailers";
    }
    return undefined;
  }
}

/**
 * Sees whether a block can be made of headers.
 *
 * @throws {HeaderNotAllowedError} for a name or value that no header can have.
 */
export function checkHeaders(headers: SentHeaders): void {
  for (const name in headers) {
    if (!isName(name)) throw new HeaderNotAllowedError(`"${name}" cannot be a header's name.`);
    const value = headers[name];
    const isGood =
      value === undefined || (typeof value === "string" ? isValue(value) : value.every(isValue));
    if (!isGood) {
      throw new HeaderNotAllowedError(`The value of header ${name} has invalid characters.`);
    }
  }
}

/** Names that were looked at and are good; few, and the same in every list. */
const goodNames = new Set<string>();
const GOOD_NAMES_MAX = 256;

/** Whether HTTP/2 allows such a name: lower case, visible, a colon at most in front. */
export function isName(name: string): boolean {
  if (goodNames.has(name)) return true;
  // The characters of a token, https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2, in lower case.
  if (!/^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) return false;
  if (goodNames.size < GOOD_NAMES_MAX) goodNames.add(name);
  return true;
}

/** Whether a value has only characters that a header can carry. */
function isValue(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}
