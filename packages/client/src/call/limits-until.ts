// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "@spandrel/base";
import { Deadline } from "../retry/deadline.ts";
import type { OperationOptions } from "./caller.ts";

/**
 * Limits of an operation of several calls: each has the time that those before it left.
 *
 * The time is looked up when `timeoutMillis` is read, so that the same limits serve every call.
 */
export function limitsUntil(deadline: Deadline, signal: AbortSignal | undefined): OperationOptions {
  return {
    signal,
    get timeoutMillis() {
      return deadline.remainingMillis();
    },
  };
}

/** As `limitsUntil`, from now on; what has no limit keeps none. */
export function limitsFromNow(clock: Clock, options: OperationOptions): OperationOptions {
  const { timeoutMillis, signal } = options;
  if (timeoutMillis === undefined) return { timeoutMillis, signal };
  return limitsUntil(new Deadline(clock, timeoutMillis), signal);
}
