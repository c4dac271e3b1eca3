// SPDX-License-Identifier: Apache-2.0
import { Code } from "@spandrel/base";
import type { BackupSchedule as BackupScheduleMessage } from "@spandrel/protocol/admin";
import type { DatabaseAdmin } from "../admin/database-admin.ts";
import type { OperationOptions } from "../call/caller.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { duration } from "../transaction/timestamp-bound.ts";

/** When backups are made, of which kind, and how long they are kept. */
export interface BackupScheduleSettings {
  /** When, as five fields of cron in UTC: `0 2 * * *` is every night at two. */
  readonly crontab?: string | undefined;
  /** How long each backup is kept, in milliseconds. */
  readonly retentionMillis?: number | undefined;
  /** Whether backups hold everything, or what changed since the last. Default full. */
  readonly kind?: "full" | "incremental" | undefined;
}

/**
 * Backups of one database that are made by the clock.
 *
 * https://cloud.google.com/spanner/docs/backup/create-manage-backup-schedules
 */
export class BackupSchedule {
  readonly id: string;
  readonly name: string;
  readonly #databaseName: string;
  readonly #admin: DatabaseAdmin;

  constructor(admin: DatabaseAdmin, databaseName: string, id: string) {
    this.id = id;
    this.name = `${databaseName}/backupSchedules/${id}`;
    this.#databaseName = databaseName;
    this.#admin = admin;
  }

  /** Begins the schedule. */
  create(
    settings: BackupScheduleSettings,
    options: OperationOptions = {},
  ): Promise<BackupScheduleMessage> {
    const backupSchedule = scheduleMessage({ kind: "full", ...settings });
    const request = { parent: this.#databaseName, backupScheduleId: this.id, backupSchedule };
    return this.#admin.createBackupSchedule(request, options);
  }

  /** What the schedule is. */
  get(options: OperationOptions = {}): Promise<BackupScheduleMessage> {
    return this.#admin.getBackupSchedule({ name: this.name }, options);
  }

  /** Asks whether the schedule exists. */
  async exists(options: OperationOptions = {}): Promise<boolean> {
    try {
      await this.get(options);
      return true;
    } catch (error) {
      if (error instanceof SpannerError && error.code === Code.NOT_FOUND) return false;
      throw error;
    }
  }

  /** Changes the settings given and no others. */
  update(
    settings: BackupScheduleSettings,
    options: OperationOptions = {},
  ): Promise<BackupScheduleMessage> {
    const { crontab, retentionMillis, kind } = settings;
    const updateMask = [
      ...(crontab === undefined ? [] : ["spec.cron_spec.text"]),
      ...(retentionMillis === undefined ? [] : ["retention_duration"]),
      ...(kind === undefined ? [] : [`${kind}_backup_spec`]),
    ];
    const backupSchedule = { name: this.name, ...scheduleMessage(settings) };
    return this.#admin.updateBackupSchedule({ backupSchedule, updateMask }, options);
  }

  /** Ends the schedule; the backups that it made stay. */
  async delete(options: OperationOptions = {}): Promise<void> {
    await this.#admin.deleteBackupSchedule({ name: this.name }, options);
  }
}

function scheduleMessage(settings: BackupScheduleSettings): BackupScheduleMessage {
  const { crontab, retentionMillis, kind } = settings;
  return {
    ...(crontab !== undefined && {
      spec: { scheduleSpec: { $case: "cronSpec", cronSpec: { text: crontab } } },
    }),
    ...(retentionMillis !== undefined && {
      retentionDuration: duration("retentionMillis", retentionMillis),
    }),
    ...(kind === "full" && { backupTypeSpec: { $case: "fullBackupSpec", fullBackupSpec: {} } }),
    ...(kind === "incremental" && {
      backupTypeSpec: { $case: "incrementalBackupSpec", incrementalBackupSpec: {} },
    }),
  };
}
