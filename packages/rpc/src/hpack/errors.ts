// SPDX-License-Identifier: Apache-2.0
// Header compression of HTTP/2, https://www.rfc-editor.org/rfc/rfc7541, as two plain objects: one
// turns headers into bytes, one turns bytes into headers. Each keeps the table that it shares with
// the other end of its connection, so the blocks of a connection pass through them in their order,
// every one, also those whose stream nobody wants any more.
//
// What a peer sends is never trusted: bytes that are no block end the connection, a list that is too
// long or not allowed in HTTP/2 ends its stream, and memory is bounded in all cases. The room does no
// input or output, and does not know what any header means.

/** The bytes are no header block: the tables of both ends differ from here on. */
export class HpackError extends Error {
  override readonly name = "HpackError";
}

/** The block was read in full and the table is right, but its headers cannot be accepted. */
export class HeaderListError extends Error {
  override readonly name = "HeaderListError";
  /** Whether the list is longer than this end allows; else it is not allowed in HTTP/2 at all. */
  readonly isTooLong: boolean;

  constructor(message: string, isTooLong: boolean) {
    super(message);
    this.isTooLong = isTooLong;
  }
}

/** A header that HTTP/2 cannot carry; nothing of its list was encoded. */
export class HeaderNotAllowedError extends Error {
  override readonly name = "HeaderNotAllowedError";
}
