// SPDX-License-Identifier: Apache-2.0
// The filter of ListBackups: conditions such as `name:nightly`, `state:READY` or
// `create_time < "2026-01-01T00:00:00Z"`, joined by AND, each in parentheses or not.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.database.v1#listbackupsrequest
import { parseTimestamp } from "@spandrel/model";
import { invalidBackupFilter } from "../errors/backup.ts";
import type { Backup } from "../instance/backups.ts";

const condition =
  /^(name|database|state|create_time|expire_time|version_time|size_bytes)\s*(<=|>=|!=|[:=<>])\s*"?([^"]*)"?$/;

/**
 * Reads a filter as a test of a backup; an empty one lets all through. Texts are looked for without
 * case, and `:` finds a part of them.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it is none that this server understands.
 */
export function backupFilter(filter: string): (backup: Backup) => boolean {
  const text = filter.trim();
  if (text === "") return () => true;
  const tests = text.split(/\s+AND\s+/i).map((part) => {
    const match = condition.exec(part.replace(/^\(+|\)+$/g, "").trim());
    if (match === null) throw invalidBackupFilter(filter);
    const [, field = "", operator = "", value = ""] = match;
    return field.endsWith("_time") || field === "size_bytes"
      ? ofNumber(field, operator, value, filter)
      : ofText(field, operator, value, filter);
  });
  return (backup) => tests.every((holds) => holds(backup));
}

function ofText(field: string, operator: string, value: string, filter: string) {
  if (/[<>]/.test(operator)) throw invalidBackupFilter(filter);
  const wanted = value.toLowerCase();
  return (backup: Backup): boolean => {
    const found = textOf(backup, field).toLowerCase();
    if (operator === ":") return found.includes(wanted);
    return (found === wanted) === (operator === "=");
  };
}

function textOf({ name, database, content }: Backup, field: string): string {
  if (field === "name") return name;
  if (field === "database") return database;
  return content === 0 ? "CREATING" : "READY";
}

function ofNumber(field: string, operator: string, value: string, filter: string) {
  const wanted = field === "size_bytes" ? wholeNumber(value) : parseTimestamp(value);
  if (wanted === undefined) throw invalidBackupFilter(filter);
  return (backup: Backup): boolean => {
    const found = numberOf(backup, field);
    switch (operator) {
      case "<":
        return found < wanted;
      case "<=":
        return found <= wanted;
      case ">":
        return found > wanted;
      case ">=":
        return found >= wanted;
      default:
        return (found === wanted) === (operator !== "!=");
    }
  };
}

function numberOf(backup: Backup, field: string): bigint {
  switch (field) {
    case "create_time":
      return backup.createdNanos;
    case "expire_time":
      return backup.expireNanos;
    case "version_time":
      return backup.versionNanos;
    default:
      return BigInt(backup.sizeBytes);
  }
}

function wholeNumber(text: string): bigint | undefined {
  return /^\d+$/.test(text) ? BigInt(text) : undefined;
}
