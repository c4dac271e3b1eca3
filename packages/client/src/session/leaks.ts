// SPDX-License-Identifier: Apache-2.0
import type { SessionHome } from "./session.ts";

/**
 * Tells the logger of sessions that were checked out of a pool and never given back, with the stack of
 * whoever took each of them where the pool traces that.
 */
export function reportLeaks(
  home: SessionHome,
  checkedOut: number,
  checkouts: readonly string[],
): void {
  if (checkedOut === 0) return;
  home.caller.logger.log("warn", "sessions were never given back to their pool", {
    database: home.name,
    checkedOut,
    // Empty without `traceCheckouts: true`, which is the way to find out who took them.
    checkouts,
  });
}
