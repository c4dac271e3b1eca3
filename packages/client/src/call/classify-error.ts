// SPDX-License-Identifier: Apache-2.0
// From what a transport threw to what a caller of the client sees.
import { BugError, Code, StatusError } from "@spandrel/base";
import { AbortedError, SessionNotFoundError, SpannerError } from "../errors/spanner-error.ts";
import { saysSessionNotFound } from "../retry/wire-quirks.ts";

const SESSION_TYPE = "type.googleapis.com/google.spanner.v1.Session";

/**
 * Gives a failed call the class that says what its caller can do, and the id of its request.
 *
 * @throws {BugError} when that is what was thrown: a mistake of ours is not the server's answer.
 */
export function classifyError(thrown: unknown, requestId: string): SpannerError {
  if (thrown instanceof BugError) throw thrown;
  if (thrown instanceof SpannerError) return thrown;
  const status = StatusError.from(thrown);
  const options = {
    reason: status.reason,
    details: status.details,
    cause: status,
    requestId,
  };
  if (status.code === Code.ABORTED) return new AbortedError(status.message, options);
  const resource = status.findDetail("ResourceInfo");
  if (
    (status.code === Code.NOT_FOUND && resource?.resourceType === SESSION_TYPE) ||
    saysSessionNotFound(status)
  ) {
    const lost = { ...options, reason: "SESSION_NOT_FOUND" };
    return new SessionNotFoundError(status.message, resource?.resourceName ?? "", lost);
  }
  return new SpannerError(status.code, status.message, options);
}
