// SPDX-License-Identifier: Apache-2.0
// Reading and writing: snapshots, read-write transactions, batches, partitioned DML. What every one of
// them needs of its database is said here.
//
// The room promises: a transaction begins with its first statement, without a call of its own; an
// aborted one starts over by itself inside of `runInTransaction`; a failed one is rolled back; one
// that did nothing costs nothing; a commit is applied at most once unless its caller chose otherwise.
import type {
  DirectedReadOptions,
  ExecuteSqlRequest_QueryOptions as QueryOptions,
} from "@spandrel/protocol";
import type { Caller } from "../call/caller.ts";
import type { DatabaseSessionsManager } from "../session/sessions-manager.ts";
import type { DecodeOptions } from "../values/decode.ts";
import type { ClientContextValues, IsolationLevel, ReadLockMode } from "./request-options.ts";

/** Defaults of read-write transactions, which each transaction may override. */
export interface DefaultTransactionOptions {
  readonly isolationLevel?: IsolationLevel | undefined;
  readonly readLockMode?: ReadLockMode | undefined;
}

/** What reading and writing needs of a database. */
export interface DataContext {
  /** Full name of the database. */
  readonly name: string;
  /** Whether the logger is told how many mutations each commit applied. */
  readonly logCommitStats: boolean;
  readonly caller: Caller;
  /** What every request says of its caller. */
  readonly clientContext: ClientContextValues | undefined;
  readonly sessions: DatabaseSessionsManager;
  readonly decode: DecodeOptions;
  readonly queryOptions: QueryOptions;
  /** Which replicas serve read-only requests that do not say. */
  readonly directedReadOptions: DirectedReadOptions | undefined;
  readonly defaultTransactionOptions: DefaultTransactionOptions;
}
