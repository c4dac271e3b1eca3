// SPDX-License-Identifier: Apache-2.0
// What the options of a database mean for the rooms above.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#alter-database
import { DEFAULT_TIME_ZONE } from "../functions/context.ts";
import type { Schema } from "./schema.ts";

/** The time zone of values that name none; Spanner's own when the database has no opinion. */
export function defaultTimeZoneOf(schema: Schema): string {
  return databaseOptionOf(schema, "default_time_zone") ?? DEFAULT_TIME_ZONE;
}

/** How long versions are kept; undefined when the database has no opinion. */
export function versionRetentionMillisOf(schema: Schema): number | undefined {
  const hours = durationHours(versionRetentionOf(schema) ?? "");
  return hours === undefined ? undefined : Math.round(hours * 3_600_000);
}

/** How long versions are kept, as the statement said it, such as `7d`. */
export function versionRetentionOf(schema: Schema): string | undefined {
  return databaseOptionOf(schema, "version_retention_period");
}

const hoursOf: Readonly<Record<string, number>> = { d: 24, h: 1, m: 1 / 60, s: 1 / 3_600 };

/** The hours of `7d`, `168h`, `10080m` or `604800s`; undefined when it is none of these. */
export function durationHours(text: string): number | undefined {
  const [, count = "", unit = ""] = /^(\d+)([dhms])$/.exec(text) ?? [];
  const hours = hoursOf[unit];
  return hours === undefined ? undefined : Number(count) * hours;
}

/**
 * An option that is a text; undefined when it is not set. Options are kept as SQL literals; those that are
 * asked for here hold nothing to escape.
 */
export function databaseOptionOf({ options }: Schema, name: string): string | undefined {
  return options?.values.get(name)?.slice(1, -1);
}
