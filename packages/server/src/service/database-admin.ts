// SPDX-License-Identifier: Apache-2.0
// The service google.spanner.admin.database.v1.DatabaseAdmin.
import { StatusError } from "@spandrel/base";
import { timestampToProto } from "@spandrel/model";
import type { Timestamp } from "@spandrel/protocol";
import {
  CreateDatabaseMetadata,
  type CreateDatabaseRequest,
  Database_State,
  DatabaseAdminDefinition,
  DatabaseDialect,
  Database as DatabaseMessage,
  UpdateDatabaseDdlMetadata,
  type UpdateDatabaseDdlRequest,
  UpdateDatabaseMetadata,
  type UpdateDatabaseRequest,
} from "@spandrel/protocol/admin";
import { methodsOf, type Router } from "@spandrel/rpc";
import { dialectNotSupported, dropProtected, updateMaskNotSupported } from "../errors/instance.ts";
import { noStatements } from "../errors/schema.ts";
import type { DatabaseEntry } from "../instance/registry.ts";
import type { AdminServiceOptions } from "./instance-admin.ts";
import { operationFilter } from "./operation-filter.ts";
import {
  type MessageOperation,
  operationToProto,
  type Packed,
  pack,
} from "./operation-messages.ts";
import { pageOf } from "./paging.ts";
import { timestampOfMicros } from "./timestamp-message.ts";

const packageName = "google.spanner.admin.database.v1";

/** Serves google.spanner.admin.database.v1.DatabaseAdmin. */
export function serveDatabaseAdmin(router: Router, options: AdminServiceOptions): void {
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

/** What is wrong with the request is said at once; the database is there when this returns. */
async function createDatabase(
  request: CreateDatabaseRequest,
  { registry, operations }: AdminServiceOptions,
): Promise<MessageOperation> {
  const { parent = "", createStatement = "", extraStatements = [] } = request;
  if (request.databaseDialect === DatabaseDialect.POSTGRESQL) throw dialectNotSupported();
  const entry = await registry.createDatabase(parent, createStatement, extraStatements);
  const metadata = { database: entry.name };
  const operation = operations.start(
    entry.name,
    "",
    pack(`${packageName}.CreateDatabaseMetadata`, CreateDatabaseMetadata, metadata),
    async () => pack(`${packageName}.Database`, DatabaseMessage, toProto(entry)),
  );
  await operation.ended;
  return operation;
}

async function updateDatabase(
  { database: wanted = {}, updateMask = [] }: UpdateDatabaseRequest,
  { registry, operations }: AdminServiceOptions,
): Promise<MessageOperation> {
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
    async () => pack(`${packageName}.Database`, DatabaseMessage, toProto(entry)),
  );
  await operation.ended;
  return operation;
}

/**
 * Begins a schema change. Statements that succeeded stay; the operation fails with the first one that
 * does not, and its metadata has the moments of those before.
 */
async function updateDdl(
  request: UpdateDatabaseDdlRequest,
  { registry, operations, clock }: AdminServiceOptions,
): Promise<MessageOperation> {
  const { database: name = "", statements = [], operationId = "" } = request;
  const database = registry.get(name);
  if (statements.length === 0) throw noStatements();
  const commitTimestamps: Timestamp[] = [];
  const startTime = timestampToProto(clock.now());
  const metadata = (): Packed => {
    const progress = statements.map((_, index) => {
      const endTime = commitTimestamps[index];
      return endTime === undefined
        ? { progressPercent: 0, startTime }
        : { progressPercent: 100, startTime, endTime };
    });
    const message = { database: name, statements, commitTimestamps, progress };
    return pack(`${packageName}.UpdateDatabaseDdlMetadata`, UpdateDatabaseDdlMetadata, message);
  };
  const operation = operations.start(name, operationId, metadata(), async (report) => {
    for (const statement of statements) {
      const atMicros = await database.changeSchema(statement);
      commitTimestamps.push(timestampOfMicros(atMicros));
      report(metadata());
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

function toProto(entry: DatabaseEntry): DatabaseMessage {
  return {
    name: entry.name,
    state: Database_State.READY,
    createTime: timestampToProto(entry.createdNanos),
    versionRetentionPeriod: "1h",
    databaseDialect: DatabaseDialect.GOOGLE_STANDARD_SQL,
    enableDropProtection: entry.isDropProtected,
  };
}
