// SPDX-License-Identifier: Apache-2.0
// Backup schedules: judged, kept and carried out. Incremental ones make full backups, each of which can be
// restored alone: what an incremental backup saves is room on the disks of others.
// https://cloud.google.com/spanner/docs/backup/create-manage-backup-schedules
import { nanosFromProto, printTimestamp, timestampToProto } from "@spandrel/model";
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
  scheduleTooFrequent,
  tooManySchedules,
} from "../errors/backup.ts";
import {
  type BackupPlan,
  BackupScheduler,
  creationWindowMillis,
  type DueBackup,
} from "../instance/backup-scheduler.ts";
import { leastMillisBetween, parseCrontab } from "../instance/crontab.ts";
import type { AdminServiceOptions } from "./admin-options.ts";
import { beginBackup } from "./backup-calls.ts";
import { KeptMessages } from "./kept-messages.ts";

const hourNanos = 3_600_000_000_000n;
/** The least time between two backups of a schedule. */
const hoursBetweenFull = 12;
const hoursBetweenIncremental = 4;
const updatable = ["spec", "retention_duration", "encryption_config"];

/** Answers the calls about backup schedules. */
export class BackupSchedules {
  readonly #options: AdminServiceOptions;
  readonly #kept: KeptMessages<BackupSchedule>;
  readonly #scheduler: BackupScheduler;

  constructor(options: AdminServiceOptions) {
    this.#options = options;
    this.#scheduler = new BackupScheduler({
      ...options,
      plans: () =>
        options.registry.messages.backupSchedules.all.flatMap(({ name }) => {
          const plan = planOf({ ...this.get(name), name });
          return plan === undefined ? [] : [plan];
        }),
      carryOut: (due) => this.#makeBackup(due),
    });
    this.#kept = new KeptMessages(options.registry.messages.backupSchedules, BackupSchedule);
  }

  /** Makes backups from now on, when it is time for them, until the registry is closed. */
  carryOut(): void {
    this.#options.registry.onClose = () => this.#scheduler.stop();
    this.#scheduler.watch();
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
    this.#scheduler.watch();
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
    this.#scheduler.watch();
    return schedule;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such schedule. */
  async delete(name: string): Promise<void> {
    this.get(name);
    await this.#kept.remove(name);
  }

  /** Makes a backup for schedules; its operation is among those of the backups. */
  async #makeBackup({ database, plans, atMillis }: DueBackup): Promise<void> {
    const { registry, clock } = this.#options;
    const entry = registry.getEntry(database);
    const [instance = ""] = database.split("/databases/");
    const kept = clock.now() - BigInt(registry.get(database).versionRetentionMillis) * 1_000_000n;
    const atNanos = BigInt(atMillis) * 1_000_000n;
    const retention = plans.reduce(
      (most, { retentionNanos }) => (retentionNanos > most ? retentionNanos : most),
      0n,
    );
    const isKept = atNanos >= kept && atNanos >= entry.createdNanos;
    const operation = await beginBackup(
      {
        instance,
        id: this.#backupId(instance, plans, atMillis),
        database,
        expireNanos: clock.now() + retention,
        versionNanos: isKept ? atNanos : undefined,
        schedules: plans.map(({ name }) => name),
      },
      this.#options,
    );
    await operation.ended;
    if (operation.state.kind === "failed") throw operation.state.error;
  }

  /** A name that no backup of the instance has, which tells database, schedule and moment. */
  #backupId(instance: string, [plan]: readonly BackupPlan[], atMillis: number): string {
    const [, database, schedule] =
      /([^/]+)\/backupSchedules\/([^/]+)$/.exec(plan?.name ?? "") ?? [];
    const moment = printTimestamp(BigInt(atMillis) * 1_000_000n).slice(0, 16);
    const time = moment.replaceAll(/[-:]/g, "").replace("T", "-");
    const taken = new Set(this.#options.registry.backups.list(instance).map(({ name }) => name));
    for (let count = 1; ; count++) {
      const end = `_${time}${count === 1 ? "" : `-${count}`}`;
      const id = `${database}_${schedule}`.slice(0, 60 - end.length) + end;
      if (!taken.has(`${instance}/backups/${id}`)) return id;
    }
  }

  /** A schedule as it is kept: with defaults, and the time of the change. */
  #judged(schedule: BackupSchedule): BackupSchedule {
    const { spec, retentionDuration, backupTypeSpec } = schedule;
    const cronSpec = spec?.scheduleSpec?.cronSpec;
    if (cronSpec === undefined) throw missingField("backup_schedule.spec.cron_spec");
    const text = cronSpec.text ?? "";
    const crontab = parseCrontab(text);
    const least = crontab && leastMillisBetween(crontab);
    // Spanner takes one minute of an hour, and no more.
    if (least === undefined || crontab?.minutes.length !== 1) throw invalidCronSpec(text);
    if (retentionDuration === undefined) throw missingField("backup_schedule.retention_duration");
    const retention = nanosFromProto(retentionDuration);
    if (retention < 6n * hourNanos || retention > 366n * 24n * hourNanos)
      throw retentionOutOfRange();
    if (backupTypeSpec === undefined) {
      throw missingField("backup_schedule.full_backup_spec or incremental_backup_spec");
    }
    const isFull = backupTypeSpec.$case === "fullBackupSpec";
    const hours = isFull ? hoursBetweenFull : hoursBetweenIncremental;
    if (least < hours * 3_600_000) throw scheduleTooFrequent(text, hours);
    const creationWindow = { seconds: BigInt(creationWindowMillis / 1_000), nanos: 0 };
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

/** What a schedule asks for; undefined for one that is older than the rules and cannot be read. */
function planOf(schedule: BackupSchedule & { readonly name: string }): BackupPlan | undefined {
  const { name, spec, retentionDuration, updateTime } = schedule;
  const crontab = parseCrontab(spec?.scheduleSpec?.cronSpec.text ?? "");
  if (crontab === undefined || retentionDuration === undefined) return undefined;
  const [database = ""] = name.split("/backupSchedules/");
  const sinceNanos = updateTime === undefined ? 0n : nanosFromProto(updateTime);
  return {
    name,
    database,
    crontab,
    retentionNanos: nanosFromProto(retentionDuration),
    sinceMillis: Number(sinceNanos / 1_000_000n),
  };
}
