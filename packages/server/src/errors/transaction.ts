// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a transaction, and how it ends when it has to give way.
import { Code, type StatusDetail, StatusError } from "@spandrel/base";

/** How long an aborted transaction is asked to wait before its retry. */
const retryDelay: StatusDetail = { kind: "RetryInfo", delayNanos: 2_000_000n };

/** `where`: `keys in range [[1], [1]), column c in table t`; never more of a row than its key. */
export function woundedByOlder(where: string): StatusError {
  return new StatusError(
    Code.ABORTED,
    "Transaction was aborted. It was wounded by a higher priority transaction due to conflict on " +
      `${where}.`,
    { reason: "WOUNDED", details: [retryDelay] },
  );
}

/** An optimistic transaction whose reads are no longer true when it commits. */
export function readSinceChanged(where: string): StatusError {
  return new StatusError(
    Code.ABORTED,
    `Transaction was aborted. Another transaction has changed what it had read: ${where}.`,
    { reason: "READ_CHANGED", details: [retryDelay] },
  );
}

/** A transaction that reads at one moment and wants to lock what was written after it. */
export function writtenSinceRead(where: string): StatusError {
  return new StatusError(
    Code.ABORTED,
    "Transaction was aborted. Another transaction has written since its read timestamp to " +
      `${where}.`,
    { reason: "WRITE_CONFLICT", details: [retryDelay] },
  );
}

export function schemaChangedDuringTransaction(): StatusError {
  return new StatusError(
    Code.ABORTED,
    "Transaction aborted. Database schema probably changed during transaction, retry may succeed.",
    { reason: "SCHEMA_CHANGED", details: [retryDelay] },
  );
}

export function databaseWasReset(): StatusError {
  return new StatusError(
    Code.ABORTED,
    "Transaction aborted. The database was reset during the transaction.",
    { reason: "DATABASE_RESET", details: [retryDelay] },
  );
}

export function idleTooLong(): StatusError {
  return new StatusError(
    Code.ABORTED,
    "Transaction was aborted. It was idle for more than 10 seconds and another transaction wants its locks.",
    { reason: "IDLE", details: [retryDelay] },
  );
}

export function transactionNotFound(id: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `Transaction not found: ${id}`, {
    reason: "TRANSACTION_NOT_FOUND",
  });
}

export function transactionOfOtherSession(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "Transaction was started in a different session",
    { reason: "TRANSACTION_OF_OTHER_SESSION" },
  );
}

export function invalidatedByLater(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "This transaction has been invalidated by a later transaction in the same session.",
    { reason: "TRANSACTION_INVALIDATED" },
  );
}

export function invalidatedByConstraint(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "This transaction has been invalidated due to a constraint error.",
    { reason: "TRANSACTION_INVALIDATED" },
  );
}

export function readAfterEnd(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "Cannot start a read or query within a transaction after Commit() or Rollback() has been called.",
    { reason: "TRANSACTION_ENDED" },
  );
}

export function commitAfterRollback(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "Cannot commit a transaction after Rollback() has been called.",
    { reason: "TRANSACTION_ENDED" },
  );
}

export function rollbackAfterCommit(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "Cannot roll back a transaction after Commit() has been called.",
    { reason: "TRANSACTION_ENDED" },
  );
}

export function cannotCommit(kind: string): StatusError {
  return new StatusError(Code.FAILED_PRECONDITION, `Cannot commit a ${kind} transaction.`, {
    reason: "NOT_A_READ_WRITE_TRANSACTION",
  });
}

export function cannotRollBack(kind: string): StatusError {
  return new StatusError(Code.FAILED_PRECONDITION, `Cannot roll back a ${kind} transaction.`, {
    reason: "NOT_A_READ_WRITE_TRANSACTION",
  });
}

export function transactionModeMissing(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Invalid transaction options: one of read_only, read_write, partitioned_dml must be set.",
    { reason: "TRANSACTION_MODE_MISSING" },
  );
}

export function dmlInSingleUse(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "DML statements may not be performed in single-use transactions, to avoid replay.",
    { reason: "DML_IN_SINGLE_USE" },
  );
}

export function dmlInReadOnly(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "DML statements can only be performed in a read-write or partitioned-dml transaction. " +
      "Current transaction type is ReadOnly.",
    { reason: "DML_IN_READ_ONLY" },
  );
}

export function singleUseMustBeReadOnly(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Single-use transactions of reads and queries must be read-only.",
    { reason: "SINGLE_USE_NOT_READ_ONLY" },
  );
}

export function singleUseCommitMustBeReadWrite(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Commit needs a single-use transaction with read_write options.",
    { reason: "SINGLE_USE_NOT_READ_WRITE" },
  );
}

export function previousTransactionOnRegularSession(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "The field multiplexed_session_previous_transaction_id is not supported in the request for a " +
      "non multiplexed session.",
    { reason: "PREVIOUS_TRANSACTION_ON_REGULAR_SESSION" },
  );
}

export function precommitTokenMissing(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Commit of a read-write transaction on a multiplexed session must carry the precommit_token " +
      "with the highest sequence number that the transaction received.",
    { reason: "PRECOMMIT_TOKEN_MISSING" },
  );
}

export function precommitTokenInvalid(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "The precommit_token of this Commit was not issued for its transaction.",
    { reason: "PRECOMMIT_TOKEN_INVALID" },
  );
}

export function invalidMutationKey(cause: unknown): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Failed to initialize transaction due to invalid mutation key",
    { reason: "INVALID_MUTATION_KEY", cause },
  );
}

export function stalenessNeedsSingleUse(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "min_read_timestamp and max_staleness are supported in single-use transactions only.",
    { reason: "BOUNDED_STALENESS_NEEDS_SINGLE_USE" },
  );
}

export function negativeStaleness(): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, "Staleness must not be negative.", {
    reason: "NEGATIVE_STALENESS",
  });
}

/** `what`: a field of a timestamp bound, such as `read_timestamp`. */
export function timestampBoundOutOfRange(what: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Invalid ${what}: timestamps are from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, and ` +
      "durations at most 10,000 years.",
    { reason: "TIMESTAMP_BOUND_OUT_OF_RANGE" },
  );
}

export function readTimestampTooOld(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "Read-only transaction timestamp has exceeded the maximum timestamp staleness",
    { reason: "READ_TIMESTAMP_TOO_OLD" },
  );
}

export function readTimestampTooFarAhead(): StatusError {
  return new StatusError(
    Code.DEADLINE_EXCEEDED,
    "Read timestamp is more than one hour ahead of the present.",
    { reason: "READ_TIMESTAMP_AHEAD" },
  );
}

export function differentRequestWithSeqno(seqno: bigint): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Previously received a different request with this seqno. seqno=${seqno}`,
    { reason: "SEQNO_REUSED" },
  );
}

export function seqnoOutOfOrder(seqno: bigint): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Request has an out-of-order seqno. seqno=${seqno}`,
    { reason: "SEQNO_OUT_OF_ORDER" },
  );
}

/** The Help link is what some clients tell this error by. */
export function tooManyMutations(limit: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "The transaction contains too many mutations. Insert and update operations count with the " +
      "multiplicity of the number of columns they affect. For example, inserting values into one " +
      "key column and four non-key columns count as five mutations total for the insert. Delete " +
      "and delete range operations count as one mutation regardless of the number of columns " +
      "affected. The total mutation count includes any changes to indexes that the transaction " +
      "generates. Please reduce the number of writes, or use fewer indexes. " +
      `(Maximum number: ${limit})`,
    {
      reason: "TOO_MANY_MUTATIONS",
      details: [
        {
          kind: "Help",
          links: [
            {
              description: "Cloud Spanner limits documentation.",
              url: "https://cloud.google.com/spanner/docs/limits",
            },
          ],
        },
      ],
    },
  );
}

export function maxCommitDelayOutOfRange(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "max_commit_delay must be between 0 and 500 milliseconds.",
    { reason: "MAX_COMMIT_DELAY_OUT_OF_RANGE" },
  );
}

export function commitTooLarge(bytes: number, limitBytes: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `The transaction writes ${bytes} bytes, which is more than the ${limitBytes} bytes that a ` +
      "commit may have, changes of indexes included.",
    { reason: "COMMIT_TOO_LARGE" },
  );
}

/** `what`: `Column CreatedAt` or `Table Visits`. */
export function pendingCommitTimestamp(what: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `${what} cannot be accessed because it, or its associated index, has a pending CommitTimestamp`,
    { reason: "PENDING_COMMIT_TIMESTAMP" },
  );
}

export function isolationOfPartitionedDml(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "Partitioned DML transactions do not support the REPEATABLE_READ isolation level.",
    { reason: "ISOLATION_OF_PARTITIONED_DML" },
  );
}

export function lockHintNeedsReadWrite(): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    "A lock_hint can be used in read-write transactions only.",
    { reason: "LOCK_HINT_NEEDS_READ_WRITE" },
  );
}
