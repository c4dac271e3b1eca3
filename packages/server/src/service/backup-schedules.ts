// SPDX-License-Identifier: Apache-2.0
// Backup schedules: judged and kept, but not carried out: no backup is made by one. A program that
// administers them finds everything as it left it.
// https://cloud.google.com/spanner/docs/backup/create-manage-backup-schedules
import { nanosFromProto, timestampToProto } from "@spandrel/model";
import {
  BackupSchedule,
  type CreateBackupScheduleRequest,
  type UpdateBackupScheduleRequest,
} from "@spandrel/protocol/admin";
import {
  fieldNotUpdatable,
  invalidCronSpec,
  invalidResourceId,
  missingField,
  resourceAlreadyExists,
  resourceNotFound,
  retentionOutOfRange,
  tooManySchedules,
} from "../errors/backup.ts";
import type { AdminServiceOptions } from "./admin-options.ts";
import { KeptMessages } from "./kept-messages.ts";

const hourNanos = 3_600_000_000_000n;
const updatable = ["spec", "retention_duration", "encryption_config"];

/** Answers the calls about backup schedules. */
export class BackupSchedules {
  readonly #options: AdminServiceOptions;
  readonly #kept: KeptMessages<BackupSchedule>;

  constructor(options: AdminServiceOptions) {
    this.#options = options;
    this.#kept = new KeptMessages(options.registry.messages.backupSchedules, BackupSchedule);
  }

  /** @throws {StatusError} NOT_FOUND for the database, ALREADY_EXISTS, INVALID_ARGUMENT. */
  async create(request: CreateBackupScheduleRequest): Promise<BackupSchedule> {
    const { parent = "", backupScheduleId: id = "", backupSchedule = {} } = request;
    this.#options.registry.getEntry(parent);
    if (!/^[a-z][a-z0-9_-]{0,58}[a-z0-9]$/.test(id)) {
      throw invalidResourceId(
        "Backup schedule",
        id,
        "2 to 60 characters and match [a-z][a-z0-9_-]*[a-z0-9]",
      );
    }
    const name = `${parent}/backupSchedules/${id}`;
    const schedule = this.#judged({ ...backupSchedule, name });
    await this.#kept.put(name, schedule, () => {
      if (this.#kept.get(name) !== undefined) throw resourceAlreadyExists("Backup schedule", name);
      const { schedulesPerDatabaseMax } = this.#options.limits;
      if (this.list(parent).length >= schedulesPerDatabaseMax) {
        throw tooManySchedules(parent, schedulesPerDatabaseMax);
      }
    });
    return schedule;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such schedule. */
  get(name: string): BackupSchedule {
    const schedule = this.#kept.get(name);
    if (schedule === undefined) throw resourceNotFound("Backup schedule", name);
    return schedule;
  }

  /** The schedules of a database by name. @throws {StatusError} NOT_FOUND for the database. */
  list(parent: string): readonly (BackupSchedule & { readonly name: string })[] {
    this.#options.registry.getEntry(parent);
    return this.#kept.under(parent);
  }

  /** Changes the fields of the mask. @throws {StatusError} NOT_FOUND, INVALID_ARGUMENT. */
  async update({
    backupSchedule: wanted = {},
    updateMask = [],
  }: UpdateBackupScheduleRequest): Promise<BackupSchedule> {
    const before = this.get(wanted.name ?? "");
    if (updateMask.length === 0) throw missingField("update_mask");
    let changed = before;
    for (const path of updateMask) {
      const [field = ""] = path.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`).split(".", 1);
      if (field === "spec") changed = { ...changed, spec: wanted.spec };
      else if (field === "retention_duration") {
        changed = { ...changed, retentionDuration: wanted.retentionDuration };
      } else if (field === "encryption_config") {
        changed = { ...changed, encryptionConfig: wanted.encryptionConfig };
      } else throw fieldNotUpdatable("a backup schedule", path, updatable);
    }
    const name = before.name ?? "";
    const schedule = this.#judged(changed);
    await this.#kept.put(name, schedule, () => void this.get(name));
    return schedule;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such schedule. */
  async delete(name: string): Promise<void> {
    this.get(name);
    await this.#kept.remove(name);
  }

  /** A schedule as it is kept: with defaults, and the time of the change. */
  #judged(schedule: BackupSchedule): BackupSchedule {
    const { spec, retentionDuration, backupTypeSpec } = schedule;
    const cronSpec = spec?.scheduleSpec?.cronSpec;
    if (cronSpec === undefined) throw missingField("backup_schedule.spec.cron_spec");
    const text = cronSpec.text ?? "";
    if (!/^\d{1,2}( +[-\d*,/]+){4}$/.test(text.trim())) throw invalidCronSpec(text);
    if (retentionDuration === undefined) throw missingField("backup_schedule.retention_duration");
    const retention = nanosFromProto(retentionDuration);
    if (retention < 6n * hourNanos || retention > 366n * 24n * hourNanos)
      throw retentionOutOfRange();
    if (backupTypeSpec === undefined) {
      throw missingField("backup_schedule.full_backup_spec or incremental_backup_spec");
    }
    const creationWindow = { seconds: 14_400n, nanos: 0 };
    return {
      ...schedule,
      spec: {
        scheduleSpec: {
          $case: "cronSpec",
          cronSpec: { ...cronSpec, timeZone: "UTC", creationWindow },
        },
      },
      encryptionConfig: schedule.encryptionConfig ?? { encryptionType: 1 },
      updateTime: timestampToProto(this.#options.clock.now()),
    };
  }
}
