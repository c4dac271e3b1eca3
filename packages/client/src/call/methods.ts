// SPDX-License-Identifier: Apache-2.0
// The procedures of Spanner's data service, made once.
import { SpannerDefinition } from "@spandrel/protocol";
import { type MethodsOf, methodsOf } from "@spandrel/rpc";

/** Every procedure of `google.spanner.v1.Spanner`. */
export const spannerMethods: MethodsOf<typeof SpannerDefinition> = methodsOf(SpannerDefinition);

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Milliseconds that a call may take, its retries included, when the caller sets no limit. */
const timeoutMillisByName: Readonly<Record<string, number>> = {
  CreateSession: 30 * SECOND,
  GetSession: 30 * SECOND,
  DeleteSession: 30 * SECOND,
  BatchCreateSessions: 60 * SECOND,
  ExecuteSql: 30 * SECOND,
  Read: 30 * SECOND,
  ExecuteBatchDml: 30 * SECOND,
  BeginTransaction: 30 * SECOND,
  Rollback: 30 * SECOND,
  PartitionQuery: 30 * SECOND,
  PartitionRead: 30 * SECOND,
};

/** The default limit of a procedure: 30 s for short ones, an hour for commits, streams and lists. */
export function defaultTimeoutMillis(methodName: string): number {
  return timeoutMillisByName[methodName] ?? HOUR;
}
