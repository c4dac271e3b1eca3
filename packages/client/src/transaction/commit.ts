// SPDX-License-Identifier: Apache-2.0
import { Code } from "@spandrel/base";
import type {
  CommitRequest,
  CommitResponse,
  MultiplexedSessionPrecommitToken as PrecommitToken,
} from "@spandrel/protocol";
import type { Caller, OperationOptions } from "../call/caller.ts";
import { spannerMethods } from "../call/methods.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { commitOutcomeUnknown, tooManyCommitTokens } from "../errors/transaction.ts";
import type { Session } from "../session/session.ts";
import { Timestamp } from "../values/timestamp.ts";
import type { DataContext } from "./context.ts";
import { type ClientContextValues, type Priority, requestOptionsOf } from "./request-options.ts";
import { duration } from "./timestamp-bound.ts";

/** How a commit is made. */
export interface CommitOptions extends OperationOptions {
  /** Whether the number of mutations is counted. Default false. */
  readonly returnCommitStats?: boolean | undefined;
  /** How long the server may wait to commit several transactions at once; 0 to 500 ms. */
  readonly maxCommitDelayMillis?: number | undefined;
  readonly priority?: Priority | undefined;
}

/** What came of a commit. */
export interface CommitResult {
  /** The moment from which on the writes are seen; undefined when there was nothing to commit. */
  readonly commitTimestamp: Timestamp | undefined;
  /** How many mutations were applied; undefined unless asked for. */
  readonly mutationCount: bigint | undefined;
}

/** The most commits that one transaction is asked to send. */
const COMMIT_TOKENS_MAX = 10;

/** Codes after which nobody knows whether a commit that was sent was applied. */
const unknownOutcomes: ReadonlySet<Code> = new Set([
  Code.DEADLINE_EXCEEDED,
  Code.CANCELLED,
  Code.UNAVAILABLE,
]);

/** The parts of a commit that options decide. */
export function commitOptionsToProto(
  options: CommitOptions,
  transactionTag: string,
  clientContext?: ClientContextValues,
): Pick<CommitRequest, "returnCommitStats" | "maxCommitDelay" | "requestOptions"> {
  const { returnCommitStats, maxCommitDelayMillis, priority } = options;
  const requestOptions = requestOptionsOf({ priority }, transactionTag, clientContext);
  return {
    ...(returnCommitStats && { returnCommitStats }),
    ...(maxCommitDelayMillis !== undefined && {
      maxCommitDelay: duration("maxCommitDelayMillis", maxCommitDelayMillis),
    }),
    ...(requestOptions && { requestOptions }),
  };
}

/**
 * Commits a transaction, and again with each token that the server answers, until it is applied.
 *
 * @throws {OutcomeUnknownError} when a commit was sent and no answer came in time.
 */
export async function commit(
  caller: Caller,
  session: Session,
  request: CommitRequest,
  options: OperationOptions,
  affinity?: object,
): Promise<CommitResult> {
  let next = request;
  for (let attempt = 0; attempt < COMMIT_TOKENS_MAX; attempt++) {
    const answer = await sendCommit(caller, session, next, options, affinity);
    const token = precommitTokenOf(answer);
    if (token === undefined) return resultOf(answer);
    // The server has the mutations already and wants to be asked again with this token.
    next = { ...request, mutations: [], precommitToken: token };
  }
  throw tooManyCommitTokens(COMMIT_TOKENS_MAX);
}

async function sendCommit(
  caller: Caller,
  session: Session,
  request: CommitRequest,
  options: OperationOptions,
  affinity: object | undefined,
): Promise<CommitResponse> {
  const span =
    request.transaction?.$case === "singleUseTransaction" ? "Batch.commit" : "Transaction.commit";
  const wasSent = options.signal?.aborted !== true;
  let wasSentBefore = false;
  const tryingAgain = (): void => {
    wasSentBefore = true;
  };
  try {
    const call = {
      ...options,
      headers: session.headers(true),
      isMultiplexed: session.isMultiplexed,
      affinity,
      tryingAgain,
      span,
    };
    return await caller.unary(spannerMethods.commit, request, call);
  } catch (error) {
    if (!(error instanceof SpannerError)) throw error;
    // A server that has lost the session cannot tell what came of the attempt before.
    const isForgotten = wasSentBefore && error.code === Code.NOT_FOUND;
    if (isForgotten || (wasSent && unknownOutcomes.has(error.code))) {
      throw commitOutcomeUnknown(error);
    }
    throw error;
  }
}

function precommitTokenOf(answer: CommitResponse): PrecommitToken | undefined {
  return answer.MultiplexedSessionRetry?.precommitToken;
}

function resultOf({ commitTimestamp, commitStats }: CommitResponse): CommitResult {
  return {
    commitTimestamp: commitTimestamp && Timestamp.fromProto(commitTimestamp),
    mutationCount: commitStats?.mutationCount,
  };
}

/** The options of a commit whose statistics the logger wants. */
export function withStats(options: CommitOptions, context: DataContext): CommitOptions {
  return context.logCommitStats ? { ...options, returnCommitStats: true } : options;
}

/** Tells the logger what a commit applied, where that is wanted. */
export function logStats(
  { name, caller, logCommitStats }: DataContext,
  { mutationCount }: CommitResult,
  transactionTag: string,
): void {
  if (!logCommitStats) return;
  caller.logger.log("info", "commit stats", { database: name, mutationCount, transactionTag });
}
