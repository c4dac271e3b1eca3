// SPDX-License-Identifier: Apache-2.0
// A statement that writes carries a number that rises within its transaction. A client that did not
// hear the answer sends the very same request again, and gets the very same answer: nothing is done
// twice. https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#executesqlrequest
import { Code, compareBytes, StatusError } from "@spandrel/base";
import { ExecuteBatchDmlRequest, ExecuteSqlRequest } from "@spandrel/protocol";
import { differentRequestWithSeqno, seqnoOutOfOrder } from "../errors/transaction.ts";
import type { ReadWriteTransaction } from "./transactions.ts";

/**
 * Does the work of a request that writes, or gives the answer that the same request got before.
 *
 * @throws {StatusError} INVALID_ARGUMENT when another request had its number, or a later one came first.
 */
export function answerOnce<Result extends object>(
  transaction: ReadWriteTransaction,
  request: ExecuteSqlRequest | ExecuteBatchDmlRequest,
  work: () => Promise<Result>,
): Promise<Result> {
  const seqno = request.seqno ?? 0n;
  const before = transaction.answers.get(seqno);
  if (before !== undefined) {
    if (compareBytes(fingerprint(before.request), fingerprint(request)) !== 0) {
      throw differentRequestWithSeqno(seqno);
    }
    return before.result as Promise<Result>; // The same request gets the same kind of answer.
  }
  const lastBefore = transaction.lastSeqno;
  if (seqno <= lastBefore) throw seqnoOutOfOrder(seqno);
  transaction.lastSeqno = seqno;
  const result = work();
  transaction.answers.set(seqno, { request, result });
  // It is the caller who hears of a failure, now and on replay. But when the caller gave up waiting,
  // there is no answer yet: who asks again is served anew.
  result.catch((thrown: unknown) => {
    if (!calledOff.has(StatusError.from(thrown, Code.INTERNAL).code)) return;
    transaction.answers.delete(seqno);
    if (transaction.lastSeqno === seqno) transaction.lastSeqno = lastBefore;
  });
  return result;
}

/** Codes of a wait that its caller has ended. */
const calledOff = new Set<Code>([Code.CANCELLED, Code.DEADLINE_EXCEEDED]);

/** A request without its number and its place in a stream. */
function fingerprint(request: ExecuteSqlRequest | ExecuteBatchDmlRequest): Uint8Array {
  if ("statements" in request) {
    return ExecuteBatchDmlRequest.encode({
      ...request,
      seqno: 0n,
      transaction: undefined,
    }).finish();
  }
  const bare = { ...request, seqno: 0n, resumeToken: new Uint8Array(), transaction: undefined };
  return ExecuteSqlRequest.encode(bare).finish();
}
