// SPDX-License-Identifier: Apache-2.0
// The service google.spanner.admin.database.v1.DatabaseAdmin.
import { StatusError } from "@spandrel/base";
import { timestampToProto } from "@spandrel/model";
import type { Timestamp } from "@spandrel/protocol";
import {
  type AddSplitPointsRequest,
  type BackupSchedule,
  CreateDatabaseMetadata,
  type CreateDatabaseRequest,
  Database_State,
  DatabaseAdminDefinition,
  DatabaseDialect,
  Database as DatabaseMessage,
  type DatabaseRole,
  RestoreSourceType,
  UpdateDatabaseDdlMetadata,
  type UpdateDatabaseDdlRequest,
  UpdateDatabaseMetadata,
  type UpdateDatabaseRequest,
} from "@spandrel/protocol/admin";
import { methodsOf, type Router } from "@spandrel/rpc";
import { notServed, splitPointInvalid, tooManyRestores } from "../errors/backup.ts";
import { dialectNotSupported, dropProtected, updateMaskNotSupported } from "../errors/instance.ts";
import { noStatements, schemaChangeTooLong } from "../errors/schema.ts";
import type { DatabaseEntry, Registry } from "../instance/registry.ts";
import type { Limits } from "../limits/limits.ts";
import { databaseOptionOf, versionRetentionOf } from "../schema/database-options.ts";
import { findIndex, findTable } from "../schema/schema.ts";
import type { AdminServiceOptions } from "./admin-options.ts";
import { AtOnce } from "./at-once.ts";
import {
  backupInfoOf,
  backupToProto,
  copyBackup,
  createBackup,
  type Restores,
  restoreDatabase,
  updateBackup,
} from "./backup-calls.ts";
import { backupFilter } from "./backup-filter.ts";
import { BackupSchedules } from "./backup-schedules.ts";
import { operationFilter } from "./operation-filter.ts";
import {
  type MessageOperation,
  operationToProto,
  type Packed,
  pack,
} from "./operation-messages.ts";
import { pageOf } from "./paging.ts";
import { Policies } from "./policies.ts";
import { timestampOfMicros } from "./timestamp-message.ts";

const packageName = "google.spanner.admin.database.v1";

/** Serves google.spanner.admin.database.v1.DatabaseAdmin. */
export function serveDatabaseAdmin(router: Router, options: AdminServiceOptions): void {
  serveDatabases(router, options);
  serveBackups(router, options);
  serveSchedules(router, options);
  serveTheRest(router, options);
}

function serveDatabases(router: Router, options: AdminServiceOptions): void {
  const toProto = (entry: DatabaseEntry) => databaseToProto(entry, options);
  const methods = methodsOf(DatabaseAdminDefinition);
  const { registry, operations } = options;
  router
    .unary(methods.listDatabases, ({ parent = "", pageSize, pageToken }) => {
      registry.getInstance(parent);
      const { items, nextPageToken } = pageOf(registry.listDatabases(parent), pageSize, pageToken);
      return { databases: items.map(toProto), nextPageToken };
    })
    .unary(methods.getDatabase, ({ name = "" }) => toProto(registry.getEntry(name)))
    .unary(methods.createDatabase, async (request) =>
      operationToProto(await createDatabase(request, options)),
    )
    .unary(methods.updateDatabase, async (request) =>
      operationToProto(await updateDatabase(request, options)),
    )
    .unary(methods.dropDatabase, async ({ database = "" }) => {
      if (registry.getEntry(database).isDropProtected) throw dropProtected(database);
      await registry.dropDatabase(database);
      return {};
    })
    .unary(methods.getDatabaseDdl, ({ database = "" }) => ({
      statements: [...registry.get(database).ddl()],
    }))
    .unary(methods.listDatabaseOperations, (request) => {
      const { parent = "", filter = "", pageSize, pageToken } = request;
      registry.getInstance(parent);
      const all = operations.list(`${parent}/databases`).filter(operationFilter(filter));
      const { items, nextPageToken } = pageOf(all, pageSize, pageToken);
      return { operations: items.map(operationToProto), nextPageToken };
    })
    .unary(methods.updateDatabaseDdl, async (request) =>
      operationToProto(await updateDdl(request, options)),
    );
}

function serveBackups(router: Router, options: AdminServiceOptions): void {
  const methods = methodsOf(DatabaseAdminDefinition);
  const { registry, operations } = options;
  const { backups } = registry;
  const restores: Restores = new AtOnce(options.limits.restoresInProgressMax, tooManyRestores);
  router
    .unary(methods.createBackup, async (request) =>
      operationToProto(await createBackup(request, options)),
    )
    .unary(methods.copyBackup, async (request) =>
      operationToProto(await copyBackup(request, options)),
    )
    .unary(methods.getBackup, ({ name = "" }) => backupToProto(backups.get(name), backups))
    .unary(methods.updateBackup, (request) => updateBackup(request, options))
    .unary(methods.deleteBackup, async ({ name = "" }) => {
      await backups.delete(name);
      return {};
    })
    .unary(methods.listBackups, ({ parent = "", filter = "", pageSize, pageToken }) => {
      registry.getInstance(parent);
      const all = backups.list(parent).filter(backupFilter(filter));
      const { items, nextPageToken } = pageOf(all, pageSize, pageToken);
      return { backups: items.map((each) => backupToProto(each, backups)), nextPageToken };
    })
    .unary(methods.listBackupOperations, (request) => {
      const { parent = "", filter = "", pageSize, pageToken } = request;
      registry.getInstance(parent);
      const all = operations.list(`${parent}/backups`).filter(operationFilter(filter));
      const { items, nextPageToken } = pageOf(all, pageSize, pageToken);
      return { operations: items.map(operationToProto), nextPageToken };
    })
    .unary(methods.restoreDatabase, async (request) =>
      operationToProto(
        await restoreDatabase(request, options, restores, (entry) =>
          databaseToProto(entry, options),
        ),
      ),
    );
}

function serveSchedules(router: Router, options: AdminServiceOptions): void {
  const methods = methodsOf(DatabaseAdminDefinition);
  const schedules = new BackupSchedules(options);
  schedules.carryOut();
  router
    .unary(methods.createBackupSchedule, (request) => schedules.create(request))
    .unary(methods.getBackupSchedule, ({ name = "" }) => schedules.get(name))
    .unary(methods.updateBackupSchedule, (request) => schedules.update(request))
    .unary(methods.deleteBackupSchedule, async ({ name = "" }) => {
      await schedules.delete(name);
      return {};
    })
    .unary(methods.listBackupSchedules, ({ parent = "", pageSize, pageToken }) => {
      const { items, nextPageToken } = pageOf(schedules.list(parent), pageSize, pageToken);
      const backupSchedules: BackupSchedule[] = [...items];
      return { backupSchedules, nextPageToken };
    });
}

function serveTheRest(router: Router, { registry }: AdminServiceOptions): void {
  const methods = methodsOf(DatabaseAdminDefinition);
  const policies = new Policies(registry);
  router
    .unary(methods.getIamPolicy, (request) => policies.get(request))
    .unary(methods.setIamPolicy, (request) => policies.set(request))
    .unary(methods.testIamPermissions, (request) => policies.test(request))
    .unary(methods.listDatabaseRoles, ({ parent = "", pageSize, pageToken }) => {
      const { items, nextPageToken } = pageOf(rolesOf(registry, parent), pageSize, pageToken);
      const databaseRoles: DatabaseRole[] = [...items];
      return { databaseRoles, nextPageToken };
    })
    .unary(methods.addSplitPoints, (request) => {
      judgeSplitPoints(request, registry);
      return {};
    })
    .unary(methods.internalUpdateGraphOperation, () => {
      throw notServed("InternalUpdateGraphOperation", "it is Cloud Spanner's own");
    });
}

/** Roles that every database has. https://cloud.google.com/spanner/docs/fgac-system-roles */
const systemRoles = ["public", "spanner_info_reader", "spanner_sys_reader"];

function rolesOf(registry: Registry, database: string): readonly { readonly name: string }[] {
  const own = [...registry.get(database).schema.definitions.values()]
    .filter(({ kind }) => kind === "ROLE")
    .map(({ name }) => name);
  return [...systemRoles, ...own]
    .sort()
    .map((role) => ({ name: `${database}/databaseRoles/${role}` }));
}

/** Rows of one process are in one place: split points are judged, and nothing is to be done. */
function judgeSplitPoints(
  { database = "", splitPoints = [] }: AddSplitPointsRequest,
  registry: Registry,
): void {
  const { schema } = registry.get(database);
  if (splitPoints.length === 0) throw splitPointInvalid("there is none");
  for (const { table = "", index = "", keys = [] } of splitPoints) {
    if (table === "" && index === "") throw splitPointInvalid("it names neither table nor index");
    if (table !== "" && findTable(schema, table) === undefined)
      throw splitPointInvalid(`there is no table ${table}`);
    if (index !== "" && findIndex(schema, index) === undefined)
      throw splitPointInvalid(`there is no index ${index}`);
    if (keys.length === 0) throw splitPointInvalid("it has no keys");
  }
}

/** What is wrong with the request is said at once; the database is there when this returns. */
async function createDatabase(
  request: CreateDatabaseRequest,
  options: AdminServiceOptions,
): Promise<MessageOperation> {
  const { registry, operations } = options;
  const { parent = "", createStatement = "", extraStatements = [] } = request;
  if (request.databaseDialect === DatabaseDialect.POSTGRESQL) throw dialectNotSupported();
  requireLength(extraStatements, options.limits);
  const entry = await registry.createDatabase(parent, createStatement, extraStatements);
  const metadata = { database: entry.name };
  const operation = operations.start(
    entry.name,
    "",
    pack(`${packageName}.CreateDatabaseMetadata`, CreateDatabaseMetadata, metadata),
    async () => pack(`${packageName}.Database`, DatabaseMessage, databaseToProto(entry, options)),
  );
  await operation.ended;
  return operation;
}

async function updateDatabase(
  { database: wanted = {}, updateMask = [] }: UpdateDatabaseRequest,
  options: AdminServiceOptions,
): Promise<MessageOperation> {
  const { registry, operations } = options;
  const { name } = registry.getEntry(wanted.name ?? "");
  for (const field of updateMask) {
    if (field !== "enable_drop_protection" && field !== "enableDropProtection") {
      throw updateMaskNotSupported(field);
    }
  }
  const entry = await registry.protectFromDrop(name, wanted.enableDropProtection === true);
  const metadata = { request: { database: wanted, updateMask } };
  const operation = operations.start(
    entry.name,
    "",
    pack(`${packageName}.UpdateDatabaseMetadata`, UpdateDatabaseMetadata, metadata),
    async () => pack(`${packageName}.Database`, DatabaseMessage, databaseToProto(entry, options)),
  );
  await operation.ended;
  return operation;
}

/** @throws {StatusError} INVALID_ARGUMENT when the statements of a schema change are too long. */
function requireLength(
  statements: readonly string[],
  { schemaChangeLengthMax }: Pick<Limits, "schemaChangeLengthMax">,
): void {
  const length = statements.reduce((sum, statement) => sum + statement.length, 0);
  if (length > schemaChangeLengthMax) throw schemaChangeTooLong(schemaChangeLengthMax);
}

/**
 * Begins a schema change. Statements that succeeded stay; the operation fails with the first one that
 * does not, and its metadata has the moments of those before.
 */
async function updateDdl(
  request: UpdateDatabaseDdlRequest,
  { registry, operations, clock, limits }: AdminServiceOptions,
): Promise<MessageOperation> {
  const { database: name = "", statements = [], operationId = "" } = request;
  const database = registry.get(name);
  if (statements.length === 0) throw noStatements();
  requireLength(statements, limits);
  const commitTimestamps: Timestamp[] = [];
  const startTime = timestampToProto(clock.now());
  const metadata: Packed = {
    message: `${packageName}.UpdateDatabaseDdlMetadata`,
    // Put together when somebody looks: to do so after each statement would cost the square of them.
    get bytes() {
      const progress = statements.map((_, index) => {
        const endTime = commitTimestamps[index];
        return endTime === undefined
          ? { progressPercent: 0, startTime }
          : { progressPercent: 100, startTime, endTime };
      });
      const message = { database: name, statements, commitTimestamps, progress };
      return UpdateDatabaseDdlMetadata.encode(message).finish();
    },
  };
  const operation = operations.start(name, operationId, metadata, async () => {
    for (const statement of statements) {
      const atMicros = await database.changeSchema(statement);
      commitTimestamps.push(timestampOfMicros(atMicros));
    }
    return { message: "google.protobuf.Empty", bytes: new Uint8Array() };
  });
  await operation.ended;
  // A change whose very first statement is refused is refused as a call, as Cloud Spanner does.
  if (operation.state.kind === "failed" && commitTimestamps.length === 0) {
    throw StatusError.from(operation.state.error);
  }
  return operation;
}

interface Named {
  readonly name: string;
}

/** A database as a message; one that is damaged says less. */
function databaseToProto(
  entry: DatabaseEntry,
  { registry, clock }: AdminServiceOptions,
): DatabaseMessage & Named {
  const { name, createdNanos, isDropProtected, restoredFrom } = entry;
  const database = registry.find(name);
  const retained = clock.now() - BigInt(database?.versionRetentionMillis ?? 3_600_000) * 1_000_000n;
  const message: DatabaseMessage & Named = {
    name,
    state: Database_State.READY,
    createTime: timestampToProto(createdNanos),
    earliestVersionTime: timestampToProto(retained > createdNanos ? retained : createdNanos),
    databaseDialect: DatabaseDialect.GOOGLE_STANDARD_SQL,
    enableDropProtection: isDropProtected,
    versionRetentionPeriod: (database && versionRetentionOf(database.schema)) ?? "1h",
    defaultLeader: (database && databaseOptionOf(database.schema, "default_leader")) ?? "",
  };
  if (restoredFrom === undefined) return message;
  return {
    ...message,
    restoreInfo: {
      sourceType: RestoreSourceType.BACKUP,
      sourceInfo: { $case: "backupInfo", backupInfo: backupInfoOf(restoredFrom) },
    },
  };
}
