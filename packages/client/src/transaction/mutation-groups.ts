// SPDX-License-Identifier: Apache-2.0
// Many groups of writes in one call. Each group takes effect as a whole, or not at all; the groups
// are independent of each other, are applied in any order, and may be applied more than once.
// https://cloud.google.com/spanner/docs/batch-write
import type { BatchWriteRequest, BatchWriteResponse } from "@spandrel/protocol";
import type { OperationOptions, StreamCalls } from "../call/caller.ts";
import { classifyError } from "../call/classify-error.ts";
import { spannerMethods } from "../call/methods.ts";
import { groupsWritten } from "../errors/transaction.ts";
import { Deadline } from "../retry/deadline.ts";
import { callRetryMillis } from "../retry/policy.ts";
import type { Session } from "../session/session.ts";
import { TransactionType } from "../session/sessions-manager.ts";
import type { DataContext } from "./context.ts";
import { MutationGroup } from "./mutation-group.ts";
import { requestOptionsOf, type TaggedOptions } from "./request-options.ts";
import { SessionLease } from "./session-lease.ts";

/** How groups are written. */
export interface BatchWriteOptions extends OperationOptions, TaggedOptions {
  readonly transactionTag?: string | undefined;
  readonly excludeTxnFromChangeStreams?: boolean | undefined;
}

const BATCH_WRITE_TIMEOUT_MILLIS = 3_600_000;

/** Groups of writes that are independent of each other. */
export class MutationGroups {
  readonly #context: DataContext;
  readonly #groups: MutationGroup[] = [];
  #isWritten = false;

  constructor(context: DataContext) {
    this.#context = context;
  }

  /** Adds a group; what is written to it takes effect together. */
  group(): MutationGroup {
    if (this.#isWritten) throw groupsWritten();
    const group = new MutationGroup();
    this.#groups.push(group);
    return group;
  }

  /**
   * Writes the groups and gives, as they are applied, which of them were and when, or why not.
   *
   * A call that fails before its first answer for a passing reason is made again; one that fails
   * later is not, since some groups may have been applied.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when it was called before.
   */
  async *batchWrite(
    options: BatchWriteOptions = {},
  ): AsyncGenerator<BatchWriteResponse, void, undefined> {
    if (this.#isWritten) throw groupsWritten();
    this.#isWritten = true;
    const lease = new SessionLease(this.#context, TransactionType.READ_WRITE);
    try {
      const { timeoutMillis = BATCH_WRITE_TIMEOUT_MILLIS } = options;
      const deadline = new Deadline(this.#context.caller.clock, timeoutMillis);
      yield* this.#write(await lease.get(options), options, deadline);
    } finally {
      await lease.release();
    }
  }

  async *#write(
    session: Session,
    options: BatchWriteOptions,
    deadline: Deadline,
  ): AsyncGenerator<BatchWriteResponse, void, undefined> {
    const calls = this.#context.caller.startStream(spannerMethods.batchWrite, {
      headers: session.headers(true),
      isMultiplexed: session.isMultiplexed,
    });
    try {
      yield* this.#attempts(calls, this.#request(session.name, options), options, deadline);
    } catch (error) {
      calls.ended(classifyError(error, ""));
      throw error;
    } finally {
      calls.ended(undefined); // Unless it was said already: read to its end, or left.
    }
  }

  async *#attempts(
    calls: StreamCalls<BatchWriteRequest, BatchWriteResponse>,
    request: BatchWriteRequest,
    { signal }: BatchWriteOptions,
    deadline: Deadline,
  ): AsyncGenerator<BatchWriteResponse, void, undefined> {
    const { caller } = this.#context;
    for (let failures = 1, hasAnswer = false; ; failures++) {
      try {
        for await (const answer of calls.open(request, deadline, signal)) {
          hasAnswer = true;
          yield answer;
        }
        return;
      } catch (thrown) {
        const error = calls.classify(thrown);
        if (hasAnswer) throw error;
        const waitMillis = callRetryMillis(error, failures, caller.random);
        await caller.waitOrThrow(waitMillis, deadline, error, signal);
      }
    }
  }

  #request(session: string, options: BatchWriteOptions): BatchWriteRequest {
    const requestOptions = requestOptionsOf(
      options,
      options.transactionTag,
      this.#context.clientContext,
    );
    return {
      session,
      mutationGroups: this.#groups.map(({ mutations }) => ({ mutations })),
      ...(requestOptions && { requestOptions }),
      ...(options.excludeTxnFromChangeStreams && { excludeTxnFromChangeStreams: true }),
    };
  }
}
