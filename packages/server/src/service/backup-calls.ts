// SPDX-License-Identifier: Apache-2.0
// The calls about backups, and RestoreDatabase. What a backup is, and when one is refused, is told in
// instance/backups.ts; here stand the messages, and the operations in which the work is done: the call
// that begins one is answered while it goes on.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.database.v1
import { nanosFromProto, timestampToProto } from "@spandrel/model";
import type { Timestamp } from "@spandrel/protocol";
import type { BackupInfo } from "@spandrel/protocol/admin";
import {
  Backup_State,
  Backup as BackupMessage,
  CopyBackupMetadata,
  type CopyBackupRequest,
  CreateBackupMetadata,
  type CreateBackupRequest,
  DatabaseDialect,
  Database as DatabaseMessage,
  OptimizeRestoredDatabaseMetadata,
  RestoreDatabaseMetadata,
  type RestoreDatabaseRequest,
  RestoreSourceType,
  type UpdateBackupRequest,
} from "@spandrel/protocol/admin";
import { fieldNotUpdatable, missingField } from "../errors/backup.ts";
import type { Backup, BackupRequest, Backups } from "../instance/backups.ts";
import type { RestoredFrom } from "../instance/catalog.ts";
import type { DatabaseEntry, Registry } from "../instance/registry.ts";
import type { AdminServiceOptions } from "./admin-options.ts";
import type { AtOnce } from "./at-once.ts";
import { type MessageOperation, type Packed, pack } from "./operation-messages.ts";

const packageName = "google.spanner.admin.database.v1";
const retentionNanosMax = 366n * 86_400_000_000_000n;

/** Begins to make a backup; its name is taken when this returns. */
export async function createBackup(
  request: CreateBackupRequest,
  options: AdminServiceOptions,
): Promise<MessageOperation> {
  const { parent = "", backupId = "", backup: wanted = {} } = request;
  const { registry } = options;
  return beginBackup(
    {
      instance: registry.getInstance(parent).name,
      id: backupId,
      database: wanted.database ?? "",
      expireNanos: nanosOf(wanted.expireTime),
      versionNanos: nanosOf(wanted.versionTime),
    },
    options,
  );
}

/** The same, for whoever asks: a caller, or a schedule. @throws {StatusError} as `Backups.begin` does. */
export async function beginBackup(
  request: BackupRequest,
  options: AdminServiceOptions,
): Promise<MessageOperation> {
  const { backup, make } = await options.registry.backups.begin(request);
  const { name, database } = backup;
  return begun(name, make, options, (progress) =>
    pack(`${packageName}.CreateBackupMetadata`, CreateBackupMetadata, { name, database, progress }),
  );
}

/** Begins to copy a backup; its name is taken when this returns. */
export async function copyBackup(
  request: CopyBackupRequest,
  options: AdminServiceOptions,
): Promise<MessageOperation> {
  const { parent = "", backupId = "", sourceBackup = "", expireTime } = request;
  const { registry } = options;
  const instance = registry.getInstance(parent).name;
  const expireNanos = nanosOf(expireTime);
  const { backup, make } = await registry.backups.beginCopy(
    instance,
    backupId,
    sourceBackup,
    expireNanos,
  );
  const { name } = backup;
  return begun(name, make, options, (progress) =>
    pack(`${packageName}.CopyBackupMetadata`, CopyBackupMetadata, { name, sourceBackup, progress }),
  );
}

interface Progress {
  readonly progressPercent: number;
  readonly startTime: Timestamp;
  readonly endTime?: Timestamp;
}

/** An operation that makes a backup. */
function begun(
  name: string,
  make: () => Promise<Backup>,
  { registry, operations, clock }: AdminServiceOptions,
  metadata: (progress: Progress) => Packed,
): MessageOperation {
  const startTime = timestampToProto(clock.now());
  return operations.start(name, "", metadata({ progressPercent: 0, startTime }), async (report) => {
    const backup = await make();
    const endTime = timestampToProto(clock.now());
    report(metadata({ progressPercent: 100, startTime, endTime }));
    const message = backupToProto(backup, registry.backups);
    return pack(`${packageName}.Backup`, BackupMessage, message);
  });
}

/** Changes the expire_time of a backup, which is all that can be changed. */
export async function updateBackup(
  { backup: wanted = {}, updateMask = [] }: UpdateBackupRequest,
  { registry }: AdminServiceOptions,
): Promise<BackupMessage> {
  const { backups } = registry;
  const name = wanted.name ?? "";
  backups.get(name);
  if (updateMask.length === 0) throw missingField("update_mask");
  for (const field of updateMask) {
    if (field !== "expire_time" && field !== "expireTime") {
      throw fieldNotUpdatable("a backup", field, ["expire_time"]);
    }
  }
  return backupToProto(await backups.setExpireTime(name, nanosOf(wanted.expireTime)), backups);
}

/** A backup as a message. */
export function backupToProto(backup: Backup, backups: Backups): BackupMessage & Named {
  const { name, database, versionNanos, createdNanos, expireNanos, sizeBytes, content } = backup;
  const message: BackupMessage & Named = {
    name,
    database,
    versionTime: timestampToProto(versionNanos),
    createTime: timestampToProto(createdNanos),
    expireTime: timestampToProto(expireNanos),
    maxExpireTime: timestampToProto(createdNanos + retentionNanosMax),
    state: content === 0 ? Backup_State.CREATING : Backup_State.READY,
    backupSchedules: [...(backup.schedules ?? [])],
    oldestVersionTime: timestampToProto(versionNanos),
    referencingDatabases: [...backups.referencing(name)],
    databaseDialect: DatabaseDialect.GOOGLE_STANDARD_SQL,
  };
  if (content === 0) return message;
  const bytes = BigInt(sizeBytes);
  return { ...message, sizeBytes: bytes, freeableSizeBytes: bytes, exclusiveSizeBytes: bytes };
}

interface Named {
  readonly name: string;
}

/** How many restores run into each instance. */
export type Restores = AtOnce<string>;

/**
 * Begins to make a database from a backup, in any instance of any project. Row deletion policies are
 * not restored: otherwise rows would go before anybody has looked at them.
 */
export async function restoreDatabase(
  request: RestoreDatabaseRequest,
  options: AdminServiceOptions,
  restores: Restores,
  toProto: (entry: DatabaseEntry) => DatabaseMessage,
): Promise<MessageOperation> {
  const { parent = "", databaseId = "", source } = request;
  const { registry, operations, clock } = options;
  const name = registry.nameForNew(parent, databaseId);
  if (source === undefined || source.backup === "") throw missingField("source.backup");
  const backup = registry.backups.get(source.backup);
  const restoredFrom = restoredFromOf(backup);
  const startTime = timestampToProto(clock.now());
  const leave = restores.enter(parent);
  const restoring = registry.backups.restore(backup.name, name, async (blocks) => {
    const entry = await registry.restoreDatabase(parent, databaseId, blocks, restoredFrom);
    await dropRowDeletionPolicies(registry, name);
    return entry;
  });
  // What goes wrong is told by the operations.
  restoring.finally(leave).catch(() => undefined);
  const ended = async (): Promise<{ readonly result: Packed; readonly progress: Progress }> => {
    const result = pack(`${packageName}.Database`, DatabaseMessage, toProto(await restoring));
    const endTime = timestampToProto(clock.now());
    return { result, progress: { progressPercent: 100, startTime, endTime } };
  };
  const begunNow = { progressPercent: 0, startTime };
  const optimized = (progress: Progress): Packed => {
    const message = { name, progress };
    const messageName = `${packageName}.OptimizeRestoredDatabaseMetadata`;
    return pack(messageName, OptimizeRestoredDatabaseMetadata, message);
  };
  // There is nothing to optimize; clients wait for it all the same.
  const optimizing = operations.start(name, "", optimized(begunNow), async (report) => {
    const { result, progress } = await ended();
    report(optimized(progress));
    return result;
  });
  const metadata = (progress: Progress): Packed =>
    pack(`${packageName}.RestoreDatabaseMetadata`, RestoreDatabaseMetadata, {
      name,
      sourceType: RestoreSourceType.BACKUP,
      sourceInfo: { $case: "backupInfo", backupInfo: backupInfoOf(restoredFrom) },
      progress,
      optimizeDatabaseOperationName: optimizing.name,
    });
  return operations.start(name, "", metadata(begunNow), async (report) => {
    const { result, progress } = await ended();
    report(metadata(progress));
    return result;
  });
}

async function dropRowDeletionPolicies(registry: Registry, name: string): Promise<void> {
  const database = registry.get(name);
  for (const table of database.schema.tables.values()) {
    if (table.rowDeletionPolicy === undefined) continue;
    const path = table.name.split(".").map((part) => `\`${part}\``);
    await database.changeSchema(`ALTER TABLE ${path.join(".")} DROP ROW DELETION POLICY`);
  }
}

function restoredFromOf({ name, database, versionNanos, createdNanos }: Backup): RestoredFrom {
  return { backup: name, database, versionNanos, createdNanos };
}

/** What a restored database says of the backup that it was made from. */
export function backupInfoOf(restoredFrom: RestoredFrom): BackupInfo {
  const { backup, database, versionNanos, createdNanos } = restoredFrom;
  return {
    backup,
    sourceDatabase: database,
    versionTime: timestampToProto(versionNanos),
    createTime: timestampToProto(createdNanos),
  };
}

function nanosOf(timestamp: Timestamp | undefined): bigint | undefined {
  return timestamp === undefined ? undefined : nanosFromProto(timestamp);
}
