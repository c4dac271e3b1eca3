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
  type PartitionQueryRequest,
  type PartitionReadRequest,
  type PartitionResponse,
  type Session as ProtoSession,
  type ReadRequest,
  ReadRequest_LockHint,
  type ResultSet,
  type RollbackRequest,
  SpannerDefinition,
  type Transaction,
  TransactionOptions_IsolationLevel,
  TransactionOptions_ReadWrite_ReadLockMode,
  type TransactionSelector,
} from "@spandrel/protocol";
import { type CallContext, methodsOf, type Router } from "@spandrel/rpc";
import type { Database } from "../database/database.ts";
import type { Committed, DatabaseTransaction } from "../database/transaction.ts";
import {
  batchNeedsReadWrite,
  emptyBatch,
  invalidResumeToken,
  notDml,
  partitionedNeedsDml,
  resumedAfterWrite,
} from "../errors/result.ts";
import {
  malformedSessionName,
  multiplexedNotInBatch,
  sessionCountOutOfRange,
} from "../errors/session.ts";
import {
  cannotCommit,
  cannotRollBack,
  dmlInReadOnly,
  dmlInSingleUse,
  invalidMutationKey,
  lockHintNeedsReadWrite,
  maxCommitDelayOutOfRange,
  singleUseCommitMustBeReadWrite,
} from "../errors/transaction.ts";
import type { Registry } from "../instance/registry.ts";
import type { Limits } from "../limits/limits.ts";
import { fingerprintOfRead, fingerprintOfStatement } from "./fingerprint.ts";
import {
  checkPartitionable,
  partitionOfRead,
  partitionOfStatement,
  partitionQuery,
  partitionRead,
} from "./partitions.ts";
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
import { openResumeToken, type ResumePoint, sealResumeToken, stateOf } from "./resume-token.ts";
import { asksForReadTimestamp, begin, isolationOf, type Selected, select } from "./selectors.ts";
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
    .unary(methods.partitionQuery, (request, call) => service.partitionQuery(request, call))
    .unary(methods.partitionRead, (request, call) => service.partitionRead(request, call));
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
    yield* this.#stream(await this.#run(request, call));
  }

  async read(request: ReadRequest, call: CallContext): Promise<ResultSet> {
    const { answer, selected } = await this.#read(request, call);
    return gatherAnswer(answer, selected, this.#options.limits.unaryResultBytesMax);
  }

  async *streamingRead(request: ReadRequest, call: CallContext): AsyncIterable<PartialResultSet> {
    yield* this.#stream(await this.#read(request, call));
  }

  #stream({ answer, selected, fingerprint, resumed }: Executed): AsyncIterable<PartialResultSet> {
    const state = stateOf(selected);
    return streamAnswer(answer, selected, {
      chunkBytesMax: this.#options.limits.chunkBytesMax,
      rowsSkipped: resumed?.rows ?? 0,
      resumeToken: (rows) => sealResumeToken({ state, rows }, fingerprint()),
    });
  }

  async #read(request: ReadRequest, call: CallContext): Promise<Executed> {
    const { session, database } = this.#place(request.session);
    const fingerprint = once(() => fingerprintOfRead(request));
    const resumed = openResumeToken(request.resumeToken, fingerprint);
    const selected = await this.#select(request, session, database, call, resumed);
    const read = {
      table: request.table ?? "",
      index: request.index ?? "",
      columns: request.columns ?? [],
      keySet: request.keySet,
      limit: request.limit ?? 0n,
    };
    const lockHint = request.lockHint ?? ReadRequest_LockHint.LOCK_HINT_UNSPECIFIED;
    const rows = await this.#attempt(selected, async () => {
      const partition = partitionOfRead(request, selected);
      if (selected.kind === "open" && selected.transaction.kind === "read-write") {
        const isForUpdate = lockHint === ReadRequest_LockHint.LOCK_HINT_EXCLUSIVE;
        const { transaction } = selected.transaction;
        return transaction.read({ ...read, isForUpdate }, call.signal);
      }
      if (lockHint !== ReadRequest_LockHint.LOCK_HINT_UNSPECIFIED) throw lockHintNeedsReadWrite();
      if (selected.kind === "single use") return selected.snapshot.read(read);
      const { transaction } = selected;
      if (transaction.kind === "read-only") return transaction.snapshot.read(read, partition);
      throw partitionedNeedsDml();
    });
    const answer = { ...rows, undeclaredParameters: [], rowCount: undefined };
    return { selected, answer, fingerprint, resumed };
  }

  async #run(request: ExecuteSqlRequest, call: CallContext): Promise<Executed> {
    const { session, database } = this.#place(request.session);
    const fingerprint = once(() => fingerprintOfStatement(request));
    const resumed = openResumeToken(request.resumeToken, fingerprint);
    const selected = await this.#select(request, session, database, call, resumed);
    const statement = statementOf(request, request.queryMode);
    const answer = await this.#attempt(selected, async (): Promise<Answerable> => {
      const partition = partitionOfStatement(request, selected);
      if (selected.kind === "single use") {
        return selected.snapshot.query(statement, call.signal, dmlInSingleUse);
      }
      const { transaction } = selected;
      switch (transaction.kind) {
        case "read-only":
          return transaction.snapshot.query(statement, call.signal, dmlInReadOnly, partition);
        case "partitioned":
          return this.#runPartitioned(transaction, request, call);
        case "read-write": {
          const execute = () => transaction.transaction.execute(statement, call.signal);
          if (transaction.transaction.kindOf(statement) === "query") return execute();
          return answerOnce(transaction, request, execute);
        }
      }
    });
    return { selected, answer, fingerprint, resumed };
  }

  async partitionRead(
    request: PartitionReadRequest,
    call: CallContext,
  ): Promise<PartitionResponse> {
    checkPartitionable(request.transaction, "PartitionRead");
    const { session, database } = this.#place(request.session);
    const selected = await this.#select(request, session, database, call, undefined);
    return partitionRead(request, selected);
  }

  async partitionQuery(
    request: PartitionQueryRequest,
    call: CallContext,
  ): Promise<PartitionResponse> {
    checkPartitionable(request.transaction, "PartitionQuery");
    const { session, database } = this.#place(request.session);
    const selected = await this.#select(request, session, database, call, undefined);
    return partitionQuery(request, selected, call.signal);
  }

  /** Partitioned DML commits by itself; one transaction over all rows is one partition. */
  async #runPartitioned(
    { database }: PartitionedTransaction,
    request: ExecuteSqlRequest,
    call: CallContext,
  ): Promise<Answerable> {
    const transaction = database.begin();
    const statement = statementOf(request, request.queryMode);
    try {
      const kind = transaction.kindOf(statement);
      if (kind !== "update" && kind !== "delete") throw partitionedNeedsDml();
      const result = await transaction.execute(statement, call.signal);
      await transaction.commit([], unbounded);
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
    const selected = await this.#select(request, session, database, call, undefined);
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
      const { singleUseTransaction: options } = chosen;
      if (options.mode?.$case !== "readWrite") throw singleUseCommitMustBeReadWrite();
      const isolation = isolationOf(options, options.mode.readWrite);
      const transaction = database.begin(undefined, isolation);
      return committed(request, transaction, await transaction.commit(mutations));
    }
    const id = chosen?.transactionId ?? new Uint8Array();
    const open = this.#transactions.get(session, id);
    if (open.kind !== "read-write") throw cannotCommit(open.kind);
    checkPrecommitToken(open, request.precommitToken);
    return committed(request, open.transaction, await open.transaction.commit(mutations));
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

  /** The transaction of a request; a stream that goes on reads what it read before. */
  async #select(
    request: Pick<ReadRequest, "transaction">,
    session: Session,
    database: Database,
    call: CallContext,
    resumed: ResumePoint | undefined,
  ): Promise<Selected> {
    const context = { session, database, transactions: this.#transactions, signal: call.signal };
    const chosen = request.transaction?.selector?.$case ?? "singleUse";
    if (resumed !== undefined && chosen === "singleUse") {
      return select(singleUseAt(resumed.state), context);
    }
    const selected = await select(request.transaction, context);
    if (resumed !== undefined) requireState(selected, resumed);
    return selected;
  }
}

function singleUseAt(micros: number): TransactionSelector {
  const readTimestamp = timestampOf(micros);
  const timestampBound = { $case: "readTimestamp", readTimestamp } as const;
  const readOnly = { timestampBound, returnReadTimestamp: true };
  const singleUse = { mode: { $case: "readOnly", readOnly } as const };
  return { selector: { $case: "singleUse", singleUse } };
}

/** The rows behind a resume token are the same only if what is read is the same. */
function requireState(selected: Selected, { state }: ResumePoint): void {
  if (stateOf(selected) === state) return;
  if (selected.kind === "single use" || selected.transaction.kind !== "read-write") {
    throw invalidResumeToken();
  }
  const error = resumedAfterWrite();
  selected.transaction.transaction.invalidate(error);
  throw error;
}

/** Works out a value when it is first asked for. */
function once<T>(work: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= work();
    return value;
  };
}

interface Executed {
  readonly selected: Selected;
  readonly answer: Answerable;
  /** What tells the request apart from others. */
  readonly fingerprint: () => bigint;
  /** Where a stream that was broken goes on. */
  readonly resumed: ResumePoint | undefined;
}

const sessionNamePattern = /^projects\/[^/]+\/instances\/[^/]+\/databases\/[^/]+\/sessions\/[^/]+$/;

/** Partitioned DML is many transactions on Spanner, each of them within the limits. */
const unbounded = {
  mutationsPerCommitMax: Number.POSITIVE_INFINITY,
  commitBytesMax: Number.POSITIVE_INFINITY,
};

const commitDelayNanosMax = 500_000_000n;

function checkCommitDelay({ maxCommitDelay }: CommitRequest): void {
  if (maxCommitDelay === undefined) return;
  const nanos = nanosFromProto(maxCommitDelay);
  if (nanos < 0n || nanos > commitDelayNanosMax) throw maxCommitDelayOutOfRange();
}

function committed(
  request: CommitRequest,
  { isolation, snapshotMicros }: DatabaseTransaction,
  { atMicros, mutations }: Committed,
): CommitResponse {
  const response: CommitResponse = { commitTimestamp: timestampOf(atMicros) };
  if (isolation === "repeatable read") {
    response.isolationLevel = TransactionOptions_IsolationLevel.REPEATABLE_READ;
    if (snapshotMicros !== undefined) response.snapshotTimestamp = timestampOf(snapshotMicros);
  }
  if (isolation === "optimistic") {
    response.readLockMode = TransactionOptions_ReadWrite_ReadLockMode.OPTIMISTIC;
  }
  if (request.returnCommitStats === true) {
    response.commitStats = { mutationCount: BigInt(mutations) };
  }
  return response;
}

function timestampOf(micros: number): ReturnType<typeof timestampToProto> {
  return timestampToProto(BigInt(micros) * 1_000n);
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
