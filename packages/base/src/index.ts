// SPDX-License-Identifier: Apache-2.0
// The words that every room uses: mistakes and statuses, time and chance, bytes, promises.
export { AdjustableClock } from "./adjustable-clock.ts";
export { assert, BugError, defined, unreachable } from "./assert.ts";
export { compareBytes, concatBytes, fromBase64, toBase64 } from "./bytes.ts";
export { type Clock, NANOS_PER_MILLI, NANOS_PER_SECOND, type SleepOptions } from "./clock.ts";
export { createDeferred, type Deferred } from "./deferred.ts";
export { Heap } from "./heap.ts";
export { type Logger, type LogLevel, silentLogger } from "./logger.ts";
export { type Random, randomText, seededRandom } from "./random.ts";
export {
  Code,
  type CodeName,
  codeName,
  codeOf,
  type StatusDetail,
  StatusError,
  type StatusOptions,
} from "./status.ts";
export { systemClock } from "./system-clock.ts";
export { systemRandom } from "./system-random.ts";
