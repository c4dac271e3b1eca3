// SPDX-License-Identifier: Apache-2.0
// What tells two requests apart: a hash of all that says what is read. Tokens carry it, so that a token
// of one request is not used for another one by mistake. It protects against mistakes, not malice.
import { ExecuteSqlRequest, ReadRequest } from "@spandrel/protocol";

/** Bytes of a fingerprint. */
export const fingerprintBytes = 8;

/** What a read reads, wherever in the stream and in whichever session. */
export function fingerprintOfRead(request: ReadRequest): bigint {
  const { table, index, columns, keySet, limit, partitionToken } = request;
  return hash(
    ReadRequest.encode({ table, index, columns, keySet, limit, partitionToken }).finish(),
  );
}

/** What a statement is, wherever in the stream and in whichever session. */
export function fingerprintOfStatement(request: ExecuteSqlRequest): bigint {
  const { sql, params, paramTypes, queryMode, partitionToken } = request;
  const bare = { sql, params, paramTypes, queryMode, partitionToken };
  return hash(ExecuteSqlRequest.encode(bare).finish());
}

/** A hash of 64 bits: FNV-1a of 32 bits, twice, from two beginnings. */
export function hash(bytes: Uint8Array): bigint {
  let high = 0x811c9dc5;
  let low = 0x050c5d1f;
  for (const byte of bytes) {
    high = Math.imul(high ^ byte, 0x01000193);
    low = Math.imul(low ^ byte, 0x01000193) ^ (low >>> 15);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
