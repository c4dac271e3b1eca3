// SPDX-License-Identifier: Apache-2.0
// The calls that create, show, list and delete sessions. What a session is and how long it lives is
// told in sessions.ts; here stands what the messages add: databases that must be there, batches, and
// which of a session's properties an answer shows.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#session
import { timestampToProto } from "@spandrel/model";
import type {
  BatchCreateSessionsRequest,
  CreateSessionRequest,
  DeleteSessionRequest,
  GetSessionRequest,
  ListSessionsRequest,
  Session as ProtoSession,
} from "@spandrel/protocol";
import { multiplexedNotInBatch, sessionCountOutOfRange } from "../errors/session.ts";
import type { Limits } from "../limits/limits.ts";
import type { Places } from "./places.ts";
import type { Session } from "./sessions.ts";

/** Answers the calls about sessions. */
export class SessionCalls {
  readonly #places: Places;
  readonly #limits: Limits;

  constructor(places: Places, limits: Limits) {
    this.#places = places;
    this.#limits = limits;
  }

  createSession({ database = "", session }: CreateSessionRequest): ProtoSession {
    this.#places.registry.get(database);
    return toProto(this.#create(database, session));
  }

  /** Creates as many sessions as were asked for, but no more than one batch may: clients ask again. */
  batchCreateSessions(request: BatchCreateSessionsRequest): { session: ProtoSession[] } {
    const { database = "", sessionTemplate, sessionCount = 0 } = request;
    this.#places.registry.get(database);
    if (sessionTemplate?.multiplexed === true) throw multiplexedNotInBatch();
    if (sessionCount < 1) throw sessionCountOutOfRange();
    const count = Math.min(sessionCount, this.#limits.sessionsPerBatchMax);
    const create = () => toProto(this.#create(database, sessionTemplate));
    return { session: Array.from({ length: count }, create) };
  }

  #create(database: string, template: ProtoSession | undefined): Session {
    return this.#places.sessions.create(database, {
      labels: template?.labels ?? {},
      creatorRole: template?.creatorRole ?? "",
      isMultiplexed: template?.multiplexed === true,
    });
  }

  /** Shows a session, which counts as a use of it. */
  getSession({ name = "" }: GetSessionRequest): ProtoSession {
    return toProto(this.#places.session(name));
  }

  listSessions(request: ListSessionsRequest): { sessions: ProtoSession[]; nextPageToken: string } {
    const { database = "", filter = "", pageSize = 0, pageToken = "" } = request;
    const { registry, sessions } = this.#places;
    registry.get(database);
    const { items, nextPageToken } = sessions.list(database, filter, pageSize, pageToken);
    return { sessions: items.map(toProto), nextPageToken };
  }

  /** Deletes a session; the transactions that it has left open end with it. */
  deleteSession({ name = "" }: DeleteSessionRequest): Record<string, never> {
    this.#places.session(name);
    this.#places.sessions.delete(name);
    return {};
  }
}

/** What a session says of itself; a multiplexed one has neither labels nor a time of last use. */
function toProto(session: Session): ProtoSession {
  const { name, creatorRole, isMultiplexed, createdNanos, lastUsedNanos, labels } = session;
  const createTime = timestampToProto(microseconds(createdNanos));
  if (isMultiplexed) return { name, createTime, creatorRole, multiplexed: true };
  return {
    name,
    labels: { ...labels },
    createTime,
    approximateLastUseTime: timestampToProto(microseconds(lastUsedNanos)),
    creatorRole,
  };
}

/** Nanoseconds, cut to whole microseconds. */
function microseconds(nanos: bigint): bigint {
  return (nanos / 1_000n) * 1_000n;
}
