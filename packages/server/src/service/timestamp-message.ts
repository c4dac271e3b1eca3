// SPDX-License-Identifier: Apache-2.0
// Moments of the database, which counts microseconds, as messages, which count nanoseconds.
import { timestampToProto } from "@spandrel/model";
import type { Timestamp } from "@spandrel/protocol";

/** A moment in microseconds since 1970 as a message. */
export function timestampOfMicros(micros: number): Timestamp {
  return timestampToProto(BigInt(micros) * 1_000n);
}
