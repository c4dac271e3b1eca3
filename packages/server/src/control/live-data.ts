// SPDX-License-Identifier: Apache-2.0
// What a server holds right now, for tests to assert on and for people to look at: sessions,
// transactions, locks. Everything here is a copy that nothing changes afterwards.
import { toBase64 } from "@spandrel/base";
import type { Places } from "../service/places.ts";
import type { OpenTransaction } from "../service/transactions.ts";
import { hex } from "./request-fields.ts";

/** A session that lives. */
export interface LiveSession {
  /** `projects/p/instances/i/databases/d/sessions/s`. */
  readonly name: string;
  readonly database: string;
  readonly isMultiplexed: boolean;
  readonly creatorRole: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Nanoseconds since the Unix epoch. */
  readonly createdNanos: bigint;
  /** Nanoseconds since the Unix epoch. */
  readonly lastUsedNanos: bigint;
  /** How many read-write transactions it has under way. */
  readonly openTransactions: number;
}

/** A transaction that a client knows by its id. */
export interface LiveTransaction {
  /** Hexadecimal digits. */
  readonly id: string;
  /** As REST shows it. */
  readonly idBase64: string;
  readonly session: string;
  readonly database: string;
  readonly kind: "read-only" | "read-write" | "partitioned";
  /**
   * `replaced` when a later one of the same regular session has taken its place. Read-only and
   * partitioned ones are `active` for as long as the server remembers them.
   */
  readonly state:
    | "active"
    | "committing"
    | "committed"
    | "aborted"
    | "failed"
    | "rolled back"
    | "replaced";
  /** How a read-write transaction reads. */
  readonly isolation: "pessimistic" | "optimistic" | "repeatable read" | undefined;
  /** When it began, in nanoseconds since the Unix epoch. */
  readonly begunNanos: bigint;
  /**
   * When it, or the first attempt that it retries, asked for a lock first, in nanoseconds since the
   * Unix epoch: the older one wins. Undefined while it has not.
   */
  readonly ageNanos: bigint | undefined;
  /** How long ago it asked for a lock last; undefined when it has not, or is over. */
  readonly idleNanos: bigint | undefined;
  /** The moment that it reads at, in microseconds since the Unix epoch; undefined for the latest. */
  readonly readMicros: number | undefined;
}

/** A lock that is held or waited for. */
export interface LiveLock {
  /** Hexadecimal digits; undefined for a transaction that no client knows: a schema change, or one
   * that is a single call. */
  readonly transaction: string | undefined;
  /** The number of the transaction in its database. */
  readonly owner: number;
  /**
   * `ReaderShared` of what was read, `WriterShared` of what is written without having been read,
   * `Exclusive` of what is both.
   * https://cloud.google.com/spanner/docs/introspection/lock-statistics#explain-lock-modes
   */
  readonly mode: "ReaderShared" | "WriterShared" | "Exclusive";
  readonly isWaiting: boolean;
  /** `keys in range [[1], [1]), column Name in table Singers`; of several columns the first one. */
  readonly range: string;
}

/** What a server holds; see the top of this file. */
export interface LiveData {
  /** The names of all databases, forks included. */
  databases(): readonly string[];

  /**
   * The sessions of a database, multiplexed ones included, oldest first.
   *
   * @throws {StatusError} NOT_FOUND when there is no such database.
   */
  sessions(database: string): readonly LiveSession[];

  /**
   * The transactions of a database that are under way, oldest first; with `isOver`, also those that
   * are over and still remembered.
   *
   * @throws {StatusError} NOT_FOUND when there is no such database.
   */
  transactions(
    database: string,
    options?: { readonly isOver?: boolean },
  ): readonly LiveTransaction[];

  /**
   * The locks of a database that are held, then those that are waited for.
   *
   * @throws {StatusError} NOT_FOUND when there is no such database.
   */
  locks(database: string): readonly LiveLock[];
}

/** What is held at these places. */
export function createLiveData(places: Places): LiveData {
  return new PlacesLiveData(places);
}

class PlacesLiveData implements LiveData {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  databases(): readonly string[] {
    return this.#places.registry.databaseNames();
  }

  sessions(database: string): readonly LiveSession[] {
    const { registry, sessions } = this.#places;
    registry.getEntry(database);
    const open = this.transactions(database).filter(({ kind }) => kind === "read-write");
    return sessions.all(database).map((session) => ({
      name: session.name,
      database,
      isMultiplexed: session.isMultiplexed,
      creatorRole: session.creatorRole,
      labels: { ...session.labels },
      createdNanos: session.createdNanos,
      lastUsedNanos: session.lastUsedNanos,
      openTransactions: open.filter((each) => each.session === session.name).length,
    }));
  }

  transactions(
    database: string,
    { isOver = false }: { readonly isOver?: boolean } = {},
  ): readonly LiveTransaction[] {
    this.#places.registry.getEntry(database);
    const found = this.#transactionsOf(database).map((each) => this.#describe(each, database));
    return found.filter(({ state }) => isOver || state === "active" || state === "committing");
  }

  locks(database: string): readonly LiveLock[] {
    const { held, waiting } = this.#places.registry.get(database).locks();
    const ids = new Map<number, string>();
    for (const each of this.#transactionsOf(database)) {
      if (each.kind === "read-write" && !each.transaction.isOver) {
        ids.set(each.transaction.number, hex(each.id));
      }
    }
    const live = (isWaiting: boolean) => (lock: (typeof held)[number]) => ({
      transaction: ids.get(lock.owner),
      ...lock,
      isWaiting,
    });
    return [...held.map(live(false)), ...waiting.map(live(true))];
  }

  #transactionsOf(database: string): readonly OpenTransaction[] {
    return [...this.#places.transactions.all()].filter(
      ({ session }) => session.database === database,
    );
  }

  #describe(open: OpenTransaction, database: string): LiveTransaction {
    const { id, session, kind, begunNanos, wasReplaced } = open;
    const common = {
      id: hex(id),
      idBase64: toBase64(id),
      session: session.name,
      database,
      kind,
      begunNanos,
      isolation: undefined,
      ageNanos: undefined,
      idleNanos: undefined,
      readMicros: undefined,
    };
    if (open.kind !== "read-write") {
      const readMicros = open.kind === "read-only" ? open.snapshot.atMicros : undefined;
      return { ...common, state: wasReplaced ? "replaced" : "active", readMicros };
    }
    const { transaction } = open;
    return {
      ...common,
      state: wasReplaced && !transaction.isCommitted ? "replaced" : transaction.progress,
      isolation: transaction.isolation,
      ageNanos: transaction.age,
      idleNanos: this.#places.registry.get(database).idleNanosOf(transaction.number),
      readMicros: transaction.snapshotMicros,
    };
  }
}
