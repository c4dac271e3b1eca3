// SPDX-License-Identifier: Apache-2.0
// The calls whose answers are result sets: Read and ExecuteSql, their streaming twins, and
// ExecuteBatchDml. A call and its twin do the same work, and differ in how the rows go out: in one
// message, or in many that can be taken up again where the stream broke.
//
// What a call may do depends on the transaction that it works on. One that only reads takes reads and
// queries; a read-write one takes DML too, and reads that ask for locks; a partitioned one takes UPDATE
// and DELETE, and nothing else.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#spanner
import {
  type ExecuteBatchDmlRequest,
  type ExecuteBatchDmlResponse,
  type ExecuteSqlRequest,
  type PartialResultSet,
  type ReadRequest,
  ReadRequest_LockHint,
  type ResultSet,
} from "@spandrel/protocol";
import type { CallContext } from "@spandrel/rpc";
import type { Database } from "../database/database.ts";
import {
  batchNeedsReadWrite,
  emptyBatch,
  partitionedNeedsDml,
  tooManyPartitionedStatements,
} from "../errors/result.ts";
import { tooManyReads } from "../errors/session.ts";
import { dmlInReadOnly, dmlInSingleUse, lockHintNeedsReadWrite } from "../errors/transaction.ts";
import type { Limits } from "../limits/limits.ts";
import { AtOnce } from "./at-once.ts";
import { runBatch, runPartitioned } from "./dml.ts";
import { fingerprintOfRead, fingerprintOfStatement } from "./fingerprint.ts";
import { partitionOfRead, partitionOfStatement } from "./partitions.ts";
import { attempt, type Place, type Places } from "./places.ts";
import { answerOnce } from "./replay.ts";
import { type Answerable, gatherAnswer, streamAnswer } from "./results.ts";
import { openResumeToken, type ResumePoint, sealResumeToken, stateOf } from "./resume-token.ts";
import type { Selected } from "./selectors.ts";
import type { Session } from "./sessions.ts";
import { statementOf } from "./statement.ts";

/** Answers the calls whose answer is made of rows, or of how many rows were written. */
export class ResultCalls {
  readonly #places: Places;
  readonly #limits: Limits;
  readonly #reads: AtOnce<Session>;
  readonly #partitioned: AtOnce<Database>;

  constructor(places: Places, limits: Limits) {
    this.#places = places;
    this.#limits = limits;
    this.#reads = new AtOnce(limits.readsPerSessionMax, tooManyReads);
    this.#partitioned = new AtOnce(limits.partitionedDmlMax, tooManyPartitionedStatements);
  }

  read(request: ReadRequest, call: CallContext): Promise<ResultSet> {
    return this.#gather(request, (place) => this.#read(request, call, place));
  }

  streamingRead(request: ReadRequest, call: CallContext): AsyncIterable<PartialResultSet> {
    return this.#stream(request, (place) => this.#read(request, call, place));
  }

  async #read(request: ReadRequest, { signal }: CallContext, place: Place): Promise<Executed> {
    const fingerprint = once(() => fingerprintOfRead(request));
    const resumed = openResumeToken(request.resumeToken, fingerprint);
    const selected = await this.#places.select(place, request.transaction, signal, resumed);
    const read = {
      table: request.table ?? "",
      index: request.index ?? "",
      columns: request.columns ?? [],
      keySet: request.keySet,
      limit: request.limit ?? 0n,
    };
    const lockHint = request.lockHint ?? ReadRequest_LockHint.LOCK_HINT_UNSPECIFIED;
    const rows = await attempt(selected, async () => {
      const partition = partitionOfRead(request, selected);
      if (selected.kind === "open" && selected.transaction.kind === "read-write") {
        const isForUpdate = lockHint === ReadRequest_LockHint.LOCK_HINT_EXCLUSIVE;
        const { transaction } = selected.transaction;
        return transaction.read({ ...read, isForUpdate }, signal);
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

  executeSql(request: ExecuteSqlRequest, call: CallContext): Promise<ResultSet> {
    return this.#gather(request, (place) => this.#run(request, call, place));
  }

  executeStreamingSql(
    request: ExecuteSqlRequest,
    call: CallContext,
  ): AsyncIterable<PartialResultSet> {
    return this.#stream(request, (place) => this.#run(request, call, place));
  }

  async #run(request: ExecuteSqlRequest, { signal }: CallContext, place: Place): Promise<Executed> {
    const fingerprint = once(() => fingerprintOfStatement(request));
    const resumed = openResumeToken(request.resumeToken, fingerprint);
    const selected = await this.#places.select(place, request.transaction, signal, resumed);
    const statement = statementOf(request, request.queryMode);
    const answer = await attempt(selected, async (): Promise<Answerable> => {
      const partition = partitionOfStatement(request, selected);
      if (selected.kind === "single use") {
        return selected.snapshot.query(statement, signal, dmlInSingleUse);
      }
      const { transaction } = selected;
      switch (transaction.kind) {
        case "read-only":
          return transaction.snapshot.query(statement, signal, dmlInReadOnly, partition);
        case "partitioned": {
          const leave = this.#partitioned.enter(place.database);
          try {
            return await runPartitioned(transaction, statement, signal);
          } finally {
            leave();
          }
        }
        case "read-write": {
          const execute = () => transaction.transaction.execute(statement, signal);
          if (transaction.transaction.kindOf(statement) === "query") return execute();
          return answerOnce(transaction, request, execute);
        }
      }
    });
    return { selected, answer, fingerprint, resumed };
  }

  async executeBatchDml(
    request: ExecuteBatchDmlRequest,
    { signal }: CallContext,
  ): Promise<ExecuteBatchDmlResponse> {
    const place = this.#places.of(request.session);
    const statements = request.statements ?? [];
    if (statements.length === 0) throw emptyBatch();
    const selected = await this.#places.select(place, request.transaction, signal);
    if (selected.kind !== "open" || selected.transaction.kind !== "read-write") {
      throw batchNeedsReadWrite();
    }
    const { transaction } = selected;
    return answerOnce(transaction, request, () =>
      runBatch(statements, selected, transaction, signal),
    );
  }

  /**
   * The whole answer in one message.
   *
   * @throws {StatusError} FAILED_PRECONDITION when it is larger than one message may be.
   */
  async #gather(request: SessionRequest, execute: Execute): Promise<ResultSet> {
    const place = this.#places.of(request.session);
    const leave = this.#enter(place);
    try {
      const { answer, selected } = await execute(place);
      return await gatherAnswer(answer, selected, this.#limits.unaryResultBytesMax);
    } finally {
      leave();
    }
  }

  /** The answer as a stream, from where a stream before it broke. */
  async *#stream(request: SessionRequest, execute: Execute): AsyncIterable<PartialResultSet> {
    const place = this.#places.of(request.session);
    const leave = this.#enter(place);
    try {
      const { answer, selected, fingerprint, resumed } = await execute(place);
      const state = stateOf(selected);
      yield* streamAnswer(answer, selected, {
        chunkBytesMax: this.#limits.chunkBytesMax,
        rowsSkipped: resumed?.rows ?? 0,
        resumeToken: (rows) => sealResumeToken({ state, rows }, fingerprint()),
      });
    } finally {
      leave();
    }
  }

  /** Counts a read of a regular session; what it gives is called when the read is over. */
  #enter({ session }: Place): () => void {
    return session.isMultiplexed ? notCounted : this.#reads.enter(session);
  }
}

const notCounted = (): void => undefined;

type SessionRequest = Pick<ReadRequest, "session">;
type Execute = (place: Place) => Promise<Executed>;

/** A read or a statement that runs; its rows are yet to be pulled. */
interface Executed {
  readonly selected: Selected;
  readonly answer: Answerable;
  /** What tells the request apart from others. */
  readonly fingerprint: () => bigint;
  /** Where a stream that was broken goes on. */
  readonly resumed: ResumePoint | undefined;
}

/** Works out a value when it is first asked for. */
function once<T>(work: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= work();
    return value;
  };
}
