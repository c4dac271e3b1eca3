// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a change stream, and what it stands in the way of.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function columnNeededByChangeStream(
  table: string,
  column: string,
  streams: readonly string[],
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_CHANGE_STREAM",
    `Cannot drop column ${table}.${column} . Column ${table}.${column} is tracked by ${streams.length} Change Stream: ${streams.join(", ")}. Columns explicitly tracked by a Change Stream cannot be dropped. Please alter the Change Stream to stop tracking the column before dropping the column.`,
  );
}

export function tableNeededByChangeStreams(table: string, streams: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_NEEDED_BY_CHANGE_STREAMS",
    `Cannot drop table ${table}. Table ${table} is tracked by ${streams.length} Change Stream: ${streams.join(", ")}. Tables explicitly tracked by a Change Stream cannot be dropped. Please drop the Change Stream or modify its FOR clause to stop tracking the table explicitly before dropping the table.`,
  );
}

export function changeStreamColumn(stream: string, table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_COLUMN",
    `Change Stream ${stream} cannot track column ${column} because it does not exist in Table ${table}.`,
  );
}

export function changeStreamColumnRepeated(
  stream: string,
  table: string,
  column: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_COLUMN_REPEATED",
    `Change Stream ${stream} should not list Column ${column} of Table ${table} more than once in the FOR clause.`,
  );
}

export function changeStreamKeyColumn(stream: string, table: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_KEY_COLUMN",
    `The FOR clause of Change Stream ${stream} should not list the primary key column ${column} of Table ${table}. Please list non-key columns only, because primary key columns are always tracked if the table is tracked.`,
  );
}

/** `column` with its table: `Users.Name`. */
export function changeStreamGeneratedColumn(stream: string, column: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_GENERATED_COLUMN",
    `Change Stream ${stream} does not support tracking non-key generated column ${column}. Change Streams support tracking Tables and Columns in the default schema (not in INFORMATION_SCHEMA or SPANNER_SYS). Change Streams, Indexes, Queues, Views/Functions and non-key Generated Columns that are not STORED VOLATILE are not supported for tracking.`,
  );
}

export function changeStreamTable(stream: string, table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_TABLE",
    `Change Stream ${stream} cannot track ${table} because either Change Streams do not track database objects of this type, or this Table does not exist.`,
  );
}

export function changeStreamTableRepeated(stream: string, table: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_TABLE_REPEATED",
    `Change Stream ${stream} should not list Table ${table} more than once in the FOR clause.`,
  );
}

export function tooManyChangeStreams(stream: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_CHANGE_STREAMS",
    `Cannot add Change Stream ${stream} : because the maximum number of Change Streams per Database (limit ${limit}) has been reached.`,
  );
}

/** `watched` is a table, a column with its table, or `ALL`. */
export function tooManyWatchers(stream: string, limit: number, watched: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_WATCHERS",
    `Failed to create or alter Change Stream ${stream} : because it is not allowed to have more than ${limit} Change Streams tracking the same table or non-key column or ALL: ${watched}.`,
  );
}

export function changeStreamWatchMissing(stream: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_WATCH_MISSING",
    `The ALTER CHANGE STREAM DROP FOR clause cannot be applied on Change Stream ${stream}, because it does not have a FOR clause and it does not track any database object.`,
  );
}

export function invalidDuration(text: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INVALID_DURATION",
    `Invalid time duration format: ${text}.`,
  );
}

export function changeStreamRetention(period: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_RETENTION",
    `Invalid retention_period: ${period}. Change Streams retention period must be a value in the range [24h, 7d].`,
  );
}

export function changeStreamValueCapture(type: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_VALUE_CAPTURE",
    `Invalid value_capture_type: ${type}. Change Streams only support value capture types in OLD_AND_NEW_VALUES, NEW_ROW, NEW_VALUES, and NEW_ROW_AND_OLD_VALUES.`,
  );
}
