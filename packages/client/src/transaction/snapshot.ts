// SPDX-License-Identifier: Apache-2.0
// Reading at one moment, without locks. Single use: one read, begun and ended by itself. Multi-use:
// any number of reads of the same moment, begun by the first.
import type {
  Transaction as ProtoTransaction,
  TransactionOptions,
  TransactionSelector,
} from "@spandrel/protocol";
import type { OperationOptions } from "../call/caller.ts";
import { spannerMethods } from "../call/methods.ts";
import { SessionNotFoundError, type SpannerError } from "../errors/spanner-error.ts";
import { alreadyBegun, noTransactionId, snapshotIsSingleUse } from "../errors/transaction.ts";
import type { Session } from "../session/session.ts";
import { TransactionType } from "../session/sessions-manager.ts";
import type { Row, StreamedResultSet } from "../stream/streamed-result-set.ts";
import type { KeySetInput } from "../values/key-set.ts";
import type { StatementInput } from "../values/statement.ts";
import { Timestamp } from "../values/timestamp.ts";
import { BeginGate, type BeginTicket, type Entry } from "./begin-gate.ts";
import type { DataContext } from "./context.ts";
import type { QueryRequestOptions, ReadRequestOptions } from "./request-options.ts";
import { SessionLease } from "./session-lease.ts";
import { executeSql, readRows, type StatementHost } from "./statements.ts";
import { readOnlyOptions, type TimestampBound } from "./timestamp-bound.ts";

/** How a snapshot is made. */
export interface SnapshotOptions extends TimestampBound {
  /** Whether it serves several reads of one moment. Default false. */
  readonly multiUse?: boolean;
  /** The session to read in. Default: one from the database's manager. */
  readonly session?: Session | undefined;
}

/** A read-only view of a database at one moment. */
export class Snapshot implements AsyncDisposable {
  readonly #host: SnapshotHost;

  /** @throws {SpannerError} INVALID_ARGUMENT when the timestamp bound makes no sense. */
  constructor(context: DataContext, options: SnapshotOptions = {}) {
    this.#host = new SnapshotHost(context, options);
  }

  /** The moment that the snapshot shows; undefined before the first answer. */
  get readTimestamp(): Timestamp | undefined {
    return this.#host.readTimestamp;
  }

  /** The id of a multi-use snapshot; undefined before the first answer. */
  get id(): Uint8Array | undefined {
    return this.#host.gate.id;
  }

  /**
   * Begins a multi-use snapshot by a call of its own, which fixes its moment.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when it is single-use, or was begun.
   */
  begin(options: OperationOptions = {}): Promise<void> {
    return this.#host.begin(options);
  }

  /**
   * Runs a query.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when a single-use snapshot was used before.
   */
  executeSql<T = Row>(
    statement: StatementInput,
    options: QueryRequestOptions = {},
  ): StreamedResultSet<T> {
    this.#host.use();
    return executeSql<T>(this.#host, statement, options);
  }

  /** Runs a query; another name for `executeSql`. */
  query<T = Row>(
    statement: StatementInput,
    options: QueryRequestOptions = {},
  ): StreamedResultSet<T> {
    return this.executeSql<T>(statement, options);
  }

  /**
   * Reads rows by key.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when a single-use snapshot was used before.
   */
  read<T = Row>(
    table: string,
    columns: readonly string[],
    keys: KeySetInput,
    options: ReadRequestOptions = {},
  ): StreamedResultSet<T> {
    this.#host.use();
    return readRows<T>(this.#host, table, columns, keys, options);
  }

  /** Gives the session back. Nothing is sent; results that are still being read become invalid. */
  close(): Promise<void> {
    return this.#host.lease.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class SnapshotHost implements StatementHost {
  readonly context: DataContext;
  readonly lease: SessionLease;
  readonly isReadWrite = false;
  readonly transactionTag = "";
  readonly signal = undefined;
  readonly gate: BeginGate = new BeginGate();
  readonly #options: TransactionOptions;
  readonly #isMultiUse: boolean;
  #readTimestamp: Timestamp | undefined;
  #isUsed = false;
  #isRepaired = false;

  constructor(context: DataContext, options: SnapshotOptions) {
    this.context = context;
    this.#isMultiUse = options.multiUse ?? false;
    this.#options = readOnlyOptions(options, this.#isMultiUse);
    this.lease = new SessionLease(context.sessions, TransactionType.READ_ONLY, options.session);
  }

  get readTimestamp(): Timestamp | undefined {
    return this.#readTimestamp;
  }

  use(): void {
    if (this.#isUsed && !this.#isMultiUse) throw snapshotIsSingleUse();
    this.#isUsed = true;
  }

  async begin(options: OperationOptions): Promise<void> {
    if (!this.#isMultiUse) throw snapshotIsSingleUse();
    if (!this.gate.isUntouched) throw alreadyBegun();
    const entry = await this.gate.enter();
    if (entry.kind === "use") throw alreadyBegun();
    try {
      const session = await this.lease.get(options);
      const begun = await this.context.caller.unary(
        spannerMethods.beginTransaction,
        { session: session.name, options: this.#options },
        { ...options, headers: session.headers(false) },
      );
      if (begun.id === undefined || begun.id.length === 0) throw noTransactionId();
      this.noteAnswer(begun);
      entry.ticket.begun(begun.id);
    } finally {
      entry.ticket.leave();
    }
  }

  enter(): Entry | Promise<Entry> {
    if (this.#isMultiUse) return this.gate.enter();
    return { kind: "begin", ticket: singleUseTicket };
  }

  beginSelector(): TransactionSelector {
    return this.#isMultiUse
      ? { selector: { $case: "begin", begin: this.#options } }
      : { selector: { $case: "singleUse", singleUse: this.#options } };
  }

  noteAnswer(transaction: ProtoTransaction | undefined): void {
    if (transaction?.readTimestamp !== undefined)
      this.#readTimestamp ??= Timestamp.fromProto(transaction.readTimestamp);
  }

  /** A read that delivered nothing may move to another session, once. */
  async mend(error: SpannerError, ticket: BeginTicket | undefined): Promise<boolean> {
    if (!(error instanceof SessionNotFoundError) || this.gate.id !== undefined) return false;
    if (this.#isRepaired || !this.lease.isReplaceable) return false;
    this.#isRepaired = true;
    ticket?.leave();
    await this.lease.lost();
    return true;
  }

  async noteEnd(error: SpannerError | undefined): Promise<void> {
    if (error instanceof SessionNotFoundError) await this.lease.lost();
    else if (!this.#isMultiUse) await this.lease.release();
  }

  nextSequenceNumber(): bigint {
    return 0n;
  }
}

/** A single-use read begins a transaction that nobody else will name. */
const singleUseTicket: BeginTicket = { begun: () => undefined, leave: () => undefined };
