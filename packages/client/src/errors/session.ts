// SPDX-License-Identifier: Apache-2.0
// What can go wrong with sessions, pools and the sessions manager.
import { Code } from "@spandrel/base";
import {
  type PoolCounts,
  SessionPoolExhaustedError,
  SessionPoolFullError,
  SpannerError,
} from "./spanner-error.ts";

/** A pool gave no session within the time its caller would wait. */
export function poolExhausted(
  counts: PoolCounts,
  waitedMillis: number,
  checkouts: readonly string[],
): SessionPoolExhaustedError {
  return new SessionPoolExhaustedError(
    `No session came free within ${waitedMillis} ms: ${counts.checkedOut} of ${counts.size} are ` +
      `checked out and ${counts.waiting} other callers wait. Give sessions back sooner (a result ` +
      "that is not read to its end keeps one), make the pool larger, or wait longer.",
    counts,
    checkouts,
  );
}

/** A session was put into a pool that has no place for it. */
export function poolFull(counts: PoolCounts, sessionName: string): SessionPoolFullError {
  return new SessionPoolFullError(
    `The pool of ${counts.size} sessions has no place for ${sessionName}: ${counts.idle} are idle ` +
      `and ${counts.checkedOut} checked out. Put back only what this pool handed out.`,
  );
}

/** A pool was used before it knew its database. */
export function poolNotBound(): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    "The pool is not bound to a database. Pass it to instance.database(id, { pool }).",
    { reason: "SESSION_POOL_NOT_BOUND" },
  );
}

/** A pool was given to a second database. */
export function poolAlreadyBound(databaseName: string): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    `The pool already serves ${databaseName}. Make a pool of its own for each database.`,
    { reason: "SESSION_POOL_ALREADY_BOUND" },
  );
}

/** BatchCreateSessions answered without a single session. */
export function noSessionsCreated(databaseName: string, asked: number): SpannerError {
  return new SpannerError(
    Code.UNAVAILABLE,
    `The server created none of the ${asked} sessions asked for in ${databaseName}.`,
    { reason: "NO_SESSIONS_CREATED" },
  );
}

/** A session was used before `create()`. */
export function sessionNotCreated(): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    "The session was not created on the server yet. Call create() first.",
    { reason: "SESSION_NOT_CREATED" },
  );
}

/** `create()` was called on a session that has a name. */
export function sessionAlreadyCreated(sessionName: string): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    `The session was created already, as ${sessionName}.`,
    { reason: "SESSION_ALREADY_CREATED" },
  );
}

/** Multiplexed sessions have no labels; the server would refuse them. */
export function multiplexedSessionHasNoLabels(): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    "A multiplexed session cannot have labels. Use a regular session, or no labels.",
    { reason: "MULTIPLEXED_SESSION_WITH_LABELS" },
  );
}

/** A database, client, pool or manager was used after `close()`. */
export function closed(what: string): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    `The ${what} is closed. Make a new one, or close this one after its last use.`,
    { reason: "CLOSED" },
  );
}

/** A client, or what was made from it, was copied to another thread or process. */
export function staysInItsThread(what: string): SpannerError {
  return new SpannerError(
    Code.FAILED_PRECONDITION,
    `A ${what} stays in the thread that made it. Send its names (project, instance, database) and ` +
      "make a Client there; of a batch snapshot send toJSON() and its partitions.",
    { reason: "STAYS_IN_ITS_THREAD" },
  );
}

/** The shared session was waited for as long as the caller would; others may wait on. */
export function noSessionInTime(failure: SpannerError | undefined): SpannerError {
  const why =
    failure === undefined ? "" : ` It failed last with ${failure.codeName}: ${failure.message}`;
  return new SpannerError(
    Code.DEADLINE_EXCEEDED,
    `Creating a session took longer than the call may take.${why}`,
    { reason: "NO_SESSION_IN_TIME", cause: failure },
  );
}
