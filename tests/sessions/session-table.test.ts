// SPDX-License-Identifier: Apache-2.0
// What a regular and a multiplexed session are, line by line, over gRPC. The same questions over REST
// are in rest-session-table.test.ts, written against the JSON that a browser would send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseAdminDefinition, InstanceAdminDefinition } from "@spandrel/protocol/admin";
import { createGrpcTransport, methodsOf } from "@spandrel/rpc";
import { startServer } from "@spandrel/server";
import { VirtualClock } from "@spandrel/testkit";
import { compareSessions } from "../../demo/compare-sessions.ts";

const instances = methodsOf(InstanceAdminDefinition);
const databases = methodsOf(DatabaseAdminDefinition);

const expected = {
  "concurrent transactions": [
    "the first of two: FAILED_PRECONDITION This transaction has been invalidated by a later transaction in the same session.",
    "both of two go on",
  ],
  labels: [
    'stored {"env":"demo","team":"maps"}, found by filter',
    "INVALID_ARGUMENT Labels are not supported in multiplexed sessions",
  ],
  "session id": ["62 characters, URL-safe", "68 characters, URL-safe"],
  "multiplexed in the answer": ["absent", "true"],
  DeleteSession: [
    "OK; then gone",
    "INVALID_ARGUMENT Multiplexed sessions may not be deleted.; then still there",
  ],
  ListSessions: ["listed, page by page", "not listed"],
  BatchCreateSessions: [
    "100 a call",
    "INVALID_ARGUMENT Multiplexed sessions may not be created in batch.",
  ],
  "after 59 minutes without use": ["still there", "still there"],
  "after 61 minutes without use": ["gone", "still there"],
  "used twice an hour for 28 days": ["gone", "gone"],
  "CreateSession answer": [
    "name, labels, createTime, approximateLastUseTime",
    "name, createTime, multiplexed",
  ],
  "pre-commit token": ["none; commit OK", "seq_num 1, 2; commit OK"],
  "commit without its token": [
    "OK",
    "INVALID_ARGUMENT Commit of a read-write transaction on a multiplexed session must carry the precommit_token with the highest sequence number that the transaction received.",
  ],
  "previous transaction id": [
    "INVALID_ARGUMENT The field multiplexed_session_previous_transaction_id is not supported in the request for a non multiplexed session.",
    "accepted",
  ],
  creator_role: ["kept", "kept"],
};

test("regular and multiplexed sessions differ over gRPC as they do on Cloud Spanner", async () => {
  const clock = new VirtualClock();
  await using server = await startServer({ port: 0, restPort: 0, clock });
  const transport = createGrpcTransport({ address: server.grpcAddress });
  try {
    await transport.unary(instances.createInstance, { parent: "projects/p", instanceId: "main" });
    await transport.unary(databases.createDatabase, {
      parent: "projects/p/instances/main",
      createStatement: "CREATE DATABASE notes",
      extraStatements: [
        "CREATE TABLE Notes (Id INT64 NOT NULL, Text STRING(MAX)) PRIMARY KEY (Id)",
      ],
    });
    const lines: Record<string, string[]> = {};
    const database = "projects/p/instances/main/databases/notes";
    const advance = (millis: number) => clock.advance(millis);
    for await (const line of compareSessions({ transport, database, advance })) {
      lines[line.what] = [line.regular, line.multiplexed];
    }
    assert.deepEqual(lines, expected);
  } finally {
    await transport.close();
  }
});
