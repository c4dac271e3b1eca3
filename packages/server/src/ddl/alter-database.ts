// SPDX-License-Identifier: Apache-2.0
// ALTER DATABASE: the options of a database as a whole.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#alter-database
import type { AlterDatabase, Options } from "@spandrel/sql";
import {
  databaseOptionOutOfRange,
  invalidSequenceKind,
  invalidTimeZone,
  sequenceKindFixed,
  timeZoneFixed,
} from "../errors/definition.ts";
import { offsetSecondsAt } from "../functions/time-zone.ts";
import { durationHours } from "../schema/database-options.ts";
import type { Schema } from "../schema/schema.ts";
import { type OptionRules, requireOptions, textOption } from "./options.ts";
import { printOptionValue } from "./print-options.ts";
import type { ChangeContext, SchemaChange } from "./schema-change.ts";

const databaseOptions: OptionRules = {
  version_retention_period: "string",
  default_leader: "string",
  witness_location: "string",
  optimizer_version: "integer",
  optimizer_statistics_package: "string",
  default_sequence_kind: "string",
  default_time_zone: "string",
  read_lease_regions: "string",
  enable_key_visualizer: "boolean",
  columnar_policy: "string",
};

/** The schema with options of its database set, or taken away by NULL. */
export function alterDatabase(
  schema: Schema,
  { name, options }: AlterDatabase,
  context: ChangeContext,
): SchemaChange {
  requireOptions(options, databaseOptions, context);
  requireRetention(options);
  requireSequenceKind(schema, options);
  requireTimeZone(schema, options);
  const values = new Map(schema.options?.values);
  for (const entry of options.entries) {
    if (entry.value.kind === "null") values.delete(entry.name.name);
    else values.set(entry.name.name, printOptionValue(entry.value));
  }
  const changed = { ...schema, version: schema.version + 1 };
  const kept = values.size === 0 ? undefined : { database: name.name, values };
  return { schema: { ...changed, options: kept }, effects: [] };
}

/** Old versions are kept from an hour to seven days. https://cloud.google.com/spanner/docs/pitr */
function requireRetention(options: Options): void {
  const text = textOption(options, "version_retention_period");
  if (text === undefined) return;
  const hours = durationHours(text);
  if (hours === undefined || hours < 1 || hours > 7 * 24) {
    throw databaseOptionOutOfRange("version_retention_period", text, "1h", "7d");
  }
}

function requireSequenceKind(schema: Schema, { entries }: Options): void {
  const entry = entries.find(({ name }) => name.name === "default_sequence_kind");
  if (entry === undefined) return;
  const { value } = entry;
  if (value.kind === "string") {
    if (value.value !== "bit_reversed_positive") throw invalidSequenceKind(value.value);
  } else if (schema.options?.values.has("default_sequence_kind") === true) {
    throw sequenceKindFixed();
  }
}

function requireTimeZone(schema: Schema, { entries }: Options): void {
  const entry = entries.find(({ name }) => name.name === "default_time_zone");
  if (entry === undefined) return;
  if (schema.tables.size > 0) throw timeZoneFixed();
  const { value } = entry;
  if (value.kind === "string" && !isTimeZone(value.value)) throw invalidTimeZone(value.value);
}

function isTimeZone(name: string): boolean {
  try {
    offsetSecondsAt(0n, name);
    return true;
  } catch {
    // Asking for the offset is the only way to know whether there is such a zone.
    return false;
  }
}
