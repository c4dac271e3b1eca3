// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a SQL statement, found while it is analyzed or while it runs. Errors of
// analysis carry the place in the text, as `[at line:column]` and a picture with a caret, because
// tools read the one and people the other. Errors of evaluation are OUT_OF_RANGE and have no place.
// https://cloud.google.com/spanner/docs/reference/standard-sql/overview
import { Code, StatusError } from "@spandrel/base";
import { SqlErrors } from "@spandrel/sql";

/** A place in the text of a statement: an offset in UTF-16 units. */
export interface Place {
  readonly text: string;
  readonly offset: number;
}

/** An error of analysis: INVALID_ARGUMENT, with its place. */
export function invalidQuery(message: string, at: Place): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, pictured(message, at), {
    reason: "INVALID_QUERY",
  });
}

/** Something that GoogleSQL has and Spanner does not: UNIMPLEMENTED, with its place. */
export function unsupportedQuery(message: string, at: Place): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, pictured(message, at), {
    reason: "UNSUPPORTED_QUERY",
  });
}

/** A failed computation: OUT_OF_RANGE. `SAFE.` and SAFE_CAST turn it into NULL. */
export function evaluationFailed(message: string): StatusError {
  return new StatusError(Code.OUT_OF_RANGE, message, { reason: "EVALUATION_FAILED" });
}

/** A statement whose text is longer than Spanner takes. */
export function statementTooLong(length: number, max: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Query string length of ${length} exceeds maximum allowed length of ${max}.`,
    { reason: "STATEMENT_TOO_LONG" },
  );
}

/** A statement with more of something than Spanner takes. */
export function statementTooLarge(what: string, max: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Number of ${what} exceeds the maximum allowed limit of ${max}.`,
    { reason: "STATEMENT_TOO_LARGE" },
  );
}

/** The message with its place, and the line under it with a caret. */
function pictured(message: string, { text, offset }: Place): string {
  return new SqlErrors(text, [{ message, position: { start: offset, end: offset } }]).describe();
}

/** A name after FROM that is no table. */
export function tableNotFound(
  name: string,
  suggestion: string | undefined,
  at: Place,
): StatusError {
  const hint = suggestion === undefined ? "" : `; Did you mean ${suggestion}?`;
  return invalidQuery(`Table not found: ${name}${hint}`, at);
}

/** A query of the information schema where rows may be written: INVALID_ARGUMENT. */
export function informationSchemaInReadWrite(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Unsupported concurrency mode in query using INFORMATION_SCHEMA.",
    { reason: "INFORMATION_SCHEMA_IN_READ_WRITE" },
  );
}

/** A function of sequences where nothing may be written: INVALID_ARGUMENT. */
export function sequenceInReadOnly(name: string): StatusError {
  const message = `Function ${name} is only allowed in read-write transactions.`;
  return new StatusError(Code.INVALID_ARGUMENT, message, { reason: "SEQUENCE_IN_READ_ONLY" });
}

/** A name in an expression that nothing in scope has. */
export function unrecognizedName(
  name: string,
  suggestion: string | undefined,
  at: Place,
): StatusError {
  const hint = suggestion === undefined ? "" : `; Did you mean ${suggestion}?`;
  return invalidQuery(`Unrecognized name: ${name}${hint}`, at);
}

/** A column without its table in a view, whose meaning a new column of another table would change. */
export function unqualifiedName(name: string, at: Place): StatusError {
  return invalidQuery(
    `Alias ${name} cannot be used without a qualifier in strict name resolution mode`,
    at,
  );
}

/** A column name that two tables in scope have. */
export function ambiguousName(name: string, at: Place): StatusError {
  return invalidQuery(`Column name ${name} is ambiguous`, at);
}

/** A call of a function that does not exist. */
export function functionNotFound(name: string, at: Place): StatusError {
  return invalidQuery(`Function not found: ${name}`, at);
}

/** A call of a function that GoogleSQL has elsewhere, and Spanner refuses. */
export function unsupportedFunction(name: string): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, `Unsupported built-in function: ${name}.`, {
    reason: "UNSUPPORTED_FUNCTION",
  });
}

/** Arguments that no overload takes. `what` is `operator =` or `function LENGTH`. */
export function noMatchingSignature(
  what: string,
  argumentTypes: readonly string[],
  supported: readonly string[],
  at: Place,
): StatusError {
  const given =
    argumentTypes.length === 0
      ? "with no arguments"
      : `for argument types: ${argumentTypes.join(", ")}`;
  const list = `Supported signature${supported.length === 1 ? "" : "s"}: ${supported.join("; ")}`;
  return invalidQuery(`No matching signature for ${what} ${given}. ${list}`, at);
}

/** An argument without a name behind one with a name. */
export function positionalAfterNamed(name: string, at: Place): StatusError {
  return invalidQuery(
    `Call to function ${name} must not specify positional arguments after named arguments; ` +
      "named arguments must be specified last in the argument list",
    at,
  );
}

/** A comparison with the word NULL, which could only ever be NULL. */
export function literalNullOperand(operator: string, at: Place): StatusError {
  return invalidQuery(`Operands of ${operator} cannot be literal NULL`, at);
}

/** A column outside of aggregates that is not grouped by. */
export function notGrouped(clause: string, column: string, at: Place): StatusError {
  return invalidQuery(
    `${clause} expression references column ${column} which is neither grouped nor aggregated`,
    at,
  );
}

/** A STRUCT column at the top of a result, which the wire format cannot carry. */
export function structResult(): StatusError {
  return new StatusError(
    Code.UNIMPLEMENTED,
    "Unsupported query shape: A struct value cannot be returned as a column value. " +
      "Rewrite the query to flatten the struct fields in the result.",
    { reason: "STRUCT_RESULT" },
  );
}

/** A TOKENLIST column at the top of a result: only functions see such values. */
export function tokenListResult(): StatusError {
  return new StatusError(
    Code.UNIMPLEMENTED,
    "Unsupported query shape: A TOKENLIST value cannot be returned as a column value. " +
      "Use DEBUG_TOKENLIST to see its tokens.",
    { reason: "TOKEN_LIST_RESULT" },
  );
}

/** A parameter that the request gives no value for. */
export function parameterNotBound(name: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `No parameter found for binding: ${name}`, {
    reason: "PARAMETER_NOT_BOUND",
  });
}

/** An INT64 result that 64 bits do not hold. */
export function int64Overflow(calculation: string): StatusError {
  return evaluationFailed(`int64 overflow: ${calculation}`);
}

/** A FLOAT result of finite operands that is not finite. */
export function floatOverflow(kind: "float" | "double", calculation: string): StatusError {
  return evaluationFailed(`${kind} overflow: ${calculation}`);
}

/** A NUMERIC result out of its range. */
export function numericOverflow(calculation: string): StatusError {
  return evaluationFailed(`numeric overflow: ${calculation}`);
}

/** A division by zero; `calculation` is as written, with values. */
export function divisionByZero(calculation: string): StatusError {
  return evaluationFailed(`division by zero: ${calculation}`);
}

/** A text that is not of the type it is cast to, such as `Bad int64 value: abc`. */
export function badValue(type: string, text: string): StatusError {
  return evaluationFailed(`Bad ${type} value: ${text}`);
}

/** A text that names no moment. */
export function invalidTimestamp(text: string): StatusError {
  return evaluationFailed(`Invalid timestamp: '${text}'`);
}

/** A text that names no day. */
export function invalidDate(text: string): StatusError {
  return evaluationFailed(`Invalid date: '${text}'`);
}

/** A subscript outside of its array. */
export function arrayIndexOutOfBounds(index: bigint): StatusError {
  return evaluationFailed(`Array index ${index} is out of bounds`);
}

/** A scalar subquery with a second row. */
export function scalarSubqueryTooManyRows(): StatusError {
  return evaluationFailed("A scalar subquery returned more than one row.");
}

/** A query that holds more in memory than it may. */
export function memoryExceeded(operation: string, bytesMax: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `Query exceeded its memory limit of ${bytesMax} bytes in ${operation}.`,
    { reason: "QUERY_MEMORY_EXCEEDED" },
  );
}

/** A statement whose expressions or queries are nested deeper than we follow. */
export function tooDeep(depthMax: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Query is nested more than ${depthMax} levels deep.`,
    { reason: "QUERY_TOO_DEEP" },
  );
}

/** An UPDATE or INSERT that gives a column that cannot be written. */
export function cannotWriteColumn(table: string, column: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Cannot write into generated column \`${table}.${column}\`.`,
    { reason: "GENERATED_COLUMN_WRITTEN" },
  );
}

/** Everything that is wrong with a text that cannot be read; the first error with its caret. */
export function syntaxErrors(errors: SqlErrors): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, errors.describe(), {
    reason: "SYNTAX_ERROR",
    cause: errors,
  });
}

export function wrongParameterValue(name: string, type: string, cause: unknown): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid value for bind parameter ${name}: Expected ${type}.`,
    { reason: "INVALID_PARAMETER_VALUE", cause },
  );
}
