// SPDX-License-Identifier: Apache-2.0
// A partition as a client carries it, perhaps to another machine: the range of keys, and which session,
// transaction and request it belongs to. The server remembers nothing of it.
import { compareBytes, concatBytes } from "@spandrel/base";
import type { Partition } from "../database/partition.ts";
import { invalidPartitionToken, partitionOfOther } from "../errors/result.ts";
import { hash } from "./fingerprint.ts";

/** What a partition belongs to. */
export interface PartitionOwner {
  /** Name of the session. */
  readonly session: string;
  readonly transactionId: Uint8Array;
  /** Of the request that was cut, without what a replay adds. */
  readonly fingerprint: bigint;
}

/** Session, request, space, length of the start; then transaction, start and end. */
const headBytes = 8 + 8 + 4 + 4;
const idBytes = 16;
const checksumBytes = 8;

/** A partition as a token. */
export function sealPartition({ space, start, end }: Partition, owner: PartitionOwner): Uint8Array {
  const head = new DataView(new ArrayBuffer(headBytes));
  head.setBigUint64(0, hashOfText(owner.session));
  head.setBigUint64(8, owner.fingerprint);
  head.setUint32(16, space);
  head.setUint32(20, start.length);
  const parts = [new Uint8Array(head.buffer), owner.transactionId, bytesOf(start), bytesOf(end)];
  const body = concatBytes(parts);
  return concatBytes([body, checksum(body)]);
}

/**
 * The partition that a token stands for.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it is no token, or one of another session, transaction
 * or request.
 */
export function openPartition(token: Uint8Array, owner: PartitionOwner): Partition {
  const bodyLength = token.length - checksumBytes;
  if (bodyLength < headBytes + idBytes) throw invalidPartitionToken();
  const body = token.subarray(0, bodyLength);
  if (compareBytes(checksum(body), token.subarray(bodyLength)) !== 0) throw invalidPartitionToken();
  const head = new DataView(body.buffer, body.byteOffset, headBytes);
  if (head.getBigUint64(0) !== hashOfText(owner.session)) {
    throw partitionOfOther("a different session");
  }
  const startsAt = headBytes + idBytes;
  if (compareBytes(body.subarray(headBytes, startsAt), owner.transactionId) !== 0) {
    throw partitionOfOther("a different transaction");
  }
  if (head.getBigUint64(8) !== owner.fingerprint) {
    throw partitionOfOther("different read or sql parameters");
  }
  const endsAt = startsAt + head.getUint32(20);
  return {
    space: head.getUint32(16),
    start: textOf(body.subarray(startsAt, endsAt)),
    end: textOf(body.subarray(endsAt)),
  };
}

function checksum(body: Uint8Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(checksumBytes));
  bytes.setBigUint64(0, hash(body));
  return new Uint8Array(bytes.buffer);
}

function hashOfText(text: string): bigint {
  return hash(new TextEncoder().encode(text));
}

/** A key: characters 0 to 255 as bytes. */
function bytesOf(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  let key = "";
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}
