// SPDX-License-Identifier: Apache-2.0
import { feature, goldens, stories, tests } from "./feature.mjs";

const rest = (...titles) => tests("tests/sessions/rest-session-table.test.ts", ...titles);
const aging = (...titles) => tests("tests/sessions/aging.test.ts", ...titles);

/** Regular and multiplexed sessions, as the server answers. */
export const sessions = {
  title: "Sessions",
  features: [
    feature(
      "regular and multiplexed sessions differ as documented, over gRPC",
      "sessions",
      tests(
        "tests/sessions/session-table.test.ts",
        "regular and multiplexed sessions differ over gRPC as they do on Cloud Spanner",
      ),
    ),
    feature(
      "and over REST: fields and length of ids",
      "sessions#multiplexed-sessions",
      rest("the answer to CreateSession has the fields of its kind, and an id of its length"),
    ),
    feature(
      "one transaction at a time on a regular session, any number on a multiplexed one",
      "sessions",
      rest("a regular session runs one transaction, a multiplexed one any number"),
    ),
    feature(
      "labels, and the role of the creator",
      "sessions#tag_sessions",
      rest("labels are kept on a regular session and refused on a multiplexed one"),
      goldens("sessions/labels"),
    ),
    feature(
      "GetSession, DeleteSession, BatchCreateSessions",
      "reference/rpc/google.spanner.v1",
      rest("only regular sessions are deleted, listed and created in batch"),
      goldens("sessions/deleting"),
      stories("sessions", "sessions are created a hundred at a time"),
    ),
    feature(
      "ListSessions: pages, filters, whole while others come and go",
      "reference/rpc/google.spanner.v1",
      rest("sessions are listed page by page, each once"),
      goldens("sessions/listing"),
      tests(
        "packages/server/src/service/paging.test.ts",
        "sessions are listed whole while others come and go, all in one moment",
      ),
    ),
    feature(
      "an hour without use ends a regular session, 28 days end both",
      "sessions#handle_deleted_sessions",
      rest("an hour without use ends a regular session, 28 days end both"),
      goldens("sessions/life"),
    ),
    feature(
      "a ping keeps a session alive",
      "sessions#keep_an_idle_session_alive",
      aging("sessions that are pinged every 50 minutes live through a day without other use"),
    ),
    feature(
      "sessions, transactions and databases that are not there are named",
      "sessions#handle_deleted_sessions",
      tests(
        "tests/bad-input/bad-input.test.ts",
        "sessions, transactions and databases that are not there are named",
      ),
    ),
  ],
};
