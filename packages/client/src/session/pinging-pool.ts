// SPDX-License-Identifier: Apache-2.0

import { LimitedSizePool, type LimitedSizePoolOptions } from "./limited-size-pool.ts";
import { PING_INTERVAL_MILLIS } from "./limits.ts";

/** What a pinging pool may be made with. */
export interface PingingPoolOptions extends LimitedSizePoolOptions {
  /** How long a session may be idle before `ping()` touches it, in seconds. Default 3000. */
  readonly pingIntervalSeconds?: number;
}

/**
 * Keeps a fixed number of sessions alive by pings, for programs that are quiet for hours.
 *
 * The session put back first is handed out first. The program calls `ping()` from time to time, say
 * every minute: it touches the sessions that are due and returns. One that is handed out while it is
 * due is looked at first. Sessions are created when the first is needed, or by `fill()`.
 */
export class PingingPool extends LimitedSizePool {
  constructor(options: PingingPoolOptions = {}) {
    super(options, { order: "oldest", idleMillisMax: pingIntervalMillis(options) });
  }
}

/** The interval that a pinging pool was made with, in milliseconds. */
export function pingIntervalMillis({ pingIntervalSeconds }: PingingPoolOptions): number {
  return pingIntervalSeconds === undefined ? PING_INTERVAL_MILLIS : pingIntervalSeconds * 1_000;
}
