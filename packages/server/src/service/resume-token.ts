// SPDX-License-Identifier: Apache-2.0
// Where a stream goes on after a break: the state that was read, and how many rows have been sent. The
// same request on the same state gives the same rows in the same order, so the count is enough.
//
// The state of a snapshot is its moment. That of a read-write transaction is how much it has written
// itself, since its locks, or its own moment, keep the writes of others away.
import { invalidResumeToken } from "../errors/result.ts";
import { fingerprintBytes } from "./fingerprint.ts";
import type { Selected } from "./selectors.ts";

/** A place in a stream. */
export interface ResumePoint {
  /** Which state was read; see `stateOf`. */
  readonly state: number;
  readonly rows: number;
}

const tokenBytes = 16 + fingerprintBytes;

/** The state that a request reads: microseconds of a snapshot, or writes of a transaction. */
export function stateOf(selected: Selected): number {
  if (selected.kind === "single use") return selected.snapshot.atMicros;
  const { transaction } = selected;
  switch (transaction.kind) {
    case "read-only":
      return transaction.snapshot.atMicros;
    case "read-write":
      return transaction.transaction.writes;
    case "partitioned":
      return 0;
  }
}

/** A place as a token that only the same request can use. */
export function sealResumeToken({ state, rows }: ResumePoint, fingerprint: bigint): Uint8Array {
  const token = new DataView(new ArrayBuffer(tokenBytes));
  token.setBigUint64(0, BigInt(state));
  token.setBigUint64(8, BigInt(rows));
  token.setBigUint64(16, fingerprint);
  return new Uint8Array(token.buffer);
}

/**
 * The place that a token stands for; undefined when there is no token.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the token is not one of this request.
 */
export function openResumeToken(
  token: Uint8Array | undefined,
  fingerprint: () => bigint,
): ResumePoint | undefined {
  if (token === undefined || token.length === 0) return undefined;
  if (token.length !== tokenBytes) throw invalidResumeToken();
  const view = new DataView(token.buffer, token.byteOffset, token.byteLength);
  if (view.getBigUint64(16) !== fingerprint()) throw invalidResumeToken();
  return { state: Number(view.getBigUint64(0)), rows: Number(view.getBigUint64(8)) };
}
