// SPDX-License-Identifier: Apache-2.0
// What can go wrong with calls, beyond what the server says.
import { Code } from "@spandrel/base";
import { SpannerError } from "./spanner-error.ts";

/** A failure; where time ran out while a passing one was waited for, it tells of that one too. */
export function expiredAfter(before: SpannerError | undefined, error: SpannerError): SpannerError {
  const isExpired = error.code === Code.DEADLINE_EXCEEDED;
  if (before === undefined || !isExpired || before.code === Code.DEADLINE_EXCEEDED) return error;
  const { details, requestId, reason } = error;
  return new SpannerError(
    Code.DEADLINE_EXCEEDED,
    `${error.message} The attempt before failed with ${before.codeName}: ${before.message}`,
    { details, requestId, reason, cause: before },
  );
}
