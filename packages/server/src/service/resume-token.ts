// SPDX-License-Identifier: Apache-2.0
// Where a stream goes on after a break: the moment that was read at, and how many rows have been sent.
// Sealed with a hash of the request, so that another request's token is refused.
import { invalidResumeToken } from "../errors/result.ts";

/** A place in a stream. */
export interface ResumePoint {
  readonly atMicros: number;
  readonly rows: number;
}

const tokenBytes = 20;

/** A place as a token that only the same request can use. */
export function sealResumeToken(point: ResumePoint, request: string): Uint8Array {
  const token = new DataView(new ArrayBuffer(tokenBytes));
  token.setBigUint64(0, BigInt(point.atMicros));
  token.setBigUint64(8, BigInt(point.rows));
  token.setUint32(16, hash(request));
  return new Uint8Array(token.buffer);
}

/**
 * The place that a token stands for; undefined when there is no token.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the token is not one of this request.
 */
export function openResumeToken(
  token: Uint8Array | undefined,
  request: string,
): ResumePoint | undefined {
  if (token === undefined || token.length === 0) return undefined;
  if (token.length !== tokenBytes) throw invalidResumeToken();
  const view = new DataView(token.buffer, token.byteOffset, token.byteLength);
  if (view.getUint32(16) !== hash(request)) throw invalidResumeToken();
  return { atMicros: Number(view.getBigUint64(0)), rows: Number(view.getBigUint64(8)) };
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
