// SPDX-License-Identifier: Apache-2.0
// What can be wrong with the answer to a read or a query.
import { Code, StatusError } from "@spandrel/base";

export function resultTooLarge(limitBytes: number): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `The result has more than ${limitBytes} bytes, which is the most that one message may carry. ` +
      "Use a streaming call instead.",
    { reason: "RESULT_TOO_LARGE" },
  );
}

export function invalidResumeToken(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Invalid resume_token: it belongs to another request.",
    { reason: "INVALID_RESUME_TOKEN" },
  );
}

export function partitionsNotSupported(method: string): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, `${method} is not supported by this server yet.`, {
    reason: "NOT_IMPLEMENTED",
  });
}

export function emptyBatch(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "ExecuteBatchDml needs at least one statement.", {
    reason: "EMPTY_BATCH",
  });
}

export function batchNeedsReadWrite(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "ExecuteBatchDml needs a read-write transaction.", {
    reason: "BATCH_NEEDS_READ_WRITE",
  });
}

export function notDml(position: number, statement: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Statement ${position}: '${statement}' is not valid DML.`,
    { reason: "NOT_DML" },
  );
}

export function partitionedNeedsDml(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "A partitioned DML transaction runs one UPDATE or DELETE statement and nothing else.",
    { reason: "PARTITIONED_NEEDS_DML" },
  );
}

export function unknownParameterType(name: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Type code must be specified in param_types for parameter ${name}.`,
    { reason: "UNKNOWN_PARAMETER_TYPE" },
  );
}
