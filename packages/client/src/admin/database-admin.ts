// SPDX-License-Identifier: Apache-2.0
// Every call of Spanner's two administration services, as the services define it: requests are their
// messages, resources go by their full names. `Instance`, `Database` and `Backup` are built on these.
// Lists are fetched page by page as they are read, and what takes long is an `Operation`.
import type {
  AddSplitPointsRequest,
  AddSplitPointsResponse,
  Backup,
  BackupSchedule,
  CopyBackupMetadata,
  CopyBackupRequest,
  CreateBackupMetadata,
  CreateBackupRequest,
  CreateBackupScheduleRequest,
  CreateDatabaseMetadata,
  CreateDatabaseRequest,
  Database,
  DatabaseRole,
  DeleteBackupRequest,
  DeleteBackupScheduleRequest,
  DropDatabaseRequest,
  GetBackupRequest,
  GetBackupScheduleRequest,
  GetDatabaseDdlRequest,
  GetDatabaseDdlResponse,
  GetDatabaseRequest,
  GetIamPolicyRequest,
  InternalUpdateGraphOperationRequest,
  InternalUpdateGraphOperationResponse,
  ListBackupOperationsRequest,
  ListBackupSchedulesRequest,
  ListBackupsRequest,
  ListDatabaseOperationsRequest,
  ListDatabaseRolesRequest,
  ListDatabasesRequest,
  Policy,
  RestoreDatabaseMetadata,
  RestoreDatabaseRequest,
  SetIamPolicyRequest,
  TestIamPermissionsRequest,
  TestIamPermissionsResponse,
  UpdateBackupRequest,
  UpdateBackupScheduleRequest,
  UpdateDatabaseDdlMetadata,
  UpdateDatabaseDdlRequest,
  UpdateDatabaseMetadata,
  UpdateDatabaseRequest,
} from "@spandrel/protocol/admin";
import type { Caller, OperationOptions } from "../call/caller.ts";
import { AdminCalls } from "./admin-calls.ts";
import type { Operation } from "./operation.ts";

/**
 * The calls of `google.spanner.admin.database.v1.DatabaseAdmin`.
 *
 * https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.database.v1
 */
export class DatabaseAdmin {
  readonly #calls: AdminCalls;

  constructor(caller: Caller) {
    this.#calls = new AdminCalls(caller);
  }
  /** The databases of an instance. */
  listDatabases(
    request: ListDatabasesRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<Database, void, undefined> {
    return this.#calls.list(
      ({ databases }) => databases.listDatabases,
      request,
      ["parent", request.parent],
      options,
      (page) => ({ items: page.databases, nextPageToken: page.nextPageToken }),
    );
  }

  /** Creates a database. */
  createDatabase(
    request: CreateDatabaseRequest,
    options: OperationOptions = {},
  ): Promise<Operation<Database, CreateDatabaseMetadata>> {
    return this.#calls.operation(
      ({ databases }) => databases.createDatabase,
      request,
      ["parent", request.parent],
      options,
      (messages) => ({ result: messages.Database, metadata: messages.CreateDatabaseMetadata }),
    );
  }

  /** What a database is. */
  getDatabase(request: GetDatabaseRequest, options: OperationOptions = {}): Promise<Database> {
    return this.#calls.unary(
      ({ databases }) => databases.getDatabase,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Changes settings of a database, such as its protection against `dropDatabase`. */
  updateDatabase(
    request: UpdateDatabaseRequest,
    options: OperationOptions = {},
  ): Promise<Operation<Database, UpdateDatabaseMetadata>> {
    return this.#calls.operation(
      ({ databases }) => databases.updateDatabase,
      request,
      ["database.name", request.database?.name],
      options,
      (messages) => ({ result: messages.Database, metadata: messages.UpdateDatabaseMetadata }),
      true,
    );
  }

  /** Changes a schema. With an `operationId` the call is safe to repeat, and is repeated. */
  updateDatabaseDdl(
    request: UpdateDatabaseDdlRequest,
    options: OperationOptions = {},
  ): Promise<Operation<void, UpdateDatabaseDdlMetadata>> {
    return this.#calls.operation(
      ({ databases }) => databases.updateDatabaseDdl,
      request,
      ["database", request.database],
      options,
      (messages) => ({ result: undefined, metadata: messages.UpdateDatabaseDdlMetadata }),
      Boolean(request.operationId),
    );
  }

  /** Deletes a database with everything in it. */
  async dropDatabase(request: DropDatabaseRequest, options: OperationOptions = {}): Promise<void> {
    await this.#calls.unary(
      ({ databases }) => databases.dropDatabase,
      request,
      ["database", request.database],
      options,
    );
  }

  /** The statements that make a schema. */
  getDatabaseDdl(
    request: GetDatabaseDdlRequest,
    options: OperationOptions = {},
  ): Promise<GetDatabaseDdlResponse> {
    return this.#calls.unary(
      ({ databases }) => databases.getDatabaseDdl,
      request,
      ["database", request.database],
      options,
    );
  }

  /** Says who may do what with a database or a backup. */
  setIamPolicy(request: SetIamPolicyRequest, options: OperationOptions = {}): Promise<Policy> {
    return this.#calls.once(
      ({ databases }) => databases.setIamPolicy,
      request,
      ["resource", request.resource],
      options,
    );
  }

  /** Who may do what with a database or a backup. */
  getIamPolicy(request: GetIamPolicyRequest, options: OperationOptions = {}): Promise<Policy> {
    return this.#calls.unary(
      ({ databases }) => databases.getIamPolicy,
      request,
      ["resource", request.resource],
      options,
    );
  }

  /** Which of some permissions the caller has on a database or a backup. */
  testIamPermissions(
    request: TestIamPermissionsRequest,
    options: OperationOptions = {},
  ): Promise<TestIamPermissionsResponse> {
    return this.#calls.unary(
      ({ databases }) => databases.testIamPermissions,
      request,
      ["resource", request.resource],
      options,
    );
  }

  /** Makes a backup of a database. */
  createBackup(
    request: CreateBackupRequest,
    options: OperationOptions = {},
  ): Promise<Operation<Backup, CreateBackupMetadata>> {
    return this.#calls.operation(
      ({ databases }) => databases.createBackup,
      request,
      ["parent", request.parent],
      options,
      (messages) => ({ result: messages.Backup, metadata: messages.CreateBackupMetadata }),
    );
  }

  /** Copies a backup, which may be another instance's. */
  copyBackup(
    request: CopyBackupRequest,
    options: OperationOptions = {},
  ): Promise<Operation<Backup, CopyBackupMetadata>> {
    return this.#calls.operation(
      ({ databases }) => databases.copyBackup,
      request,
      ["parent", request.parent],
      options,
      (messages) => ({ result: messages.Backup, metadata: messages.CopyBackupMetadata }),
    );
  }

  /** What a backup is. */
  getBackup(request: GetBackupRequest, options: OperationOptions = {}): Promise<Backup> {
    return this.#calls.unary(
      ({ databases }) => databases.getBackup,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Changes when a backup expires. */
  updateBackup(request: UpdateBackupRequest, options: OperationOptions = {}): Promise<Backup> {
    return this.#calls.unary(
      ({ databases }) => databases.updateBackup,
      request,
      ["backup.name", request.backup?.name],
      options,
    );
  }

  /** Deletes a backup. */
  async deleteBackup(request: DeleteBackupRequest, options: OperationOptions = {}): Promise<void> {
    await this.#calls.unary(
      ({ databases }) => databases.deleteBackup,
      request,
      ["name", request.name],
      options,
    );
  }

  /** The backups of an instance. */
  listBackups(
    request: ListBackupsRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<Backup, void, undefined> {
    return this.#calls.list(
      ({ databases }) => databases.listBackups,
      request,
      ["parent", request.parent],
      options,
      (page) => ({ items: page.backups, nextPageToken: page.nextPageToken }),
    );
  }

  /** Makes a new database out of a backup. */
  restoreDatabase(
    request: RestoreDatabaseRequest,
    options: OperationOptions = {},
  ): Promise<Operation<Database, RestoreDatabaseMetadata>> {
    return this.#calls.operation(
      ({ databases }) => databases.restoreDatabase,
      request,
      ["parent", request.parent],
      options,
      (messages) => ({ result: messages.Database, metadata: messages.RestoreDatabaseMetadata }),
    );
  }

  /** The operations on databases of an instance. */
  listDatabaseOperations(
    request: ListDatabaseOperationsRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    return this.#calls.operations(
      ({ databases }) => databases.listDatabaseOperations,
      request,
      ["parent", request.parent],
      options,
    );
  }

  /** The operations on backups of an instance. */
  listBackupOperations(
    request: ListBackupOperationsRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    return this.#calls.operations(
      ({ databases }) => databases.listBackupOperations,
      request,
      ["parent", request.parent],
      options,
    );
  }

  /** The roles that a schema defines. */
  listDatabaseRoles(
    request: ListDatabaseRolesRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<DatabaseRole, void, undefined> {
    return this.#calls.list(
      ({ databases }) => databases.listDatabaseRoles,
      request,
      ["parent", request.parent],
      options,
      (page) => ({ items: page.databaseRoles, nextPageToken: page.nextPageToken }),
    );
  }

  /** Says where tables should be split before the load comes. */
  addSplitPoints(
    request: AddSplitPointsRequest,
    options: OperationOptions = {},
  ): Promise<AddSplitPointsResponse> {
    return this.#calls.once(
      ({ databases }) => databases.addSplitPoints,
      request,
      ["database", request.database],
      options,
    );
  }

  /** Makes backups of a database by a schedule from now on. */
  createBackupSchedule(
    request: CreateBackupScheduleRequest,
    options: OperationOptions = {},
  ): Promise<BackupSchedule> {
    return this.#calls.once(
      ({ databases }) => databases.createBackupSchedule,
      request,
      ["parent", request.parent],
      options,
    );
  }

  /** What a backup schedule is. */
  getBackupSchedule(
    request: GetBackupScheduleRequest,
    options: OperationOptions = {},
  ): Promise<BackupSchedule> {
    return this.#calls.unary(
      ({ databases }) => databases.getBackupSchedule,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Changes a backup schedule. */
  updateBackupSchedule(
    request: UpdateBackupScheduleRequest,
    options: OperationOptions = {},
  ): Promise<BackupSchedule> {
    return this.#calls.unary(
      ({ databases }) => databases.updateBackupSchedule,
      request,
      ["backup_schedule.name", request.backupSchedule?.name],
      options,
    );
  }

  /** Ends a backup schedule. */
  async deleteBackupSchedule(
    request: DeleteBackupScheduleRequest,
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#calls.unary(
      ({ databases }) => databases.deleteBackupSchedule,
      request,
      ["name", request.name],
      options,
    );
  }

  /** The backup schedules of a database. */
  listBackupSchedules(
    request: ListBackupSchedulesRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<BackupSchedule, void, undefined> {
    return this.#calls.list(
      ({ databases }) => databases.listBackupSchedules,
      request,
      ["parent", request.parent],
      options,
      (page) => ({ items: page.backupSchedules, nextPageToken: page.nextPageToken }),
    );
  }

  /** For Spanner's own use; it is here because the service has it. */
  internalUpdateGraphOperation(
    request: InternalUpdateGraphOperationRequest,
    options: OperationOptions = {},
  ): Promise<InternalUpdateGraphOperationResponse> {
    return this.#calls.once(
      ({ databases }) => databases.internalUpdateGraphOperation,
      request,
      ["database", request.database],
      options,
    );
  }

  /** An operation that was begun before, here or elsewhere, by its full name. */
  operation(name: string, options: OperationOptions = {}): Promise<Operation<unknown, unknown>> {
    return this.#calls.operationNamed(name, options);
  }
}
