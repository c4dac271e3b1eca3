// SPDX-License-Identifier: Apache-2.0
import type { Random } from "@spandrel/base";

/** What a function may ask of the statement it runs in. The same for every row of the statement. */
export interface CallContext {
  /** The moment of the statement, in nanoseconds since the Unix epoch: CURRENT_TIMESTAMP. */
  readonly nowNanos: bigint;
  /** The default time zone, an IANA name; Spanner's is America/Los_Angeles. */
  readonly timeZone: string;
  readonly random: Random;
  /** Who counts for sequences; undefined where nothing may be written. */
  readonly sequences?: SequenceSource | undefined;
  /** How far sequences and identity columns have counted. */
  readonly counterStates?: CounterStates | undefined;
}

/** Tells how far something has counted. */
export interface CounterStates {
  /** The counter behind the last number that was given out, before its bits were reversed. */
  lastOf(id: number): bigint | undefined;
}

/** Gives out the numbers of sequences. */
export interface SequenceSource {
  /** The next number of the sequence with this id. */
  take(id: number, sequence: SequenceNumbers): bigint;
}

/** How a sequence counts. */
export interface SequenceNumbers {
  readonly startCounterWith: bigint | undefined;
  /** Numbers that are never given out, both ends included. */
  readonly skipRange: { readonly low: bigint; readonly high: bigint } | undefined;
}

/** Spanner's default time zone. */
export const DEFAULT_TIME_ZONE = "America/Los_Angeles";
