// SPDX-License-Identifier: Apache-2.0

import { LimitedSizePool, type LimitedSizePoolOptions } from "./limited-size-pool.ts";
import { SESSION_IDLE_MILLIS_MAX } from "./limits.ts";

/** What a pool of fixed size may be made with. */
export interface FixedSizePoolOptions extends LimitedSizePoolOptions {
  /** A session idle for longer is looked at before it is handed out, in minutes. Default 55. */
  readonly maxAgeMinutes?: number;
}

/**
 * Keeps a fixed number of sessions and makes callers wait, in order, when all are checked out.
 *
 * The session put back last is handed out first. All are created when the first is needed, or by
 * `fill()`. One that was idle for `maxAgeMinutes` is due for `ping()`; it is looked at with
 * GetSession before it is handed out, and replaced when the server no longer has it.
 */
export class FixedSizePool extends LimitedSizePool {
  constructor(options: FixedSizePoolOptions = {}) {
    const { maxAgeMinutes } = options;
    super(options, {
      order: "newest",
      idleMillisMax: maxAgeMinutes === undefined ? SESSION_IDLE_MILLIS_MAX : maxAgeMinutes * 60_000,
    });
  }
}
