// SPDX-License-Identifier: Apache-2.0
// A read-write transaction on a database: reads, queries and DML that see each other, mutations that
// wait for the commit, and one moment at which all of it becomes true.
//
// Statements that write, and the commit, run one after the other in the order of their arrival; reads
// run beside them. A statement that breaks a constraint poisons the transaction, as Spanner has it:
// nothing can follow but the rollback, and a commit gets the error of that statement again. A
// statement that cannot even be understood leaves the transaction as it was.
import { Code, StatusError } from "@spandrel/base";
import type { Mutation as ProtoMutation } from "@spandrel/protocol";
import {
  commitAfterRollback,
  commitTooLarge,
  invalidatedByConstraint,
  readAfterEnd,
  rollbackAfterCommit,
  tooManyMutations,
} from "../errors/transaction.ts";
import type { Limits } from "../limits/limits.ts";
import { type KeyPrefix, keysWith, type RowReader } from "../rows/contract.ts";
import type { Counters } from "../rows/counters.ts";
import { Rows } from "../rows/read.ts";
import { WritableRows } from "../rows/write.ts";
import type { Schema } from "../schema/schema.ts";
import { clipped } from "../txn/partial-reader.ts";
import type { Isolation, ReadPurpose, ReadWriteTransaction } from "../txn/read-write.ts";
import { guardedReader, guardedWriter, PendingTimestamps } from "./guarded-rows.ts";
import { applyMutations } from "./mutation.ts";
import { isOlder, type OldRows } from "./old-rows.ts";
import type { Partition } from "./partition.ts";
import {
  prepareStatement,
  type QueryContext,
  type QueryResult,
  runStatement,
  type Statement,
} from "./query.ts";
import { type ReadRequest, resolveMutations, resolveRead } from "./resolve.ts";
import { limited, type RowStream } from "./row-stream.ts";

/** What a transaction works with. */
export interface DatabaseTransactionOptions extends QueryContext {
  readonly transaction: ReadWriteTransaction;
  readonly schema: Schema;
  readonly counters: Counters;
  /** Makes sure that the numbers given out so far may be seen; undefined when they may. */
  readonly keepCounters: () => Promise<void> | undefined;
}

/** What a commit has done. */
export interface Committed {
  /** Microseconds since the Unix epoch. */
  readonly atMicros: number;
  /** Mutations as Spanner counts them. */
  readonly mutations: number;
}

/** How much one commit may write. */
export type CommitBounds = Pick<Limits, "mutationsPerCommitMax" | "commitBytesMax">;

/** How far a transaction has come. */
export type TransactionProgress =
  | "active"
  | "committing"
  | "committed"
  | "aborted"
  | "failed"
  | "rolled back";

type State =
  | { readonly kind: "active" }
  | { readonly kind: "poisoned"; readonly error: StatusError }
  | { readonly kind: "committed"; readonly result: Committed }
  | { readonly kind: "failed"; readonly error: StatusError }
  | { readonly kind: "rolled back" };

/** See the top of this file. */
export class DatabaseTransaction {
  readonly #options: DatabaseTransactionOptions;
  readonly #rows: WritableRows;
  readonly #pendingTimestamps = new PendingTimestamps();
  /** Of the call that writes now: waiting for its locks ends with it. */
  #signal: AbortSignal | undefined;
  #state: State = { kind: "active" };
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: DatabaseTransactionOptions) {
    this.#options = options;
    const keyValues = options.transaction.writer(() => this.#signal);
    this.#rows = new WritableRows({ keyValues, ...options });
  }

  /** Tells it apart from every other transaction of the database; its locks are under this number. */
  get number(): number {
    return this.#options.transaction.id;
  }

  /** How far it has come, in a word. */
  get progress(): TransactionProgress {
    const { transaction } = this.#options;
    if (this.wasAborted) return "aborted";
    if (transaction.isCommitting) return "committing";
    return this.#state.kind === "poisoned" ? "failed" : this.#state.kind;
  }

  /** The age that a retry of this transaction inherits; undefined when it has never wanted a lock. */
  get age(): bigint | undefined {
    return this.#options.transaction.age;
  }

  /** How the transaction reads. */
  get isolation(): Isolation {
    return this.#options.transaction.isolation;
  }

  /** The moment that is read at, in microseconds; undefined when that is always the latest. */
  get snapshotMicros(): number | undefined {
    return this.#options.transaction.snapshotMicros;
  }

  /** Rises with every write, so that it tells whether a read could be repeated. */
  get writes(): number {
    return this.#rows.writes;
  }

  /** Whether the transaction had to give way; a retry of it is as old as it was. */
  get wasAborted(): boolean {
    return this.#options.transaction.endedBy?.code === Code.ABORTED;
  }

  /** Whether everything has become true. */
  get isCommitted(): boolean {
    return this.#state.kind === "committed";
  }

  /** Whether nothing more can be done with the transaction. */
  get isOver(): boolean {
    return this.#state.kind !== "active" || !this.#options.transaction.isActive;
  }

  /**
   * Reads rows by their keys.
   *
   * @throws {StatusError} as `resolveRead` does, FAILED_PRECONDITION when the transaction has ended.
   */
  read(request: ReadRequest, signal?: AbortSignal): RowStream {
    this.#mustBeActive();
    const read = resolveRead(this.#options.schema, request);
    return limited(this.#reader("read", signal), read, request.isForUpdate === true);
  }

  #reader(purpose: ReadPurpose, signal: AbortSignal | undefined, partition?: Partition): RowReader {
    const reader = this.#options.transaction.reader(purpose, signal);
    const rows = new Rows(partition === undefined ? reader : clipped(reader, partition));
    return guardedReader(rows, this.#pendingTimestamps);
  }

  /**
   * What a statement does; a query only reads, and may be run again at will.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong.
   */
  kindOf(statement: Statement): "query" | "insert" | "update" | "delete" {
    const prepared = prepareStatement(statement, this.#options.schema, this.#options);
    return prepared.statement.kind;
  }

  /**
   * Runs a query or a DML statement; a DML statement over the rows of one partition when it is given.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong, ABORTED when the transaction
   * had to give way, and as the constraints of what is written say.
   */
  execute(statement: Statement, signal: AbortSignal, partition?: Partition): Promise<QueryResult> {
    return this.#inOrder(async () => {
      this.#mustBeActive();
      const running = { schema: this.#options.schema, context: this.#options, signal };
      const left = new PendingTimestamps();
      const rows = {
        reader: this.#reader("read", signal),
        writer: guardedWriter(this.#reader("write", signal, partition), this.#rows, left),
        writes: () => this.#rows.writes,
        complete: () => this.#rows.checkConstraints(),
      };
      this.#signal = signal;
      try {
        const result = await runStatement(statement, rows, running, (error) => this.#poison(error));
        const keeping = this.#keepCounters();
        if (keeping !== undefined) await keeping;
        // What is written is worked out by now; the rows of a query are as they are asked for.
        if (result.rowCount !== undefined) return result;
        return { ...result, batches: this.#seen(result.batches) };
      } finally {
        this.#signal = undefined;
        this.#pendingTimestamps.addAll(left);
      }
    });
  }

  /**
   * Deletes those of some rows that still hold an earlier moment in a column, with all that goes along.
   * Gives how many there were.
   *
   * @throws {StatusError} ABORTED when the transaction had to give way.
   */
  deleteOlder(
    { table, column, beforeNanos }: OldRows,
    keys: readonly KeyPrefix[],
  ): Promise<number> {
    return this.#inOrder(async () => {
      this.#mustBeActive();
      const columns = [...table.primaryKey.map((part) => part.column), column];
      const found = this.#rows.scan({
        table,
        index: undefined,
        columns,
        ranges: keys.map(keysWith),
        isReverse: false,
        isForUpdate: true,
      });
      const doomed: KeyPrefix[] = [];
      for await (const batch of found) {
        for (const row of batch) if (isOlder(row, beforeNanos)) doomed.push(row.slice(0, -1));
      }
      await this.#rows.delete(table, doomed);
      this.#rows.checkConstraints();
      return doomed.length;
    });
  }

  /**
   * Applies mutations and makes everything true. A commit that is repeated answers the same, so one
   * that has begun goes on when its caller has gone: the caller may well come back and ask.
   *
   * `bounds` are for mutations and DML together; by default, as the limits have it.
   *
   * @throws {StatusError} ABORTED when the transaction had to give way, INVALID_ARGUMENT when it is
   * too large, and as the constraints say; then nothing has happened.
   */
  commit(
    mutations: readonly ProtoMutation[],
    bounds: CommitBounds = this.#options.limits,
  ): Promise<Committed> {
    return this.#inOrder(async () => {
      switch (this.#state.kind) {
        case "committed":
          return this.#state.result;
        case "failed":
        case "poisoned":
          throw this.#state.error;
        case "rolled back":
          throw commitAfterRollback();
        case "active":
          return this.#commit(mutations, bounds);
      }
    });
  }

  async #commit(
    mutations: readonly ProtoMutation[],
    { mutationsPerCommitMax, commitBytesMax }: CommitBounds,
  ): Promise<Committed> {
    const { transaction } = this.#options;
    try {
      transaction.finishing();
      await applyMutations(this.#rows, resolveMutations(this.#options.schema, mutations));
      if (this.#rows.mutations > mutationsPerCommitMax) {
        throw tooManyMutations(mutationsPerCommitMax);
      }
      if (transaction.bytes > commitBytesMax) {
        throw commitTooLarge(transaction.bytes, commitBytesMax);
      }
      const result = {
        atMicros: await transaction.commit(),
        mutations: this.#rows.mutations,
      };
      this.#state = { kind: "committed", result };
      return result;
    } catch (thrown) {
      const error = StatusError.from(thrown, Code.INTERNAL);
      this.#state = { kind: "failed", error };
      this.#options.transaction.end(error);
      throw thrown;
    }
  }

  /**
   * Takes everything back. Harmless when it was done before, or when the commit had failed.
   *
   * @throws {StatusError} FAILED_PRECONDITION when the transaction has committed, or is about to.
   */
  rollBack(): void {
    const isDecided = this.#state.kind === "committed" || this.#options.transaction.isCommitting;
    if (isDecided) throw rollbackAfterCommit();
    this.#state = { kind: "rolled back" };
    this.#options.transaction.end(readAfterEnd());
  }

  /** Ends the transaction; every later call gets the error. Harmless when it has ended. */
  invalidate(error: StatusError): void {
    if (this.#state.kind !== "active" && this.#state.kind !== "poisoned") return;
    if (this.#options.transaction.isCommitting) return;
    this.#state = { kind: "failed", error };
    this.#options.transaction.end(error);
  }

  /** Whoever is shown a number of a sequence may rely on it, also when the transaction comes to nothing. */
  async *#seen<T>(batches: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const batch of batches) {
      const keeping = this.#keepCounters();
      if (keeping !== undefined) await keeping;
      yield batch;
    }
  }

  #keepCounters(): Promise<void> | undefined {
    return this.#options.keepCounters()?.catch((thrown: unknown) => {
      this.#poison(StatusError.from(thrown, Code.INTERNAL));
      throw thrown;
    });
  }

  #mustBeActive(): void {
    switch (this.#state.kind) {
      case "active":
        return;
      case "poisoned":
        throw invalidatedByConstraint();
      case "failed":
        throw this.#state.error;
      default:
        throw readAfterEnd();
    }
  }

  #poison(error: StatusError): void {
    if (error.code === Code.ABORTED || this.#state.kind !== "active") return;
    this.#state = { kind: "poisoned", error };
    // Nothing of it will ever be committed, so nobody has to wait for its locks.
    this.#options.transaction.end(error);
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}
