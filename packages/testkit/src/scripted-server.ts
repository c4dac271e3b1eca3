// SPDX-License-Identifier: Apache-2.0
// A server that does what a test tells it, for tests of the client. It speaks Spanner's protocol
// through a Router, keeps sessions and transactions as far as a client can tell, writes down every
// request, and fails, forgets, breaks and answers by script. It knows no SQL: a statement is answered
// by its text. What it answers in what shape is in scripted-server-answers.ts.
import { Code, StatusError } from "@spandrel/base";
import {
  type BatchCreateSessionsRequest,
  type BeginTransactionRequest,
  type CommitRequest,
  type CommitResponse,
  type CreateSessionRequest,
  type ExecuteBatchDmlRequest,
  type ExecuteBatchDmlResponse,
  type ExecuteSqlRequest,
  type MultiplexedSessionPrecommitToken,
  type PartialResultSet,
  type ReadRequest,
  type ResultSet,
  type Session,
  SpannerDefinition,
  type Transaction,
  type TransactionSelector,
} from "@spandrel/protocol";
import { type CallContext, type Metadata, type Method, methodsOf, Router } from "@spandrel/rpc";
import { type Answer, messagesOf, resultSetOf, resumePosition } from "./scripted-server-answers.ts";

const spanner = methodsOf(SpannerDefinition);

/** One request that arrived. */
export interface RecordedRequest {
  /** Name of the procedure: `ExecuteSql`. */
  readonly method: string;
  readonly request: unknown;
  readonly metadata: Metadata;
}

/** Where a stream breaks, and with what. */
export interface StreamBreak {
  /** How many messages arrive before. */
  readonly afterMessages: number;
  readonly error: StatusError;
}

interface OpenTransaction {
  readonly session: string;
  readonly isReadWrite: boolean;
  isEnded: boolean;
}

/** The error of a real server that no longer has a session. */
export function sessionNotFound(name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `Session not found: ${name}`, {
    details: [
      {
        kind: "ResourceInfo",
        resourceType: "type.googleapis.com/google.spanner.v1.Session",
        resourceName: name,
        owner: "",
        description: "Session does not exist.",
      },
    ],
  });
}

/** A server that follows a script. */
export class ScriptedServer {
  readonly router: Router = new Router();
  /** All that arrived, first things first. */
  readonly requests: RecordedRequest[] = [];
  /** The sessions that the server has, by name. */
  readonly sessions: Map<string, Session> = new Map();
  /** Whether read-write transactions of multiplexed sessions give precommit tokens. */
  givesPrecommitTokens = true;
  /** Whether BeginTransaction gives one, when `givesPrecommitTokens`. */
  givesTokenOnBegin = true;
  /** The most sessions that one BatchCreateSessions creates. */
  batchSessionsMax = 100;
  /** How many commits are answered with another token before one is applied. */
  commitRetries = 0;
  readonly #failures = new Map<string, (StatusError | undefined)[]>();
  readonly #breaks = new Map<string, StreamBreak[]>();
  readonly #answers = new Map<string, Answer>();
  readonly #gates = new Map<string, Promise<void>>();
  readonly #transactions = new Map<string, OpenTransaction>();
  #sessionsMade = 0;
  #transactionsMade = 0;
  #tokensMade = 0;
  #commits = 0;

  constructor() {
    this.#unary(spanner.createSession, (request) => this.#createSession(request));
    this.#unary(spanner.batchCreateSessions, (request) => this.#batchCreateSessions(request));
    this.#unary(spanner.getSession, ({ name = "" }) => this.#session(name));
    this.#unary(spanner.listSessions, () => ({
      sessions: [...this.sessions.values()].filter(({ multiplexed }) => !multiplexed),
    }));
    this.#unary(spanner.deleteSession, ({ name = "" }) => this.#deleteSession(name));
    this.#unary(spanner.beginTransaction, (request) => this.#beginTransaction(request));
    this.#unary(spanner.executeSql, (request) => this.#executeSql(request));
    this.#unary(spanner.executeBatchDml, (request) => this.#executeBatchDml(request));
    this.#unary(spanner.commit, (request) => this.#commit(request));
    this.#unary(spanner.rollback, ({ transactionId }) => this.#rollback(transactionId));
    this.#unary(spanner.partitionQuery, (request) => this.#partition(request));
    this.#unary(spanner.partitionRead, (request) => this.#partition(request));
    this.#stream(spanner.executeStreamingSql, (request) => this.#query(request));
    this.#stream(spanner.streamingRead, (request) => this.#read(request));
    this.#stream(spanner.batchWrite, ({ session = "", mutationGroups = [] }) => {
      this.#session(session);
      const indexes = mutationGroups.map((_, index) => index);
      return [{ indexes, commitTimestamp: this.#commitTimestamp() }];
    });
  }

  /** Answers a statement, by its whole text, until told otherwise. */
  answer(sql: string, answer: Answer): this {
    this.#answers.set(sql, answer);
    return this;
  }

  /** Answers a read of a table. */
  answerRead(table: string, answer: Answer): this {
    this.#answers.set(`read ${table}`, answer);
    return this;
  }

  /** Fails the next calls of a procedure; `undefined` lets one of them through. */
  fail(method: string, ...errors: readonly (StatusError | undefined)[]): this {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), ...errors]);
    return this;
  }

  /** Breaks the next streams of a procedure, one break per stream. */
  breakStreams(method: string, ...breaks: readonly StreamBreak[]): this {
    this.#breaks.set(method, [...(this.#breaks.get(method) ?? []), ...breaks]);
    return this;
  }

  /** Holds every call of a procedure until the promise is settled. */
  hold(method: string, gate: Promise<void>): this {
    this.#gates.set(method, gate);
    return this;
  }

  /** Forgets sessions, as a server does after an hour; all of them unless some are named. */
  forgetSessions(...names: readonly string[]): this {
    for (const name of names.length === 0 ? [...this.sessions.keys()] : names)
      this.sessions.delete(name);
    return this;
  }

  /** The procedures called so far, in order. */
  get methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  /** The requests of one procedure so far, in order. */
  requestsOf<Request>(method: Method<Request, unknown>): Request[] {
    // What was recorded under a method's name was decoded as its request.
    return this.requests
      .filter((recorded) => recorded.method === method.name)
      .map(({ request }) => request as Request);
  }

  /** Forgets what was written down. */
  clearRequests(): this {
    this.requests.length = 0;
    return this;
  }

  #unary<Request, Response>(
    method: Method<Request, Response>,
    handler: (request: Request) => Response,
  ): void {
    this.router.unary(method, async (request, context) => {
      await this.#arrived(method.name, request, context);
      return handler(request);
    });
  }

  #stream<Request, Response>(
    method: Method<Request, Response>,
    handler: (request: Request) => Iterable<Response>,
  ): void {
    const server = this;
    this.router.stream(method, async function* (request, context) {
      await server.#arrived(method.name, request, context);
      const broken = server.#breaks.get(method.name)?.shift();
      let sent = 0;
      for (const message of handler(request)) {
        if (sent === broken?.afterMessages) throw broken.error;
        yield message;
        sent += 1;
      }
      if (broken !== undefined) throw broken.error;
    });
  }

  async #arrived(method: string, request: unknown, context: CallContext): Promise<void> {
    this.requests.push({ method, request, metadata: context.metadata });
    await this.#gates.get(method);
    const failure = this.#failures.get(method)?.shift();
    if (failure !== undefined) throw failure;
  }

  #createSession({ database = "", session }: CreateSessionRequest): Session {
    if (session?.multiplexed && Object.keys(session.labels ?? {}).length > 0)
      throw new StatusError(Code.INVALID_ARGUMENT, "Multiplexed sessions do not support labels.");
    return this.#addSession(database, session);
  }

  #batchCreateSessions(request: BatchCreateSessionsRequest): { session: Session[] } {
    const { database = "", sessionTemplate, sessionCount = 0 } = request;
    const length = Math.min(sessionCount, this.batchSessionsMax);
    return { session: Array.from({ length }, () => this.#addSession(database, sessionTemplate)) };
  }

  #addSession(database: string, template: Session | undefined): Session {
    this.#sessionsMade += 1;
    const session = { ...template, name: `${database}/sessions/s${this.#sessionsMade}` };
    this.sessions.set(session.name, session);
    return session;
  }

  #session(name: string): Session {
    const session = this.sessions.get(name);
    if (session === undefined) throw sessionNotFound(name);
    return session;
  }

  #deleteSession(name: string): Record<string, never> {
    if (this.#session(name).multiplexed)
      throw new StatusError(Code.INVALID_ARGUMENT, "Multiplexed sessions cannot be deleted.");
    this.sessions.delete(name);
    return {};
  }

  #beginTransaction({ session = "", options }: BeginTransactionRequest): Transaction {
    const isReadWrite = options?.mode?.$case === "readWrite";
    const begun = this.#begin(session, isReadWrite);
    return isReadWrite && this.givesTokenOnBegin ? { ...begun, ...this.#token(session) } : begun;
  }

  #begin(session: string, isReadWrite: boolean): Transaction {
    this.#session(session);
    this.#transactionsMade += 1;
    const text = `t${this.#transactionsMade}`;
    this.#transactions.set(text, { session, isReadWrite, isEnded: false });
    return {
      id: new TextEncoder().encode(text),
      ...(!isReadWrite && { readTimestamp: { seconds: 1_700_000_000n, nanos: 5 } }),
    };
  }

  /** What a selector means: the transaction to tell the client about, and whether it writes. */
  #select(
    session: string,
    selector: TransactionSelector | undefined,
  ): { transaction?: Transaction; isReadWrite: boolean } {
    this.#session(session);
    const { selector: chosen } = selector ?? {};
    if (chosen?.$case === "begin") {
      const isReadWrite = chosen.begin.mode?.$case === "readWrite";
      return { transaction: this.#begin(session, isReadWrite), isReadWrite };
    }
    if (chosen?.$case === "id") return { isReadWrite: this.#open(chosen.id).isReadWrite };
    const readTimestamp = { seconds: 1_700_000_000n, nanos: 5 };
    return { transaction: { readTimestamp }, isReadWrite: false };
  }

  #open(id: Uint8Array): OpenTransaction {
    const transaction = this.#transactions.get(new TextDecoder().decode(id));
    if (transaction === undefined || transaction.isEnded)
      throw new StatusError(Code.FAILED_PRECONDITION, "This transaction is no longer active.");
    return transaction;
  }

  #token(session: string): { precommitToken?: MultiplexedSessionPrecommitToken } {
    if (!this.givesPrecommitTokens || !this.#session(session).multiplexed) return {};
    this.#tokensMade += 1;
    return {
      precommitToken: {
        precommitToken: new TextEncoder().encode(`token${this.#tokensMade}`),
        seqNum: this.#tokensMade,
      },
    };
  }

  #answerOf(key: string): Answer {
    const answer = this.#answers.get(key);
    if (answer === undefined) {
      if (key === "SELECT 1") return { columns: { "": "INT64" }, rows: [["1"]] };
      throw new StatusError(Code.INVALID_ARGUMENT, `The script has no answer to: ${key}`);
    }
    if (answer.error !== undefined) throw answer.error;
    return answer;
  }

  #executeSql({ session = "", sql = "", transaction }: ExecuteSqlRequest): ResultSet {
    this.#session(session);
    const answer = this.#answerOf(sql);
    return this.#resultSet(session, answer, transaction);
  }

  #resultSet(
    session: string,
    answer: Answer,
    selector: TransactionSelector | undefined,
  ): ResultSet {
    const selected = this.#select(session, selector);
    return resultSetOf(
      answer,
      selected.transaction,
      selected.isReadWrite ? this.#token(session).precommitToken : undefined,
    );
  }

  *#query({
    session = "",
    sql = "",
    transaction,
    resumeToken,
  }: ExecuteSqlRequest): Iterable<PartialResultSet> {
    this.#session(session);
    yield* this.#messages(session, this.#answerOf(sql), transaction, resumeToken);
  }

  *#read({
    session = "",
    table = "",
    transaction,
    resumeToken,
  }: ReadRequest): Iterable<PartialResultSet> {
    this.#session(session);
    yield* this.#messages(session, this.#answerOf(`read ${table}`), transaction, resumeToken);
  }

  *#messages(
    session: string,
    answer: Answer,
    selector: TransactionSelector | undefined,
    resumeToken: Uint8Array | undefined,
  ): Iterable<PartialResultSet> {
    const { transaction, isReadWrite } = this.#select(session, selector);
    const messages = messagesOf(answer, transaction).slice(resumePosition(resumeToken));
    for (const message of messages) yield { ...message, ...(isReadWrite && this.#token(session)) };
  }

  #executeBatchDml(request: ExecuteBatchDmlRequest): ExecuteBatchDmlResponse {
    const { session = "", statements = [], transaction } = request;
    const selected = this.#select(session, transaction);
    const resultSets: ResultSet[] = [];
    for (const { sql = "" } of statements) {
      try {
        const first = resultSets.length === 0 ? selected.transaction : undefined;
        resultSets.push(resultSetOf(this.#answerOf(sql), first, undefined));
      } catch (error) {
        const { code, message } = StatusError.from(error);
        return { resultSets, status: { code, message }, ...this.#token(session) };
      }
    }
    return { resultSets, status: { code: Code.OK }, ...this.#token(session) };
  }

  #commit({ session = "", transaction, precommitToken }: CommitRequest): CommitResponse {
    this.#session(session);
    if (transaction?.$case === "transactionId") {
      const open = this.#open(transaction.transactionId);
      const token = this.#token(session).precommitToken;
      if (token !== undefined && precommitToken === undefined)
        throw new StatusError(Code.FAILED_PRECONDITION, "A precommit token is needed.");
      if (this.commitRetries > 0 && token !== undefined) {
        this.commitRetries -= 1;
        return { MultiplexedSessionRetry: { $case: "precommitToken", precommitToken: token } };
      }
      open.isEnded = true;
    }
    return { commitTimestamp: this.#commitTimestamp(), commitStats: { mutationCount: 1n } };
  }

  #commitTimestamp(): { seconds: bigint; nanos: number } {
    this.#commits += 1;
    return { seconds: 1_700_000_000n + BigInt(this.#commits), nanos: 1 };
  }

  #rollback(id: Uint8Array | undefined): Record<string, never> {
    this.#open(id ?? new Uint8Array()).isEnded = true;
    return {};
  }

  #partition({ session = "" }: { session?: string | undefined }): {
    partitions: { partitionToken: Uint8Array }[];
  } {
    this.#session(session);
    return { partitions: [1, 2].map((byte) => ({ partitionToken: Uint8Array.of(byte) })) };
  }
}
