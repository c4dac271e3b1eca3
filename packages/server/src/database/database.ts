// SPDX-License-Identifier: Apache-2.0
// One database: the conductor of the rooms below. It owns the schema and its history, the stored rows,
// the locks and the moments, and lends them to transactions.
//
// A schema change is one commit: the new schema holds from its moment on, reads at an earlier moment
// still see the old one, and every read-write transaction that is open then is aborted and will be
// retried against the new one.
import { type Clock, type Random, StatusError } from "@spandrel/base";
import type { Mutation } from "@spandrel/protocol";
import { parseDdl, SqlErrors } from "@spandrel/sql";
import { changeSchema } from "../ddl/change.ts";
import { printSchema } from "../ddl/print.ts";
import type { Effect } from "../ddl/schema-change.ts";
import { ddlSyntaxError, uniqueIndexOnDuplicates } from "../errors/schema.ts";
import { schemaChangedDuringTransaction } from "../errors/transaction.ts";
import { frameOf } from "../expression/frame.ts";
import { DEFAULT_TIME_ZONE } from "../functions/context.ts";
import type { Limits } from "../limits/limits.ts";
import { Counters } from "../rows/counters.ts";
import { rewriteRows, validateRows } from "../rows/migrate.ts";
import { WritableRows } from "../rows/write.ts";
import { emptySchema, type Schema } from "../schema/schema.ts";
import { Locking } from "../txn/locking.ts";
import { type Isolation, ReadWriteTransaction } from "../txn/read-write.ts";
import { Snapshot } from "../txn/snapshot.ts";
import { Spaces } from "../txn/spaces.ts";
import { Timestamps } from "../txn/timestamps.ts";
import { describeRange } from "./describe-range.ts";
import { resolveMutations } from "./resolve.ts";
import { DatabaseSnapshot } from "./snapshot.ts";
import { StatementCache } from "./statement-cache.ts";
import { chooseReadMicros, type TimestampBound } from "./timestamp-bound.ts";
import { DatabaseTransaction } from "./transaction.ts";

/** What a database works with. */
export interface DatabaseOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

interface SchemaVersion {
  readonly fromMicros: number;
  readonly schema: Schema;
}

/** See the top of this file. */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #spaces = new Spaces();
  readonly #timestamps: Timestamps;
  readonly #locking: Locking;
  readonly #counters = new Counters();
  readonly #statements = new StatementCache();
  readonly #open = new Set<ReadWriteTransaction>();
  /** Oldest first; the last one holds now. */
  #schemas: readonly SchemaVersion[] = [{ fromMicros: 0, schema: emptySchema }];
  #lastOwner = 0;
  /** Schema changes happen one after the other. */
  #schemaChange: Promise<unknown> = Promise.resolve();

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#timestamps = new Timestamps(options.clock);
    this.#locking = new Locking({
      clock: options.clock,
      describe: (range) => describeRange(this.schema, range),
      idleMillisMax: options.limits.transactionIdleMillisMax,
    });
  }

  /** The schema that holds now. */
  get schema(): Schema {
    const last = this.#schemas.at(-1);
    return last === undefined ? emptySchema : last.schema;
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
    const { clock, limits } = this.#options;
    const atMicros = await chooseReadMicros(bound, {
      clock,
      timestamps: this.#timestamps,
      retentionMillis: limits.versionRetentionMillis,
      signal,
    });
    const snapshot = new Snapshot(this.#spaces, atMicros);
    return new DatabaseSnapshot({
      snapshot,
      schema: this.#schemaAt(atMicros),
      statements: this.#statements,
      ...this.#options,
    });
  }

  /** Begins a read-write transaction; `age` is that of the attempt it retries, by default none. */
  begin(age?: bigint, isolation: Isolation = "pessimistic"): DatabaseTransaction {
    return new DatabaseTransaction({
      transaction: this.#beginTransaction(age, isolation),
      schema: this.schema,
      statements: this.#statements,
      counters: this.#counters,
      ...this.#options,
    });
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

  async #changeSchema(text: string): Promise<number> {
    const before = this.schema;
    const { limits } = this.#options;
    const { schema, effects } = changeSchema(before, parseStatement(text), { limits, text });
    const transaction = this.#beginTransaction();
    try {
      for (const effect of effects) await this.#prepare(effect, schema, transaction);
    } catch (thrown) {
      transaction.end(StatusError.from(thrown));
      throw thrown;
    }
    this.#open.delete(transaction);
    const atMicros = transaction.commit();
    if (schema === before) return atMicros;
    this.#schemas = [...this.#keptSchemas(), { fromMicros: atMicros, schema }];
    for (const effect of effects) {
      if (effect.kind === "forget") this.#spaces.forget(effect.space, atMicros);
    }
    for (const open of [...this.#open]) open.end(schemaChangedDuringTransaction());
    this.#open.clear();
    return atMicros;
  }

  async #prepare(effect: Effect, schema: Schema, transaction: ReadWriteTransaction): Promise<void> {
    if (effect.kind === "forget") return;
    if (effect.kind === "restart") {
      this.#counters.restart(effect.id, effect.counter);
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
          timeZone: DEFAULT_TIME_ZONE,
          random,
          sequences: this.#counters,
        }),
        bounds: { cellBytesMax: limits.cellBytesMax, nowNanos },
        counters: this.#counters,
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
      describe: (range) => describeRange(this.schema, range),
      spaces: this.#spaces,
      locking: this.#locking,
      timestamps: this.#timestamps,
      horizonMicros: () => this.#horizonMicros(),
      ended: () => this.#open.delete(transaction),
    });
    this.#open.add(transaction);
    return transaction;
  }

  #horizonMicros(): number {
    return this.#timestamps.nowMicros() - this.#options.limits.versionRetentionMillis * 1_000;
  }

  #schemaAt(micros: number): Schema {
    const version = this.#schemas.findLast((each) => each.fromMicros <= micros);
    return version?.schema ?? emptySchema;
  }

  /** The versions that a read may still ask for. */
  #keptSchemas(): readonly SchemaVersion[] {
    const horizon = this.#horizonMicros();
    const first = this.#schemas.findLastIndex((each) => each.fromMicros <= horizon);
    return this.#schemas.slice(Math.max(0, first));
  }
}

function parseStatement(text: string): ReturnType<typeof parseDdl> {
  try {
    return parseDdl(text);
  } catch (thrown) {
    if (thrown instanceof SqlErrors) throw ddlSyntaxError(text, thrown.message);
    throw thrown;
  }
}
