// SPDX-License-Identifier: Apache-2.0
// What can be wrong with instances, databases and long-running operations.
import { Code, StatusError } from "@spandrel/base";

function resourceNotFound(
  reason: string,
  message: string,
  type: string,
  name: string,
  what: string,
) {
  return new StatusError(Code.NOT_FOUND, message, {
    reason,
    details: [
      {
        kind: "ResourceInfo",
        resourceType: type,
        resourceName: name,
        owner: "",
        description: `${what} does not exist.`,
      },
    ],
  });
}

export function instanceNotFound(name: string): StatusError {
  return resourceNotFound(
    "INSTANCE_NOT_FOUND",
    `Instance not found: ${name}`,
    "type.googleapis.com/google.spanner.admin.instance.v1.Instance",
    name,
    "Instance",
  );
}

export function databaseNotFound(name: string): StatusError {
  return resourceNotFound(
    "DATABASE_NOT_FOUND",
    `Database not found: ${name}`,
    "type.googleapis.com/google.spanner.admin.database.v1.Database",
    name,
    "Database",
  );
}

export function instanceConfigNotFound(name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `Instance config not found: ${name}`, {
    reason: "INSTANCE_CONFIG_NOT_FOUND",
  });
}

export function operationNotFound(name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `Operation not found: ${name}`, {
    reason: "OPERATION_NOT_FOUND",
  });
}

export function instanceAlreadyExists(name: string): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `Instance already exists: ${name}`, {
    reason: "INSTANCE_ALREADY_EXISTS",
  });
}

export function databaseAlreadyExists(name: string): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `Database already exists: ${name}`, {
    reason: "DATABASE_ALREADY_EXISTS",
  });
}

export function operationAlreadyExists(name: string): StatusError {
  return new StatusError(Code.ALREADY_EXISTS, `Operation already exists: ${name}`, {
    reason: "OPERATION_ALREADY_EXISTS",
  });
}

export function malformedName(kind: string, name: string, expected: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid ${kind} name: "${name}". Expected ${expected}.`,
    { reason: "MALFORMED_NAME" },
  );
}

export function invalidInstanceId(id: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid instance id: "${id}". It must have 2 to 64 characters and match [a-z][-a-z0-9]*[a-z0-9].`,
    { reason: "INVALID_INSTANCE_ID" },
  );
}

export function invalidDatabaseId(id: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid database id: "${id}". It must have 2 to 30 characters and match [a-z][a-z0-9_-]*[a-z0-9].`,
    { reason: "INVALID_DATABASE_ID" },
  );
}

export function invalidOperationId(id: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid operation id: "${id}". It must have 2 to 128 characters and match [a-z][a-z0-9_]*.`,
    { reason: "INVALID_OPERATION_ID" },
  );
}

export function nodesAndProcessingUnits(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Only one of nodeCount and processingUnits may be given.",
    { reason: "NODES_AND_PROCESSING_UNITS" },
  );
}

export function invalidProcessingUnits(units: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid processing units: ${units}. They must be a multiple of 100 below 1000, and of 1000 above.`,
    { reason: "INVALID_PROCESSING_UNITS" },
  );
}

export function invalidNodeCount(nodes: number): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `Invalid node count: ${nodes}.`, {
    reason: "INVALID_NODE_COUNT",
  });
}

export function tooManyDatabases(limit: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `The instance has ${limit} databases already, which is the most that it may have.`,
    { reason: "TOO_MANY_DATABASES" },
  );
}

export function dialectNotSupported(): StatusError {
  return new StatusError(
    Code.UNIMPLEMENTED,
    "This server speaks GoogleSQL; databases of the PostgreSQL dialect are not supported yet.",
    { reason: "DIALECT_NOT_SUPPORTED" },
  );
}

export function dropProtected(name: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `Database ${name} has drop protection enabled. Turn enable_drop_protection off before dropping it.`,
    { reason: "DROP_PROTECTED" },
  );
}

export function updateMaskNotSupported(field: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Field ${field} of a database cannot be updated; enable_drop_protection can.`,
    { reason: "UPDATE_MASK_NOT_SUPPORTED" },
  );
}

export function invalidOperationFilter(filter: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid filter "${filter}". Write conditions such as name:db or done:true, joined by AND.`,
    { reason: "INVALID_FILTER" },
  );
}

/** Two servers must not write into one folder. */
export function folderInUse(directory: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `The folder ${directory} is in use by another server. Stop it, or use another folder.`,
    { reason: "FOLDER_IN_USE" },
  );
}

export function folderNotUsable(directory: string, cause: unknown): StatusError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `The folder ${directory} cannot be used: ${text}.`,
    { reason: "FOLDER_NOT_USABLE", cause },
  );
}

/** The text is that of Google's front ends. */
export function requestTooLarge(limitBytes: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Request payload size exceeds the limit: ${limitBytes} bytes.`,
    { reason: "REQUEST_TOO_LARGE" },
  );
}
