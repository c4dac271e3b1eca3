// SPDX-License-Identifier: Apache-2.0
// Errors of the client. Every error that the client throws is a StatusError with one of gRPC's codes;
// one that a caller can act on has a class of its own in this file. Whatever came back from a call
// carries the id of the request, which Google's support asks for.
//
// The functions that make errors stand in the other files of this room, one per situation. Nothing
// here decides what to do about an error: that is `retry`.
import { Code, StatusError, type StatusOptions } from "@spandrel/base";

/** What can be said about an error of the client. */
export interface SpannerErrorOptions extends StatusOptions {
  /** The `x-goog-spanner-request-id` of the call that failed. Empty when there was none. */
  readonly requestId?: string;
}

/** An operation could not be done; `code` says why, `requestId` which call said so. */
export class SpannerError extends StatusError {
  override readonly name: string = "SpannerError";
  /** The `x-goog-spanner-request-id` of the call that failed; empty when no call was made. */
  readonly requestId: string;

  constructor(code: Code, message: string, options: SpannerErrorOptions = {}) {
    super(code, message, options);
    this.requestId = options.requestId ?? "";
  }
}

/**
 * The transaction was aborted and may be tried again from its beginning.
 *
 * Thrown inside of `runInTransaction` it makes the transaction start over.
 * https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#retrying-aborted-transactions
 */
export class AbortedError extends SpannerError {
  override readonly name = "AbortedError";

  constructor(message: string, options: SpannerErrorOptions = {}) {
    super(Code.ABORTED, message, options);
  }
}

/** The server no longer has the session. Pools and the sessions manager replace it. */
export class SessionNotFoundError extends SpannerError {
  override readonly name = "SessionNotFoundError";
  /** Full name of the session; empty when the server did not say. */
  readonly sessionName: string;

  constructor(message: string, sessionName: string, options: SpannerErrorOptions = {}) {
    super(Code.NOT_FOUND, message, { reason: "SESSION_NOT_FOUND", ...options });
    this.sessionName = sessionName;
  }
}

/**
 * A commit was sent and no answer came: it may have been applied, or not.
 *
 * The caller must look at the data, or have made the transaction safe to repeat.
 */
export class OutcomeUnknownError extends SpannerError {
  override readonly name = "OutcomeUnknownError";

  constructor(code: Code, message: string, options: SpannerErrorOptions = {}) {
    super(code, message, { reason: "OUTCOME_UNKNOWN", ...options });
  }
}

/** Numbers of a pool at one moment. */
export interface PoolCounts {
  /** Sessions ready to be handed out. */
  readonly idle: number;
  /** Sessions checked out now. */
  readonly checkedOut: number;
  /** Callers waiting for a session. */
  readonly waiting: number;
  /** The most sessions that the pool may have. */
  readonly size: number;
}

/** No session came free in time. */
export class SessionPoolExhaustedError extends SpannerError {
  override readonly name = "SessionPoolExhaustedError";
  /** The pool's numbers when the wait ended. */
  readonly counts: PoolCounts;
  /** Where each session was checked out, the longest ago first; empty unless the pool traces that. */
  readonly checkouts: readonly string[];

  constructor(message: string, counts: PoolCounts, checkouts: readonly string[]) {
    super(Code.RESOURCE_EXHAUSTED, message, { reason: "SESSION_POOL_EXHAUSTED" });
    this.counts = counts;
    this.checkouts = checkouts;
  }
}

/** A session was given to a pool that has no place for it. */
export class SessionPoolFullError extends SpannerError {
  override readonly name = "SessionPoolFullError";

  constructor(message: string) {
    super(Code.FAILED_PRECONDITION, message, { reason: "SESSION_POOL_FULL" });
  }
}

/** A statement of a DML batch failed; the statements before it took effect in the transaction. */
export class BatchUpdateError extends SpannerError {
  override readonly name = "BatchUpdateError";
  /** The rows changed by each statement before the one that failed. */
  readonly rowCounts: readonly bigint[];

  constructor(code: Code, message: string, rowCounts: readonly bigint[]) {
    super(code, message, { reason: "BATCH_UPDATE_FAILED" });
    this.rowCounts = rowCounts;
  }
}
