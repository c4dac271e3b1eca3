// SPDX-License-Identifier: Apache-2.0
// One DML statement over a whole table, cut by the server into many small transactions. It is not
// atomic and may be applied more than once to a row, so it must be idempotent.
// https://cloud.google.com/spanner/docs/dml-partitioned
import { Code } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import { spannerMethods } from "../call/methods.ts";
import { SessionNotFoundError, SpannerError } from "../errors/spanner-error.ts";
import { noTransactionId } from "../errors/transaction.ts";
import { Deadline } from "../retry/deadline.ts";
import { transactionRetryMillis } from "../retry/policy.ts";
import type { Session } from "../session/session.ts";
import { TransactionType } from "../session/sessions-manager.ts";
import type { StatementInput } from "../values/statement.ts";
import type { Entry } from "./begin-gate.ts";
import type { DataContext } from "./context.ts";
import { usingId } from "./read-write-host.ts";
import type { QueryRequestOptions, TaggedOptions } from "./request-options.ts";
import { SessionLease } from "./session-lease.ts";
import { executeSql, type StatementHost } from "./statements.ts";

/** How a partitioned DML statement is run. */
export interface PartitionedDmlOptions extends OperationOptions, TaggedOptions {
  /** How long it may take, its retries included, in milliseconds. Default two hours. */
  readonly timeoutMillis?: number | undefined;
  readonly excludeTxnFromChangeStreams?: boolean | undefined;
  readonly queryOptions?: QueryRequestOptions["queryOptions"];
}

const PARTITIONED_TIMEOUT_MILLIS = 2 * 3_600_000;

/** The most that beginning may take, of all the time there is. */
const BEGIN_TIMEOUT_MILLIS = 30_000;

/**
 * Runs a partitioned DML statement, starting over when the server aborts.
 *
 * @returns the least number of rows that were changed.
 */
export async function executePartitionedDml(
  context: DataContext,
  statement: StatementInput,
  options: PartitionedDmlOptions,
): Promise<bigint> {
  const { caller, name } = context;
  return caller.observer.within("Database.execute_partitioned_pdml", { "db.namespace": name }, () =>
    runAttempts(context, statement, options),
  );
}

async function runAttempts(
  context: DataContext,
  statement: StatementInput,
  options: PartitionedDmlOptions,
): Promise<bigint> {
  const { caller } = context;
  const timeoutMillis = options.timeoutMillis ?? PARTITIONED_TIMEOUT_MILLIS;
  const deadline = new Deadline(caller.clock, timeoutMillis);
  for (let failures = 1; ; failures++) {
    const lease = new SessionLease(context, TransactionType.PARTITIONED);
    try {
      return await attempt(context, lease, statement, {
        ...options,
        get timeoutMillis() {
          return deadline.remainingMillis();
        },
      });
    } catch (error) {
      if (error instanceof SessionNotFoundError) await lease.lost();
      if (!isWorthAnother(error)) throw error;
      const waitMillis = transactionRetryMillis(error, failures, caller.random);
      await caller.waitOrThrow(waitMillis, deadline, error, options.signal);
    } finally {
      await lease.release();
    }
  }
}

function isWorthAnother(error: unknown): error is SpannerError {
  return (
    error instanceof SessionNotFoundError ||
    (error instanceof SpannerError && error.code === Code.ABORTED)
  );
}

async function attempt(
  context: DataContext,
  lease: SessionLease,
  statement: StatementInput,
  options: PartitionedDmlOptions,
): Promise<bigint> {
  const session = await lease.get(options);
  const id = await begin(context, session, lease, options);
  const host = new PartitionedHost(context, lease, id);
  const result = executeSql(host, statement, options);
  await result.rows();
  return result.rowCount ?? 0n;
}

async function begin(
  context: DataContext,
  session: Session,
  affinity: object,
  options: PartitionedDmlOptions,
): Promise<Uint8Array> {
  const { excludeTxnFromChangeStreams, signal } = options;
  const timeoutMillis = Math.min(
    options.timeoutMillis ?? BEGIN_TIMEOUT_MILLIS,
    BEGIN_TIMEOUT_MILLIS,
  );
  const request = {
    session: session.name,
    options: {
      mode: { $case: "partitionedDml" as const, partitionedDml: {} },
      ...(excludeTxnFromChangeStreams && { excludeTxnFromChangeStreams }),
    },
  };
  const call = {
    signal,
    timeoutMillis,
    headers: session.headers(true),
    isMultiplexed: session.isMultiplexed,
    affinity,
  };
  const { id } = await context.caller.unary(spannerMethods.beginTransaction, request, call);
  if (id === undefined || id.length === 0) throw noTransactionId();
  return id;
}

/** A transaction that has begun and runs one statement. */
class PartitionedHost implements StatementHost {
  readonly context: DataContext;
  readonly lease: SessionLease;
  readonly isReadWrite = true;
  readonly transactionTag = "";
  readonly affinity: SessionLease;
  readonly #id: Uint8Array;

  constructor(context: DataContext, lease: SessionLease, id: Uint8Array) {
    this.context = context;
    this.lease = lease;
    this.affinity = lease;
    this.#id = id;
  }

  limits({ timeoutMillis, signal }: OperationOptions): OperationOptions {
    return { timeoutMillis, signal };
  }

  enter(): Entry {
    return { kind: "use", id: this.#id };
  }

  beginSelector(): ReturnType<typeof usingId> {
    return usingId(this.#id);
  }

  noteAnswer(): void {}

  async mend(): Promise<boolean> {
    return false;
  }

  noteEnd(): undefined {
    return undefined;
  }

  nextSequenceNumber(): bigint {
    return 0n;
  }
}
