// SPDX-License-Identifier: Apache-2.0
// How fresh a read has to be, and the moment that follows from it.
// https://cloud.google.com/spanner/docs/timestamp-bounds
import type { Clock } from "@spandrel/base";
import {
  negativeStaleness,
  readTimestampTooFarAhead,
  readTimestampTooOld,
} from "../errors/transaction.ts";
import type { Timestamps } from "../txn/timestamps.ts";

/** What a read-only transaction asks for. Moments and spans are nanoseconds. */
export type TimestampBound =
  | { readonly kind: "strong" }
  | { readonly kind: "read timestamp"; readonly atNanos: bigint }
  | { readonly kind: "minimum read timestamp"; readonly atNanos: bigint }
  | { readonly kind: "exact staleness"; readonly nanos: bigint }
  | { readonly kind: "maximum staleness"; readonly nanos: bigint };

/** What choosing a moment needs to know. */
export interface ReadMoment {
  readonly clock: Clock;
  readonly timestamps: Timestamps;
  readonly retentionMillis: number;
  readonly signal?: AbortSignal | undefined;
}

const hourMicros = 3_600_000_000;

/**
 * The moment to read at. A moment to come is waited for, when it is at most an hour away.
 *
 * A bound that leaves a choice gets the present: the freshest answer, and no wait in one process.
 *
 * @throws {StatusError} FAILED_PRECONDITION when the moment is older than the versions that are kept,
 * DEADLINE_EXCEEDED when it is too far ahead, INVALID_ARGUMENT when a staleness is negative.
 */
export async function chooseReadMicros(bound: TimestampBound, moment: ReadMoment): Promise<number> {
  const { timestamps } = moment;
  switch (bound.kind) {
    case "strong":
      return timestamps.strongReadMicros();
    case "maximum staleness":
      if (bound.nanos < 0n) throw negativeStaleness();
      return timestamps.strongReadMicros();
    case "exact staleness":
      if (bound.nanos < 0n) throw negativeStaleness();
      return at(timestamps.nowMicros() - Number(bound.nanos / 1_000n), moment);
    case "read timestamp":
      return at(Number(bound.atNanos / 1_000n), moment);
    case "minimum read timestamp": {
      const micros = Number((bound.atNanos + 999n) / 1_000n);
      return at(Math.max(micros, timestamps.strongReadMicros()), moment);
    }
  }
}

async function at(micros: number, moment: ReadMoment): Promise<number> {
  const { clock, timestamps, retentionMillis, signal } = moment;
  const ahead = micros - timestamps.nowMicros();
  if (ahead > hourMicros) throw readTimestampTooFarAhead();
  if (-ahead > retentionMillis * 1_000) throw readTimestampTooOld();
  while (!timestamps.hasCome(micros)) {
    const millis = Math.ceil((micros - timestamps.nowMicros()) / 1_000);
    await clock.sleep(millis, { signal, background: true });
  }
  timestamps.promise(micros);
  await timestamps.settled(micros);
  return micros;
}
