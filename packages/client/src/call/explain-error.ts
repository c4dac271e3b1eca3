// SPDX-License-Identifier: Apache-2.0
import { SpannerError } from "../errors/spanner-error.ts";
import { saysIntegerExpected } from "../retry/wire-quirks.ts";

/** The parts of requests in which a plain number may stand where the server wants an integer. */
interface RequestParts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly statements?: readonly { readonly params?: Readonly<Record<string, unknown>> }[];
  readonly keySet?: unknown;
  readonly mutationKey?: unknown;
  readonly mutations?: unknown;
  readonly mutationGroups?: unknown;
}

const HINT =
  " (A plain number of JavaScript is sent as FLOAT64. For INT64 pass a bigint such as 5n, or " +
  "int64(5).)";

/**
 * Adds to an error what to do about it, where the request shows the mistake.
 *
 * The client cannot know the type of a column, and so cannot tell earlier.
 */
export function explainError(error: SpannerError, request: unknown): SpannerError {
  if (error.constructor !== SpannerError || !saysIntegerExpected(error)) return error;
  // Requests are messages of the service; each has some of these fields.
  const { params, statements, keySet, mutationKey, mutations, mutationGroups } =
    request as RequestParts;
  const paramsOfBatch = statements?.map((statement) => statement.params);
  const values = [params, paramsOfBatch, keySet, mutationKey, mutations, mutationGroups];
  if (!values.some(holdsWholeNumber)) return error;
  const { code, reason, details, requestId, cause } = error;
  return new SpannerError(code, error.message + HINT, { reason, details, requestId, cause });
}

function holdsWholeNumber(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  return Object.values(value).some(holdsWholeNumber);
}
