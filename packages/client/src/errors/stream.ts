// SPDX-License-Identifier: Apache-2.0
// What can go wrong with results, beyond what the server says.
import { Code } from "@spandrel/base";
import { SpannerError } from "./spanner-error.ts";

/** Two parts of a value, in two messages, do not fit together. */
export function unmergeableChunks(type: string): SpannerError {
  return new SpannerError(Code.INTERNAL, `Parts of a ${type} value do not fit together.`, {
    reason: "UNMERGEABLE_CHUNKS",
  });
}

/** The server ended a stream in the middle of a row. */
export function truncatedResult(): SpannerError {
  return new SpannerError(Code.INTERNAL, "The result ended in the middle of a row.", {
    reason: "TRUNCATED_RESULT",
  });
}

/** The first message of a result said nothing about its columns, or of a type not known here. */
export function unknownColumnType(name: string): SpannerError {
  return new SpannerError(
    Code.INTERNAL,
    `The server sent column ${JSON.stringify(name)} with a type that this client does not know.`,
    { reason: "UNKNOWN_COLUMN_TYPE" },
  );
}

/** A result was read a second time. */
export function resultAlreadyRead(): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    "The rows of a result can be read once. Keep them: const rows = await result.rows().",
    { reason: "RESULT_ALREADY_READ" },
  );
}

/** One row was asked for and there is none. */
export function noRow(): SpannerError {
  return new SpannerError(Code.NOT_FOUND, "The result has no row, where one was expected.", {
    reason: "NO_ROW",
  });
}

/** One row was asked for and there are more. */
export function severalRows(): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    "The result has more than one row, where one was expected.",
    { reason: "SEVERAL_ROWS" },
  );
}
