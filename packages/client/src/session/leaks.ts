// SPDX-License-Identifier: Apache-2.0
import { SESSION_LEAKED_MILLIS } from "./limits.ts";
import { nanosOfMillis, type Session, type SessionHome } from "./session.ts";

const leakedNanos = nanosOfMillis(SESSION_LEAKED_MILLIS);
const betweenLooksNanos = nanosOfMillis(60_000);

/**
 * Tells the logger of sessions that were checked out of a pool and never given back, with the stack of
 * whoever took each of them where the pool traces that.
 *
 * Nothing here has a timer: a pool looks when it is asked for a session, and when it is closed.
 */
export class LeakWatch {
  readonly #reported = new WeakSet<Session>();

  #lookedNanos: bigint | undefined;

  /**
   * Tells, once, of each session that has been out for an hour without any use.
   *
   * `lent` has where each was taken. All of it is looked at, once a minute at most.
   */
  look(home: SessionHome, lent: ReadonlyMap<Session, string>): void {
    const now = home.caller.clock.monotonic();
    if (this.#lookedNanos !== undefined && now - this.#lookedNanos < betweenLooksNanos) return;
    this.#lookedNanos = now;
    for (const [session, checkout] of lent) {
      if (session.idleNanos < leakedNanos || this.#reported.has(session)) continue;
      this.#reported.add(session);
      home.caller.logger.log("warn", "a session is checked out and was not used for an hour", {
        database: home.name,
        session: session.name,
        checkout,
      });
    }
  }

  /** Tells of all that are still out at the end. */
  end(home: SessionHome, lent: ReadonlyMap<Session, string>): void {
    if (lent.size === 0) return;
    home.caller.logger.log("warn", "sessions were never given back to their pool", {
      database: home.name,
      checkedOut: lent.size,
      // Empty texts without `traceCheckouts: true`, which is the way to find out who took them.
      checkouts: [...lent.values()],
    });
  }
}
