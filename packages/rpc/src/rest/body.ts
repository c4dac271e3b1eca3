// SPDX-License-Identifier: Apache-2.0
// The body of a request: bounded, decompressed, and read as JSON.
import { concatBytes, StatusError } from "@spandrel/base";
import type { HttpRequest } from "../contract/http.ts";
import { gunzip } from "../grpc/compression.ts";
import { malformedPayload, payloadTooLong, unknownContentEncoding } from "./errors.ts";

/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [name: string]: JsonValue };

/**
 * Reads the body as JSON; undefined when it is empty.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it is too long, or no JSON.
 */
export async function readJson(
  request: HttpRequest,
  bytesMax: number,
): Promise<JsonValue | undefined> {
  const bytes = decompress(
    await readBytes(request, bytesMax),
    String(request.headers["content-encoding"] ?? "identity"),
    bytesMax,
  );
  if (bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // JSON.parse gives JSON.
    return text.trim() === "" ? undefined : (JSON.parse(text) as JsonValue);
  } catch (error) {
    throw malformedPayload(error instanceof Error ? error.message : String(error));
  }
}

/**
 * How many times the limit a body may have before its connection is cut.
 *
 * Up to there it is read to its end and thrown away: a client that is still sending hears no answer.
 */
const DISCARD_FACTOR_MAX = 4;

async function readBytes(request: HttpRequest, bytesMax: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  // Without an encoding set, the pieces of a body are bytes.
  for await (const piece of request) {
    length += piece.length;
    if (length <= bytesMax) pieces.push(piece);
    else if (length > DISCARD_FACTOR_MAX * bytesMax) break;
  }
  if (length > bytesMax) throw payloadTooLong(bytesMax);
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : concatBytes(pieces);
}

function decompress(bytes: Uint8Array, encoding: string, bytesMax: number): Uint8Array {
  switch (encoding.toLowerCase()) {
    case "identity":
      return bytes;
    case "gzip":
    case "x-gzip":
      try {
        return gunzip(bytes, bytesMax);
      } catch (error) {
        const isLong = error instanceof StatusError && error.reason === "MESSAGE_TOO_LONG";
        throw isLong ? payloadTooLong(bytesMax) : malformedPayload("The body is not valid gzip.");
      }
    default:
      throw unknownContentEncoding(encoding);
  }
}
