// SPDX-License-Identifier: Apache-2.0
// The service google.spanner.v1.Spanner: protobuf in, protobuf out. What a call means is decided in
// the rooms below; in this room it is found out which session, which transaction and which database a
// call is for, and its answer is put into messages.
//
// Here stands who answers which call. The calls are told by subject: session-calls.ts, result-calls.ts
// for reads and statements, partitions.ts, and transaction-calls.ts. They share places.ts, which finds
// what a call is for.
import type { Clock, Random } from "@spandrel/base";
import { SpannerDefinition } from "@spandrel/protocol";
import { methodsOf, type Router } from "@spandrel/rpc";
import type { Registry } from "../instance/registry.ts";
import type { Limits } from "../limits/limits.ts";
import { partitionQuery, partitionRead } from "./partitions.ts";
import { Places } from "./places.ts";
import { ResultCalls } from "./result-calls.ts";
import { partialResultSetCodec, resultSetCodec } from "./result-codec.ts";
import { SessionCalls } from "./session-calls.ts";
import { Sessions } from "./sessions.ts";
import { TransactionCalls } from "./transaction-calls.ts";
import { Transactions } from "./transactions.ts";

/** What the service works with. */
export interface SpannerServiceOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

/** Serves google.spanner.v1.Spanner; gives the sessions and transactions that it keeps. */
export function serveSpanner(router: Router, options: SpannerServiceOptions): Places {
  const { registry, clock, random, limits } = options;
  const sessions = new Sessions(options);
  const transactions = new Transactions({ random, clock, limits });
  sessions.onEnd = (session) => transactions.endOf(session);
  registry.onDrop = (database) => {
    sessions.forget(database);
    transactions.forget(database);
  };
  const places = new Places(registry, sessions, transactions);
  const sessionCalls = new SessionCalls(places, limits);
  const resultCalls = new ResultCalls(places, limits);
  const transactionCalls = new TransactionCalls(places);
  const generated = methodsOf(SpannerDefinition);
  const methods = {
    ...generated,
    executeSql: { ...generated.executeSql, response: resultSetCodec },
    read: { ...generated.read, response: resultSetCodec },
    executeStreamingSql: { ...generated.executeStreamingSql, response: partialResultSetCodec },
    streamingRead: { ...generated.streamingRead, response: partialResultSetCodec },
  };
  router
    .unary(methods.createSession, (request) => sessionCalls.createSession(request))
    .unary(methods.batchCreateSessions, (request) => sessionCalls.batchCreateSessions(request))
    .unary(methods.getSession, (request) => sessionCalls.getSession(request))
    .unary(methods.listSessions, (request) => sessionCalls.listSessions(request))
    .unary(methods.deleteSession, (request) => sessionCalls.deleteSession(request))
    .unary(methods.executeSql, (request, call) => resultCalls.executeSql(request, call))
    .stream(methods.executeStreamingSql, (request, call) =>
      resultCalls.executeStreamingSql(request, call),
    )
    .unary(methods.executeBatchDml, (request, call) => resultCalls.executeBatchDml(request, call))
    .unary(methods.read, (request, call) => resultCalls.read(request, call))
    .stream(methods.streamingRead, (request, call) => resultCalls.streamingRead(request, call))
    .unary(methods.beginTransaction, (request, call) =>
      transactionCalls.beginTransaction(request, call),
    )
    .unary(methods.commit, (request) => transactionCalls.commit(request))
    .unary(methods.rollback, (request) => transactionCalls.rollback(request))
    .stream(methods.batchWrite, (request, call) => transactionCalls.batchWrite(request, call))
    .unary(methods.partitionQuery, (request, call) => partitionQuery(request, places, call))
    .unary(methods.partitionRead, (request, call) => partitionRead(request, places, call));
  return places;
}
