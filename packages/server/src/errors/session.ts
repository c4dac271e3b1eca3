// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a session. Clients look for the ResourceInfo of a session that is gone, and
// some for the first words of its text.
import { Code, StatusError } from "@spandrel/base";

export function sessionNotFound(name: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `Session not found: ${name}`, {
    reason: "SESSION_NOT_FOUND",
    details: [
      {
        kind: "ResourceInfo",
        resourceType: "type.googleapis.com/google.spanner.v1.Session",
        resourceName: name,
        owner: "",
        description: "Session does not exist.",
      },
    ],
  });
}

export function malformedSessionName(name: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid session name: "${name}". Expected projects/<project>/instances/<instance>/databases/<database>/sessions/<session>.`,
    { reason: "MALFORMED_SESSION_NAME" },
  );
}

export function labelsOnMultiplexed(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Labels are not supported in multiplexed sessions",
    { reason: "LABELS_ON_MULTIPLEXED_SESSION" },
  );
}

export function multiplexedNotDeletable(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "Multiplexed sessions may not be deleted.", {
    reason: "MULTIPLEXED_SESSION_DELETED",
  });
}

export function multiplexedNotInBatch(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Multiplexed sessions may not be created in batch.",
    { reason: "MULTIPLEXED_SESSION_IN_BATCH" },
  );
}

export function sessionCountOutOfRange(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Invalid BatchCreateSessions request: session_count must be at least 1.",
    { reason: "SESSION_COUNT_OUT_OF_RANGE" },
  );
}

export function tooManyLabels(limit: number): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `A session can have at most ${limit} labels.`, {
    reason: "TOO_MANY_LABELS",
  });
}

export function invalidLabelKey(key: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid session label key "${key}": it must have 1 to 63 characters and match [a-z]([-a-z0-9]*[a-z0-9])?.`,
    { reason: "INVALID_LABEL" },
  );
}

export function invalidLabelValue(key: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid value of session label "${key}": it must have at most 63 characters and match ([a-z]([-a-z0-9]*[a-z0-9])?)?.`,
    { reason: "INVALID_LABEL" },
  );
}

export function invalidFilter(filter: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid filter "${filter}". Write conditions such as labels.env:dev or labels.env:*, joined by AND.`,
    { reason: "INVALID_FILTER" },
  );
}

export function invalidPageToken(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Invalid page_token. Use the next_page_token of an earlier answer to the same request.",
    { reason: "INVALID_PAGE_TOKEN" },
  );
}

export function negativePageSize(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "page_size must not be negative.", {
    reason: "NEGATIVE_PAGE_SIZE",
  });
}

export function tooManyReads(limit: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `The session has ${limit} reads and queries running, which is the most that it may have at a ` +
      "time. Use more sessions, or a multiplexed one.",
    { reason: "TOO_MANY_READS" },
  );
}
