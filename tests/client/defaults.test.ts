// SPDX-License-Identifier: Apache-2.0
// Defaults are said once, at the client, and hold wherever nothing else is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, type ClientOptions } from "@spandrel/client";
import {
  TransactionOptions_IsolationLevel as Isolation,
  TransactionOptions_ReadWrite_ReadLockMode as LockMode,
  SpannerDefinition,
} from "@spandrel/protocol";
import { createLocalTransport, methodsOf } from "@spandrel/rpc";
import { ScriptedServer } from "@spandrel/testkit";

const spanner = methodsOf(SpannerDefinition);

async function requestsWith(
  client: Client,
  server: ScriptedServer,
): Promise<{ query: unknown; begin: unknown; headers: unknown }> {
  const database = client.instance("i").database("d");
  await database.query("SELECT 1").rows();
  await database
    .batch()
    .insert("T", [{ Id: 1n }])
    .commit();
  const [query] = server.requestsOf(spanner.executeStreamingSql);
  const [begin] = server.requestsOf(spanner.beginTransaction);
  const commit = server.requests.find(({ method }) => method === "Commit");
  return {
    query: [query?.queryOptions, query?.directedReadOptions],
    begin: begin?.options,
    headers: commit?.metadata["x-goog-spanner-route-to-leader"],
  };
}

const directedReadOptions: ClientOptions["directedReadOptions"] = {
  replicas: {
    $case: "includeReplicas",
    includeReplicas: { replicaSelections: [{ location: "us-east1" }] },
  },
};

const options: ClientOptions = {
  project: "p",
  environment: {},
  queryOptions: { optimizerVersion: "7" },
  directedReadOptions,
  defaultTransactionOptions: { isolationLevel: "REPEATABLE_READ", readLockMode: "OPTIMISTIC" },
  routeToLeaderEnabled: false,
};

test("a copy of a client has all of its defaults, but for those that it changes", async () => {
  const server = new ScriptedServer();
  const other = new ScriptedServer();
  await using client = new Client({ ...options, transport: createLocalTransport(server.router) });
  await using copy = client.copy({
    transport: createLocalTransport(other.router),
    routeToLeaderEnabled: true,
  });
  const asked = {
    query: [{ optimizerVersion: "7" }, directedReadOptions],
    begin: {
      mode: { $case: "readWrite", readWrite: { readLockMode: LockMode.OPTIMISTIC } },
      isolationLevel: Isolation.REPEATABLE_READ,
    },
    headers: undefined,
  };
  assert.deepEqual(await requestsWith(client, server), asked);
  assert.deepEqual(await requestsWith(copy, other), { ...asked, headers: "true" });
});
