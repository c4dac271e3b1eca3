// SPDX-License-Identifier: Apache-2.0
// A session is the server's end of everything that reads or writes: each call names one. A regular
// session carries one transaction at a time, dies after an hour without use, and lives for 28 days
// at most; pools keep those. A multiplexed session carries any number of transactions at once; the
// sessions manager keeps one per database.
//
// A Session here knows its server-side life only: create, exists, ping, delete. Who may use it, and
// when it is too old, is decided by pools and the manager; what is read and written through it is the
// affair of `transaction`, which takes a Session.
// https://cloud.google.com/spanner/docs/sessions
import { Code, defined, NANOS_PER_MILLI } from "@spandrel/base";
import {
  type MultiplexedSessionPrecommitToken as PrecommitToken,
  type Session as ProtoSession,
  TransactionOptions_ReadWrite_ReadLockMode as ReadLockMode,
} from "@spandrel/protocol";
import type { Metadata } from "@spandrel/rpc";
import type { Call, Caller, OperationOptions } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { spannerMethods } from "../call/methods.ts";
import {
  multiplexedSessionHasNoLabels,
  sessionAlreadyCreated,
  sessionNotCreated,
} from "../errors/session.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { Timestamp } from "../values/timestamp.ts";

/** What sessions need to know of the database that they belong to. */
export interface SessionHome {
  /** Full name of the database: `projects/p/instances/i/databases/d`. */
  readonly name: string;
  /** The database role of sessions that name none themselves; empty for none. */
  readonly databaseRole: string;
  readonly caller: Caller;
}

/** What a session may be made with. */
export interface SessionOptions {
  /** Labels of a regular session. Default none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The role whose privileges the session has. Default: the database's. */
  readonly databaseRole?: string;
  /** Whether any number of transactions may share the session. Default false. */
  readonly isMultiplexed?: boolean;
}

/** A read-write transaction that was begun before anybody needed it. */
export interface PreparedTransaction {
  readonly id: Uint8Array;
  readonly precommitToken: PrecommitToken | undefined;
}

/** A session of one database. */
export class Session {
  readonly home: SessionHome;
  readonly labels: Readonly<Record<string, string>>;
  /** The role whose privileges the session has; empty for those of the caller. */
  readonly databaseRole: string;
  readonly isMultiplexed: boolean;
  #name = "";
  #headers: Metadata | undefined;
  #leaderHeaders: Metadata | undefined;
  #createdNanos: bigint;
  #usedNanos: bigint;
  #isLost = false;
  #prepared: PreparedTransaction | undefined;

  constructor(home: SessionHome, options: SessionOptions = {}) {
    this.home = home;
    this.labels = options.labels ?? {};
    this.databaseRole = options.databaseRole || home.databaseRole;
    this.isMultiplexed = options.isMultiplexed ?? false;
    this.#createdNanos = home.caller.clock.monotonic();
    this.#usedNanos = this.#createdNanos;
  }

  /** Makes a session from what the server created or listed. */
  static fromProto(home: SessionHome, message: ProtoSession): Session {
    const session = new Session(home, {
      labels: message.labels ?? {},
      databaseRole: message.creatorRole ?? "",
      isMultiplexed: message.multiplexed ?? false,
    });
    session.#name = message.name ?? "";
    return session;
  }

  /**
   * The full name: `projects/p/instances/i/databases/d/sessions/s`.
   *
   * @throws {SpannerError} FAILED_PRECONDITION before the session was created.
   */
  get name(): string {
    if (this.#name === "") throw sessionNotCreated();
    return this.#name;
  }

  /** The last part of the name; undefined before the session was created. */
  get sessionId(): string | undefined {
    return this.#name === "" ? undefined : this.#name.slice(this.#name.lastIndexOf("/") + 1);
  }

  /** When the session was last used by this client. */
  get lastUseTime(): Timestamp {
    return Timestamp.fromEpochNanos(this.home.caller.clock.now() - this.idleNanos);
  }

  /** How long ago the session was last used, in nanoseconds. */
  get idleNanos(): bigint {
    return this.home.caller.clock.monotonic() - this.#usedNanos;
  }

  /** How long ago the session was created or first known here, in nanoseconds. */
  get ageNanos(): bigint {
    return this.home.caller.clock.monotonic() - this.#createdNanos;
  }

  /** Whether the server said that it no longer has the session. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The metadata of a call in this session. */
  headers(toLeader: boolean): Metadata {
    if (toLeader && this.home.caller.routeToLeaderEnabled) {
      this.#leaderHeaders ??= this.#headersOf("session", true);
      return this.#leaderHeaders;
    }
    this.#headers ??= this.#headersOf("session", false);
    return this.#headers;
  }

  /** Notes that the session is used now. */
  markUsed(): void {
    this.#usedNanos = this.home.caller.clock.monotonic();
  }

  /** Notes that the server no longer has the session; its pool or manager will replace it. */
  markLost(): void {
    this.#isLost = true;
    this.#prepared = undefined;
  }

  /**
   * Creates the session on the server, with its labels and its role.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when it was created already.
   */
  async create(options: OperationOptions & Pick<Call, "tryingAgain"> = {}): Promise<void> {
    if (this.#name !== "") throw sessionAlreadyCreated(this.#name);
    if (this.isMultiplexed && Object.keys(this.labels).length > 0)
      throw multiplexedSessionHasNoLabels();
    const { caller, name: database } = this.home;
    const headers = headersOf({
      resource: database,
      routing: ["database", database],
      toLeader: caller.routeToLeaderEnabled,
    });
    const request = { database, session: this.toTemplate() };
    const created = await caller.unary(spannerMethods.createSession, request, {
      ...options,
      headers,
      isMultiplexed: this.isMultiplexed,
    });
    this.#name = defined(created.name, "a created session has a name");
    this.#createdNanos = caller.clock.monotonic();
    this.markUsed();
  }

  /** What the server is told about the session when it is created. */
  toTemplate(): ProtoSession {
    return {
      ...(Object.keys(this.labels).length > 0 && { labels: { ...this.labels } }),
      ...(this.databaseRole !== "" && { creatorRole: this.databaseRole }),
      ...(this.isMultiplexed && { multiplexed: true }),
    };
  }

  /** Asks the server whether it has the session. A session that was never created does not exist. */
  async exists(options: OperationOptions = {}): Promise<boolean> {
    if (this.#name === "") return false;
    try {
      await this.home.caller.unary(
        spannerMethods.getSession,
        { name: this.#name },
        {
          ...options,
          headers: this.#headersOf("name", this.home.caller.routeToLeaderEnabled),
          isMultiplexed: this.isMultiplexed,
        },
      );
      this.markUsed();
      return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.markLost();
      return false;
    }
  }

  /**
   * Keeps the session alive by running `SELECT 1` in it.
   *
   * @throws {SessionNotFoundError} when the server no longer has it.
   */
  async ping(options: OperationOptions = {}): Promise<void> {
    const request = { session: this.name, sql: "SELECT 1" };
    const headers = this.headers(false);
    const call = { ...options, headers, isMultiplexed: this.isMultiplexed, span: "Session.ping" };
    try {
      await this.home.caller.unary(spannerMethods.executeSql, request, call);
      this.markUsed();
    } catch (error) {
      if (isNotFound(error)) this.markLost();
      throw error;
    }
  }

  /**
   * Deletes the session on the server; one that is gone already counts as deleted.
   *
   * A multiplexed session cannot be deleted: the server lets it expire, and nothing is sent.
   *
   * @throws {SpannerError} FAILED_PRECONDITION before the session was created.
   */
  async delete(options: OperationOptions = {}): Promise<void> {
    const name = this.name;
    if (this.isMultiplexed) return;
    const headers = this.#headersOf("name", false);
    try {
      await this.home.caller.unary(spannerMethods.deleteSession, { name }, { ...options, headers });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    } finally {
      this.markLost();
    }
  }

  /** Begins a read-write transaction now, for whoever next needs one in this session. */
  async prepareTransaction(options: OperationOptions = {}): Promise<void> {
    const request = {
      session: this.name,
      options: {
        mode: {
          $case: "readWrite" as const,
          readWrite: { readLockMode: ReadLockMode.READ_LOCK_MODE_UNSPECIFIED },
        },
      },
    };
    const call = { ...options, headers: this.headers(true), isMultiplexed: this.isMultiplexed };
    try {
      const begun = await this.home.caller.unary(spannerMethods.beginTransaction, request, call);
      const id = defined(begun.id, "a begun transaction has an id");
      this.#prepared = { id, precommitToken: begun.precommitToken };
      this.markUsed();
    } catch (error) {
      if (isNotFound(error)) this.markLost();
      throw error;
    }
  }

  /** Whether a transaction was begun ahead and not taken yet. */
  get hasPreparedTransaction(): boolean {
    return this.#prepared !== undefined;
  }

  /** Takes the transaction that was begun ahead, if there is one. */
  takePreparedTransaction(): PreparedTransaction | undefined {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    return prepared;
  }

  #headersOf(field: "session" | "name", toLeader: boolean): Metadata {
    return headersOf({ resource: this.home.name, routing: [field, this.name], toLeader });
  }
}

/** Whether an error says that something is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof SpannerError && error.code === Code.NOT_FOUND;
}

/** Nanoseconds of so many milliseconds. */
export function nanosOfMillis(millis: number): bigint {
  return BigInt(Math.round(millis)) * NANOS_PER_MILLI;
}
