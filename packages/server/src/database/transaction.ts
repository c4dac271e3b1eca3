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
  invalidatedByConstraint,
  readAfterEnd,
  rollbackAfterCommit,
  tooManyMutations,
} from "../errors/transaction.ts";
import type { Counters } from "../rows/counters.ts";
import { WritableRows } from "../rows/write.ts";
import type { Schema } from "../schema/schema.ts";
import type { ReadWriteTransaction } from "../txn/read-write.ts";
import { applyMutations } from "./mutation.ts";
import { type QueryContext, type QueryResult, runStatement, type Statement } from "./query.ts";
import { type ReadRequest, resolveMutations, resolveRead } from "./resolve.ts";
import { limited, type RowStream } from "./row-stream.ts";

/** What a transaction works with. */
export interface DatabaseTransactionOptions extends QueryContext {
  readonly transaction: ReadWriteTransaction;
  readonly schema: Schema;
  readonly counters: Counters;
}

/** What a commit has done. */
export interface Committed {
  /** Microseconds since the Unix epoch. */
  readonly atMicros: number;
  /** Mutations as Spanner counts them. */
  readonly mutations: number;
}

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
  #state: State = { kind: "active" };
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: DatabaseTransactionOptions) {
    this.#options = options;
    this.#rows = new WritableRows({ keyValues: options.transaction, ...options });
  }

  /** The age that a retry of this transaction inherits. */
  get age(): bigint {
    return this.#options.transaction.owner.age;
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

  /** @throws {StatusError} as `resolveRead` does, FAILED_PRECONDITION when the transaction has ended. */
  read(request: ReadRequest): RowStream {
    this.#mustBeActive();
    return limited(this.#rows, resolveRead(this.#options.schema, request), false);
  }

  /**
   * Whether a statement only reads, so that it may be run again at will.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong.
   */
  isQuery(statement: Statement): boolean {
    const { schema, statements } = this.#options;
    const prepared = statements.prepare(statement.text, statement.parameterTypes, schema);
    return prepared.statement.kind === "query";
  }

  /**
   * Runs a query or a DML statement.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong, ABORTED when the transaction
   * had to give way, and as the constraints of what is written say.
   */
  execute(statement: Statement, signal: AbortSignal): Promise<QueryResult> {
    return this.#inOrder(async () => {
      this.#mustBeActive();
      const running = { schema: this.#options.schema, context: this.#options, signal };
      return runStatement(statement, this.#rows, running, (error) => this.#poison(error));
    });
  }

  /**
   * Applies mutations and makes everything true. A commit that is repeated answers the same.
   *
   * `mutationsMax` bounds mutations and DML together; by default, as the limits have it.
   *
   * @throws {StatusError} ABORTED when the transaction had to give way, INVALID_ARGUMENT when it is
   * too large, and as the constraints say; then nothing has happened.
   */
  commit(
    mutations: readonly ProtoMutation[],
    mutationsMax: number = this.#options.limits.mutationsPerCommitMax,
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
          return this.#commit(mutations, mutationsMax);
      }
    });
  }

  async #commit(mutations: readonly ProtoMutation[], mutationsMax: number): Promise<Committed> {
    try {
      await applyMutations(this.#rows, resolveMutations(this.#options.schema, mutations));
      if (this.#rows.mutations > mutationsMax) throw tooManyMutations(mutationsMax);
      const result = {
        atMicros: this.#options.transaction.commit(),
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
   * @throws {StatusError} FAILED_PRECONDITION when the transaction has committed.
   */
  rollBack(): void {
    if (this.#state.kind === "committed") throw rollbackAfterCommit();
    this.#state = { kind: "rolled back" };
    this.#options.transaction.end(readAfterEnd());
  }

  /** Ends the transaction; every later call gets the error. Harmless when it has ended. */
  invalidate(error: StatusError): void {
    if (this.#state.kind !== "active" && this.#state.kind !== "poisoned") return;
    this.#state = { kind: "failed", error };
    this.#options.transaction.end(error);
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
