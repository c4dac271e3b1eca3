// SPDX-License-Identifier: Apache-2.0
// What can be wrong with backups, their schedules, policies, and the rest of what is administered.
import { Code, StatusError } from "@spandrel/base";

const admin = "type.googleapis.com/google.spanner.admin";

/** A kind of resource. */
export type ResourceKind = "Backup" | "Backup schedule" | "Instance partition" | "Instance config";

/** The kinds of resources, by the word that messages have for them. */
const resourceTypes: Readonly<Record<ResourceKind, string>> = {
  Backup: `${admin}.database.v1.Backup`,
  "Backup schedule": `${admin}.database.v1.BackupSchedule`,
  "Instance partition": `${admin}.instance.v1.InstancePartition`,
  "Instance config": `${admin}.instance.v1.InstanceConfig`,
};

export function resourceNotFound(kind: ResourceKind, name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `${kind} not found: ${name}`, {
    reason: "RESOURCE_NOT_FOUND",
    details: [
      {
        kind: "ResourceInfo",
        resourceType: resourceTypes[kind],
        resourceName: name,
        owner: "",
        description: `${kind} does not exist.`,
      },
    ],
  });
}

export function resourceAlreadyExists(kind: ResourceKind, name: string): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `${kind} already exists: ${name}`, {
    reason: "RESOURCE_ALREADY_EXISTS",
    details: [
      {
        kind: "ResourceInfo",
        resourceType: resourceTypes[kind],
        resourceName: name,
        owner: "",
        description: `${kind} already exists.`,
      },
    ],
  });
}

/** `rule`: what an id must be, such as `2 to 60 characters and match [a-z][a-z0-9_-]*[a-z0-9]`. */
export function invalidResourceId(kind: ResourceKind, id: string, rule: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid ${kind.toLowerCase()} id: "${id}". It must have ${rule}.`,
    { reason: "INVALID_RESOURCE_ID" },
  );
}

export function missingField(field: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `The field ${field} is required.`, {
    reason: "MISSING_FIELD",
  });
}

/** `field` of `kind`, which an update may not name; `updatable` may be named. */
export function fieldNotUpdatable(
  kind: string,
  field: string,
  updatable: readonly string[],
): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Field ${field} of ${kind} cannot be updated; ${updatable.join(", ")} can.`,
    { reason: "FIELD_NOT_UPDATABLE" },
  );
}

export function expireTimeOutOfRange(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "The expire_time of a backup must be at least 6 hours and at most 366 days after its creation.",
    { reason: "EXPIRE_TIME_OUT_OF_RANGE" },
  );
}

export function versionTimeInFuture(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "The version_time of a backup must not be in the future.",
    { reason: "VERSION_TIME_IN_FUTURE" },
  );
}

export function versionTimeTooOld(database: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `The version_time is before the earliest_version_time of database ${database}: what it was then ` +
      "is not kept any more.",
    { reason: "VERSION_TIME_TOO_OLD" },
  );
}

export function backupOfOtherInstance(database: string, instance: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Database ${database} is not in instance ${instance}; a backup is made in the instance of its database.`,
    { reason: "BACKUP_OF_OTHER_INSTANCE" },
  );
}

export function backupPending(database: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `A backup of database ${database} is being created already; one can be at a time.`,
    { reason: "BACKUP_PENDING" },
  );
}

export function backupNotReady(name: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Backup ${name} is still being created; wait until its state is READY.`,
    { reason: "BACKUP_NOT_READY" },
  );
}

export function backupInUse(name: string, database: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Backup ${name} cannot be deleted while database ${database} is being restored from it.`,
    { reason: "BACKUP_IN_USE" },
  );
}

export function instanceHasBackups(name: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Cannot delete instance ${name} because it contains backups. Delete the backups first.`,
    { reason: "INSTANCE_HAS_BACKUPS" },
  );
}

export function tooManySchedules(database: string, limit: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `Database ${database} has ${limit} backup schedules already, which is the most that it may have.`,
    { reason: "TOO_MANY_SCHEDULES" },
  );
}

export function invalidCronSpec(text: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid cron_spec.text "${text}". It must have five fields, such as "0 2 * * *", and the minute ` +
      "must be a number.",
    { reason: "INVALID_CRON_SPEC" },
  );
}

/** `hours`: the least time between two backups of one schedule. */
export function scheduleTooFrequent(text: string, hours: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `The cron_spec.text "${text}" asks for backups less than ${hours} hours apart.`,
    { reason: "SCHEDULE_TOO_FREQUENT" },
  );
}

export function retentionOutOfRange(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "The retention_duration of a backup schedule must be at least 6 hours and at most 366 days.",
    { reason: "RETENTION_OUT_OF_RANGE" },
  );
}

/** `filter` as it was given. */
export function invalidBackupFilter(filter: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid filter "${filter}". Write conditions such as name:nightly, state:READY or ` +
      'create_time < "2026-01-01T00:00:00Z", joined by AND.',
    { reason: "INVALID_FILTER" },
  );
}

export function policyChangedMeanwhile(): StatusError {
  return new StatusError(
    Code.ABORTED,
    "There were concurrent policy changes. Read the policy again, change that, and set it.",
    { reason: "POLICY_CHANGED" },
  );
}

export function etagMismatch(kind: string, name: string): StatusError {
  return new StatusError(
    Code.ABORTED,
    `The etag is not that of ${kind} ${name}: it was changed meanwhile.`,
    { reason: "ETAG_MISMATCH" },
  );
}

export function wildcardPermission(permission: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Permission ${permission} has a wildcard; permissions are tested one by one.`,
    { reason: "WILDCARD_PERMISSION" },
  );
}

export function configNotCustom(name: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Instance config ${name} is managed by Google: it can be neither changed nor deleted.`,
    { reason: "CONFIG_NOT_CUSTOM" },
  );
}

export function configInUse(name: string, instance: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Instance config ${name} cannot be deleted while instance ${instance} uses it.`,
    { reason: "CONFIG_IN_USE" },
  );
}

export function splitPointInvalid(why: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `Invalid split point: ${why}.`, {
    reason: "SPLIT_POINT_INVALID",
  });
}

/** `what`: a call that this server has no use for. */
export function notServed(what: string, why: string): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, `${what} is not served here: ${why}.`, {
    reason: "NOT_SERVED",
  });
}

export function tooManyResources(owner: string, what: string, limit: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `${owner} has ${limit} ${what} already, which is the most that it may have.`,
    { reason: "TOO_MANY_RESOURCES" },
  );
}

export function tooManyRestores(limit: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `${limit} databases are being restored into the instance, which is the most at a time.`,
    { reason: "TOO_MANY_RESTORES" },
  );
}
