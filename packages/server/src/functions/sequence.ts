// SPDX-License-Identifier: Apache-2.0
// GET_NEXT_SEQUENCE_VALUE, and how far a sequence or an identity column has counted. The analyzer finds
// the sequence and hands in what it is; who keeps the counters is told by the context, and who may move
// them only where rows may be written.
// https://cloud.google.com/spanner/docs/reference/standard-sql/sequence_functions
import { INT64 } from "@spandrel/model";
import { sequenceInReadOnly } from "../errors/query.ts";
import { defineInContext, int64, nullable, type Overload } from "./signature.ts";

/** The name by which the analyzer calls the function, its sequence spelled out as constants. */
export const NEXT_SEQUENCE_VALUE = "$next_sequence_value";

/** The name by which the analyzer asks how far the counter with some id has come. */
export const COUNTER_STATE = "$counter_state";

/** Arguments: the sequence's id, the counter it starts with, and the range that it skips. */
export const sequenceFunctions: readonly Overload[] = [
  defineInContext(
    NEXT_SEQUENCE_VALUE,
    [int64, nullable(int64), nullable(int64), nullable(int64)],
    INT64,
    ({ sequences }, id, start, low, high) => {
      if (sequences === undefined) throw sequenceInReadOnly("GET_NEXT_SEQUENCE_VALUE");
      return sequences.take(Number(id), {
        startCounterWith: start ?? undefined,
        skipRange: low === null || high === null ? undefined : { low, high },
      });
    },
    { seesNull: true, isVolatile: true },
  ),
  defineInContext(
    COUNTER_STATE,
    [int64],
    INT64,
    ({ counterStates }, id) => counterStates?.lastOf(Number(id)) ?? null,
    { isVolatile: true },
  ),
];
