// SPDX-License-Identifier: Apache-2.0
// A database on a scripted server, and the failures it is told to answer with, for this room's
// tests. No test stands in this file.
import { Code, StatusError, seededRandom } from "@spandrel/base";
import { createLocalTransport } from "@spandrel/rpc";
import { ScriptedServer, VirtualClock } from "@spandrel/testkit";
import { Client, type ClientOptions } from "./client.ts";
import type { Database, DatabaseOptions } from "./database.ts";

export interface World {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly database: Database;
}

/** The query that the server answers with two rows. */
export const SELECT = "SELECT Id, Name FROM Singers";

/** The statement that the server answers with two rows changed. */
export const UPDATE = "UPDATE Singers SET Name = 'x' WHERE TRUE";

/** A client of a server that knows the rows of one table, on a clock that the test turns. */
export function worldOf(
  clientOptions: ClientOptions = {},
  databaseOptions: DatabaseOptions = {},
): World {
  const server = new ScriptedServer();
  const clock = new VirtualClock();
  const client = new Client({
    project: "p",
    transport: createLocalTransport(server.router, { clock }),
    clock,
    random: seededRandom(1),
    environment: {},
    ...clientOptions,
  });
  const database = client.instance("i").database("d", databaseOptions);
  const rows = [
    ["1", "Alice"],
    ["2", "Bob"],
  ];
  server
    .answer(SELECT, { columns: { Id: "INT64", Name: "STRING" }, rows })
    .answerRead("Singers", { columns: { Id: "INT64", Name: "STRING" }, rows })
    .answer(UPDATE, { rowCount: 2n });
  return { server, clock, client, database };
}

/** What the server fails with when a transaction is aborted, with a wait that it asks for or none. */
export const aborted = (delayMillis?: number): StatusError =>
  new StatusError(Code.ABORTED, "Transaction was aborted.", {
    details:
      delayMillis === undefined
        ? []
        : [{ kind: "RetryInfo", delayNanos: BigInt(delayMillis) * 1_000_000n }],
  });

/** What a server that is away for a moment fails with. */
export const unavailable: StatusError = new StatusError(Code.UNAVAILABLE, "gone for a moment");
