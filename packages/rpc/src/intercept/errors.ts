// SPDX-License-Identifier: Apache-2.0
// Interceptors that tests and tools use: faults by rule, and a log of what was called. The room promises
// that what is switched off costs nothing, that a rule strikes exactly those calls that it names, in an
// order that a seed repeats, and that whatever is struck looks to the caller as the real thing would.
// It knows no service: whoever serves one says which fields a request has and which effects there are.
//
// This file names every error of the room.
import { Code, StatusError } from "@spandrel/base";

/** A field of what was sent is not as it has to be; `field` is its path, such as `status.code`. */
export function wrongField(field: string, why: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `${field}: ${why}`, {
    reason: "WRONG_FIELD",
    details: [{ kind: "BadRequest", violations: [{ field, description: why }] }],
  });
}

/** The connection of a stream is lost, as a rule asked for; the text is that of a real loss. */
export function streamCut(): StatusError {
  return new StatusError(Code.UNAVAILABLE, "The connection was lost during the call.", {
    reason: "STREAM_CUT",
  });
}
