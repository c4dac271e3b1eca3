// SPDX-License-Identifier: Apache-2.0
import { Code } from "@spandrel/base";
import type {
  Backup as BackupMessage,
  CopyBackupMetadata,
  CreateBackupEncryptionConfig,
  CreateBackupMetadata,
} from "@spandrel/protocol/admin";
import type { DatabaseAdmin } from "../admin/database-admin.ts";
import type { Operation } from "../admin/operation.ts";
import type { OperationOptions } from "../call/caller.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { type Moment, Timestamp } from "../values/timestamp.ts";

/** How a backup is made of a database. */
export interface CreateBackupOptions extends OperationOptions {
  /** When Spanner deletes the backup: 6 hours to a year from now. */
  readonly expireTime: Moment;
  /** The moment of the database that the backup holds. Default: that of its creation. */
  readonly versionTime?: Moment | undefined;
  readonly encryptionConfig?: CreateBackupEncryptionConfig | undefined;
}

/** How a backup is copied. */
export type CopyBackupOptions = Pick<CreateBackupOptions, "expireTime" | "encryptionConfig"> &
  OperationOptions;

/**
 * A backup, kept in an instance: `projects/p/instances/i/backups/b`.
 *
 * https://cloud.google.com/spanner/docs/backup
 */
export class Backup {
  readonly id: string;
  readonly name: string;
  readonly #instanceName: string;
  readonly #admin: DatabaseAdmin;
  #message: BackupMessage | undefined;

  constructor(admin: DatabaseAdmin, instanceName: string, id: string, message?: BackupMessage) {
    this.id = id;
    this.name = `${instanceName}/backups/${id}`;
    this.#instanceName = instanceName;
    this.#admin = admin;
    this.#message = message;
  }

  /** What the server last said of the backup; undefined before `reload()`. */
  get metadata(): BackupMessage | undefined {
    return this.#message;
  }

  /** Makes the backup of a database, given or named in full. */
  create(
    database: string | { readonly name: string },
    options: CreateBackupOptions,
  ): Promise<Operation<BackupMessage, CreateBackupMetadata>> {
    const { expireTime, versionTime, encryptionConfig } = options;
    const backup = {
      database: typeof database === "string" ? database : database.name,
      expireTime: Timestamp.from(expireTime).toProto(),
      ...(versionTime !== undefined && { versionTime: Timestamp.from(versionTime).toProto() }),
    };
    const request = {
      parent: this.#instanceName,
      backupId: this.id,
      backup,
      ...(encryptionConfig && { encryptionConfig }),
    };
    return this.#admin.createBackup(request, options);
  }

  /** Makes the backup a copy of another one, given or named in full. */
  copyFrom(
    source: string | { readonly name: string },
    options: CopyBackupOptions,
  ): Promise<Operation<BackupMessage, CopyBackupMetadata>> {
    const { expireTime, encryptionConfig } = options;
    const request = {
      parent: this.#instanceName,
      backupId: this.id,
      sourceBackup: typeof source === "string" ? source : source.name,
      expireTime: Timestamp.from(expireTime).toProto(),
      ...(encryptionConfig && { encryptionConfig }),
    };
    return this.#admin.copyBackup(request, options);
  }

  /** Asks whether the backup exists. */
  async exists(options: OperationOptions = {}): Promise<boolean> {
    try {
      await this.reload(options);
      return true;
    } catch (error) {
      if (error instanceof SpannerError && error.code === Code.NOT_FOUND) return false;
      throw error;
    }
  }

  /** Asks the server what the backup is, for `metadata`. */
  async reload(options: OperationOptions = {}): Promise<BackupMessage> {
    this.#message = await this.#admin.getBackup({ name: this.name }, options);
    return this.#message;
  }

  /** Changes when Spanner deletes the backup. */
  async updateExpireTime(expireTime: Moment, options: OperationOptions = {}): Promise<void> {
    const backup = { name: this.name, expireTime: Timestamp.from(expireTime).toProto() };
    const request = { backup, updateMask: ["expire_time"] };
    this.#message = await this.#admin.updateBackup(request, options);
  }

  /** Deletes the backup. */
  async delete(options: OperationOptions = {}): Promise<void> {
    await this.#admin.deleteBackup({ name: this.name }, options);
  }
}
