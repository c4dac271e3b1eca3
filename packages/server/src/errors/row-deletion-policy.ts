// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a ROW DELETION POLICY.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function columnNeededByPolicy(table: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "COLUMN_NEEDED_BY_POLICY",
    `ROW DELETION POLICY will break if drop/alter column named ${column} in table ${table}. Row Deletion Policy must be set on column of type TIMESTAMP.`,
  );
}

export function deletionPolicyColumnNotFound(table: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DELETION_POLICY_COLUMN",
    `Cannot create ROW DELETION POLICY because there is no column named ${column} in table ${table}.`,
  );
}

export function deletionPolicyColumnType(table: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DELETION_POLICY_COLUMN",
    `Cannot create ROW DELETION POLICY because column ${column} in table ${table} is not of type TIMESTAMP.`,
  );
}

export function deletionPolicyExists(table: string, column: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DELETION_POLICY_EXISTS",
    `Cannot create ROW DELETION POLICY because there is already one on column named ${column} in table ${table}.`,
  );
}

export function deletionPolicyMissing(table: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DELETION_POLICY_MISSING",
    `ROW DELETION POLICY does not exist on table ${table}.`,
  );
}

export function deletionPolicyOnReferenced(table: string, keys: readonly string[]): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DELETION_POLICY_ON_REFERENCED",
    `Cannot add a row deletion policy to table \`${table}\`. It is referenced by one or more foreign keys: \`${keys.join(",")}\`.`,
  );
}

export function deletionPolicyBelow(table: string, child: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DELETION_POLICY_CHILD",
    `Cannot create row deletion policy on ${table} because there is a descendant Table ${child} with ON DELETE NO ACTION.`,
  );
}

export function deletionPolicyAbove(table: string, ancestor: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DELETION_POLICY_PARENT",
    `Cannot create or alter table ${table} with ON DELETE NO ACTION because there is a row deletion policy on ancestor table ${ancestor}.`,
  );
}
