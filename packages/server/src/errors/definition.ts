// SPDX-License-Identifier: Apache-2.0
// What can be wrong with sequences, named schemas, roles, locality groups, placements, and the options
// of a database.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

export function namedSchemaNotFound(name: string): StatusError {
  return schemaError("NOT_FOUND", "SCHEMA_NOT_FOUND", `Schema not found: ${name}`);
}

/** What is in a named schema, by kind; only those that are there are named. */
export function schemaNotEmpty(
  name: string,
  inside: Readonly<Record<string, readonly string[]>>,
): StatusError {
  const lines = Object.entries(inside)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `\nDependent ${kind}:${names.join(", ")}`);
  return schemaError(
    "FAILED_PRECONDITION",
    "SCHEMA_NOT_EMPTY",
    `Cannot drop schema ${name} while it has dependencies.${lines.join("")}`,
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
    `The sequence kind of an identity column ${name} is not specified. Please specify the sequence kind explicitly or set the database option \`default_sequence_kind\`.`,
  );
}

export function definitionNotFound(kind: string, name: string): StatusError {
  return schemaError("NOT_FOUND", "DEFINITION_NOT_FOUND", `${kind} not found: ${name}`);
}

export function databaseOptionOutOfRange(
  option: string,
  value: string,
  least: string,
  most: string,
): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "DATABASE_OPTION_OUT_OF_RANGE",
    `Invalid ${option}: ${value}. The value must be in the range [${least}, ${most}].`,
  );
}

export function invalidSequenceKind(kind: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INVALID_SEQUENCE_KIND",
    `Invalid Sequence Kind: ${kind}.`,
  );
}

export function sequenceKindFixed(): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "SEQUENCE_KIND_FIXED",
    "The default_sequence_kind option may not be unset once set.",
  );
}

/** What is wrong with the numbers of a sequence or an identity column. */
export type SequenceMistake = "start" | "half a range" | "range reversed" | "range not positive";

const sequenceMistakes: Readonly<Record<SequenceMistake, string>> = {
  start: "`start_with_counter` has to be a positive INT64 number",
  "half a range": "`skip_range_min` and `skip_range_max` have to be set together",
  "range reversed": "`skip_range_min` has to be lesser than or equal to `skip_range_max`",
  "range not positive": "The sequence skipped range has to contain at least one positive value",
};

export function invalidSequence(mistake: SequenceMistake): StatusError {
  return schemaError("FAILED_PRECONDITION", "INVALID_SEQUENCE", sequenceMistakes[mistake]);
}

export function sequenceSaidTwice(name: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "SEQUENCE_SAID_TWICE",
    `The sequence properties can only be set in either clauses and options for the sequence ${name}`,
  );
}

export function sequenceWithoutKind(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "SEQUENCE_KIND_MISSING",
    "The sequence does not have a valid sequence kind. Please specify the sequence kind explicitly or set the database option `default_sequence_kind`.",
  );
}

export function timeZoneFixed(): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TIME_ZONE_FIXED",
    "The 'default_time_zone' database option cannot be changed on a database with user defined tables.",
  );
}

export function invalidTimeZone(zone: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "INVALID_TIME_ZONE",
    `Database has invalid default_time_zone option.  Invalid time zone name: ${zone}`,
  );
}

/** The default locality group is always there. */
export function defaultLocalityGroup(what: "created" | "dropped"): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "DEFAULT_LOCALITY_GROUP",
    `Default locality group cannot be ${what}.`,
  );
}

export function localityGroupInUse(name: string): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "LOCALITY_GROUP_IN_USE",
    `Locality group ${name} cannot be dropped as it is referenced.`,
  );
}

export function tooManyLocalityGroups(name: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_LOCALITY_GROUPS",
    `Cannot add Locality Group ${name} : because the maximum number of Locality Groups per Database (limit ${limit}) has been reached.`,
  );
}

export function tooManyModels(name: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_MODELS",
    `Cannot add Model ${name} : because the maximum number of <Models> per Database (limit ${limit}) has been reached.`,
  );
}

export function placementOptionMissing(name: string): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "PLACEMENT_OPTION_MISSING",
    `Placement ${name} must set the option instance_partition.`,
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

export function tooManyPlacements(name: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_PLACEMENTS",
    `Cannot add Placement ${name} : too many placements (limit ${limit} per database).`,
  );
}

export function tooManyRoles(name: string, limit: number): StatusError {
  return schemaError(
    "FAILED_PRECONDITION",
    "TOO_MANY_ROLES",
    `Cannot add Role ${name} : too many roles (limit ${limit} per database).`,
  );
}
