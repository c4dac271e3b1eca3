// SPDX-License-Identifier: Apache-2.0
// Queries and reads as streams, for snapshots and read-write transactions alike. What differs
// between those two is asked of the host.
import type {
  ExecuteSqlRequest,
  MultiplexedSessionPrecommitToken as PrecommitToken,
  Transaction as ProtoTransaction,
  ReadRequest,
  TransactionSelector,
} from "@spandrel/protocol";
import type { Method } from "@spandrel/rpc";
import type { Caller, OperationOptions, StreamCalls } from "../call/caller.ts";
import { limitsUntil } from "../call/limits-until.ts";
import { spannerMethods } from "../call/methods.ts";
import type { SpannerError } from "../errors/spanner-error.ts";
import type { Deadline } from "../retry/deadline.ts";
import { Session } from "../session/session.ts";
import { partialResultSetCodec, type ReceivedMessage } from "../stream/partial-result-set-codec.ts";
import type { StreamAttempt, StreamSource } from "../stream/resumable-stream.ts";
import { type Row, StreamedResultSet } from "../stream/streamed-result-set.ts";
import { KeySet, type KeySetInput } from "../values/key-set.ts";
import {
  type EncodedStatement,
  encodeStatement,
  type StatementInput,
} from "../values/statement.ts";
import type { BeginTicket, Entry } from "./begin-gate.ts";
import type { DataContext } from "./context.ts";
import {
  lockHintOf,
  mergeQueryOptions,
  orderByOf,
  type QueryRequestOptions,
  queryModeOf,
  type ReadRequestOptions,
  requestOptionsOf,
} from "./request-options.ts";
import type { SessionLease } from "./session-lease.ts";

/** What a statement asks of the snapshot or transaction that it belongs to. */
export interface StatementHost {
  readonly context: DataContext;
  readonly lease: SessionLease;
  /** Whether it writes: its calls go to the leader, and its statements are numbered. */
  readonly isReadWrite: boolean;
  readonly transactionTag: string;
  /** What all calls of the transaction have in common; undefined for one that makes a single call. */
  readonly affinity: object | undefined;
  /** The limits of a call: its own, or those that the host has for calls that bring none. */
  limits(options: OperationOptions): OperationOptions;
  /** Lets a statement in: it names the transaction, or begins it. Within the limits, it waits. */
  enter(session: Session, limits: OperationOptions): Entry | Promise<Entry>;
  /** How a statement that begins the transaction selects it. */
  beginSelector(session: Session): TransactionSelector;
  /** Notes what an answer says about the transaction. */
  noteAnswer(transaction: ProtoTransaction | undefined, token: PrecommitToken | undefined): void;
  /** A statement failed for good; gives whether executing it once more makes sense. */
  mend(
    error: SpannerError,
    ticket: BeginTicket | undefined,
    limits: OperationOptions,
  ): Promise<boolean>;
  /** A statement is over. */
  noteEnd(error: SpannerError | undefined): Promise<void> | undefined;
  /** The number of the next statement. */
  nextSequenceNumber(): bigint;
}

/** The streaming procedures, whose answers are read by hand. */
const executeStreamingSql: Method<ExecuteSqlRequest, ReceivedMessage> = {
  ...spannerMethods.executeStreamingSql,
  response: partialResultSetCodec,
};
const streamingRead: Method<ReadRequest, ReceivedMessage> = {
  ...spannerMethods.streamingRead,
  response: partialResultSetCodec,
};

type MakeRequest<Request> = (
  session: string,
  transaction: TransactionSelector,
  resumeToken: Uint8Array,
) => Request;

/** Runs a query, or DML that returns rows. Nothing is sent before its first row is asked for. */
export function executeSql<T = Row>(
  host: StatementHost,
  statement: StatementInput,
  options: QueryRequestOptions,
): StreamedResultSet<T> {
  return executeEncoded(host, encodeStatement(statement), options);
}

/** Runs a query whose parameters were encoded before. */
export function executeEncoded<T = Row>(
  host: StatementHost,
  statement: EncodedStatement,
  options: QueryRequestOptions,
): StreamedResultSet<T> {
  const base = executeSqlRequest(host, statement, options);
  const makeRequest: MakeRequest<ExecuteSqlRequest> = (session, transaction, resumeToken) => ({
    ...base,
    session,
    transaction,
    ...(resumeToken.length > 0 && { resumeToken }),
  });
  return resultOf(host, executeStreamingSql, makeRequest, options);
}

/** The parts of a request that do not depend on the session and the transaction. */
export function executeSqlRequest(
  host: StatementHost,
  statement: EncodedStatement,
  options: QueryRequestOptions,
): ExecuteSqlRequest {
  const { context } = host;
  const directedReadOptions = options.directedReadOptions ?? context.directedReadOptions;
  const queryOptions = mergeQueryOptions(context.queryOptions, options.queryOptions);
  const requestOptions = requestOptionsOf(options, host.transactionTag, host.context.clientContext);
  const seqno = host.isReadWrite ? host.nextSequenceNumber() : 0n;
  return {
    ...statement,
    ...(seqno !== 0n && { seqno }),
    ...(options.queryMode && { queryMode: queryModeOf(options.queryMode) }),
    ...(queryOptions && { queryOptions }),
    ...(requestOptions && { requestOptions }),
    ...(directedReadOptions && !host.isReadWrite && { directedReadOptions }),
    ...(options.lastStatement && { lastStatement: true }),
    ...(options.partitionToken && { partitionToken: options.partitionToken }),
    ...(options.dataBoostEnabled && { dataBoostEnabled: true }),
  };
}

/** Reads rows by key. Nothing is sent before the first row is asked for. */
export function readRows<T = Row>(
  host: StatementHost,
  table: string,
  columns: readonly string[],
  keys: KeySetInput,
  options: ReadRequestOptions,
): StreamedResultSet<T> {
  const what = { table, columns: [...columns], keySet: KeySet.from(keys).toProto() };
  return readEncoded(host, what, options);
}

/** What is read: rows of a table, as a request says it. */
export type EncodedRead = Pick<ReadRequest, "table" | "columns" | "keySet">;

/** Reads rows by keys that were encoded before. */
export function readEncoded<T = Row>(
  host: StatementHost,
  what: EncodedRead,
  options: ReadRequestOptions,
): StreamedResultSet<T> {
  const directedReadOptions = options.directedReadOptions ?? host.context.directedReadOptions;
  const requestOptions = requestOptionsOf(options, host.transactionTag, host.context.clientContext);
  const base: ReadRequest = {
    ...what,
    ...(options.index && { index: options.index }),
    ...(options.limit !== undefined && { limit: BigInt(options.limit) }),
    ...(options.orderBy && { orderBy: orderByOf(options.orderBy) }),
    ...(options.lockHint && { lockHint: lockHintOf(options.lockHint) }),
    ...(requestOptions && { requestOptions }),
    ...(directedReadOptions && !host.isReadWrite && { directedReadOptions }),
    ...(options.partitionToken && { partitionToken: options.partitionToken }),
    ...(options.dataBoostEnabled && { dataBoostEnabled: true }),
  };
  const makeRequest: MakeRequest<ReadRequest> = (session, transaction, resumeToken) => ({
    ...base,
    session,
    transaction,
    ...(resumeToken.length > 0 && { resumeToken }),
  });
  return resultOf(host, streamingRead, makeRequest, options);
}

function resultOf<T, Request>(
  host: StatementHost,
  method: Method<Request, ReceivedMessage>,
  makeRequest: MakeRequest<Request>,
  options: QueryRequestOptions | ReadRequestOptions,
): StreamedResultSet<T> {
  const limits = host.limits(options);
  // Partitions are many at once, and each is a call by itself: they spread.
  const affinity = options.partitionToken === undefined ? host.affinity : undefined;
  const source = new StatementStream(host, method, makeRequest, limits, affinity);
  const { decode } = host.context;
  const int64 = options.int64 ?? decode.int64;
  const protos = options.protos ?? decode.protos;
  return new StreamedResultSet<T>(source, { ...limits, int64, protos });
}

/** One statement, as the source of a resumable stream. */
class StatementStream<Request> implements StreamSource {
  readonly caller: Caller;
  readonly #host: StatementHost;
  readonly #method: Method<Request, ReceivedMessage>;
  readonly #makeRequest: MakeRequest<Request>;
  readonly #limits: OperationOptions;
  readonly #affinity: object | undefined;
  #entry: Entry | undefined;
  #session: Session | undefined;
  #deadline: Deadline | undefined;
  #calls: StreamCalls<Request, ReceivedMessage> | undefined;

  constructor(
    host: StatementHost,
    method: Method<Request, ReceivedMessage>,
    makeRequest: MakeRequest<Request>,
    limits: OperationOptions,
    affinity: object | undefined,
  ) {
    this.caller = host.context.caller;
    this.#host = host;
    this.#method = method;
    this.#makeRequest = makeRequest;
    this.#limits = limits;
    this.#affinity = affinity;
  }

  // Nearly always the session is there and the gate open: then nothing is waited for.
  open(resumeToken: Uint8Array, deadline: Deadline): StreamAttempt | Promise<StreamAttempt> {
    this.#deadline = deadline;
    const session = this.#host.lease.get(this.#left);
    if (session instanceof Session) return this.#openIn(session, resumeToken, deadline);
    return session.then((taken) => this.#openIn(taken, resumeToken, deadline));
  }

  #openIn(
    session: Session,
    resumeToken: Uint8Array,
    deadline: Deadline,
  ): StreamAttempt | Promise<StreamAttempt> {
    const entry = this.#entry ?? this.#host.enter(session, this.#left);
    if (!(entry instanceof Promise)) return this.#openAs(entry, session, resumeToken, deadline);
    return entry.then((entered) => this.#openAs(entered, session, resumeToken, deadline));
  }

  #openAs(
    entry: Entry,
    session: Session,
    resumeToken: Uint8Array,
    deadline: Deadline,
  ): StreamAttempt {
    const host = this.#host;
    if (session !== this.#session) this.#leaveCalls(undefined);
    this.#session = session;
    this.#entry = entry;
    const selector: TransactionSelector =
      entry.kind === "use"
        ? { selector: { $case: "id", id: entry.id } }
        : host.beginSelector(session);
    this.#calls ??= this.caller.startStream(this.#method, {
      headers: session.headers(host.isReadWrite),
      isMultiplexed: session.isMultiplexed,
      affinity: this.#affinity,
      span: this.#span,
    });
    session.markUsed();
    const request = this.#makeRequest(session.name, selector, resumeToken);
    const { classify } = this.#calls;
    return { messages: this.#calls.open(request, deadline, this.#limits.signal), classify };
  }

  /** What is left of the caller's limit for other calls; without one, those have their own. */
  get #left(): OperationOptions {
    const { timeoutMillis, signal } = this.#limits;
    if (timeoutMillis === undefined) return this.#limits;
    return this.#deadline === undefined ? this.#limits : limitsUntil(this.#deadline, signal);
  }

  received(message: ReceivedMessage): void {
    const transaction = message.metadata?.transaction;
    const id = transaction?.id;
    if (this.#entry?.kind === "begin" && id !== undefined && id.length > 0) {
      this.#entry.ticket.begun(id);
      this.#entry = { kind: "use", id };
    }
    this.#host.noteAnswer(transaction, message.precommitToken);
  }

  async mend(error: SpannerError): Promise<boolean> {
    const ticket = this.#entry?.kind === "begin" ? this.#entry.ticket : undefined;
    const isMended = await this.#host.mend(error, ticket, this.#left);
    if (isMended) {
      this.#entry = undefined;
      this.#leaveCalls(error);
    }
    return isMended;
  }

  ended(error: SpannerError | undefined): Promise<void> | undefined {
    if (this.#entry?.kind === "begin") this.#entry.ticket.leave();
    this.#leaveCalls(error);
    return this.#host.noteEnd(error);
  }

  /** The attempts so far are over; what comes next is another call. */
  #leaveCalls(error: SpannerError | undefined): void {
    this.#calls?.ended(error);
    this.#calls = undefined;
  }

  /** What the call is called in a trace. */
  get #span(): string {
    const owner = this.#host.isReadWrite ? "Transaction" : "Snapshot";
    return `${owner}.${this.#method.name === "StreamingRead" ? "read" : "execute_sql"}`;
  }
}
