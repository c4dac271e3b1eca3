// SPDX-License-Identifier: Apache-2.0
// Message compression: gzip is read, and nothing is ever written compressed. Every message is
// bounded by its decompressed size, so that a small one cannot fill the memory.
import { gunzipSync } from "node:zlib";
import { StatusError } from "@spandrel/base";
import {
  brokenCompression,
  decompressedTooLong,
  encodingMissing,
  unknownEncoding,
} from "./errors.ts";
import type { Frame } from "./frame.ts";

/** What is accepted, as the header `grpc-accept-encoding` says it. */
export const ACCEPT_ENCODING = "identity,gzip";

/** How the messages of a call are compressed. */
export type Encoding = "identity" | "gzip";

/**
 * Reads the header `grpc-encoding`.
 *
 * @throws {StatusError} UNIMPLEMENTED for an encoding that is not understood.
 */
export function parseEncoding(header: string | undefined): Encoding {
  if (header === undefined || header === "identity") return "identity";
  if (header === "gzip") return "gzip";
  throw unknownEncoding(header, ACCEPT_ENCODING);
}

/**
 * Gives the message within a frame.
 *
 * @throws {StatusError} RESOURCE_EXHAUSTED when it is longer than so many bytes, INTERNAL when it
 * cannot be decompressed.
 */
export function decompressFrame(
  frame: Frame,
  encoding: Encoding,
  messageBytesMax: number,
): Uint8Array {
  if (!frame.isCompressed) return frame.bytes;
  if (encoding === "identity") throw encodingMissing();
  return gunzip(frame.bytes, messageBytesMax);
}

/**
 * Decompresses gzip.
 *
 * @throws {StatusError} as `decompressFrame`.
 */
export function gunzip(bytes: Uint8Array, bytesMax: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, bytesMax) });
  } catch (error) {
    if (error instanceof StatusError) throw error;
    if (error instanceof RangeError) throw decompressedTooLong(bytesMax);
    throw brokenCompression(error);
  }
}
