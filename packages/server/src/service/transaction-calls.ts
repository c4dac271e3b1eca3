// SPDX-License-Identifier: Apache-2.0
// The calls that begin and end transactions: BeginTransaction, Commit, Rollback, and BatchWrite, whose
// every group of mutations is a transaction from begin to end. What runs inside one is
// told in result-calls.ts, whose calls may begin it as well.
// https://cloud.google.com/spanner/docs/transactions
import { Code, StatusError } from "@spandrel/base";
import { nanosFromProto } from "@spandrel/model";
import {
  type BatchWriteRequest,
  type BatchWriteResponse,
  type BeginTransactionRequest,
  type CommitRequest,
  type CommitResponse,
  type RollbackRequest,
  type Transaction,
  TransactionOptions_IsolationLevel,
  TransactionOptions_ReadWrite_ReadLockMode,
} from "@spandrel/protocol";
import type { CallContext } from "@spandrel/rpc";
import type { Committed, DatabaseTransaction } from "../database/transaction.ts";
import {
  cannotCommit,
  cannotRollBack,
  invalidMutationKey,
  maxCommitDelayOutOfRange,
  singleUseCommitMustBeReadWrite,
} from "../errors/transaction.ts";
import type { Places } from "./places.ts";
import { transactionOf } from "./results.ts";
import { asksForReadTimestamp, begin, isolationOf, type Selected } from "./selectors.ts";
import { timestampOfMicros } from "./timestamp-message.ts";
import { checkPrecommitToken, nextPrecommitToken } from "./transactions.ts";

/** Answers the calls that begin and end transactions. */
export class TransactionCalls {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  async beginTransaction(
    request: BeginTransactionRequest,
    { signal }: CallContext,
  ): Promise<Transaction> {
    const place = this.#places.of(request.session);
    const options = request.options ?? {};
    const { mutationKey } = request;
    if (mutationKey !== undefined) {
      try {
        place.database.checkMutations([mutationKey]);
      } catch (thrown) {
        throw invalidMutationKey(thrown);
      }
    }
    const context = { ...place, transactions: this.#places.transactions, signal };
    const transaction = await begin(options, context);
    const returnsReadTimestamp = asksForReadTimestamp(options);
    const selected: Selected = { kind: "open", transaction, isNew: true, returnsReadTimestamp };
    const answer = transactionOf(selected) ?? {};
    if (mutationKey === undefined || transaction.kind !== "read-write") return answer;
    const precommitToken = nextPrecommitToken(transaction);
    return precommitToken === undefined ? answer : { ...answer, precommitToken };
  }

  async commit(request: CommitRequest): Promise<CommitResponse> {
    const { session, database } = this.#places.of(request.session);
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
    const open = this.#places.transactions.get(session, id);
    if (open.kind !== "read-write") throw cannotCommit(open.kind);
    checkPrecommitToken(open, request.precommitToken);
    return committed(request, open.transaction, await open.transaction.commit(mutations));
  }

  rollback({ session: name, transactionId }: RollbackRequest): Record<string, never> {
    const { session } = this.#places.of(name);
    const open = this.#places.transactions.find(transactionId ?? new Uint8Array());
    // Rolling back what is not there, or over already, is no error.
    if (open === undefined || open.session !== session) return {};
    if (open.kind !== "read-write") throw cannotRollBack(open.kind);
    open.transaction.rollBack();
    return {};
  }

  /** Each group is a transaction of its own; the groups say nothing about each other. */
  async *batchWrite(
    request: BatchWriteRequest,
    { signal }: CallContext,
  ): AsyncIterable<BatchWriteResponse> {
    const { database } = this.#places.of(request.session);
    for (const [index, group] of (request.mutationGroups ?? []).entries()) {
      signal.throwIfAborted();
      try {
        const { atMicros } = await database.begin().commit(group.mutations ?? []);
        const commitTimestamp = timestampOfMicros(atMicros);
        yield { indexes: [index], status: { code: Code.OK }, commitTimestamp };
      } catch (thrown) {
        const { code, message } = StatusError.from(thrown, Code.INTERNAL);
        yield { indexes: [index], status: { code, message } };
      }
    }
  }
}

const commitDelayNanosMax = 500_000_000n;

/** Judges the delay that a commit allows; it is not waited for. */
function checkCommitDelay({ maxCommitDelay }: CommitRequest): void {
  if (maxCommitDelay === undefined) return;
  const nanos = nanosFromProto(maxCommitDelay);
  if (nanos < 0n || nanos > commitDelayNanosMax) throw maxCommitDelayOutOfRange();
}

/** The answer to a commit: its moment, and how it was isolated where that is not the usual way. */
function committed(
  request: CommitRequest,
  { isolation, snapshotMicros }: DatabaseTransaction,
  { atMicros, mutations }: Committed,
): CommitResponse {
  const response: CommitResponse = { commitTimestamp: timestampOfMicros(atMicros) };
  if (isolation === "repeatable read") {
    response.isolationLevel = TransactionOptions_IsolationLevel.REPEATABLE_READ;
    if (snapshotMicros !== undefined)
      response.snapshotTimestamp = timestampOfMicros(snapshotMicros);
  }
  if (isolation === "optimistic") {
    response.readLockMode = TransactionOptions_ReadWrite_ReadLockMode.OPTIMISTIC;
  }
  if (request.returnCommitStats === true) {
    response.commitStats = { mutationCount: BigInt(mutations) };
  }
  return response;
}
