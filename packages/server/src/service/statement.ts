// SPDX-License-Identifier: Apache-2.0
// A statement as the protocol carries it, as one that the database takes.
import { type Type, typeFromProto, type WireValue } from "@spandrel/model";
import { ExecuteSqlRequest_QueryMode, type Type as ProtoType } from "@spandrel/protocol";
import type { Statement } from "../database/query.ts";
import { unknownParameterType } from "../errors/result.ts";

/** The part of a request that is its statement. */
export interface StatementMessage {
  readonly sql?: string | undefined;
  readonly params?: Readonly<Record<string, WireValue>> | undefined;
  readonly paramTypes?: Readonly<Record<string, ProtoType>> | undefined;
}

const modesWithPlan = new Set<ExecuteSqlRequest_QueryMode>([
  ExecuteSqlRequest_QueryMode.PLAN,
  ExecuteSqlRequest_QueryMode.PROFILE,
  ExecuteSqlRequest_QueryMode.WITH_PLAN_AND_STATS,
]);

const modesWithStatistics = new Set<ExecuteSqlRequest_QueryMode>([
  ExecuteSqlRequest_QueryMode.PROFILE,
  ExecuteSqlRequest_QueryMode.WITH_STATS,
  ExecuteSqlRequest_QueryMode.WITH_PLAN_AND_STATS,
]);

/**
 * Reads a statement from a request.
 *
 * @throws {StatusError} INVALID_ARGUMENT when a parameter's type is unspecified or incomplete.
 */
export function statementOf(
  message: StatementMessage,
  mode: ExecuteSqlRequest_QueryMode | undefined = ExecuteSqlRequest_QueryMode.NORMAL,
): Statement {
  const parameterTypes: Record<string, Type> = {};
  for (const [name, proto] of Object.entries(message.paramTypes ?? {})) {
    const type = typeFromProto(proto);
    if (type === undefined) throw unknownParameterType(name);
    parameterTypes[name] = type;
  }
  return {
    text: message.sql ?? "",
    parameters: message.params ?? {},
    parameterTypes,
    isPlanOnly: mode === ExecuteSqlRequest_QueryMode.PLAN,
    returnsPlan: modesWithPlan.has(mode),
    returnsStatistics: modesWithStatistics.has(mode),
  };
}
