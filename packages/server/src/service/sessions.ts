// SPDX-License-Identifier: Apache-2.0
// Sessions: what they are, how long they live, and who may do what with them. Pure but for the clock
// and the dice it is given: nothing here waits, and nothing runs in the background. A session that has
// outlived its time is found out when somebody asks for it, when the sessions are listed, or when
// others are created: each creation looks at a few more of the old ones, round and round, so that what
// clients have left behind goes at the pace at which it comes to be.
//
// A regular session lives as long as it is used once an hour, and at most 28 days; it runs one
// transaction at a time. A multiplexed session has no idle time, and any number of transactions; it
// cannot be deleted, labeled or listed.
// https://cloud.google.com/spanner/docs/sessions
import { type Clock, type Random, randomText } from "@spandrel/base";
import {
  invalidFilter,
  invalidLabelKey,
  invalidLabelValue,
  invalidPageToken,
  labelsOnMultiplexed,
  multiplexedNotDeletable,
  negativePageSize,
  sessionNotFound,
  tooManyLabels,
} from "../errors/session.ts";
import type { Limits } from "../limits/limits.ts";

/** Characters of a session's id, as Cloud Spanner has them. */
const regularIdLength = 62;
const multiplexedIdLength = 68;

/** Sessions that are looked at when one is created. */
const sweptPerCreation = 4;

/** A session. */
export interface Session {
  /** `projects/p/instances/i/databases/d/sessions/s`. */
  readonly name: string;
  /** `projects/p/instances/i/databases/d`. */
  readonly database: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly creatorRole: string;
  readonly isMultiplexed: boolean;
  readonly createdNanos: bigint;
  /** How many sessions the server had created before: the order of lists. */
  readonly serial: number;
  lastUsedNanos: bigint;
}

/** What a session is created from. */
export interface SessionTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly creatorRole: string;
  readonly isMultiplexed: boolean;
}

/** A page of a list, and what asks for the next one; empty when there is none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** What sessions work with. */
export interface SessionsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

/** All sessions of a server; see the top of this file. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #byDatabase = new Map<string, Map<string, Session>>();
  #created = 0;
  /** The round through the sessions, of all databases, that looks for those that have expired. */
  #round: Iterator<Session> = [].values();
  /** Told of each session that is gone, so that what it has open goes with it. */
  onEnd: (session: Session) => void = () => undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * Creates a session; the database must be there.
   *
   * @throws {StatusError} INVALID_ARGUMENT for labels that are malformed, or on a multiplexed session.
   */
  create(database: string, template: SessionTemplate): Session {
    const { clock, random, limits } = this.#options;
    const { labels, creatorRole, isMultiplexed } = template;
    if (isMultiplexed && Object.keys(labels).length > 0) throw labelsOnMultiplexed();
    checkLabels(labels, limits);
    const id = randomText(random, isMultiplexed ? multiplexedIdLength : regularIdLength);
    const now = clock.now();
    const session: Session = {
      name: `${database}/sessions/${id}`,
      database,
      labels: { ...labels },
      creatorRole,
      isMultiplexed,
      createdNanos: now,
      serial: this.#created++,
      lastUsedNanos: now,
    };
    let sessions = this.#byDatabase.get(database);
    if (sessions === undefined) {
      sessions = new Map();
      this.#byDatabase.set(database, sessions);
    }
    sessions.set(session.name, session);
    this.#sweep();
    return session;
  }

  /**
   * Gives a session that is to be used now.
   *
   * @throws {StatusError} NOT_FOUND when there is none, or it has outlived its time.
   */
  use(name: string): Session {
    const session = this.#find(name);
    if (session === undefined) throw sessionNotFound(name);
    session.lastUsedNanos = this.#options.clock.now();
    return session;
  }

  /**
   * Deletes a regular session.
   *
   * @throws {StatusError} NOT_FOUND when there is none, INVALID_ARGUMENT when it is multiplexed.
   */
  delete(name: string): void {
    const session = this.#find(name);
    if (session === undefined) throw sessionNotFound(name);
    if (session.isMultiplexed) throw multiplexedNotDeletable();
    this.#end(session);
  }

  /** Forgets a session, of whatever kind, as Cloud Spanner may at any time. Whether there was one. */
  lose(name: string): boolean {
    const session = this.#find(name);
    if (session === undefined) return false;
    this.#end(session);
    return true;
  }

  /** Every session of a database that still lives, multiplexed ones included, oldest first. */
  all(database: string): readonly Session[] {
    return [...(this.#byDatabase.get(database)?.keys() ?? [])].flatMap(
      (name) => this.#find(name) ?? [],
    );
  }

  /** Forgets every session of a database that is gone; `onEnd` is not told of each. */
  forget(database: string): void {
    this.#byDatabase.delete(database);
  }

  /**
   * Lists the regular sessions of a database in the order of their creation.
   *
   * A page token stands for the last session that was listed, whether or not it still lives.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a malformed filter, size or token.
   */
  list(database: string, filter: string, pageSize: number, pageToken: string): Page<Session> {
    if (pageSize < 0) throw negativePageSize();
    const matches = parseFilter(filter);
    const most = this.#options.limits.sessionsPerPageMax;
    const size = pageSize === 0 ? most : Math.min(pageSize, most);
    const listed = [...(this.#byDatabase.get(database)?.keys() ?? [])]
      .flatMap((name) => this.#find(name) ?? [])
      .filter((session) => !session.isMultiplexed && matches(session));
    const after = pageToken === "" ? -1 : decodeToken(pageToken);
    const left = listed.filter(({ serial }) => serial > after);
    const items = left.slice(0, size);
    const last = items.at(-1);
    return {
      items,
      nextPageToken: left.length > size && last !== undefined ? `${last.serial}` : "",
    };
  }

  /** Finds a session that still lives; one that does not is forgotten. */
  #find(name: string): Session | undefined {
    const database = name.slice(0, Math.max(0, name.indexOf("/sessions/")));
    const session = this.#byDatabase.get(database)?.get(name);
    if (session === undefined) return undefined;
    if (this.#isExpired(session)) {
      this.#end(session);
      return undefined;
    }
    return session;
  }

  #end(session: Session): void {
    this.#byDatabase.get(session.database)?.delete(session.name);
    this.onEnd(session);
  }

  /** Looks at a few more sessions, and ends those that have outlived their time. */
  #sweep(): void {
    for (let looked = 0; looked < sweptPerCreation; looked++) {
      const { value: session, done } = this.#round.next();
      if (done === true) {
        this.#round = everySession(this.#byDatabase);
        return;
      }
      if (this.#isExpired(session)) this.#end(session);
    }
  }

  #isExpired(session: Session): boolean {
    const { clock, limits } = this.#options;
    const now = clock.now();
    const ageMillis = Number((now - session.createdNanos) / 1_000_000n);
    if (ageMillis >= limits.sessionAgeMillisMax) return true;
    const idleMillis = Number((now - session.lastUsedNanos) / 1_000_000n);
    return !session.isMultiplexed && idleMillis >= limits.sessionIdleMillisMax;
  }
}

/** Sessions that are created or deleted meanwhile do no harm. */
function* everySession(
  byDatabase: ReadonlyMap<string, ReadonlyMap<string, Session>>,
): IterableIterator<Session> {
  for (const sessions of byDatabase.values()) yield* sessions.values();
}

const labelKey = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelValue = /^([a-z]([-a-z0-9]{0,61}[a-z0-9])?)?$/;

function checkLabels(labels: Readonly<Record<string, string>>, limits: Limits): void {
  const entries = Object.entries(labels);
  if (entries.length > limits.labelsPerSessionMax) throw tooManyLabels(limits.labelsPerSessionMax);
  for (const [key, value] of entries) {
    if (!labelKey.test(key)) throw invalidLabelKey(key);
    if (!labelValue.test(value)) throw invalidLabelValue(key);
  }
}

const condition = /^labels\.([a-z][-a-z0-9_]*):(\*|"[^"]*"|[-A-Za-z0-9_]+)$/;

/** Reads a filter such as `labels.env:dev AND labels.team:*`; a value is looked for without case. */
function parseFilter(filter: string): (session: Session) => boolean {
  const text = filter.trim();
  if (text === "") return () => true;
  const conditions = text.split(/\s+(?:AND\s+)?/i).map((part) => {
    const match = condition.exec(part);
    if (match === null) throw invalidFilter(filter);
    const [, key = "", wanted = ""] = match;
    const value = wanted.replaceAll('"', "").toLowerCase();
    return (session: Session) => {
      const label = session.labels[key];
      return label !== undefined && (value === "*" || label.toLowerCase().includes(value));
    };
  });
  return (session) => conditions.every((holds) => holds(session));
}

function decodeToken(token: string): number {
  if (!/^\d{1,15}$/.test(token)) throw invalidPageToken();
  return Number(token);
}
