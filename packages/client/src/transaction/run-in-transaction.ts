// SPDX-License-Identifier: Apache-2.0
// Runs a function in a transaction: commits when it returns, rolls back when it throws, and starts
// over when the server aborts, with a new attempt that is given the id of the last one.
import { AsyncLocalStorage } from "node:async_hooks";
import { Code, StatusError } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import { classifyError } from "../call/classify-error.ts";
import type { Span } from "../call/open-telemetry.ts";
import { SessionNotFoundError, type SpannerError } from "../errors/spanner-error.ts";
import { Deadline } from "../retry/deadline.ts";
import { transactionRetryMillis } from "../retry/policy.ts";
import type { Session } from "../session/session.ts";
import { TransactionType } from "../session/sessions-manager.ts";
import type { CommitOptions } from "./commit.ts";
import type { DataContext } from "./context.ts";
import type { PreviousAttempt, TransactionOptions } from "./read-write-host.ts";
import { SessionLease } from "./session-lease.ts";
import { Transaction } from "./transaction.ts";

/** How a function is run in a transaction. */
export interface RunOptions extends TransactionOptions, OperationOptions {
  /**
   * How long all of it may take, in milliseconds: attempts are started over, and calls that have no
   * limit of their own are waited for, so long. The function itself is not ended. Default: attempts
   * are started over for 30 s, and calls have their own defaults.
   */
  readonly timeoutMillis?: number | undefined;
  readonly returnCommitStats?: boolean | undefined;
  readonly maxCommitDelayMillis?: number | undefined;
  readonly commitPriority?: CommitOptions["priority"];
  /** The session to use. Default: one from the database's manager. */
  readonly session?: Session | undefined;
}

/** A function that reads and writes in a transaction; it may be called several times. */
export type TransactionBody<T> = (transaction: Transaction) => T | Promise<T>;

const RUN_TIMEOUT_MILLIS = 30_000;

/** How long a failed transaction's rollback may hold up the news of the failure. */
const ROLLBACK_TIMEOUT_MILLIS = 5_000;

/** How often a lost session is replaced before the error is believed. */
const SESSIONS_LOST_MAX = 3;

/** Attempts at one piece of work, with what each learns from the last. */
interface Attempts {
  previous: PreviousAttempt | undefined;
  aborted: number;
  sessionsLost: number;
}

type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "again"; readonly error: SpannerError };

/** The database whose transaction the code that runs now belongs to. */
const running = new AsyncLocalStorage<DataContext>();

/**
 * Runs a function in a transaction until it is committed.
 *
 * Spanner knows no nested transactions: one that is run inside of another is a second one, which may
 * wait for the locks of the first for ever. The logger is warned of it.
 *
 * @throws whatever the function throws, after a rollback.
 * @throws {AbortedError} when no time is left for another attempt.
 */
export async function runInTransaction<T>(
  context: DataContext,
  body: TransactionBody<T>,
  options: RunOptions = {},
): Promise<T> {
  const { caller } = context;
  if (running.getStore() === context)
    caller.logger.log("warn", "a transaction is run inside of another of the same database");
  if (caller.observer.tracer === undefined) return runAttempts(context, body, options, undefined);
  const attributes = {
    "db.namespace": context.name,
    ...(options.transactionTag && { "transaction.tag": options.transactionTag }),
  };
  return caller.observer.within("Database.run_in_transaction", attributes, (span) =>
    runAttempts(context, body, options, span),
  );
}

async function runAttempts<T>(
  context: DataContext,
  body: TransactionBody<T>,
  options: RunOptions,
  span: Span | undefined,
): Promise<T> {
  const { caller } = context;
  const deadline = new Deadline(caller.clock, options.timeoutMillis ?? RUN_TIMEOUT_MILLIS);
  const attempts: Attempts = { previous: undefined, aborted: 0, sessionsLost: 0 };
  for (;;) {
    const limit = options.timeoutMillis === undefined ? undefined : deadline;
    const outcome = await attempt(context, body, options, attempts, limit);
    if (outcome.kind === "done") return outcome.value;
    const { error } = outcome;
    if (error instanceof SessionNotFoundError) continue;
    attempts.aborted += 1;
    const waitMillis = transactionRetryMillis(error, attempts.aborted, caller.random);
    span?.addEvent("transaction aborted, starting over", { attempt: attempts.aborted, waitMillis });
    await caller.waitOrThrow(waitMillis, deadline, error, options.signal);
  }
}

async function attempt<T>(
  context: DataContext,
  body: TransactionBody<T>,
  options: RunOptions,
  attempts: Attempts,
  limit: Deadline | undefined,
): Promise<Outcome<T>> {
  const lease = new SessionLease(context, TransactionType.READ_WRITE, options.session);
  const { previous } = attempts;
  const transaction = new Transaction(context, lease, options, previous, options.signal, limit);
  try {
    const value = await running.run(context, () => body(transaction));
    if (!transaction.hasEnded) await transaction.commit(commitOptionsOf(options));
    return { kind: "done", value };
  } catch (thrown) {
    attempts.previous = transaction.asPrevious;
    return await afterFailure(context, lease, transaction, thrown, attempts);
  } finally {
    await lease.release();
  }
}

/** Gives why to start over, or throws what was thrown once the transaction is rolled back. */
async function afterFailure(
  context: DataContext,
  lease: SessionLease,
  transaction: Transaction,
  thrown: unknown,
  attempts: Attempts,
): Promise<Outcome<never>> {
  if (thrown instanceof SessionNotFoundError && lease.isReplaceable) {
    await lease.lost();
    attempts.sessionsLost += 1;
    if (attempts.sessionsLost <= SESSIONS_LOST_MAX) return { kind: "again", error: thrown };
  }
  if (!transaction.isAborted) await rollbackQuietly(context, transaction);
  if (thrown instanceof StatusError && thrown.code === Code.ABORTED)
    return { kind: "again", error: classifyError(thrown, "") };
  throw thrown;
}

/** Frees the transaction's locks; the error that the caller is told about is another. */
async function rollbackQuietly(context: DataContext, transaction: Transaction): Promise<void> {
  if (transaction.hasEnded) return;
  try {
    await transaction.rollback({ timeoutMillis: ROLLBACK_TIMEOUT_MILLIS });
  } catch (error) {
    // The server ends an idle transaction by itself.
    context.caller.logger.log("warn", "a transaction could not be rolled back", { error });
  }
}

function commitOptionsOf(options: RunOptions): CommitOptions {
  const { returnCommitStats, maxCommitDelayMillis, commitPriority, signal } = options;
  return { returnCommitStats, maxCommitDelayMillis, priority: commitPriority, signal };
}
