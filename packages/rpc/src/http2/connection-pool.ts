// SPDX-License-Identifier: Apache-2.0
// The connections of one client's transport, and which of them a call takes. Connections are opened
// by the first call that needs one, opened anew after they were lost, and closed when nobody has
// called for a while and fewer will do. No call waits here: who finds no room asks again when
// something has changed.
import { Connection, type ConnectionOptions } from "./connection.ts";
import { invalidChannels } from "./errors.ts";
import { CALLS_SHARING, IDLE_LOOK_MILLIS } from "./limits.ts";

/** How many connections there may be: so many are kept once they are open, so many at the most. */
export interface ChannelRange {
  readonly min: number;
  readonly max: number;
}

/** @throws {StatusError} INVALID_ARGUMENT when it is no number of connections. */
export function channelRangeOf(channels: number | ChannelRange): ChannelRange {
  const { min, max } = typeof channels === "number" ? { min: channels, max: channels } : channels;
  const isRange = Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 1 && max >= min;
  if (!isRange) throw invalidChannels(min, max);
  return { min, max };
}

/** The connections to one server. */
export class ConnectionPool {
  readonly #options: ConnectionOptions;
  readonly #channels: ChannelRange;
  /** Called whenever a connection may have room, or is gone for new calls. */
  readonly #changed: () => void;
  /** Where calls with an affinity went last. */
  readonly #homes = new WeakMap<object, Connection>();
  /** How many calls each connection had made when it was last looked at. */
  readonly #callsSeen = new WeakMap<Connection, number>();
  readonly #closing = new AbortController();
  #connections: Connection[] = [];
  #isLooking = false;

  constructor(options: ConnectionOptions, channels: ChannelRange, changed: () => void) {
    this.#options = options;
    this.#channels = channels;
    this.#changed = changed;
  }

  /** The connection that a call takes, by its affinity; undefined when none has room. */
  connectionFor(affinity: object | undefined): Connection | undefined {
    if (affinity === undefined) return this.#connectionWithRoom();
    const home = this.#homes.get(affinity);
    if (home?.hasRoom) return home;
    const chosen = this.#connectionWithRoom();
    // What follows goes after this call, also when the first home has room again.
    if (chosen !== undefined) this.#homes.set(affinity, chosen);
    return chosen;
  }

  /** Ends every connection, and every call on them, at once. */
  async close(): Promise<void> {
    const connections = this.#connections;
    this.#connections = [];
    this.#closing.abort();
    await Promise.all(connections.map((connection) => connection.close()));
  }

  /**
   * A connection that is hardly busy, the first there is; then a new one; then the least busy.
   *
   * Few calls share a connection, and with it the reads and writes of the system.
   */
  #connectionWithRoom(): Connection | undefined {
    let best: Connection | undefined;
    for (const connection of this.#connections) {
      if (!connection.hasRoom) continue;
      if (connection.callsActive < CALLS_SHARING) return connection;
      if (best === undefined || connection.callsActive < best.callsActive) best = connection;
    }
    if (this.#connections.length >= this.#channels.max) return best;
    const added = new Connection(this.#options, this.#connectionChanged);
    this.#connections.push(added);
    if (this.#hasMore && !this.#isLooking) void this.#lookForIdle();
    return added;
  }

  /** Whether there are more connections than are kept in any case. */
  get #hasMore(): boolean {
    return this.#connections.length > this.#channels.min;
  }

  /** As long as there are more connections than need be, closes those without calls. */
  async #lookForIdle(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    this.#isLooking = true;
    try {
      while (this.#hasMore) {
        await clock.sleep(IDLE_LOOK_MILLIS, { background: true, signal });
        this.#closeIdle();
      }
      this.#isLooking = false;
    } catch {
      // The pool was closed during the wait.
    }
  }

  /** The first connections are called first, so the last are the ones to close. */
  #closeIdle(): void {
    for (const connection of this.#connections.toReversed()) {
      const { callsMade, callsActive } = connection;
      const isIdle = callsActive === 0 && this.#callsSeen.get(connection) === callsMade;
      this.#callsSeen.set(connection, callsMade);
      if (!isIdle || !this.#hasMore) continue;
      this.#connections = this.#connections.filter((other) => other !== connection);
      void connection.close();
    }
  }

  readonly #connectionChanged = (): void => {
    if (this.#connections.some((connection) => !connection.isUsable)) {
      this.#connections = this.#connections.filter((connection) => connection.isUsable);
    }
    this.#changed();
  };
}
