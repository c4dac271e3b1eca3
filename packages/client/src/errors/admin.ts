// SPDX-License-Identifier: Apache-2.0
// What can go wrong with administration and with the options of the client, beyond what the server says.
import { Code } from "@spandrel/base";
import { SpannerError } from "./spanner-error.ts";

/** An operation took longer than its caller would wait. */
export function operationStillRunning(name: string): SpannerError {
  return new SpannerError(Code.DEADLINE_EXCEEDED, `The operation ${name} is still running.`, {
    reason: "OPERATION_STILL_RUNNING",
  });
}

/** No project was named. */
export function noProject(): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    "No project: pass { project }, or set GOOGLE_CLOUD_PROJECT.",
    { reason: "NO_PROJECT" },
  );
}

/** The library that gets Google's credentials is not installed. */
export function noCredentialsLibrary(cause: unknown): SpannerError {
  return new SpannerError(
    Code.UNAUTHENTICATED,
    "Calling Google needs credentials: install google-auth-library, or pass { credentials }. " +
      "For an emulator or the Spandrel server set SPANNER_EMULATOR_HOST or pass { emulatorHost }.",
    { reason: "NO_CREDENTIALS_LIBRARY", cause },
  );
}

/** Neither or both of two sizes of an instance were given, and they do not agree. */
export function nodesAndUnitsDiffer(nodeCount: number, processingUnits: number): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    `${nodeCount} nodes are ${nodeCount * 1_000} processing units, not ${processingUnits}.`,
    { reason: "NODES_AND_UNITS_DIFFER" },
  );
}

/** The statements of a new database contain the one that creates it. */
export function createDatabaseAmongStatements(): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    "The statements of a database must not contain CREATE DATABASE; create() adds it.",
    { reason: "CREATE_DATABASE_AMONG_STATEMENTS" },
  );
}

/** A table was asked for its columns and is not there. */
export function tableNotFound(name: string, cause: unknown): SpannerError {
  return new SpannerError(Code.NOT_FOUND, `The database has no table ${name}.`, {
    reason: "TABLE_NOT_FOUND",
    cause,
  });
}
