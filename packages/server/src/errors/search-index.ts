// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a search index, a vector index, and the token lists that search is made of.
import type { StatusError } from "@spandrel/base";
import { schemaError } from "./schema-error.ts";

function invalid(reason: string, message: string): StatusError {
  return schemaError("INVALID_ARGUMENT", reason, message);
}

/** `column` with its table: `Albums.Title_Tokens`. */
export function tokenListNotHidden(column: string): StatusError {
  return invalid("TOKEN_LIST_NOT_HIDDEN", `TOKENLIST column ${column} must be HIDDEN.`);
}

/** `column` with its table: `Albums.Title_Tokens`. */
export function tokenListNotGenerated(column: string): StatusError {
  return invalid(
    "TOKEN_LIST_NOT_GENERATED",
    `TOKENLIST column ${column} must be a generated column.`,
  );
}

export function noTokenizer(owner: string): StatusError {
  return invalid(
    "NO_TOKENIZER",
    `${owner}: A TOKENLIST must be the result of a tokenization function.`,
  );
}

/** `given` and `taken` are types and names of arguments as a call lists them. */
export function tokenizerMismatch(
  owner: string,
  name: string,
  given: string,
  taken: string,
): StatusError {
  return invalid(
    "TOKENIZER_MISMATCH",
    `${owner}: No matching signature for function SPANNER:${name} for argument types: ${given}. Supported signature: ${name}(${taken})`,
  );
}

export function searchIndexColumnNotTokens(index: string, column: string): StatusError {
  return invalid(
    "SEARCH_INDEX_COLUMN",
    `Search index ${index} can only be created on TOKENLIST columns; ${column} is not one.`,
  );
}

export function searchIndexPartitionedByTokens(index: string, column: string): StatusError {
  return invalid(
    "SEARCH_INDEX_PARTITION",
    `Search index ${index} cannot be partitioned by TOKENLIST type column ${column}`,
  );
}

export function searchIndexOrderNullable(index: string, column: string): StatusError {
  return invalid(
    "SEARCH_INDEX_ORDER",
    `Column ${column} in search index ${index} must be NOT NULL.`,
  );
}

export function searchIndexOrderType(index: string, column: string, type: string): StatusError {
  return invalid(
    "SEARCH_INDEX_ORDER",
    `Search index ${index} ordered by column ${column} with invalid type ${type}`,
  );
}

export function vectorIndexPartitioned(index: string): StatusError {
  return schemaError(
    "UNIMPLEMENTED",
    "VECTOR_INDEX_PARTITION",
    `PARTITION BY is not supported in vector index \`${index}\`.`,
  );
}

/** What a column lacks to be the key of a vector index. */
export type VectorKeyMistake = "array" | "float" | "length" | "nullable";

export function vectorIndexKey(
  index: string,
  column: string,
  mistake: VectorKeyMistake,
): StatusError {
  const must: Readonly<Record<VectorKeyMistake, string>> = {
    array: "must be ARRAY type.",
    float: "must be ARRAY<FLOAT> or ARRAY<DOUBLE>.",
    length: "must have `vector_length=>` set.",
    nullable: `must be NOT NULL, or null filtered by \`WHERE ${column} IS NOT NULL\`.`,
  };
  return invalid(
    "VECTOR_INDEX_KEY",
    `The key column ${column} in vector index ${index} ${must[mistake]}`,
  );
}

export function vectorTooLong(
  index: string,
  column: string,
  length: bigint,
  limit: number,
): StatusError {
  return invalid(
    "VECTOR_TOO_LONG",
    `The key column ${column} in vector index ${index} has vector_length ${length}, which is larger than the maximum allowed vector_length ${limit}.`,
  );
}

export function badIndexOptions(message: string): StatusError {
  return invalid("BAD_INDEX_OPTIONS", `Bad Index options: ${message}`);
}

export function indexOptionsFixed(): StatusError {
  return schemaError(
    "UNIMPLEMENTED",
    "INDEX_OPTIONS_FIXED",
    "Options on vector index are not allowed to be altered.",
  );
}
