// SPDX-License-Identifier: Apache-2.0
// The service google.spanner.v1.Spanner: protobuf in, protobuf out. What a call means is decided in
// the rooms below; here it is found out which session, which transaction and which database a call
// is for, and its answer is put into messages.
import { type Clock, Code, type Random, StatusError } from "@spandrel/base";
import { nanosFromProto, timestampToProto } from "@spandrel/model";
import {
  type BatchCreateSessionsRequest,
  type BatchWriteRequest,
  type BatchWriteResponse,
  type BeginTransactionRequest,
  type CommitRequest,
  type CommitResponse,
  type CreateSessionRequest,
  type ExecuteBatchDmlRequest,
  type ExecuteBatchDmlResponse,
  type ExecuteSqlRequest,
  type ListSessionsRequest,
  type PartialResultSet,
  type Session as ProtoSession,
  type ReadRequest,
  type ResultSet,
  type RollbackRequest,
  SpannerDefinition,
  type Transaction,
} from "@spandrel/protocol";
import { type CallContext, methodsOf, type Router } from "@spandrel/rpc";
import type { Database } from "../database/database.ts";
import {
  batchNeedsReadWrite,
  emptyBatch,
  notDml,
  partitionedNeedsDml,
  partitionsNotSupported,
} from "../errors/result.ts";
import {
  malformedSessionName,
  multiplexedNotInBatch,
  sessionCountOutOfRange,
} from "../errors/session.ts";
import {
  cannotCommit,
  cannotRollBack,
  dmlInSingleUse,
  invalidMutationKey,
  maxCommitDelayOutOfRange,
  singleUseCommitMustBeReadWrite,
} from "../errors/transaction.ts";
import type { Registry } from "../instance/registry.ts";
import type { Limits } from "../limits/limits.ts";
import { answerOnce } from "./replay.ts";
import { partialResultSetCodec, resultSetCodec } from "./result-codec.ts";
import {
  type Answerable,
  gatherAnswer,
  metadataOf,
  statsOf,
  streamAnswer,
  tokenOf,
  transactionOf,
} from "./results.ts";
import { openResumeToken, sealResumeToken } from "./resume-token.ts";
import { asksForReadTimestamp, begin, type Selected, select } from "./selectors.ts";
import { type Session, Sessions } from "./sessions.ts";
import { type StatementMessage, statementOf } from "./statement.ts";
import {
  checkPrecommitToken,
  nextPrecommitToken,
  type PartitionedTransaction,
  type ReadWriteTransaction,
  Transactions,
} from "./transactions.ts";

/** What the service works with. */
export interface SpannerServiceOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

/** Serves google.spanner.v1.Spanner. */
export function serveSpanner(router: Router, options: SpannerServiceOptions): void {
  const generated = methodsOf(SpannerDefinition);
  const methods = {
    ...generated,
    executeSql: { ...generated.executeSql, response: resultSetCodec },
    read: { ...generated.read, response: resultSetCodec },
    executeStreamingSql: { ...generated.executeStreamingSql, response: partialResultSetCodec },
    streamingRead: { ...generated.streamingRead, response: partialResultSetCodec },
  };
  const service = new SpannerService(options);
  router
    .unary(methods.createSession, (request) => service.createSession(request))
    .unary(methods.batchCreateSessions, (request) => service.batchCreateSessions(request))
    .unary(methods.getSession, ({ name = "" }) => toProto(service.useSession(name)))
    .unary(methods.listSessions, (request) => service.listSessions(request))
    .unary(methods.deleteSession, ({ name = "" }) => service.deleteSession(name))
    .unary(methods.executeSql, (request, call) => service.executeSql(request, call))
    .stream(methods.executeStreamingSql, (request, call) =>
      service.executeStreamingSql(request, call),
    )
    .unary(methods.executeBatchDml, (request, call) => service.executeBatchDml(request, call))
    .unary(methods.read, (request, call) => service.read(request, call))
    .stream(methods.streamingRead, (request, call) => service.streamingRead(request, call))
    .unary(methods.beginTransaction, (request, call) => service.beginTransaction(request, call))
    .unary(methods.commit, (request, call) => service.commit(request, call))
    .unary(methods.rollback, (request) => service.rollback(request))
    .stream(methods.batchWrite, (request, call) => service.batchWrite(request, call))
    .unary(methods.partitionQuery, () => refusePartitions("PartitionQuery"))
    .unary(methods.partitionRead, () => refusePartitions("PartitionRead"));
}

function refusePartitions(method: string): never {
  throw partitionsNotSupported(method);
}

class SpannerService {
  readonly #options: SpannerServiceOptions;
  readonly #sessions: Sessions;
  readonly #transactions: Transactions;

  constructor(options: SpannerServiceOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options);
    this.#transactions = new Transactions(options.random);
    options.registry.onDrop = (database) => this.#sessions.forget(database);
  }

  // Sessions

  createSession({ database = "", session }: CreateSessionRequest): ProtoSession {
    this.#options.registry.get(database);
    return toProto(this.#create(database, session));
  }

  batchCreateSessions(request: BatchCreateSessionsRequest): { session: ProtoSession[] } {
    const { database = "", sessionTemplate, sessionCount = 0 } = request;
    this.#options.registry.get(database);
    if (sessionTemplate?.multiplexed === true) throw multiplexedNotInBatch();
    if (sessionCount < 1) throw sessionCountOutOfRange();
    const count = Math.min(sessionCount, this.#options.limits.sessionsPerBatchMax);
    const create = () => toProto(this.#create(database, sessionTemplate));
    return { session: Array.from({ length: count }, create) };
  }

  #create(database: string, template: ProtoSession | undefined): Session {
    return this.#sessions.create(database, {
      labels: template?.labels ?? {},
      creatorRole: template?.creatorRole ?? "",
      isMultiplexed: template?.multiplexed === true,
    });
  }

  useSession(name: string): Session {
    if (!sessionNamePattern.test(name)) throw malformedSessionName(name);
    return this.#sessions.use(name);
  }

  listSessions(request: ListSessionsRequest): { sessions: ProtoSession[]; nextPageToken: string } {
    const { database = "", filter = "", pageSize = 0, pageToken = "" } = request;
    this.#options.registry.get(database);
    const { items, nextPageToken } = this.#sessions.list(database, filter, pageSize, pageToken);
    return { sessions: items.map(toProto), nextPageToken };
  }

  deleteSession(name: string): Record<string, never> {
    const session = this.useSession(name);
    this.#sessions.delete(name);
    this.#transactions.endOf(session);
    return {};
  }

  // Reads and statements

  async executeSql(request: ExecuteSqlRequest, call: CallContext): Promise<ResultSet> {
    const { answer, selected } = await this.#run(request, call);
    return gatherAnswer(answer, selected, this.#options.limits.unaryResultBytesMax);
  }

  async *executeStreamingSql(
    request: ExecuteSqlRequest,
    call: CallContext,
  ): AsyncIterable<PartialResultSet> {
    const { answer, selected } = await this.#run(request, call);
    yield* this.#stream(answer, selected, request.resumeToken, request.sql ?? "");
  }

  async read(request: ReadRequest, call: CallContext): Promise<ResultSet> {
    const { answer, selected } = await this.#read(request, call);
    return gatherAnswer(answer, selected, this.#options.limits.unaryResultBytesMax);
  }

  async *streamingRead(request: ReadRequest, call: CallContext): AsyncIterable<PartialResultSet> {
    const { answer, selected } = await this.#read(request, call);
    yield* this.#stream(answer, selected, request.resumeToken, request.table ?? "");
  }

  #stream(
    answer: Answerable,
    selected: Selected,
    token: Uint8Array | undefined,
    what: string,
  ): AsyncIterable<PartialResultSet> {
    const snapshot =
      selected.kind === "single use"
        ? selected.snapshot
        : selected.transaction.kind === "read-only"
          ? selected.transaction.snapshot
          : undefined;
    const atMicros = snapshot?.atMicros ?? 0;
    return streamAnswer(answer, selected, {
      chunkBytesMax: this.#options.limits.chunkBytesMax,
      rowsSkipped: openResumeToken(token, what)?.rows ?? 0,
      resumeToken: (rows) => sealResumeToken({ atMicros, rows }, what),
    });
  }

  async #read(request: ReadRequest, call: CallContext): Promise<Executed> {
    const { session, database } = this.#place(request.session);
    const what = request.table ?? "";
    const selected = await this.#select(request, session, database, call, what);
    const read = {
      table: request.table ?? "",
      index: request.index ?? "",
      columns: request.columns ?? [],
      keySet: request.keySet,
      limit: request.limit ?? 0n,
    };
    const rows = await this.#attempt(selected, async () => {
      if (selected.kind === "single use") return selected.snapshot.read(read);
      const { transaction } = selected;
      if (transaction.kind === "read-only") return transaction.snapshot.read(read);
      if (transaction.kind === "partitioned") throw partitionedNeedsDml();
      return transaction.transaction.read(read);
    });
    return { selected, answer: { ...rows, undeclaredParameters: [], rowCount: undefined } };
  }

  async #run(request: ExecuteSqlRequest, call: CallContext): Promise<Executed> {
    const { session, database } = this.#place(request.session);
    const selected = await this.#select(request, session, database, call, request.sql ?? "");
    const statement = statementOf(request, request.queryMode);
    const answer = await this.#attempt(selected, async (): Promise<Answerable> => {
      if (selected.kind === "single use") {
        return selected.snapshot.query(statement, call.signal, dmlInSingleUse);
      }
      const { transaction } = selected;
      switch (transaction.kind) {
        case "read-only":
          return transaction.snapshot.query(statement, call.signal);
        case "partitioned":
          return this.#runPartitioned(transaction, request, call);
        case "read-write": {
          const execute = () => transaction.transaction.execute(statement, call.signal);
          if (transaction.transaction.isQuery(statement)) return execute();
          return answerOnce(transaction, request, execute);
        }
      }
    });
    return { selected, answer };
  }

  /** Partitioned DML commits by itself; one transaction over all rows is one partition. */
  async #runPartitioned(
    { database }: PartitionedTransaction,
    request: ExecuteSqlRequest,
    call: CallContext,
  ): Promise<Answerable> {
    const transaction = database.begin();
    try {
      const result = await transaction.execute(statementOf(request), call.signal);
      if (result.rowCount === undefined) throw partitionedNeedsDml();
      await transaction.commit([], Number.POSITIVE_INFINITY);
      return { ...result, isLowerBound: true };
    } catch (thrown) {
      transaction.invalidate(StatusError.from(thrown, Code.INTERNAL));
      throw thrown;
    }
  }

  async executeBatchDml(
    request: ExecuteBatchDmlRequest,
    call: CallContext,
  ): Promise<ExecuteBatchDmlResponse> {
    const { session, database } = this.#place(request.session);
    const statements = request.statements ?? [];
    if (statements.length === 0) throw emptyBatch();
    const selected = await this.#select(request, session, database, call, "");
    if (selected.kind !== "open" || selected.transaction.kind !== "read-write") {
      throw batchNeedsReadWrite();
    }
    const { transaction } = selected;
    return answerOnce(transaction, request, () =>
      this.#runBatch(statements, selected, transaction, call),
    );
  }

  async #runBatch(
    statements: readonly StatementMessage[],
    selected: Selected,
    open: ReadWriteTransaction,
    call: CallContext,
  ): Promise<ExecuteBatchDmlResponse> {
    const resultSets: ResultSet[] = [];
    let status: { code: number; message: string } = { code: Code.OK, message: "" };
    for (const [position, message] of statements.entries()) {
      try {
        const result = await open.transaction.execute(statementOf(message), call.signal);
        if (result.rowCount === undefined) throw notDml(position, message.sql ?? "");
        const isFirst = position === 0;
        const answered = isFirst ? selected : { ...selected, isNew: false };
        resultSets.push({ metadata: metadataOf(result, answered), stats: statsOf(result) });
      } catch (thrown) {
        const error = StatusError.from(thrown, Code.INTERNAL);
        if (error.code === Code.ABORTED) throw error;
        if (position === 0 && selected.kind === "open" && selected.isNew) {
          open.transaction.rollBack();
        }
        status = { code: error.code, message: error.message };
        break;
      }
    }
    const token = tokenOf(selected);
    return token === undefined
      ? { resultSets, status }
      : { resultSets, status, precommitToken: token };
  }

  /** A statement that begins a transaction and fails leaves none behind. */
  async #attempt<T>(selected: Selected, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      const isNew = selected.kind === "open" && selected.isNew;
      if (isNew && selected.transaction.kind === "read-write") {
        const { transaction } = selected.transaction;
        transaction.invalidate(StatusError.from(thrown, Code.INTERNAL));
      }
      throw thrown;
    }
  }

  // Transactions

  async beginTransaction(
    request: BeginTransactionRequest,
    call: CallContext,
  ): Promise<Transaction> {
    const { session, database } = this.#place(request.session);
    const options = request.options ?? {};
    const { mutationKey } = request;
    if (mutationKey !== undefined) {
      try {
        database.checkMutations([mutationKey]);
      } catch (thrown) {
        throw invalidMutationKey(thrown);
      }
    }
    const context = { session, database, transactions: this.#transactions, signal: call.signal };
    const transaction = await begin(options, context);
    const returnsReadTimestamp = asksForReadTimestamp(options);
    const selected: Selected = { kind: "open", transaction, isNew: true, returnsReadTimestamp };
    const answer = transactionOf(selected) ?? {};
    if (mutationKey === undefined || transaction.kind !== "read-write") return answer;
    const precommitToken = nextPrecommitToken(transaction);
    return precommitToken === undefined ? answer : { ...answer, precommitToken };
  }

  async commit(request: CommitRequest, _call: CallContext): Promise<CommitResponse> {
    const { session, database } = this.#place(request.session);
    checkCommitDelay(request);
    const mutations = request.mutations ?? [];
    const chosen = request.transaction;
    if (chosen?.$case === "singleUseTransaction") {
      if (chosen.singleUseTransaction.mode?.$case !== "readWrite") {
        throw singleUseCommitMustBeReadWrite();
      }
      return committed(request, await database.begin().commit(mutations));
    }
    const id = chosen?.transactionId ?? new Uint8Array();
    const open = this.#transactions.get(session, id);
    if (open.kind !== "read-write") throw cannotCommit(open.kind);
    checkPrecommitToken(open, request.precommitToken);
    return committed(request, await open.transaction.commit(mutations));
  }

  rollback({ session: name, transactionId }: RollbackRequest): Record<string, never> {
    const { session } = this.#place(name);
    const open = this.#transactions.find(transactionId ?? new Uint8Array());
    // Rolling back what is not there, or over already, is no error.
    if (open === undefined || open.session !== session) return {};
    if (open.kind !== "read-write") throw cannotRollBack(open.kind);
    open.transaction.rollBack();
    return {};
  }

  /** Each group is a transaction of its own; the groups say nothing about each other. */
  async *batchWrite(
    request: BatchWriteRequest,
    call: CallContext,
  ): AsyncIterable<BatchWriteResponse> {
    const { database } = this.#place(request.session);
    for (const [index, group] of (request.mutationGroups ?? []).entries()) {
      call.signal.throwIfAborted();
      try {
        const { atMicros } = await database.begin().commit(group.mutations ?? []);
        const commitTimestamp = timestampToProto(BigInt(atMicros) * 1_000n);
        yield { indexes: [index], status: { code: Code.OK }, commitTimestamp };
      } catch (thrown) {
        const { code, message } = StatusError.from(thrown, Code.INTERNAL);
        yield { indexes: [index], status: { code, message } };
      }
    }
  }

  // Where a call belongs

  #place(name = ""): { session: Session; database: Database } {
    const session = this.useSession(name);
    return { session, database: this.#options.registry.get(session.database) };
  }

  /** The transaction of a request; a stream that goes on reads where it read before. */
  #select(
    request: Pick<ReadRequest, "transaction" | "resumeToken">,
    session: Session,
    database: Database,
    call: CallContext,
    what: string,
  ): Promise<Selected> {
    const context = { session, database, transactions: this.#transactions, signal: call.signal };
    const token = openResumeToken(request.resumeToken, what);
    const chosen = request.transaction?.selector?.$case ?? "singleUse";
    if (token === undefined || chosen !== "singleUse") return select(request.transaction, context);
    const readTimestamp = timestampToProto(BigInt(token.atMicros) * 1_000n);
    const timestampBound = { $case: "readTimestamp", readTimestamp } as const;
    const readOnly = { timestampBound, returnReadTimestamp: true };
    const singleUse = { mode: { $case: "readOnly", readOnly } as const };
    return select({ selector: { $case: "singleUse", singleUse } }, context);
  }
}

interface Executed {
  readonly selected: Selected;
  readonly answer: Answerable;
}

const sessionNamePattern = /^projects\/[^/]+\/instances\/[^/]+\/databases\/[^/]+\/sessions\/[^/]+$/;

const commitDelayNanosMax = 500_000_000n;

function checkCommitDelay({ maxCommitDelay }: CommitRequest): void {
  if (maxCommitDelay === undefined) return;
  const nanos = nanosFromProto(maxCommitDelay);
  if (nanos < 0n || nanos > commitDelayNanosMax) throw maxCommitDelayOutOfRange();
}

function committed(
  request: CommitRequest,
  { atMicros, mutations }: { readonly atMicros: number; readonly mutations: number },
): CommitResponse {
  const commitTimestamp = timestampToProto(BigInt(atMicros) * 1_000n);
  if (request.returnCommitStats !== true) return { commitTimestamp };
  return { commitTimestamp, commitStats: { mutationCount: BigInt(mutations) } };
}

/** What a session says of itself; a multiplexed one has neither labels nor a time of last use. */
function toProto(session: Session): ProtoSession {
  const { name, creatorRole, isMultiplexed, createdNanos, lastUsedNanos, labels } = session;
  const createTime = timestampToProto(microseconds(createdNanos));
  if (isMultiplexed) return { name, createTime, creatorRole, multiplexed: true };
  return {
    name,
    labels: { ...labels },
    createTime,
    approximateLastUseTime: timestampToProto(microseconds(lastUsedNanos)),
    creatorRole,
  };
}

function microseconds(nanos: bigint): bigint {
  return (nanos / 1_000n) * 1_000n;
}
