// SPDX-License-Identifier: Apache-2.0
// The connections of one client's transport, and which of them a call takes. Connections are opened
// by the first call that needs one and opened anew after they were lost. Nothing waits here: who
// finds no room asks again when something has changed.
import { Connection, type ConnectionOptions } from "./connection.ts";
import { CALLS_SHARING } from "./limits.ts";

/** The connections to one server. */
export class ConnectionPool {
  readonly #options: ConnectionOptions;
  readonly #connectionsMax: number;
  /** Called whenever a connection may have room, or is gone for new calls. */
  readonly #changed: () => void;
  /** Where calls with an affinity went last. */
  readonly #homes = new WeakMap<object, Connection>();
  #connections: Connection[] = [];

  constructor(options: ConnectionOptions, connectionsMax: number, changed: () => void) {
    this.#options = options;
    this.#connectionsMax = connectionsMax;
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
    if (this.#connections.length >= this.#connectionsMax) return best;
    const added = new Connection(this.#options, this.#connectionChanged);
    this.#connections.push(added);
    return added;
  }

  readonly #connectionChanged = (): void => {
    if (this.#connections.some((connection) => !connection.isUsable)) {
      this.#connections = this.#connections.filter((connection) => connection.isUsable);
    }
    this.#changed();
  };
}
