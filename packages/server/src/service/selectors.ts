// SPDX-License-Identifier: Apache-2.0
// Which transaction a request means: one of its own for a single use, one that was begun before, or
// one that begins with it.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#transactionselector
import { nanosFromProto, type SecondsAndNanos } from "@spandrel/model";
import {
  type TransactionOptions,
  TransactionOptions_IsolationLevel,
  type TransactionOptions_ReadOnly,
  type TransactionOptions_ReadWrite,
  TransactionOptions_ReadWrite_ReadLockMode,
  type TransactionSelector,
} from "@spandrel/protocol";
import type { Database } from "../database/database.ts";
import type { DatabaseSnapshot } from "../database/snapshot.ts";
import type { TimestampBound } from "../database/timestamp-bound.ts";
import {
  isolationOfPartitionedDml,
  previousTransactionOnRegularSession,
  singleUseMustBeReadOnly,
  stalenessNeedsSingleUse,
  timestampBoundOutOfRange,
  transactionModeMissing,
} from "../errors/transaction.ts";
import type { Isolation } from "../txn/read-write.ts";
import type { Session } from "./sessions.ts";
import type { OpenTransaction, Transactions } from "./transactions.ts";

/** What a request works on. */
export type Selected =
  | {
      readonly kind: "single use";
      readonly snapshot: DatabaseSnapshot;
      readonly returnsReadTimestamp: boolean;
    }
  | {
      readonly kind: "open";
      readonly transaction: OpenTransaction;
      /** Whether it begins with this request, so that the answer must name it. */
      readonly isNew: boolean;
      readonly returnsReadTimestamp: boolean;
    };

/** Where a selector is looked up. */
export interface SelectorContext {
  readonly session: Session;
  readonly database: Database;
  readonly transactions: Transactions;
  readonly signal: AbortSignal;
}

/**
 * Finds or begins the transaction of a request. Without a selector it is a strong read.
 *
 * @throws {StatusError} INVALID_ARGUMENT for options that make no sense here, and as finding one does.
 */
export async function select(
  selector: TransactionSelector | undefined,
  context: SelectorContext,
): Promise<Selected> {
  const { session, database, transactions, signal } = context;
  const chosen = selector?.selector;
  switch (chosen?.$case) {
    case "id":
      return {
        kind: "open",
        transaction: transactions.get(session, chosen.id),
        isNew: false,
        returnsReadTimestamp: false,
      };
    case "begin": {
      const transaction = await begin(chosen.begin, context);
      const returnsReadTimestamp = asksForReadTimestamp(chosen.begin);
      return { kind: "open", transaction, isNew: true, returnsReadTimestamp };
    }
    default: {
      const mode = chosen?.singleUse.mode;
      if (mode !== undefined && mode.$case !== "readOnly") throw singleUseMustBeReadOnly();
      const bound = boundOf(mode?.readOnly);
      const snapshot = await database.snapshot(bound, signal);
      const returnsReadTimestamp = mode?.readOnly.returnReadTimestamp === true;
      return { kind: "single use", snapshot, returnsReadTimestamp };
    }
  }
}

/** Whether the answer to a begin shall carry the moment that is read at. */
export function asksForReadTimestamp({ mode }: TransactionOptions): boolean {
  return mode?.$case === "readOnly" && mode.readOnly.returnReadTimestamp === true;
}

/**
 * Begins a transaction in a session.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the options name no mode, or one that needs a single use.
 */
export async function begin(
  options: TransactionOptions,
  context: SelectorContext,
): Promise<OpenTransaction> {
  const { session, database, transactions, signal } = context;
  const { mode } = options;
  const common = transactions.begun(session);
  let transaction: OpenTransaction;
  switch (mode?.$case) {
    case "readOnly": {
      const bound = boundOf(mode.readOnly);
      if (bound.kind === "minimum read timestamp" || bound.kind === "maximum staleness") {
        throw stalenessNeedsSingleUse();
      }
      transaction = {
        kind: "read-only",
        ...common,
        snapshot: await database.snapshot(bound, signal),
      };
      break;
    }
    case "readWrite": {
      const previous = mode.readWrite.multiplexedSessionPreviousTransactionId ?? new Uint8Array();
      transaction = {
        kind: "read-write",
        ...common,
        transaction: database.begin(
          inheritedAge(context, previous),
          isolationOf(options, mode.readWrite),
        ),
        tokens: 0,
        answers: new Map(),
        lastSeqno: -1n,
      };
      break;
    }
    case "partitionedDml":
      if (options.isolationLevel === TransactionOptions_IsolationLevel.REPEATABLE_READ) {
        throw isolationOfPartitionedDml();
      }
      transaction = { kind: "partitioned", ...common, database };
      break;
    default:
      throw transactionModeMissing();
  }
  transactions.add(transaction);
  return transaction;
}

/**
 * How a read-write transaction reads. Under REPEATABLE_READ both modes are served alike: what is
 * written is locked by the statement that writes it, what is read is not.
 */
export function isolationOf(
  { isolationLevel }: TransactionOptions,
  { readLockMode }: TransactionOptions_ReadWrite,
): Isolation {
  if (isolationLevel === TransactionOptions_IsolationLevel.REPEATABLE_READ) {
    return "repeatable read";
  }
  return readLockMode === TransactionOptions_ReadWrite_ReadLockMode.OPTIMISTIC
    ? "optimistic"
    : "pessimistic";
}

/** A retry is as old as what it retries, so that it will not starve. */
function inheritedAge(context: SelectorContext, previous: Uint8Array): bigint | undefined {
  const { session, transactions } = context;
  if (!session.isMultiplexed) {
    if (previous.length > 0) throw previousTransactionOnRegularSession();
    const before = transactions.currentOf(session);
    return before?.kind === "read-write" && before.transaction.wasAborted
      ? before.transaction.age
      : undefined;
  }
  const before = previous.length > 0 ? transactions.find(previous) : undefined;
  return before?.kind === "read-write" ? before.transaction.age : undefined;
}

/** @throws {StatusError} INVALID_ARGUMENT for what is no timestamp or duration. */
function boundOf(options: TransactionOptions_ReadOnly | undefined): TimestampBound {
  const bound = options?.timestampBound;
  switch (bound?.$case) {
    case "readTimestamp":
      return {
        kind: "read timestamp",
        atNanos: timestampNanos(bound.readTimestamp, "read_timestamp"),
      };
    case "minReadTimestamp":
      return {
        kind: "minimum read timestamp",
        atNanos: timestampNanos(bound.minReadTimestamp, "min_read_timestamp"),
      };
    case "exactStaleness":
      return {
        kind: "exact staleness",
        nanos: durationNanos(bound.exactStaleness, "exact_staleness"),
      };
    case "maxStaleness":
      return {
        kind: "maximum staleness",
        nanos: durationNanos(bound.maxStaleness, "max_staleness"),
      };
    default:
      return { kind: "strong" };
  }
}

/** 0001-01-01T00:00:00Z, 10000-01-01T00:00:00Z, and the longest google.protobuf.Duration. */
const secondsMin = -62_135_596_800n;
const secondsEnd = 253_402_300_800n;
const durationSecondsMax = 315_576_000_000n;

function timestampNanos(message: SecondsAndNanos, field: string): bigint {
  const { seconds = 0n } = message;
  if (seconds < secondsMin || seconds >= secondsEnd) throw timestampBoundOutOfRange(field);
  return nanosFromProto(message);
}

function durationNanos(message: SecondsAndNanos, field: string): bigint {
  const { seconds = 0n } = message;
  if (seconds > durationSecondsMax || seconds < -durationSecondsMax) {
    throw timestampBoundOutOfRange(field);
  }
  return nanosFromProto(message);
}
