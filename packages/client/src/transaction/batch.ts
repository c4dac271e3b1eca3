// SPDX-License-Identifier: Apache-2.0
import { Code } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import { limitsUntil } from "../call/limits-until.ts";
import { SessionNotFoundError, SpannerError } from "../errors/spanner-error.ts";
import { batchCommitted } from "../errors/transaction.ts";
import { Deadline } from "../retry/deadline.ts";
import { transactionRetryMillis } from "../retry/policy.ts";
import type { Session } from "../session/session.ts";
import { TransactionType } from "../session/sessions-manager.ts";
import type { KeySetInput } from "../values/key-set.ts";
import {
  type CommitOptions,
  type CommitResult,
  commit,
  commitOptionsToProto,
  logStats,
  withStats,
} from "./commit.ts";
import type { DataContext } from "./context.ts";
import { MutationBuffer, type RowsInput, type ValuesInput } from "./mutation-buffer.ts";
import { type TransactionOptions, transactionOptionsToProto } from "./read-write-host.ts";
import { runInTransaction } from "./run-in-transaction.ts";
import { SessionLease } from "./session-lease.ts";

/** How a batch is made. */
export interface BatchOptions extends TransactionOptions {
  /**
   * Whether the batch may be applied more than once, for one call less. Default false: a commit whose
   * answer was lost is not repeated. When true, an insert may fail with ALREADY_EXISTS though it was
   * this batch that inserted the row.
   */
  readonly atLeastOnce?: boolean;
  /** The session to use. Default: one from the database's manager. */
  readonly session?: Session | undefined;
}

/** How long an aborted batch is tried again when its caller sets no limit. */
const BATCH_TIMEOUT_MILLIS = 30_000;

/** Writes that take effect together, without reading: nothing is sent before `commit()`. */
export class Batch {
  readonly #context: DataContext;
  readonly #options: BatchOptions;
  readonly #buffer = new MutationBuffer();
  #result: CommitResult | undefined;
  #isCommitting = false;

  constructor(context: DataContext, options: BatchOptions = {}) {
    this.#context = context;
    this.#options = options;
  }

  /** What came of the commit; undefined before it. */
  get result(): CommitResult | undefined {
    return this.#result;
  }

  /**
   * Inserts rows; the commit fails with ALREADY_EXISTS when one is there.
   *
   * Rows are objects of values by column; or give the columns and then lists of values.
   */
  insert(table: string, rows: RowsInput): this;
  insert(table: string, columns: readonly string[], values: ValuesInput): this;
  insert(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#open().write("insert", table, rows, values);
    return this;
  }

  /** Updates rows; the commit fails with NOT_FOUND when one is not there. */
  update(table: string, rows: RowsInput): this;
  update(table: string, columns: readonly string[], values: ValuesInput): this;
  update(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#open().write("update", table, rows, values);
    return this;
  }

  /** Inserts rows, or updates the given columns of those that are there. */
  insertOrUpdate(table: string, rows: RowsInput): this;
  insertOrUpdate(table: string, columns: readonly string[], values: ValuesInput): this;
  insertOrUpdate(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#open().write("insertOrUpdate", table, rows, values);
    return this;
  }

  /** Puts rows in the place of those that are there; columns not given become NULL. */
  replace(table: string, rows: RowsInput): this;
  replace(table: string, columns: readonly string[], values: ValuesInput): this;
  replace(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#open().write("replace", table, rows, values);
    return this;
  }

  /** Deletes rows by key; rows that are not there do not matter. */
  delete(table: string, keys: KeySetInput): this {
    this.#open().delete(table, keys);
    return this;
  }

  /**
   * Applies the writes, starting over when the server aborts.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when it was called before.
   * @throws {OutcomeUnknownError} when the commit was sent and no answer came in time.
   */
  async commit(options: CommitOptions = {}): Promise<CommitResult> {
    this.#open();
    this.#isCommitting = true;
    this.#result = this.#options.atLeastOnce
      ? await this.#commitAtLeastOnce(options)
      : await this.#commitOnce(options);
    return this.#result;
  }

  async #commitOnce(options: CommitOptions): Promise<CommitResult> {
    const { mutations } = this.#buffer;
    const run = { ...this.#options, signal: options.signal, timeoutMillis: options.timeoutMillis };
    return runInTransaction(
      this.#context,
      (transaction) => {
        transaction.buffer(mutations);
        return transaction.commit({ ...options, timeoutMillis: undefined });
      },
      run,
    );
  }

  async #commitAtLeastOnce(options: CommitOptions): Promise<CommitResult> {
    const { caller, defaultTransactionOptions } = this.#context;
    const deadline = new Deadline(caller.clock, options.timeoutMillis ?? BATCH_TIMEOUT_MILLIS);
    const singleUseTransaction = transactionOptionsToProto(
      this.#options,
      defaultTransactionOptions,
    );
    const { signal } = options;
    const limits = options.timeoutMillis === undefined ? { signal } : limitsUntil(deadline, signal);
    const { transactionTag = "" } = this.#options;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#commitInSession(limits, async (session) => {
          const request = {
            session: session.name,
            transaction: { $case: "singleUseTransaction" as const, singleUseTransaction },
            mutations: this.#buffer.mutations,
            ...commitOptionsToProto(
              withStats(options, this.#context),
              transactionTag,
              this.#context.clientContext,
            ),
          };
          const result = await commit(caller, session, request, limits);
          logStats(this.#context, result, transactionTag);
          return result;
        });
      } catch (error) {
        if (!(error instanceof SpannerError) || error.code !== Code.ABORTED) throw error;
        const waitMillis = transactionRetryMillis(error, failures, caller.random);
        await caller.waitOrThrow(waitMillis, deadline, error, options.signal);
      }
    }
  }

  /** Lends a session for a commit, and another one once when the server lost the first. */
  async #commitInSession(
    limits: OperationOptions,
    use: (session: Session) => Promise<CommitResult>,
  ): Promise<CommitResult> {
    const lease = new SessionLease(
      this.#context,
      TransactionType.READ_WRITE,
      this.#options.session,
    );
    try {
      return await use(await lease.get(limits));
    } catch (error) {
      if (!(error instanceof SessionNotFoundError) || !lease.isReplaceable) throw error;
      await lease.lost();
      return await use(await lease.get(limits));
    } finally {
      await lease.release();
    }
  }

  #open(): MutationBuffer {
    if (this.#isCommitting) throw batchCommitted();
    return this.#buffer;
  }
}
