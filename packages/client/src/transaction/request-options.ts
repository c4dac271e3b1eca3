// SPDX-License-Identifier: Apache-2.0
// What a program may say about one statement or transaction, and how a request says it.
import type {
  DirectedReadOptions,
  ExecuteSqlRequest_QueryOptions as QueryOptions,
  RequestOptions,
} from "@spandrel/protocol";
import {
  ExecuteSqlRequest_QueryMode,
  ReadRequest_LockHint,
  ReadRequest_OrderBy,
  RequestOptions_Priority,
  TransactionOptions_IsolationLevel,
  TransactionOptions_ReadWrite_ReadLockMode,
} from "@spandrel/protocol";
import type { ResultOptions } from "../stream/streamed-result-set.ts";

/** How much a request matters among others. */
export type Priority = "LOW" | "MEDIUM" | "HIGH";

/** How a transaction is isolated: https://cloud.google.com/spanner/docs/isolation-levels */
export type IsolationLevel = "SERIALIZABLE" | "REPEATABLE_READ";

/** Whether reads of a transaction take locks. */
export type ReadLockMode = "PESSIMISTIC" | "OPTIMISTIC";

/** What may be said about any request for data. */
export interface TaggedOptions {
  /** Default: the server's, which is HIGH. */
  readonly priority?: Priority | undefined;
  /** Marks the request in Spanner's statistics. */
  readonly requestTag?: string | undefined;
  /**
   * What the request says of its caller, for policies that ask for it. Goes over the client's, name by
   * name.
   */
  readonly clientContext?: ClientContextValues | undefined;
}

/** What a request says of its caller: values by name. */
export type ClientContextValues = Readonly<Record<string, string>>;

/** How a query is run and read. */
export interface QueryRequestOptions extends ResultOptions, TaggedOptions {
  /** What the server gives besides rows: its plan, or figures of the execution. Default NORMAL. */
  readonly queryMode?: "NORMAL" | "PLAN" | "PROFILE" | "WITH_STATS" | "WITH_PLAN_AND_STATS";
  readonly queryOptions?: QueryOptions | undefined;
  /** Which replicas serve the query; for read-only ones. Default: the client's. */
  readonly directedReadOptions?: DirectedReadOptions | undefined;
  /** Whether no statement of the transaction follows, which saves work. Default false. */
  readonly lastStatement?: boolean;
  /** Runs one part of a partitioned query. */
  readonly partitionToken?: Uint8Array | undefined;
  /** Whether a partition runs on machines of its own. Default false. */
  readonly dataBoostEnabled?: boolean;
}

/** How a read is run and its result read. */
export interface ReadRequestOptions extends ResultOptions, TaggedOptions {
  /** The index to read instead of the table. Default: the primary key. */
  readonly index?: string | undefined;
  /** The most rows to read. Default: all. */
  readonly limit?: bigint | number | undefined;
  /** Whether rows must come in the order of the key. Default: they do. */
  readonly orderBy?: "PRIMARY_KEY" | "NO_ORDER";
  /** Which locks the read takes in a read-write transaction. Default SHARED. */
  readonly lockHint?: "SHARED" | "EXCLUSIVE";
  readonly directedReadOptions?: DirectedReadOptions | undefined;
  readonly partitionToken?: Uint8Array | undefined;
  readonly dataBoostEnabled?: boolean;
}

/** The tags and priority of a request; undefined when there is nothing to say. */
export function requestOptionsOf(
  { priority, requestTag, clientContext: particular }: TaggedOptions,
  transactionTag = "",
  general?: ClientContextValues,
): RequestOptions | undefined {
  const saysWho = general !== undefined || particular !== undefined;
  if (priority === undefined && !requestTag && transactionTag === "" && !saysWho) return undefined;
  return {
    ...(saysWho && { clientContext: { secureContext: { ...general, ...particular } } }),
    ...(priority !== undefined && { priority: RequestOptions_Priority[`PRIORITY_${priority}`] }),
    ...(requestTag && { requestTag }),
    ...(transactionTag !== "" && { transactionTag }),
  };
}

/** An isolation level as a request says it. */
export function isolationLevelOf(level: IsolationLevel): TransactionOptions_IsolationLevel {
  return TransactionOptions_IsolationLevel[level];
}

/** A lock mode as a request says it. */
export function readLockModeOf(mode: ReadLockMode): TransactionOptions_ReadWrite_ReadLockMode {
  return TransactionOptions_ReadWrite_ReadLockMode[mode];
}

/** A query mode as a request says it. */
export function queryModeOf(
  mode: NonNullable<QueryRequestOptions["queryMode"]>,
): ExecuteSqlRequest_QueryMode {
  return ExecuteSqlRequest_QueryMode[mode];
}

/** An order as a request says it. */
export function orderByOf(order: NonNullable<ReadRequestOptions["orderBy"]>): ReadRequest_OrderBy {
  return ReadRequest_OrderBy[`ORDER_BY_${order}`];
}

/** A lock hint as a request says it. */
export function lockHintOf(
  hint: NonNullable<ReadRequestOptions["lockHint"]>,
): ReadRequest_LockHint {
  return ReadRequest_LockHint[`LOCK_HINT_${hint}`];
}

/** Query options of which the more particular wins, field by field; a new object each time. */
export function mergeQueryOptions(
  general: QueryOptions,
  particular: QueryOptions | undefined,
): QueryOptions | undefined {
  if (particular === undefined && Object.keys(general).length === 0) return undefined;
  return { ...general, ...particular };
}
