// SPDX-License-Identifier: Apache-2.0
// What can be wrong with views, sequences, named schemas, change streams and roles.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function namedSchemaNotFound(name: string): StatusError {
  return schemaError("NOT_FOUND", "SCHEMA_NOT_FOUND", `Schema not found: ${name}`);
}

export function schemaNotEmpty(name: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "SCHEMA_NOT_EMPTY",
    `Cannot drop schema ${name} because it is not empty.`,
  );
}

export function identityOnWrongType(column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "IDENTITY_ON_WRONG_TYPE",
    `Identity column ${column} must be of type INT64.`,
  );
}

export function sequenceKindMissing(name: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "SEQUENCE_KIND_MISSING",
    `The sequence kind of ${name} is not specified. Please specify the sequence kind explicitly or set the database option \`default_sequence_kind\`.`,
  );
}

export function columnNeededByViews(column: string, views: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_VIEWS",
    `Cannot drop column \`${column}\` on which there are dependent views: ${views.join(", ")}.`,
  );
}

export function tableNeededByViews(table: string, views: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_NEEDED_BY_VIEWS",
    `Cannot drop TABLE \`${table}\` on which there are dependent views: ${views.join(", ")}.`,
  );
}

export function columnNeededByChangeStream(
  table: string,
  column: string,
  streams: readonly string[],
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_CHANGE_STREAM",
    `Cannot drop column ${table}.${column}. Columns explicitly tracked by a Change Stream cannot be dropped: ${streams.join(", ")}.`,
  );
}

export function tableNeededByChangeStreams(table: string, streams: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_NEEDED_BY_CHANGE_STREAMS",
    `Cannot drop table ${table}. Tables explicitly tracked by a Change Stream cannot be dropped: ${streams.join(", ")}.`,
  );
}

export function definitionNotFound(kind: string, name: string): StatusError {
  return schemaError("NOT_FOUND", "DEFINITION_NOT_FOUND", `${kind} not found: ${name}`);
}

export function viewSecurityMissing(view: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_SECURITY_MISSING",
    `View \`${view}\` must say SQL SECURITY INVOKER or SQL SECURITY DEFINER.`,
  );
}

export function viewColumnUnnamed(column: number): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_COLUMN_UNNAMED",
    `CREATE VIEW columns must be named, but column ${column} has no name`,
  );
}

export function viewInvalid(view: string, cause: StatusError): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_INVALID",
    `Error analyzing the definition of view \`${view}\`: ${cause.message}`,
  );
}

export function recursiveView(view: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "RECURSIVE_VIEW",
    `Cannot replace VIEW \`${view}\` because new definition is recursive.`,
  );
}

export function changeStreamColumn(stream: string, table: string, column: string): StatusError {
  return schemaError(
    "NOT_FOUND",
    "CHANGE_STREAM_COLUMN",
    `Change Stream ${stream} cannot list column ${column}, because it does not exist in Table ${table}.`,
  );
}

export function changeStreamKeyColumn(stream: string, table: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "CHANGE_STREAM_KEY_COLUMN",
    `Change Stream ${stream} should not list the primary key column ${column} of Table ${table} in the FOR clause.`,
  );
}

export function changeStreamTable(stream: string, table: string): StatusError {
  return schemaError(
    "NOT_FOUND",
    "CHANGE_STREAM_TABLE",
    `Change Stream ${stream} cannot track ${table}: Change Streams do not track database objects of this type, or this Table does not exist.`,
  );
}

export function changeStreamTableRepeated(stream: string, table: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "CHANGE_STREAM_TABLE_REPEATED",
    `Change Stream ${stream} should not list Table ${table} more than once in the FOR clause.`,
  );
}

export function tooManyChangeStreams(stream: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_CHANGE_STREAMS",
    `Cannot create Change Stream ${stream} because the maximum number of Change Streams per Database is ${limit}.`,
  );
}

export function changeStreamWatchMissing(stream: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "CHANGE_STREAM_WATCH_MISSING",
    `The ALTER CHANGE STREAM DROP FOR clause cannot be applied on Change Stream ${stream}, because it does not have a FOR clause.`,
  );
}

export function viewNeededByViews(view: string, views: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "VIEW_NEEDED_BY_VIEWS",
    `Cannot drop VIEW \`${view}\` on which there are dependent views: ${views.join(", ")}.`,
  );
}

export function viewBroken(changed: string, view: string, cause: StatusError): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "VIEW_BROKEN",
    `Cannot alter ${changed}. The new definition causes the definition of VIEW \`${view}\` to become ` +
      `invalid with the following diagnostic message: ${cause.message}`,
  );
}

export function viewTypeChanged(
  changed: string,
  view: string,
  from: string,
  to: string,
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "VIEW_TYPE_CHANGED",
    `Cannot alter ${changed}. Action would implicitly change the type of an output column for VIEW ` +
      `\`${view}\` from \`${from}\` to \`${to}\`.\nTip: Give explicit type to output columns in the VIEW ` +
      "definition before making this change by adding casts/conversions to the intended final output type.",
  );
}

export function viewReplacedInvalid(view: string, cause: StatusError): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_INVALID",
    `Cannot replace VIEW \`${view}\` because new definition is invalid with the following ` +
      `diagnostic message: ${cause.message}`,
  );
}

export function viewWithDefinitions(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_INVALID",
    "WITH clauses are unsupported in view definitions.",
  );
}

export function sequenceInUse(sequence: string, columns: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "SEQUENCE_IN_USE",
    `Cannot drop sequence \`${sequence}\` on which there are dependent columns: ${columns.join(", ")}.`,
  );
}

export function privilegesOnRole(role: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PRIVILEGES_ON_ROLE",
    `Cannot drop role ${role}: revoke its privileges and memberships first.`,
  );
}

export function privilegesOnObject(kind: string, name: string, role: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "PRIVILEGES_ON_OBJECT",
    `Cannot drop ${kind} ${name}: role ${role} has privileges on it. Revoke them first.`,
  );
}

export function viewForUpdate(): StatusError {
  return schemaError("INVALID_ARGUMENT", "VIEW_INVALID", "Unexpected lock mode in query");
}
