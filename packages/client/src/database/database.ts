// SPDX-License-Identifier: Apache-2.0
import { databaseName, type InstanceName } from "@spandrel/model";
import type {
  Database as DatabaseMessage,
  DatabaseRole as DatabaseRoleMessage,
} from "@spandrel/protocol/admin";
import type { DatabaseAdmin, DatabaseSettings, UpdateDdlOptions } from "../admin/database-admin.ts";
import type { ListOptions } from "../admin/instance-admin.ts";
import type { Operation } from "../admin/operation.ts";
import type { OperationOptions } from "../call/caller.ts";
import { BurstyPool } from "../session/bursty-pool.ts";
import { listSessions } from "../session/create-sessions.ts";
import { isNotFound, Session, type SessionHome, type SessionOptions } from "../session/session.ts";
import type { AbstractSessionPool } from "../session/session-pool.ts";
import { DatabaseSessionsManager } from "../session/sessions-manager.ts";
import type { Row, StreamedResultSet } from "../stream/streamed-result-set.ts";
import { Batch, type BatchOptions } from "../transaction/batch.ts";
import {
  BatchSnapshot,
  type BatchSnapshotHandOff,
  type BatchSnapshotOptions,
} from "../transaction/batch-snapshot.ts";
import type { DataContext } from "../transaction/context.ts";
import { MutationGroups } from "../transaction/mutation-groups.ts";
import {
  executePartitionedDml,
  type PartitionedDmlOptions,
} from "../transaction/partitioned-dml.ts";
import type { QueryRequestOptions, ReadRequestOptions } from "../transaction/request-options.ts";
import {
  type RunOptions,
  runInTransaction,
  type TransactionBody,
} from "../transaction/run-in-transaction.ts";
import { Snapshot, type SnapshotOptions } from "../transaction/snapshot.ts";
import type { TimestampBound } from "../transaction/timestamp-bound.ts";
import type { KeySetInput } from "../values/key-set.ts";
import type { StatementInput } from "../values/statement.ts";
import type { ClientContext } from "./client-context.ts";

/** What a database may be made with. */
export interface DatabaseOptions extends DatabaseSettings {
  /** Where regular sessions come from, when the environment asks for them. Default: a BurstyPool. */
  readonly pool?: AbstractSessionPool | undefined;
  /** The role whose privileges all sessions have. Default: the caller's own. */
  readonly databaseRole?: string | undefined;
}

/** How one query that needs no transaction is run: at which moment, and how. */
export interface SingleQueryOptions extends QueryRequestOptions, TimestampBound {}

/** How one read that needs no transaction is run: at which moment, and how. */
export interface SingleReadOptions extends ReadRequestOptions, TimestampBound {}

/** A database: rows to read and write, and a schema. Safe for any number of calls at once. */
export class Database implements AsyncDisposable {
  readonly id: string;
  /** The full name: `projects/p/instances/i/databases/d`. */
  readonly name: string;
  /** The role whose privileges all sessions have; empty for the caller's own. */
  readonly databaseRole: string;
  /** Where regular sessions come from. */
  readonly pool: AbstractSessionPool;
  /** Lends sessions to operations. */
  readonly sessionsManager: DatabaseSessionsManager;
  readonly #admin: DatabaseAdmin;
  readonly #settings: DatabaseSettings;
  readonly #home: SessionHome;
  readonly #context: DataContext;
  readonly #client: ClientContext;
  #message: DatabaseMessage | undefined;
  #isClosed = false;

  constructor(
    client: ClientContext,
    admin: DatabaseAdmin,
    instance: InstanceName,
    id: string,
    options: DatabaseOptions,
  ) {
    this.id = id;
    this.name = databaseName({ ...instance, database: id });
    this.databaseRole = options.databaseRole ?? "";
    this.#admin = admin;
    this.#settings = options;
    this.#client = client;
    this.#home = { name: this.name, databaseRole: this.databaseRole, caller: client.caller };
    this.pool = options.pool ?? new BurstyPool();
    bindNow(this.pool, this.#home);
    const { environment } = client;
    this.sessionsManager = new DatabaseSessionsManager({
      home: this.#home,
      pool: this.pool,
      environment,
    });
    this.#context = { ...client, sessions: this.sessionsManager };
    if (options.pool !== undefined) client.open.add(this);
  }

  /** Makes a database from what the server listed. */
  static fromMessage(
    client: ClientContext,
    admin: DatabaseAdmin,
    instance: InstanceName,
    id: string,
    message: DatabaseMessage,
  ): Database {
    const database = new Database(client, admin, instance, id, {});
    database.#message = message;
    return database;
  }

  /** What the server last said of the database; undefined before `reload()`. */
  get metadata(): DatabaseMessage | undefined {
    return this.#message;
  }

  /** Creates the database with its statements; wait for it with `(await database.create()).result()`. */
  create(settings: DatabaseSettings & OperationOptions = {}): Promise<Operation<DatabaseMessage>> {
    return this.#admin.create(this.id, { ...this.#settings, ...settings }, settings);
  }

  /** Asks whether the database exists. */
  async exists(options: OperationOptions = {}): Promise<boolean> {
    try {
      await this.#admin.getDdl(this.id, options);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Asks the server what the database is, for `metadata`. */
  async reload(options: OperationOptions = {}): Promise<DatabaseMessage> {
    this.#message = await this.#admin.get(this.id, options);
    return this.#message;
  }

  /** The statements that make the database's schema, in order. */
  getDdl(options: OperationOptions = {}): Promise<string[]> {
    return this.#admin.getDdl(this.id, options);
  }

  /** Changes the schema; wait for it with `(await database.updateDdl([…])).result()`. */
  updateDdl(
    statements: readonly string[],
    options: UpdateDdlOptions = {},
  ): Promise<Operation<void>> {
    return this.#admin.updateDdl(this.id, statements, options);
  }

  /** Allows or forbids `drop()`. */
  setDropProtection(
    isProtected: boolean,
    options: OperationOptions = {},
  ): Promise<Operation<DatabaseMessage>> {
    return this.#admin.setDropProtection(this.id, isProtected, options);
  }

  /** Deletes the database with everything in it. */
  drop(options: OperationOptions = {}): Promise<void> {
    return this.#admin.drop(this.id, options);
  }

  /** The roles that the database's schema defines. */
  listDatabaseRoles(
    options: ListOptions = {},
  ): AsyncGenerator<DatabaseRoleMessage, void, undefined> {
    return this.#admin.listRoles(this.id, options);
  }

  /** Runs one query, at the present unless a bound says otherwise. */
  query<T = Row>(
    statement: StatementInput,
    options: SingleQueryOptions = {},
  ): StreamedResultSet<T> {
    return new Snapshot(this.#data, boundOf(options)).executeSql<T>(statement, options);
  }

  /** Reads rows by key once, at the present unless a bound says otherwise. */
  read<T = Row>(
    table: string,
    columns: readonly string[],
    keys: KeySetInput,
    options: SingleReadOptions = {},
  ): StreamedResultSet<T> {
    return new Snapshot(this.#data, boundOf(options)).read<T>(table, columns, keys, options);
  }

  /** A view of the database at one moment; with `multiUse`, for several reads. */
  snapshot(options: SnapshotOptions = {}): Snapshot {
    return new Snapshot(this.#data, options);
  }

  /** Writes without reading: collect them, then `commit()`. */
  batch(options: BatchOptions = {}): Batch {
    return new Batch(this.#data, options);
  }

  /** Groups of writes that are independent of each other: fill them, then `batchWrite()`. */
  mutationGroups(): MutationGroups {
    return new MutationGroups(this.#data);
  }

  /** Begins a view of one moment whose reads are cut into partitions, for many readers. */
  batchSnapshot(options: BatchSnapshotOptions & OperationOptions = {}): Promise<BatchSnapshot> {
    return BatchSnapshot.begin(this.#data, options);
  }

  /**
   * Takes up a batch snapshot that another process began, from what its `handOff()` gave.
   *
   * @throws {SpannerError} INVALID_ARGUMENT when it is not one of this database.
   */
  resumeBatchSnapshot(handOff: BatchSnapshotHandOff): BatchSnapshot {
    return BatchSnapshot.resume(this.#data, this.#home, handOff);
  }

  /**
   * Runs a function in a read-write transaction: commits when it returns, rolls back when it throws.
   *
   * The function is called again when the server aborts, so it must have no other effects.
   *
   * @throws whatever the function throws, after a rollback.
   * @throws {AbortedError} when no time is left for another attempt.
   * @throws {OutcomeUnknownError} when the commit was sent and no answer came in time.
   */
  runInTransaction<T>(body: TransactionBody<T>, options: RunOptions = {}): Promise<T> {
    return runInTransaction(this.#data, body, options);
  }

  /**
   * Runs one DML statement over a whole table in many transactions; it must be idempotent.
   *
   * @returns the least number of rows that were changed.
   */
  executePartitionedDml(
    statement: StatementInput,
    options: PartitionedDmlOptions = {},
  ): Promise<bigint> {
    return executePartitionedDml(this.#data, statement, options);
  }

  /** A session outside of the pool, not created on the server yet. */
  session(options: SessionOptions = {}): Session {
    return new Session(this.#home, options);
  }

  /** Every regular session of the database, whoever made it. */
  listSessions(
    options: OperationOptions & { readonly filter?: string } = {},
  ): AsyncGenerator<Session, void, undefined> {
    return listSessions(this.#home, options.filter ?? "", options);
  }

  /** Ends the sessions manager and the pool. Harmless when done before. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#client.open.delete(this);
    await this.sessionsManager.close();
    try {
      await this.pool.close();
    } catch (error) {
      // The server lets a session expire that could not be deleted.
      this.#client.caller.logger.log("warn", "a session pool could not be emptied", { error });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What reading and writing needs; from its first use on, the client has a database to close. */
  get #data(): DataContext {
    if (!this.#isClosed) this.#client.open.add(this);
    return this.#context;
  }
}

/** Binds a pool; one that takes its time must not be asked for sessions before it is ready. */
function bindNow(pool: AbstractSessionPool, home: SessionHome): void {
  const bound = pool.bind(home);
  // What fails here fails again, and is told, when the pool is asked for a session.
  bound?.catch(() => undefined);
}

function boundOf(options: TimestampBound): TimestampBound {
  const { readTimestamp, minReadTimestamp, exactStalenessMillis, maxStalenessMillis } = options;
  return { readTimestamp, minReadTimestamp, exactStalenessMillis, maxStalenessMillis };
}
