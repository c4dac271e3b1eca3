// SPDX-License-Identifier: Apache-2.0
import { databaseName, type InstanceName, instanceName } from "@spandrel/model";
import type {
  BackupSchedule as BackupScheduleMessage,
  CreateDatabaseMetadata,
  Database as DatabaseMessage,
  DatabaseRole as DatabaseRoleMessage,
  Policy,
  RestoreDatabaseEncryptionConfig,
  RestoreDatabaseMetadata,
  UpdateDatabaseDdlMetadata,
  UpdateDatabaseMetadata,
} from "@spandrel/protocol/admin";
import type { DatabaseAdmin } from "../admin/database-admin.ts";
import {
  createDatabaseRequest,
  type DatabaseSettings,
  type ListOptions,
  type UpdateDdlOptions,
} from "../admin/database-settings.ts";
import type { Operation } from "../admin/operation.ts";
import type { OperationOptions } from "../call/caller.ts";
import type { SessionCounts } from "../call/instruments.ts";
import { keepInThread } from "../call/own-thread.ts";
import { BurstyPool } from "../session/bursty-pool.ts";
import { listSessions } from "../session/create-sessions.ts";
import { isNotFound, Session, type SessionHome, type SessionOptions } from "../session/session.ts";
import type { AbstractSessionPool } from "../session/session-pool.ts";
import { DatabaseSessionsManager, TransactionType } from "../session/sessions-manager.ts";
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
import type { TransactionOptions } from "../transaction/read-write-host.ts";
import type { QueryRequestOptions, ReadRequestOptions } from "../transaction/request-options.ts";
import {
  type RunOptions,
  runInTransaction,
  type TransactionBody,
} from "../transaction/run-in-transaction.ts";
import { SessionLease } from "../transaction/session-lease.ts";
import { Snapshot, type SnapshotOptions } from "../transaction/snapshot.ts";
import type { TimestampBound } from "../transaction/timestamp-bound.ts";
import { Transaction } from "../transaction/transaction.ts";
import type { KeySetInput } from "../values/key-set.ts";
import type { StatementInput } from "../values/statement.ts";
import { BackupSchedule } from "./backup-schedule.ts";
import type { ClientContext } from "./client-context.ts";
import { type Dialect, defaultSchema, Table, tablesOf } from "./table.ts";

/** What a database may be made with. */
export interface DatabaseOptions extends DatabaseSettings {
  /** Where regular sessions come from, when the environment asks for them. Default: a BurstyPool. */
  readonly pool?: AbstractSessionPool | undefined;
  /** The role whose privileges all sessions have. Default: the caller's own. */
  readonly databaseRole?: string | undefined;
  /** Whether the logger is told of every commit how many mutations it applied. Default false. */
  readonly logCommitStats?: boolean | undefined;
}

/** How one query that needs no transaction is run: at which moment, and how. */
export interface SingleQueryOptions extends QueryRequestOptions, TimestampBound {}

/** How one read that needs no transaction is run: at which moment, and how. */
export interface SingleReadOptions extends ReadRequestOptions, TimestampBound {}

/** DatabaseDialect.POSTGRESQL of the administration service, whose messages are loaded when needed. */
const POSTGRESQL = 2;

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
  readonly #instanceName: string;
  readonly #admin: DatabaseAdmin;
  readonly #settings: DatabaseSettings;
  readonly #home: SessionHome;
  readonly #context: DataContext;
  readonly #client: ClientContext;
  #message: DatabaseMessage | undefined;
  #isClosed = false;

  constructor(client: ClientContext, instance: InstanceName, id: string, options: DatabaseOptions) {
    this.id = id;
    this.name = databaseName({ ...instance, database: id });
    this.databaseRole = options.databaseRole ?? "";
    this.#instanceName = instanceName(instance);
    this.#admin = client.databaseAdmin;
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
    this.#context = {
      ...client,
      name: this.name,
      logCommitStats: options.logCommitStats ?? false,
      sessions: this.sessionsManager,
    };
    keepInThread(this, "Database");
    if (options.pool !== undefined) client.open.add(this);
  }

  /** Makes a database from what the server listed. */
  static fromMessage(
    client: ClientContext,
    instance: InstanceName,
    id: string,
    message: DatabaseMessage,
  ): Database {
    const database = new Database(client, instance, id, {});
    database.#message = message;
    return database;
  }

  /** What the server last said of the database; undefined before `reload()`. */
  get metadata(): DatabaseMessage | undefined {
    return this.#message;
  }

  /** The dialect that the database was made with, or that the server last said. */
  get dialect(): Dialect {
    const isPostgres = this.#message?.databaseDialect === POSTGRESQL;
    return isPostgres ? "POSTGRESQL" : (this.#settings.databaseDialect ?? "GOOGLE_STANDARD_SQL");
  }

  /** The schema of tables that name none: `public` in PostgreSQL's dialect, else empty. */
  get defaultSchemaName(): string {
    return defaultSchema(this.dialect);
  }

  /** Creates the database with its statements; wait for it with `(await database.create()).result()`. */
  async create(
    settings: DatabaseSettings & OperationOptions = {},
  ): Promise<Operation<DatabaseMessage, CreateDatabaseMetadata>> {
    const all = { ...this.#settings, ...settings };
    const request = await createDatabaseRequest(this.#instanceName, this.id, all);
    return this.#admin.createDatabase(request, settings);
  }

  /** Creates the database out of a backup, given or named in full. */
  restore(
    backup: string | { readonly name: string },
    options: OperationOptions & {
      readonly encryptionConfig?: RestoreDatabaseEncryptionConfig | undefined;
    } = {},
  ): Promise<Operation<DatabaseMessage, RestoreDatabaseMetadata>> {
    const { encryptionConfig } = options;
    const request = {
      parent: this.#instanceName,
      databaseId: this.id,
      source: {
        $case: "backup" as const,
        backup: typeof backup === "string" ? backup : backup.name,
      },
      ...(encryptionConfig && { encryptionConfig }),
    };
    return this.#admin.restoreDatabase(request, options);
  }

  /** Asks whether the database exists. */
  async exists(options: OperationOptions = {}): Promise<boolean> {
    try {
      await this.getDdl(options);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Asks the server what the database is, for `metadata`. */
  async reload(options: OperationOptions = {}): Promise<DatabaseMessage> {
    this.#message = await this.#admin.getDatabase({ name: this.name }, options);
    return this.#message;
  }

  /** The statements that make the database's schema, in order. */
  async getDdl(options: OperationOptions = {}): Promise<string[]> {
    const answer = await this.#admin.getDatabaseDdl({ database: this.name }, options);
    return answer.statements ?? [];
  }

  /** Changes the schema; wait for it with `(await database.updateDdl([…])).result()`. */
  updateDdl(
    statements: readonly string[],
    options: UpdateDdlOptions = {},
  ): Promise<Operation<void, UpdateDatabaseDdlMetadata>> {
    const { operationId, protoDescriptors } = options;
    const request = {
      database: this.name,
      statements: [...statements],
      ...(operationId && { operationId }),
      ...(protoDescriptors && { protoDescriptors }),
    };
    return this.#admin.updateDatabaseDdl(request, options);
  }

  /** Allows or forbids `drop()`. */
  setDropProtection(
    isProtected: boolean,
    options: OperationOptions = {},
  ): Promise<Operation<DatabaseMessage, UpdateDatabaseMetadata>> {
    const database = { name: this.name, enableDropProtection: isProtected };
    const request = { database, updateMask: ["enable_drop_protection"] };
    return this.#admin.updateDatabase(request, options);
  }

  /** Deletes the database with everything in it. */
  async drop(options: OperationOptions = {}): Promise<void> {
    await this.#admin.dropDatabase({ database: this.name }, options);
  }

  /** The roles that the database's schema defines. */
  listDatabaseRoles(
    options: ListOptions = {},
  ): AsyncGenerator<DatabaseRoleMessage, void, undefined> {
    const { pageSize } = options;
    return this.#admin.listDatabaseRoles({ parent: this.name, pageSize }, options);
  }

  /** The operations on this database that run, or ran lately. */
  listDatabaseOperations(
    options: ListOptions = {},
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    const { pageSize, filter } = options;
    const own = `name:${this.name}/operations/`;
    const both = filter === undefined ? own : `(${own}) AND (${filter})`;
    const request = { parent: this.#instanceName, filter: both, pageSize };
    return this.#admin.listDatabaseOperations(request, options);
  }

  /** Who may do what with the database. */
  getIamPolicy(
    options: OperationOptions & { readonly requestedPolicyVersion?: number | undefined } = {},
  ): Promise<Policy> {
    const { requestedPolicyVersion } = options;
    const asked =
      requestedPolicyVersion === undefined ? {} : { options: { requestedPolicyVersion } };
    return this.#admin.getIamPolicy({ resource: this.name, ...asked }, options);
  }

  /** Says who may do what with the database; with the etag of a policy read before, safely. */
  setIamPolicy(policy: Policy, options: OperationOptions = {}): Promise<Policy> {
    return this.#admin.setIamPolicy({ resource: this.name, policy }, options);
  }

  /** Which of some permissions the caller has, such as `spanner.databases.select`. */
  async testIamPermissions(
    permissions: readonly string[],
    options: OperationOptions = {},
  ): Promise<string[]> {
    const request = { resource: this.name, permissions: [...permissions] };
    return (await this.#admin.testIamPermissions(request, options)).permissions ?? [];
  }

  /** Backups of this database by the clock, by the schedule's id. */
  backupSchedule(id: string): BackupSchedule {
    return new BackupSchedule(this.#admin, this.name, id);
  }

  /** Every backup schedule of the database. */
  listBackupSchedules(
    options: ListOptions = {},
  ): AsyncGenerator<BackupScheduleMessage, void, undefined> {
    const { pageSize } = options;
    return this.#admin.listBackupSchedules({ parent: this.name, pageSize }, options);
  }

  /** A table, by its name; the schema is the default one unless it is named. */
  table(id: string, schemaName?: string): Table {
    return new Table(this.#tables, id, schemaName);
  }

  /** The tables of one schema (the default one when it is empty or `public`), or of all. */
  listTables(
    options: OperationOptions & { readonly schema?: string | undefined } = {},
  ): AsyncGenerator<Table, void, undefined> {
    return tablesOf(this.#tables, options.schema, options);
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
   * A read-write transaction that the caller commits; `runInTransaction` is the better way.
   *
   * Nothing starts it over when the server aborts it. `await using` rolls back what was not committed,
   * and gives the session back.
   */
  transaction(
    options: TransactionOptions & { readonly session?: Session | undefined } = {},
  ): Transaction {
    const lease = new SessionLease(this.#data, TransactionType.READ_WRITE, options.session);
    return new Transaction(this.#data, lease, options);
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

  /** The sessions of the database now. */
  sessionCounts(): SessionCounts {
    const { idle = 0, checkedOut = 0, waiting = 0, size } = this.pool.counts ?? {};
    return {
      database: this.name,
      hasMultiplexedSession: this.sessionsManager.stats().multiplexedSession !== undefined,
      idle,
      checkedOut,
      waiting,
      size: size === Number.POSITIVE_INFINITY ? undefined : size,
    };
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

  get #tables(): ConstructorParameters<typeof Table>[0] {
    const { dialect } = this;
    return { dialect, query: (statement, options) => this.query(statement, options) };
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
