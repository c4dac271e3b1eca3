// SPDX-License-Identifier: Apache-2.0
import type { OperationOptions } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { spannerMethods } from "../call/methods.ts";
import { noSessionsCreated } from "../errors/session.ts";
import { Session, type SessionHome } from "./session.ts";

/** The most sessions that one BatchCreateSessions may ask for. */
const BATCH_SESSIONS_MAX = 100;

/**
 * Creates many regular sessions like the template, a hundred per call.
 *
 * The server may give fewer than it was asked for; it is then asked again. When a call fails after
 * some sessions were created, those are given back with the error, so that none is lost.
 */
export async function createSessions(
  template: Session,
  count: number,
  options: OperationOptions = {},
): Promise<{ readonly sessions: Session[]; readonly error?: unknown }> {
  const sessions: Session[] = [];
  try {
    while (sessions.length < count) {
      const asked = Math.min(count - sessions.length, BATCH_SESSIONS_MAX);
      const batch = await createBatch(template, asked, options);
      if (batch.length === 0) throw noSessionsCreated(template.home.name, asked);
      sessions.push(...batch);
    }
    return { sessions };
  } catch (error) {
    return { sessions, error };
  }
}

async function createBatch(
  template: Session,
  sessionCount: number,
  options: OperationOptions,
): Promise<Session[]> {
  const { caller, name: database } = template.home;
  const headers = headersOf({
    resource: database,
    routing: ["database", database],
    toLeader: caller.routeToLeaderEnabled,
  });
  const request = { database, sessionTemplate: template.toTemplate(), sessionCount };
  const call = { ...options, headers };
  const answer = await caller.unary(spannerMethods.batchCreateSessions, request, call);
  return (answer.session ?? []).map((message) => fromTemplate(template, message.name ?? ""));
}

/** The labels and the role are those that were asked for, whether or not the server repeats them. */
function fromTemplate(template: Session, name: string): Session {
  const { home, labels, databaseRole } = template;
  return Session.fromProto(home, { name, labels, creatorRole: databaseRole });
}

/** Every session of a database that the server lists; multiplexed ones are never listed. */
export async function* listSessions(
  home: SessionHome,
  filter: string,
  options: OperationOptions = {},
): AsyncGenerator<Session, void, undefined> {
  const headers = headersOf({ resource: home.name, routing: ["database", home.name] });
  let pageToken = "";
  do {
    const request = { database: home.name, filter, pageToken };
    const call = { ...options, headers };
    const page = await home.caller.unary(spannerMethods.listSessions, request, call);
    for (const message of page.sessions ?? []) yield Session.fromProto(home, message);
    pageToken = page.nextPageToken ?? "";
  } while (pageToken !== "");
}
