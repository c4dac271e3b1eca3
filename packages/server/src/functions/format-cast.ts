// SPDX-License-Identifier: Apache-2.0
import type { Type, Value } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import type { CallContext } from "./context.ts";

/** CAST(value AS type FORMAT format). */
export function formattedCast(
  _value: Value,
  from: Type,
  to: Type,
  format: string,
  _context: CallContext,
): Value {
  throw evaluationFailed(
    `CAST from ${from.kind} to ${to.kind} with FORMAT '${format}' is not supported`,
  );
}
