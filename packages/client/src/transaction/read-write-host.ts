// SPDX-License-Identifier: Apache-2.0
// The inner life of a read-write transaction: how it begins, which token it has, what it numbers. The
// class that programs see, Transaction, is made of this.
import { Code, createDeferred, type Deferred } from "@spandrel/base";
import type {
  BeginTransactionRequest,
  Mutation,
  MultiplexedSessionPrecommitToken as PrecommitToken,
  Transaction as ProtoTransaction,
  TransactionOptions as ProtoTransactionOptions,
  TransactionSelector,
} from "@spandrel/protocol";
import type { Call, OperationOptions } from "../call/caller.ts";
import { limitsFromNow, limitsUntil } from "../call/limits-until.ts";
import { spannerMethods } from "../call/methods.ts";
import { AbortedError, SessionNotFoundError, SpannerError } from "../errors/spanner-error.ts";
import { noTransactionId } from "../errors/transaction.ts";
import type { Deadline } from "../retry/deadline.ts";
import type { Session } from "../session/session.ts";
import { BeginGate, type BeginTicket, type Entry } from "./begin-gate.ts";
import type { DataContext, DefaultTransactionOptions } from "./context.ts";
import { chooseMutationKey } from "./mutation-key.ts";
import {
  type IsolationLevel,
  isolationLevelOf,
  type ReadLockMode,
  readLockModeOf,
  requestOptionsOf,
} from "./request-options.ts";
import type { SessionLease } from "./session-lease.ts";
import type { StatementHost } from "./statements.ts";

/** What a read-write transaction may be made with. */
export interface TransactionOptions {
  /** Marks the transaction in Spanner's statistics. */
  readonly transactionTag?: string | undefined;
  /** Default: the client's, else SERIALIZABLE. */
  readonly isolationLevel?: IsolationLevel | undefined;
  /** Default: the client's, else the isolation level's. */
  readonly readLockMode?: ReadLockMode | undefined;
  /** Whether change streams that allow it leave the transaction out. Default false. */
  readonly excludeTxnFromChangeStreams?: boolean | undefined;
}

/** An attempt that failed: the next one inherits its age, and so its claim to locks. */
export interface PreviousAttempt {
  /** Undefined when no attempt ever began. */
  readonly id: Uint8Array | undefined;
  readonly sessionName: string | undefined;
}

/** Failures of a first statement after which beginning by a separate call makes no sense. */
const notWorthBeginning: ReadonlySet<Code> = new Set([
  Code.ABORTED,
  Code.CANCELLED,
  Code.DEADLINE_EXCEEDED,
  Code.UNAVAILABLE,
  Code.RESOURCE_EXHAUSTED,
  Code.UNAUTHENTICATED,
]);

/** One attempt at a read-write transaction. */
export class ReadWriteHost implements StatementHost {
  readonly context: DataContext;
  readonly lease: SessionLease;
  readonly isReadWrite = true;
  readonly transactionTag: string;
  readonly gate: BeginGate = new BeginGate();
  readonly #options: TransactionOptions;
  readonly #previous: PreviousAttempt | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: Deadline | undefined;
  #sessionName: string | undefined;
  #running = 0;
  #quiet: Deferred<void> | undefined;
  #sequence = 0n;
  #token: PrecommitToken | undefined;
  #aborted: AbortedError | undefined;

  constructor(
    context: DataContext,
    lease: SessionLease,
    options: TransactionOptions,
    previous: PreviousAttempt | undefined,
    signal: AbortSignal | undefined,
    deadline: Deadline | undefined,
  ) {
    this.context = context;
    this.lease = lease;
    this.transactionTag = options.transactionTag ?? "";
    this.#signal = signal;
    this.#deadline = deadline;
    this.#options = options;
    this.#previous = previous;
  }

  get affinity(): object {
    return this;
  }

  /** What the next attempt is told: of this one, or of the last one that began. */
  get asPrevious(): PreviousAttempt {
    const { id } = this.gate;
    if (id === undefined && this.#previous !== undefined) return this.#previous;
    return { id, sessionName: this.#sessionName };
  }

  /** The token with the highest number among all that came. */
  get token(): PrecommitToken | undefined {
    return this.#token;
  }

  /** The first error by which the server said that the transaction is aborted. */
  get aborted(): AbortedError | undefined {
    return this.#aborted;
  }

  enter(session: Session, limits: OperationOptions): Promise<Entry> | Entry {
    this.#adoptPrepared(session);
    return this.gate.enter((decided) => this.context.caller.waitFor(decided, limits));
  }

  beginSelector(session: Session): TransactionSelector {
    return { selector: { $case: "begin", begin: this.#beginOptions(session) } };
  }

  noteAnswer(transaction: ProtoTransaction | undefined, token: PrecommitToken | undefined): void {
    this.#noteToken(transaction?.precommitToken);
    this.#noteToken(token);
  }

  /**
   * When the statement that was to begin the transaction failed, begins it by a call of its own, so
   * that the statement is executed, and fails, within the transaction that its failure belongs to.
   */
  async mend(
    error: SpannerError,
    ticket: BeginTicket | undefined,
    limits: OperationOptions,
  ): Promise<boolean> {
    this.noteError(error);
    if (ticket === undefined || error instanceof SessionNotFoundError) return false;
    if (notWorthBeginning.has(error.code)) return false;
    try {
      await this.#begin(ticket, limits, undefined);
    } catch (beginError) {
      this.noteError(beginError);
      throw beginError;
    } finally {
      ticket.leave();
    }
    return true;
  }

  noteEnd(error: SpannerError | undefined): undefined {
    this.noteError(error);
    return undefined;
  }

  /** Remembers that the transaction is aborted, and that the session is lost. */
  noteError(error: unknown): void {
    if (error instanceof AbortedError) this.#aborted ??= error;
  }

  nextSequenceNumber(): bigint {
    const number = this.#sequence;
    this.#sequence += 1n;
    return number;
  }

  /** Begins the transaction by a call of its own, unless it has begun or is about to. */
  async begin(options: OperationOptions, mutations?: readonly Mutation[]): Promise<void> {
    const session = await this.lease.get(options);
    const entry = await this.enter(session, options);
    if (entry.kind === "use") return;
    try {
      await this.#begin(entry.ticket, options, mutations);
    } finally {
      entry.ticket.leave();
    }
  }

  /**
   * Runs a statement that one message answers.
   *
   * `call` is lent the session and the selector; `transactionOf` finds the transaction in the answer.
   */
  async runUnary<Response>(
    options: OperationOptions,
    call: (session: Session, selector: TransactionSelector) => Promise<Response>,
    transactionOf: (answer: Response) => ProtoTransaction | undefined,
  ): Promise<Response> {
    this.#running += 1;
    try {
      return await this.#runUnary(options, call, transactionOf);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#quiet?.resolve();
    }
  }

  /** Waits for statements that nobody waited for, so that the transaction does not end under them. */
  async quiet(): Promise<void> {
    await this.gate.decided();
    if (this.#running === 0) return;
    this.#quiet = createDeferred<void>();
    await this.#quiet.promise;
  }

  async #runUnary<Response>(
    options: OperationOptions,
    call: (session: Session, selector: TransactionSelector) => Promise<Response>,
    transactionOf: (answer: Response) => ProtoTransaction | undefined,
  ): Promise<Response> {
    const session = await this.lease.get(options);
    const entry = await this.enter(session, options);
    session.markUsed();
    if (entry.kind === "use") return this.#noting(() => call(session, usingId(entry.id)));
    try {
      const answer = await call(session, this.beginSelector(session));
      const id = transactionOf(answer)?.id;
      if (id === undefined || id.length === 0) throw noTransactionId();
      entry.ticket.begun(id);
      return answer;
    } catch (error) {
      if (!(error instanceof SpannerError) || !(await this.mend(error, entry.ticket, options)))
        throw error;
      return await this.#noting(() => call(session, usingId(this.#begunId())));
    } finally {
      entry.ticket.leave();
    }
  }

  /** The limits of a call: its own, or those of the transaction. */
  limits(options: OperationOptions): OperationOptions {
    const signal = options.signal ?? this.#signal;
    if (options.timeoutMillis === undefined && this.#deadline !== undefined)
      return limitsUntil(this.#deadline, signal);
    return limitsFromNow(this.context.caller.clock, {
      timeoutMillis: options.timeoutMillis,
      signal,
    });
  }

  /** What every call of the transaction has beside its request. */
  callIn(session: Session, limits: OperationOptions): Call {
    const { isMultiplexed } = session;
    return { ...limits, headers: session.headers(true), isMultiplexed, affinity: this.affinity };
  }

  async #noting<Response>(call: () => Promise<Response>): Promise<Response> {
    try {
      return await call();
    } catch (error) {
      this.noteError(error);
      throw error;
    }
  }

  #begunId(): Uint8Array {
    const { id } = this.gate;
    if (id === undefined) throw noTransactionId();
    return id;
  }

  async #begin(
    ticket: BeginTicket,
    options: OperationOptions,
    mutations: readonly Mutation[] | undefined,
  ): Promise<void> {
    const { caller } = this.context;
    const limits = this.limits(options);
    const session = await this.lease.get(limits);
    const mutationKey =
      mutations !== undefined && session.isMultiplexed
        ? chooseMutationKey(mutations, caller.random)
        : undefined;
    const requestOptions = requestOptionsOf({}, this.transactionTag, this.context.clientContext);
    const request: BeginTransactionRequest = {
      session: session.name,
      options: this.#beginOptions(session),
      ...(requestOptions && { requestOptions }),
      ...(mutationKey && { mutationKey }),
    };
    const call = this.callIn(session, limits);
    const begun = await this.#noting(() =>
      caller.unary(spannerMethods.beginTransaction, request, call),
    );
    if (begun.id === undefined || begun.id.length === 0) throw noTransactionId();
    this.noteAnswer(begun, undefined);
    ticket.begun(begun.id);
  }

  #beginOptions(session: Session): ProtoTransactionOptions {
    const defaults = this.context.defaultTransactionOptions;
    this.#sessionName = session.name;
    // An id means something only in the session that it comes from.
    const isSameSession = session.isMultiplexed && this.#previous?.sessionName === session.name;
    const previousId = isSameSession ? this.#previous.id : undefined;
    return transactionOptionsToProto(this.#options, defaults, previousId);
  }

  /**
   * A plain transaction takes the one that its pool has begun ahead in the session. A second attempt
   * does not: what aborted the first may have aborted all that were begun long ago.
   */
  #adoptPrepared(session: Session): void {
    if (!this.gate.isUntouched || !session.hasPreparedTransaction || !this.#isPlain) return;
    const prepared = session.takePreparedTransaction();
    if (prepared === undefined || this.#previous !== undefined) return;
    this.#noteToken(prepared.precommitToken);
    this.gate.adopt(prepared.id);
  }

  get #isPlain(): boolean {
    const defaults = this.context.defaultTransactionOptions;
    return (
      this.transactionTag === "" &&
      !this.#options.excludeTxnFromChangeStreams &&
      (this.#options.isolationLevel ?? defaults.isolationLevel) === undefined &&
      (this.#options.readLockMode ?? defaults.readLockMode) === undefined
    );
  }

  #noteToken(token: PrecommitToken | undefined): void {
    if (token === undefined) return;
    if (this.#token === undefined || (token.seqNum ?? 0) > (this.#token.seqNum ?? 0))
      this.#token = token;
  }
}

/** The options of a read-write transaction as a request says them; the particular over the default. */
export function transactionOptionsToProto(
  options: TransactionOptions,
  defaults: DefaultTransactionOptions,
  previousId?: Uint8Array,
): ProtoTransactionOptions {
  const isolationLevel = options.isolationLevel ?? defaults.isolationLevel;
  const lockMode = options.readLockMode ?? defaults.readLockMode;
  const { excludeTxnFromChangeStreams } = options;
  return {
    mode: {
      $case: "readWrite",
      readWrite: {
        ...(lockMode && { readLockMode: readLockModeOf(lockMode) }),
        ...(previousId && { multiplexedSessionPreviousTransactionId: previousId }),
      },
    },
    ...(isolationLevel && { isolationLevel: isolationLevelOf(isolationLevel) }),
    ...(excludeTxnFromChangeStreams && { excludeTxnFromChangeStreams }),
  };
}

/** Selects a transaction that has begun. */
export function usingId(id: Uint8Array): TransactionSelector {
  return { selector: { $case: "id", id } };
}
