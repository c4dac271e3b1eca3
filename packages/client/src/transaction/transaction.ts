// SPDX-License-Identifier: Apache-2.0
// A read-write transaction as programs see it.
//
//   active ──commit()──▶ committed         Nothing is sent for a transaction that did nothing.
//      └────rollback()──▶ rolled back      What follows the end is refused.
import { Code, codeOf, defined } from "@spandrel/base";
import type { ExecuteBatchDmlResponse, Mutation, ResultSet } from "@spandrel/protocol";
import type { OperationOptions } from "../call/caller.ts";
import { spannerMethods } from "../call/methods.ts";
import { batchUpdateFailed, transactionEnded } from "../errors/transaction.ts";
import type { Deadline } from "../retry/deadline.ts";
import type { Session } from "../session/session.ts";
import type { Row, StreamedResultSet } from "../stream/streamed-result-set.ts";
import type { KeySetInput } from "../values/key-set.ts";
import { encodeStatement, type StatementInput } from "../values/statement.ts";
import type { Timestamp } from "../values/timestamp.ts";
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
import {
  type PreviousAttempt,
  ReadWriteHost,
  type TransactionOptions,
  usingId,
} from "./read-write-host.ts";
import {
  type QueryRequestOptions,
  type ReadRequestOptions,
  requestOptionsOf,
  type TaggedOptions,
} from "./request-options.ts";
import type { SessionLease } from "./session-lease.ts";
import { executeSql, executeSqlRequest, readRows } from "./statements.ts";

/** How a batch of DML statements is run. */
export interface BatchUpdateOptions extends OperationOptions, TaggedOptions {
  /** Whether no statement of the transaction follows. Default false. */
  readonly lastStatement?: boolean;
}

type TransactionState =
  | { readonly kind: "active" }
  | { readonly kind: "committed"; readonly result: CommitResult }
  | { readonly kind: "rolledBack" };

/** Reads and writes that take effect together, or not at all. */
export class Transaction implements AsyncDisposable {
  readonly #host: ReadWriteHost;
  readonly #buffer = new MutationBuffer();
  #state: TransactionState = { kind: "active" };

  constructor(
    context: DataContext,
    lease: SessionLease,
    options: TransactionOptions = {},
    previous?: PreviousAttempt,
    signal?: AbortSignal,
    deadline?: Deadline,
  ) {
    this.#host = new ReadWriteHost(context, lease, options, previous, signal, deadline);
  }

  /** The id that the server gave; undefined before the first answer. */
  get id(): Uint8Array | undefined {
    return this.#host.gate.id;
  }

  /** What the next attempt is told of this one. */
  get asPrevious(): PreviousAttempt {
    return this.#host.asPrevious;
  }

  /** The moment of the commit; undefined before it, and when there was nothing to commit. */
  get committed(): Timestamp | undefined {
    return this.#state.kind === "committed" ? this.#state.result.commitTimestamp : undefined;
  }

  /** How many mutations the commit applied; undefined unless that was asked for. */
  get mutationCount(): bigint | undefined {
    return this.#state.kind === "committed" ? this.#state.result.mutationCount : undefined;
  }

  /** Whether the transaction was committed or rolled back. */
  get hasEnded(): boolean {
    return this.#state.kind !== "active";
  }

  /** Whether the server has aborted the transaction. */
  get isAborted(): boolean {
    return this.#host.aborted !== undefined;
  }

  /**
   * Begins the transaction by a call of its own, which is not needed: the first statement does.
   *
   * @throws {SpannerError} FAILED_PRECONDITION after the end.
   */
  async begin(options: OperationOptions = {}): Promise<void> {
    this.#checkActive();
    await this.#host.begin(this.#host.limits(options));
  }

  /** Runs a query, or DML with THEN RETURN. */
  executeSql<T = Row>(
    statement: StatementInput,
    options: QueryRequestOptions = {},
  ): StreamedResultSet<T> {
    this.#checkActive();
    return executeSql<T>(this.#host, statement, options);
  }

  /** Runs a query; another name for `executeSql`. */
  query<T = Row>(
    statement: StatementInput,
    options: QueryRequestOptions = {},
  ): StreamedResultSet<T> {
    return this.executeSql<T>(statement, options);
  }

  /** Reads rows by key. */
  read<T = Row>(
    table: string,
    columns: readonly string[],
    keys: KeySetInput,
    options: ReadRequestOptions = {},
  ): StreamedResultSet<T> {
    this.#checkActive();
    return readRows<T>(this.#host, table, columns, keys, options);
  }

  /**
   * Runs a DML statement.
   *
   * @returns how many rows it changed.
   */
  async executeUpdate(
    statement: StatementInput,
    options: QueryRequestOptions = {},
  ): Promise<bigint> {
    this.#checkActive();
    const host = this.#host;
    const base = executeSqlRequest(host, encodeStatement(statement), options);
    const limits = host.limits(options);
    const answer = await host.runUnary(
      limits,
      (session, transaction) =>
        host.context.caller.unary(
          spannerMethods.executeSql,
          { ...base, session: session.name, transaction },
          host.callIn(session, limits),
        ),
      ({ metadata }) => metadata?.transaction,
    );
    host.noteAnswer(answer.metadata?.transaction, answer.precommitToken);
    return rowCountOf(answer);
  }

  /**
   * Runs DML statements in order, in one call.
   *
   * @returns how many rows each one changed.
   * @throws {BatchUpdateError} when one fails; those before it took effect in the transaction.
   */
  async batchUpdate(
    statements: readonly StatementInput[],
    options: BatchUpdateOptions = {},
  ): Promise<bigint[]> {
    this.#checkActive();
    const host = this.#host;
    const requestOptions = requestOptionsOf(
      options,
      host.transactionTag,
      host.context.clientContext,
    );
    const base = {
      statements: statements.map(encodeStatement),
      seqno: host.nextSequenceNumber(),
      ...(requestOptions && { requestOptions }),
      ...(options.lastStatement && { lastStatements: true }),
    };
    const limits = host.limits(options);
    const answer = await host.runUnary(
      limits,
      async (session, transaction) => {
        const response = await host.context.caller.unary(
          spannerMethods.executeBatchDml,
          { ...base, session: session.name, transaction },
          host.callIn(session, limits),
        );
        // A first statement that failed began no transaction; only its error says so.
        if (transaction.selector?.$case === "begin") checkBatch(response, "first");
        return response;
      },
      ({ resultSets = [] }) => resultSets[0]?.metadata?.transaction,
    );
    this.#noteBatchTokens(answer);
    try {
      return checkBatch(answer, "all");
    } catch (error) {
      host.noteError(error);
      throw error;
    }
  }

  /**
   * Inserts rows at the commit, which fails with ALREADY_EXISTS when one is there.
   *
   * Rows are objects of values by column; or give the columns and then lists of values.
   */
  insert(table: string, rows: RowsInput): void;
  insert(table: string, columns: readonly string[], values: ValuesInput): void;
  insert(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): void {
    this.#checkActive();
    this.#buffer.write("insert", table, rows, values);
  }

  /** Updates rows at the commit, which fails with NOT_FOUND when one is not there. */
  update(table: string, rows: RowsInput): void;
  update(table: string, columns: readonly string[], values: ValuesInput): void;
  update(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): void {
    this.#checkActive();
    this.#buffer.write("update", table, rows, values);
  }

  /** Inserts rows at the commit; of those that are there, updates the columns given. */
  insertOrUpdate(table: string, rows: RowsInput): void;
  insertOrUpdate(table: string, columns: readonly string[], values: ValuesInput): void;
  insertOrUpdate(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): void {
    this.#checkActive();
    this.#buffer.write("insertOrUpdate", table, rows, values);
  }

  /** Puts rows in the place of those that are there, at the commit; columns not given become NULL. */
  replace(table: string, rows: RowsInput): void;
  replace(table: string, columns: readonly string[], values: ValuesInput): void;
  replace(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): void {
    this.#checkActive();
    this.#buffer.write("replace", table, rows, values);
  }

  /** Deletes rows by key at the commit; rows that are not there do not matter. */
  delete(table: string, keys: KeySetInput): void {
    this.#checkActive();
    this.#buffer.delete(table, keys);
  }

  /** Adds mutations as requests carry them, in order. */
  buffer(mutations: readonly Mutation[]): void {
    this.#checkActive();
    this.#buffer.add(mutations);
  }

  /**
   * Commits. A transaction that did nothing is committed without a call.
   *
   * @throws {AbortedError} when the transaction must start over, also if a statement said so before.
   * @throws {OutcomeUnknownError} when the commit was sent and no answer came in time.
   * @throws {SpannerError} FAILED_PRECONDITION after the end.
   */
  async commit(options: CommitOptions = {}): Promise<CommitResult> {
    this.#checkActive();
    const host = this.#host;
    await host.quiet();
    if (host.aborted !== undefined) throw host.aborted;
    const limits = host.limits(options);
    const { mutations } = this.#buffer;
    if (host.gate.id === undefined && mutations.length === 0) return this.#committed(nothingDone);
    const session = await host.lease.get(limits);
    if (host.gate.id === undefined) await this.#beginForMutations(session, limits);
    const token = session.isMultiplexed ? host.token : undefined;
    try {
      const transactionId = defined(host.gate.id, "the transaction was begun just now");
      const request = {
        session: session.name,
        transaction: { $case: "transactionId" as const, transactionId },
        mutations,
        ...commitOptionsToProto(
          withStats(options, host.context),
          host.transactionTag,
          host.context.clientContext,
        ),
        ...(token && { precommitToken: token }),
      };
      const result = await commit(host.context.caller, session, request, limits, host.affinity);
      logStats(host.context, result, host.transactionTag);
      return this.#committed(result);
    } catch (error) {
      host.noteError(error);
      throw error;
    }
  }

  /**
   * Ends the transaction without its effects. Nothing is sent when it never began.
   *
   * @throws {SpannerError} FAILED_PRECONDITION after the end.
   */
  async rollback(options: OperationOptions = {}): Promise<void> {
    this.#checkActive();
    const host = this.#host;
    this.#state = { kind: "rolledBack" };
    await host.gate.decided();
    const transactionId = host.gate.id;
    if (transactionId === undefined) return;
    const session = await host.lease.get(options);
    const request = { session: session.name, transactionId };
    const call = host.callIn(session, options);
    await host.context.caller.unary(spannerMethods.rollback, request, call);
  }

  /** Rolls back what was not committed, and gives the session back. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { lease, context } = this.#host;
    try {
      if (!this.hasEnded && !this.isAborted) await this.rollback();
    } catch (error) {
      // The server ends an idle transaction by itself.
      context.caller.logger.log("warn", "a transaction could not be rolled back", { error });
    } finally {
      await lease.release();
    }
  }

  /** Begins a transaction that has mutations alone, and sees to it that it has its token. */
  async #beginForMutations(session: Session, limits: OperationOptions): Promise<void> {
    const host = this.#host;
    await host.begin(limits, this.#buffer.mutations);
    if (!session.isMultiplexed || host.token !== undefined) return;
    const id = defined(host.gate.id, "the transaction was begun just now");
    const answer = await host.context.caller.unary(
      spannerMethods.executeSql,
      {
        session: session.name,
        transaction: usingId(id),
        sql: "SELECT 1",
        seqno: host.nextSequenceNumber(),
      },
      host.callIn(session, limits),
    );
    host.noteAnswer(answer.metadata?.transaction, answer.precommitToken);
  }

  #noteBatchTokens(answer: ExecuteBatchDmlResponse): void {
    for (const { metadata, precommitToken } of answer.resultSets ?? [])
      this.#host.noteAnswer(metadata?.transaction, precommitToken);
    this.#host.noteAnswer(undefined, answer.precommitToken);
  }

  #committed(result: CommitResult): CommitResult {
    this.#state = { kind: "committed", result };
    return result;
  }

  #checkActive(): void {
    if (this.#state.kind === "committed") throw transactionEnded("committed");
    if (this.#state.kind === "rolledBack") throw transactionEnded("rolled back");
  }
}

const nothingDone: CommitResult = { commitTimestamp: undefined, mutationCount: undefined };

function rowCountOf({ stats }: ResultSet): bigint {
  return stats?.rowCount?.$case === "rowCountExact" ? stats.rowCount.rowCountExact : 0n;
}

/** The row counts of a batch; throws when a statement failed (`first`: only if the first one did). */
function checkBatch(answer: ExecuteBatchDmlResponse, which: "first" | "all"): bigint[] {
  const counts = (answer.resultSets ?? []).map(rowCountOf);
  const code = answer.status?.code ?? 0;
  if (code === Code.OK || (which === "first" && counts.length > 0)) return counts;
  throw batchUpdateFailed(codeOf(code), answer.status?.message ?? "", counts);
}
