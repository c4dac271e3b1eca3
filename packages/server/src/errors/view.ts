// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a view, and what it stands in the way of.
import type { StatusError } from "@spandrel/base";
import { invalidQuery, type Place } from "./query.ts";
import { schemaError } from "./schema-error.ts";

export function columnNeededByViews(column: string, views: readonly string[]): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "COLUMN_NEEDED_BY_VIEWS",
    `Cannot drop column \`${column}\` on which there are dependent views: ${views.join(", ")}.`,
  );
}

export function tableNeededByViews(
  table: string,
  views: readonly string[],
  action: "drop" | "rename" = "drop",
): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TABLE_NEEDED_BY_VIEWS",
    `Cannot ${action} TABLE \`${table}\` on which there are dependent views: ${views.join(", ")}.`,
  );
}

export function viewSecurityMissing(view: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_SECURITY_MISSING",
    `View \`${view}\` is missing the SQL SECURITY clause.`,
  );
}

export function viewColumnUnnamed(column: number, at: Place): StatusError {
  return invalidQuery(`CREATE VIEW columns must be named, but column ${column} has no name`, at);
}

export function viewColumnRepeated(name: string, at: Place): StatusError {
  return invalidQuery(`CREATE VIEW has columns with duplicate name ${name}`, at);
}

export function builtInFunctionName(kind: string, name: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "BUILT_IN_FUNCTION_NAME",
    `Cannot create a ${kind} with the same name as builtin function \`${name.toUpperCase()}\`. This may be supported in a future release.`,
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
    "FAILED_PRECONDITION",
    "RECURSIVE_VIEW",
    `Cannot replace VIEW \`${view}\` because new definition is recursive.`,
  );
}

export function tooManyFunctions(name: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_FUNCTIONS",
    `Cannot add Function ${name} : too many functions (limit ${limit} per database).`,
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
    "FAILED_PRECONDITION",
    "VIEW_INVALID",
    `Cannot replace VIEW \`${view}\` because new definition is invalid with the following ` +
      `diagnostic message: ${cause.message}`,
  );
}

export function viewWithParameters(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_INVALID",
    "Query parameters cannot be used inside view definitions.",
  );
}

export function viewWithDefinitions(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "VIEW_INVALID",
    "WITH clauses are unsupported in view definitions.",
  );
}

export function viewForUpdate(): StatusError {
  return schemaError("INVALID_ARGUMENT", "VIEW_INVALID", "Unexpected lock mode in query");
}

export function viewTooDeep(view: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "VIEW_TOO_DEEP",
    `View \`${view}\` is too deeply nested; the limit is ${limit}.`,
  );
}
