// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a machine-learning model, and with the types of its columns.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

function modelError(reason: string, message: string): StatusError {
  return schemaError("FAILED_PRECONDITION", reason, message);
}

function usedIn(model: string, column: string): string {
  return `Used in Model ${model} column ${column}.`;
}

export function modelNotFound(name: string): StatusError {
  return schemaError("NOT_FOUND", "MODEL_NOT_FOUND", `Model \`${name}\` not found.`);
}

export function modelNotRemote(name: string): StatusError {
  return modelError("MODEL_NOT_REMOTE", `Model ${name} must specify REMOTE attribute.`);
}

/** Spanner would ask the endpoint for the columns; nobody answers here. */
export function modelColumnsMissing(name: string, clause: "Input" | "Output"): StatusError {
  return modelError(
    "MODEL_COLUMNS_MISSING",
    `Schema discovery is not available in emulator. Please use explicit ${clause} clause for model ${name}.`,
  );
}

export function tooManyModelColumns(
  name: string,
  kind: "Inputs" | "Outputs",
  limit: number,
): StatusError {
  return modelError(
    "TOO_MANY_MODEL_COLUMNS",
    `Model ${name} has too many ${kind}; the limit is ${limit}.`,
  );
}

export function modelEndpointMissing(name: string): StatusError {
  return modelError(
    "MODEL_ENDPOINT_MISSING",
    `Model ${name} has invalid endpoints option. Option is required.`,
  );
}

export function modelEndpointAmbiguous(name: string): StatusError {
  return modelError(
    "MODEL_ENDPOINT_AMBIGUOUS",
    `Model ${name} has invalid endpoint option. Option cannot be specified together with endpoints.`,
  );
}

export function modelBatchSize(name: string, size: bigint, limit: number): StatusError {
  return modelError(
    "MODEL_BATCH_SIZE",
    `Model ${name} has invalid default_batch_size option: ${size}. Must be between 1 and ${limit}.`,
  );
}

/** Two columns of a model with one name, written alike or not. */
export function modelColumnRepeated(model: string, column: string, before: string): StatusError {
  return modelError(
    "MODEL_COLUMN_REPEATED",
    column === before
      ? `Duplicate name in schema: ${model}.${column}.`
      : `Schema object names differ only in case: ${model}.${column}, ${model}.${before}.`,
  );
}

export function modelColumnType(model: string, column: string, type: string): StatusError {
  return modelError(
    "MODEL_COLUMN_TYPE",
    `Type ${type} is not supported in model columns. ${usedIn(model, column)}`,
  );
}

export function modelColumnLength(model: string, column: string): StatusError {
  return modelError(
    "MODEL_COLUMN_LENGTH",
    `Length is not supported in model columns. Please use MAX. ${usedIn(model, column)}`,
  );
}

/** What a column of a table may have and one of a model may not. */
export type ModelColumnClause = "NOT NULL" | "HIDDEN" | "generated" | "default";

const clauseTexts: Readonly<Record<ModelColumnClause, string>> = {
  "NOT NULL": "NOT NULL constraint is not supported in models.",
  HIDDEN: "HIDDEN attribute is not supported in models.",
  generated: "Generated columns are not supported in models.",
  default: "Default values are not supported in models.",
};

export function modelColumnClause(
  model: string,
  column: string,
  clause: ModelColumnClause,
): StatusError {
  return modelError("MODEL_COLUMN_CLAUSE", `${clauseTexts[clause]} ${usedIn(model, column)}`);
}

export function emptyStruct(): StatusError {
  return modelError("EMPTY_STRUCT", "Empty STRUCT is not allowed.");
}

export function structFieldRepeated(type: string, field: string, before: string): StatusError {
  return modelError(
    "STRUCT_FIELD_REPEATED",
    field === before
      ? `Duplicate name in Struct: ${type}, ${field}.`
      : `Case Insensitive duplicate name in Struct: ${type}. Struct field names differ only in case: ${field}, ${before}.`,
  );
}

export function arrayOfArrays(): StatusError {
  return schemaError(
    "INVALID_ARGUMENT",
    "ARRAY_OF_ARRAYS",
    "Array of arrays type is not supported by the schema.",
  );
}
