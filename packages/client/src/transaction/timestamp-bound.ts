// SPDX-License-Identifier: Apache-2.0
import { durationToProto } from "@spandrel/model";
import type { TransactionOptions, TransactionOptions_ReadOnly } from "@spandrel/protocol";
import { badDuration, boundNeedsSingleUse, severalTimestampBounds } from "../errors/transaction.ts";
import { type Moment, Timestamp } from "../values/timestamp.ts";

/**
 * Which moment a snapshot shows. At most one of these; without any, the present (a strong read).
 *
 * https://cloud.google.com/spanner/docs/timestamp-bounds
 */
export interface TimestampBound {
  /** Exactly this moment. */
  readonly readTimestamp?: Moment | undefined;
  /** This moment or a later one, which the server chooses. Single-use only. */
  readonly minReadTimestamp?: Moment | undefined;
  /** Exactly so long ago. Zero is the present, read at a replica's own time. */
  readonly exactStalenessMillis?: number | undefined;
  /** At most so long ago, as the server chooses. Single-use only. */
  readonly maxStalenessMillis?: number | undefined;
}

type WireBound = NonNullable<TransactionOptions_ReadOnly["timestampBound"]>;

/**
 * The options of a read-only transaction.
 *
 * @throws {SpannerError} INVALID_ARGUMENT for two bounds, or one that does not allow several reads.
 */
export function readOnlyOptions(bound: TimestampBound, isMultiUse: boolean): TransactionOptions {
  const timestampBound = wireBound(bound, isMultiUse);
  if (timestampBound === strongBound) return strongOptions;
  return { mode: { $case: "readOnly", readOnly: { timestampBound, returnReadTimestamp: true } } };
}

const strongBound: WireBound = { $case: "strong", strong: true };

/** What nearly every read says. */
const strongOptions: TransactionOptions = {
  mode: {
    $case: "readOnly",
    readOnly: { timestampBound: strongBound, returnReadTimestamp: true },
  },
};

function wireBound(bound: TimestampBound, isMultiUse: boolean): WireBound {
  const { readTimestamp, minReadTimestamp, exactStalenessMillis, maxStalenessMillis } = bound;
  const isStrong =
    readTimestamp === undefined &&
    minReadTimestamp === undefined &&
    exactStalenessMillis === undefined &&
    maxStalenessMillis === undefined;
  if (isStrong) return strongBound;
  const all = { readTimestamp, minReadTimestamp, exactStalenessMillis, maxStalenessMillis };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length > 1) throw severalTimestampBounds(given);
  const [name] = given;
  if (isMultiUse && (name === "minReadTimestamp" || name === "maxStalenessMillis"))
    throw boundNeedsSingleUse(name);
  if (readTimestamp !== undefined)
    return { $case: "readTimestamp", readTimestamp: Timestamp.from(readTimestamp).toProto() };
  if (minReadTimestamp !== undefined)
    return {
      $case: "minReadTimestamp",
      minReadTimestamp: Timestamp.from(minReadTimestamp).toProto(),
    };
  if (exactStalenessMillis !== undefined)
    return {
      $case: "exactStaleness",
      exactStaleness: duration("exactStalenessMillis", exactStalenessMillis),
    };
  if (maxStalenessMillis !== undefined)
    return {
      $case: "maxStaleness",
      maxStaleness: duration("maxStalenessMillis", maxStalenessMillis),
    };
  return strongBound;
}

/** Milliseconds as a google.protobuf.Duration. */
export function duration(name: string, millis: number): { seconds: bigint; nanos: number } {
  if (!(millis >= 0) || !Number.isFinite(millis)) throw badDuration(name, millis);
  return durationToProto(BigInt(Math.round(millis * 1e6)));
}
