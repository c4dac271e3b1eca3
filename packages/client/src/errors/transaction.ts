// SPDX-License-Identifier: Apache-2.0
// What can go wrong with transactions, beyond what the server says.
import { Code } from "@spandrel/base";
import {
  AbortedError,
  BatchUpdateError,
  OutcomeUnknownError,
  SpannerError,
} from "./spanner-error.ts";

/** A transaction was used after its commit or rollback. */
export function transactionEnded(how: "committed" | "rolled back"): SpannerError {
  return new SpannerError(Code.FAILED_PRECONDITION, `The transaction was ${how} already.`, {
    reason: "TRANSACTION_ENDED",
  });
}

/** A snapshot or a transaction was begun a second time. */
export function alreadyBegun(): SpannerError {
  return new SpannerError(Code.FAILED_PRECONDITION, "The transaction was begun already.", {
    reason: "TRANSACTION_ALREADY_BEGUN",
  });
}

/** A single-use snapshot was read a second time, or begun. */
export function snapshotIsSingleUse(): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    "This snapshot serves one read or query. For more make it with { multiUse: true }.",
    { reason: "SNAPSHOT_IS_SINGLE_USE" },
  );
}

/** More than one timestamp bound was given. */
export function severalTimestampBounds(names: readonly string[]): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    `A snapshot has one timestamp bound at most, not ${names.join(" and ")}.`,
    { reason: "SEVERAL_TIMESTAMP_BOUNDS" },
  );
}

/** A bound that the server may choose within cannot hold for several reads. */
export function boundNeedsSingleUse(name: string): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    `${name} is for single-use snapshots: each read would show another moment.`,
    { reason: "BOUND_NEEDS_SINGLE_USE" },
  );
}

/** A duration is negative or not a number. */
export function badDuration(name: string, millis: number): SpannerError {
  return new SpannerError(Code.INVALID_ARGUMENT, `${name} cannot be ${millis} ms.`, {
    reason: "INVALID_DURATION",
  });
}

/** The server answered a statement that begins a transaction without the transaction's id. */
export function noTransactionId(): SpannerError {
  return new SpannerError(Code.INTERNAL, "The server began a transaction and did not say its id.", {
    reason: "NO_TRANSACTION_ID",
  });
}

/** A commit was sent and its answer did not come. */
export function commitOutcomeUnknown(error: SpannerError): OutcomeUnknownError {
  return new OutcomeUnknownError(
    error.code,
    `The commit may have been applied, or not: ${error.message}`,
    { details: error.details, cause: error, requestId: error.requestId },
  );
}

/** The server kept asking for another commit with another token. */
export function tooManyCommitTokens(attempts: number): SpannerError {
  return new SpannerError(
    Code.INTERNAL,
    `The commit was not applied: the server answered ${attempts} attempts with another token.`,
    { reason: "TOO_MANY_COMMIT_TOKENS" },
  );
}

/** A statement of a batch failed; those before it were executed. */
export function batchUpdateFailed(
  code: Code,
  message: string,
  rowCounts: readonly bigint[],
): AbortedError | BatchUpdateError {
  if (code === Code.ABORTED) return new AbortedError(message);
  return new BatchUpdateError(code, message, rowCounts);
}

/** A batch was changed or committed after its commit. */
export function batchCommitted(): SpannerError {
  return new SpannerError(Code.FAILED_PRECONDITION, "The batch was committed already.", {
    reason: "BATCH_COMMITTED",
  });
}

/** What was handed on by another process is no batch snapshot of this database, or no partition. */
export function malformedHandOff(): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    "This is no batch snapshot of this database, or no partition of one.",
    { reason: "MALFORMED_HAND_OFF" },
  );
}

/** Groups of mutations were written a second time. */
export function groupsWritten(): SpannerError {
  return new SpannerError(Code.FAILED_PRECONDITION, "The groups were written already.", {
    reason: "GROUPS_WRITTEN",
  });
}
