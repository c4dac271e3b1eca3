// SPDX-License-Identifier: Apache-2.0
// One database: the conductor of the rooms below. It owns the schema and its history, the stored rows,
// the locks and the moments, and lends them to transactions.
//
// A schema change is one commit: the new schema holds from its moment on, reads at an earlier moment
// still see the old one, and every read-write transaction that is open then is aborted and will be
// retried against the new one. While the change is being kept, no other commit gets a moment.
import { type Clock, type Random, StatusError } from "@spandrel/base";
import type { Mutation } from "@spandrel/protocol";
import { printSchema } from "../ddl/print.ts";
import type { Effect } from "../ddl/schema-change.ts";
import { uniqueIndexOnDuplicates } from "../errors/schema.ts";
import { schemaChangedDuringTransaction } from "../errors/transaction.ts";
import { frameOf } from "../expression/frame.ts";
import type { Limits } from "../limits/limits.ts";
import type { LockRequest } from "../locks/lock-table.ts";
import { rewriteRows, validateRows } from "../rows/migrate.ts";
import { rowColumns } from "../rows/row-columns.ts";
import { WritableRows } from "../rows/write.ts";
import { defaultTimeZoneOf, versionRetentionMillisOf } from "../schema/database-options.ts";
import type { Schema } from "../schema/schema.ts";
import { Commits, type Journal } from "../txn/commits.ts";
import { Locking } from "../txn/locking.ts";
import { type Isolation, ReadWriteTransaction } from "../txn/read-write.ts";
import { Snapshot } from "../txn/snapshot.ts";
import { encodeState } from "./checkpoint.ts";
import { describeRange } from "./describe-range.ts";
import { resolveMutations } from "./resolve.ts";
import { RowDeletion } from "./row-deletion.ts";
import { planSchemaChange } from "./schema-history.ts";
import { DatabaseSnapshot } from "./snapshot.ts";
import { type DatabaseState, emptyState, forkState } from "./state.ts";
import { StatementCache } from "./statement-cache.ts";
import { chooseReadMicros, type TimestampBound } from "./timestamp-bound.ts";
import { DatabaseTransaction } from "./transaction.ts";

/** What a database works with. */
export interface DatabaseOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

/**
 * How columns are locked: `ReaderShared` when they were read, `WriterShared` when they are written
 * without having been read, `Exclusive` when they are both.
 * https://cloud.google.com/spanner/docs/introspection/lock-statistics#explain-lock-modes
 */
export type LockMode = "ReaderShared" | "WriterShared" | "Exclusive";

/** A lock, or the wish for one, in the words of the schema. */
export interface DescribedLock {
  /** The number of the transaction. */
  readonly owner: number;
  readonly mode: LockMode;
  /** `keys in range [[1], [1]), column Name in table Singers`; of several columns the first one. */
  readonly range: string;
}

/** See the top of this file. */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #state: DatabaseState;
  readonly #commits: Commits;
  readonly #locking: Locking;
  readonly #statements: StatementCache;
  readonly #open = new Set<ReadWriteTransaction>();
  readonly #rowDeletion: RowDeletion;
  #lastOwner = 0;
  /** Schema changes happen one after the other. */
  #schemaChange: Promise<unknown> = Promise.resolve();

  constructor(options: DatabaseOptions, state: DatabaseState = emptyState(options.clock)) {
    this.#options = options;
    this.#state = state;
    this.#statements = new StatementCache(options.limits);
    const { spaces, timestamps, counters } = state;
    this.#commits = new Commits({
      spaces,
      timestamps,
      rowColumns,
      horizonMicros: () => this.#horizonMicros(),
      reserveCounters: () => counters.reservation(),
    });
    this.#locking = new Locking({
      clock: options.clock,
      describe: (range, columns) => describeRange(this.schema, range, columns),
      idleMillisMax: options.limits.transactionIdleMillisMax,
    });
    this.#rowDeletion = new RowDeletion(this, options);
    this.#rowDeletion.watch();
  }

  /** From now on every commit is kept there before anybody sees it. */
  keepIn(journal: Journal): void {
    this.#commits.keepIn(journal);
  }

  /**
   * A database of its own with all that is acknowledged in this one, versions and past schemas
   * included. It takes no longer when there are more rows, and only what one of the two changes takes
   * room. Transactions that are open stay behind, and nothing of the fork is kept on a disk.
   */
  fork(options: Partial<DatabaseOptions> = {}): Database {
    return new Database(
      { ...this.#options, ...options },
      forkState(this.#state, this.#options.clock),
    );
  }

  /**
   * All that is acknowledged, as blocks of bytes that `decodeState` reads: made one at a time, while the
   * database goes on. With a moment, what came after it is left out.
   */
  blocks(untilMicros?: number): Iterable<Uint8Array> {
    return encodeState(forkState(this.#state, this.#options.clock), { untilMicros });
  }

  /** Who holds which lock, and who waits for which. */
  locks(): {
    readonly held: readonly DescribedLock[];
    readonly waiting: readonly DescribedLock[];
  } {
    // Columns of a range may be locked in more than one mode: then it is told more than once.
    const described = (request: LockRequest): readonly DescribedLock[] => {
      const { readerShared, writerShared } = request;
      const columnsByMode = [
        ["Exclusive", readerShared & writerShared],
        ["ReaderShared", readerShared & ~writerShared],
        ["WriterShared", writerShared & ~readerShared],
      ] as const;
      return columnsByMode.flatMap(([mode, columns]) => {
        if (columns === 0) return [];
        const range = describeRange(this.schema, request, columns);
        return [{ owner: request.owner.id, mode, range }];
      });
    };
    const { held, waiting } = this.#locking.describe();
    return { held: held.flatMap(described), waiting: waiting.flatMap(described) };
  }

  /** How long ago a transaction was used; undefined when it has never asked for a lock, or has ended. */
  idleNanosOf(transaction: number): bigint | undefined {
    return this.#locking.idleNanosOf(transaction);
  }

  /** The next number of each identity column and sequence that has given one out, by their ids. */
  get counters(): ReadonlyMap<number, bigint> {
    return this.#state.counters.all;
  }

  /** The schema that holds now. */
  get schema(): Schema {
    return this.#state.schemas.current;
  }

  /** How long the versions of the past can be read. */
  get versionRetentionMillis(): number {
    const { limits } = this.#options;
    return versionRetentionMillisOf(this.schema) ?? limits.versionRetentionMillis;
  }

  /** The statements that would make the schema that holds now. */
  ddl(): readonly string[] {
    return printSchema(this.schema);
  }

  /**
   * A read-only view at a moment within the bound.
   *
   * @throws {StatusError} as `chooseReadMicros` does.
   */
  async snapshot(bound: TimestampBound, signal?: AbortSignal): Promise<DatabaseSnapshot> {
    const { clock } = this.#options;
    const atMicros = await chooseReadMicros(bound, {
      clock,
      timestamps: this.#state.timestamps,
      retentionMillis: this.versionRetentionMillis,
      signal,
    });
    const snapshot = new Snapshot(this.#state.spaces, atMicros);
    return new DatabaseSnapshot({
      snapshot,
      schema: this.#state.schemas.at(atMicros),
      counterStates: this.#state.counters,
      statements: this.#statements,
      ...this.#options,
    });
  }

  /** Begins a read-write transaction; `age` is that of the attempt it retries, by default none. */
  begin(age?: bigint, isolation: Isolation = "pessimistic"): DatabaseTransaction {
    return this.#begin(this.#beginTransaction(age, isolation), this.#statements);
  }

  /**
   * Begins a transaction that is part of a load: its statements may be of any length, for whoever holds
   * the largest of rows, and none is remembered, since none will come again.
   */
  beginLoad(): DatabaseTransaction {
    const limits = { ...this.#options.limits, statementLengthMax: Number.POSITIVE_INFINITY };
    return this.#begin(this.#beginTransaction(), new StatementCache(limits));
  }

  #begin(transaction: ReadWriteTransaction, statements: StatementCache): DatabaseTransaction {
    return new DatabaseTransaction({
      transaction,
      schema: this.schema,
      statements,
      counters: this.#state.counters,
      counterStates: this.#state.counters,
      keepCounters: () => this.#commits.keepCounters(),
      ...this.#options,
    });
  }

  /** Nobody asks for the database any more: it does nothing by itself from now on. */
  retire(): void {
    this.#rowDeletion.stop();
  }

  /** Ends every read-write transaction that is open; later calls on them get the error. */
  endTransactions(error: StatusError): void {
    for (const open of [...this.#open]) open.end(error);
  }

  /** @throws {StatusError} when the mutations do not fit the schema that holds now. */
  checkMutations(mutations: readonly Mutation[]): void {
    resolveMutations(this.schema, mutations);
  }

  /**
   * Changes the schema by one statement, and the stored rows with it. Gives the moment of the change.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a statement that cannot be read, else as `changeSchema`
   * does; then nothing has changed.
   */
  changeSchema(statement: string): Promise<number> {
    const change = this.#schemaChange.then(() => this.#changeSchema(statement));
    this.#schemaChange = change.catch(() => undefined);
    return change;
  }

  async #changeSchema(statement: string): Promise<number> {
    const { limits } = this.#options;
    const { schemas, spaces } = this.#state;
    const before = schemas.current;
    const { schema, effects } = planSchemaChange(before, statement, limits);
    const transaction = this.#beginTransaction();
    try {
      for (const effect of effects) await this.#prepare(effect, schema, transaction);
    } catch (thrown) {
      transaction.end(StatusError.from(thrown));
      throw thrown;
    }
    if (schema === before) return transaction.commit();
    const publish = (atMicros: number): void => {
      schemas.add(schema, { atMicros, statement }, this.#horizonMicros());
      for (const effect of effects) {
        if (effect.kind === "forget") spaces.forget(effect.space, atMicros);
      }
      // The change itself is decided, and not ended by this.
      this.endTransactions(schemaChangedDuringTransaction());
      this.#rowDeletion.watch();
    };
    return this.#commits.alone(() => transaction.commitSchemaChange({ statement, publish }));
  }

  async #prepare(effect: Effect, schema: Schema, transaction: ReadWriteTransaction): Promise<void> {
    if (effect.kind === "forget") return;
    if (effect.kind === "restart") {
      this.#state.counters.restart(effect.id, effect.counter);
      return;
    }
    const keyValues = transaction.writer(() => undefined);
    const { clock, random, limits } = this.#options;
    if (effect.kind !== "backfill") {
      const nowNanos = clock.now();
      const migration = {
        keyValues,
        schema,
        frame: frameOf({
          nowNanos,
          timeZone: defaultTimeZoneOf(schema),
          random,
          sequences: this.#state.counters,
        }),
        bounds: { ...limits, nowNanos },
        counters: this.#state.counters,
      };
      if (effect.kind === "rewrite") await rewriteRows(effect, migration);
      else await validateRows(effect, migration);
      return;
    }
    const rows = new WritableRows({ keyValues, schema, ...this.#options });
    await rows.backfill(effect.index, effect.table);
    try {
      rows.checkConstraints();
    } catch (thrown) {
      const { reason } = StatusError.from(thrown);
      if (reason !== "UNIQUE_INDEX_VIOLATION") throw thrown;
      throw uniqueIndexOnDuplicates(effect.index.name, effect.table.name, "of existing rows");
    }
  }

  #beginTransaction(age?: bigint, isolation: Isolation = "pessimistic"): ReadWriteTransaction {
    this.#lastOwner++;
    const transaction: ReadWriteTransaction = new ReadWriteTransaction({
      id: this.#lastOwner,
      isolation,
      inheritedAge: age,
      nowNanos: () => this.#options.clock.now(),
      describe: (range, columns) => describeRange(this.schema, range, columns),
      rowColumns,
      spaces: this.#state.spaces,
      timestamps: this.#state.timestamps,
      commits: this.#commits,
      locking: this.#locking,
      ended: () => this.#open.delete(transaction),
    });
    this.#open.add(transaction);
    return transaction;
  }

  #horizonMicros(): number {
    return this.#state.timestamps.nowMicros() - this.versionRetentionMillis * 1_000;
  }
}
