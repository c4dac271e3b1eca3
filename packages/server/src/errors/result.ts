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

export function partitionsNeedReadOnly(method: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `${method} needs a read-only transaction that goes on: one that was begun, or begins now.`,
    { reason: "PARTITIONS_NEED_READ_ONLY" },
  );
}

/** The Help link is what Spanner gives along. */
export function notRootPartitionable(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Query is not root partitionable since it does not have a DistributedUnion at the root. " +
      "Please check the conditions for a query to be root-partitionable.",
    {
      reason: "NOT_ROOT_PARTITIONABLE",
      details: [
        {
          kind: "Help",
          links: [
            {
              description: "Conditions for a query to be root-partitionable.",
              url: "https://cloud.google.com/spanner/docs/reads#read_data_in_parallel",
            },
          ],
        },
      ],
    },
  );
}

/** `what`: `partition size bytes` or `max partition count`. */
export function negativePartitionHint(what: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid PartitionOptions: ${what} must not be negative.`,
    { reason: "NEGATIVE_PARTITION_HINT" },
  );
}

export function invalidPartitionToken(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "Invalid partition token.", {
    reason: "INVALID_PARTITION_TOKEN",
  });
}

/** `what`: `a different session`, `a different transaction`, `different read or sql parameters`. */
export function partitionOfOther(what: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `Partitioned request was created for ${what}.`, {
    reason: "PARTITION_OF_OTHER_REQUEST",
  });
}

export function limitOnPartition(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "A limit cannot be used with a partition_token.", {
    reason: "LIMIT_ON_PARTITION",
  });
}

export function orderOfPartition(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "ORDER_BY_PRIMARY_KEY cannot be used with a partition_token.",
    { reason: "ORDER_OF_PARTITION" },
  );
}

export function modeOfPartition(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Query modes returning query plan and profile information cannot be used with partitioned queries.",
    { reason: "MODE_OF_PARTITION" },
  );
}

/** The client tries the whole transaction again. */
export function resumedAfterWrite(): StatusError {
  return new StatusError(
    Code.ABORTED,
    "Transaction was aborted. It has written rows since the stream began that is to be resumed.",
    { reason: "RESUMED_AFTER_WRITE", details: [{ kind: "RetryInfo", delayNanos: 2_000_000n }] },
  );
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

/** Partitioned DML whose rows cannot be changed one by one. */
export function notFullyPartitionable(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Partitioned DML statements must be fully partitionable: the statement must work on each row of " +
      "its table by itself, without other tables, subqueries or THEN RETURN.",
    { reason: "NOT_FULLY_PARTITIONABLE" },
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

export function tooManyPartitionedStatements(limit: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `The database has ${limit} partitioned DML statements running, which is the most that it may ` +
      "have at a time.",
    { reason: "TOO_MANY_PARTITIONED_STATEMENTS" },
  );
}
