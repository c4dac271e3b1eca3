// SPDX-License-Identifier: Apache-2.0
import type { PipeOperator } from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Analysis, Definitions } from "./analysis.ts";
import type { ResolvedQuery } from "./resolved.ts";
import type { Scope } from "./scope.ts";

/** Applies the steps after `|>`, in order. */
export function applyPipes(
  analysis: Analysis,
  query: ResolvedQuery,
  pipes: readonly PipeOperator[],
  _scope: Scope | undefined,
  _definitions: Definitions,
): ResolvedQuery {
  const [first] = pipes;
  if (first === undefined) return query;
  throw unsupportedQuery("Pipe syntax is not supported", analysis.place(first));
}
