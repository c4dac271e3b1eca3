// SPDX-License-Identifier: Apache-2.0
// A real client and a real server in this process, with a table of singers, for the stories beside it.
import { Client, type Database, type Environment, type Instance } from "@spandrel/client";
import { createServer, type EmbeddedServer, type ServerOptions } from "@spandrel/server";

/** The full name of the database of a world. */
export const name = "projects/test/instances/main/databases/music";

/** The full name of its instance. */
export const instanceName = "projects/test/instances/main";

export const regularSessions: Environment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
};

export interface World extends EmbeddedServer {
  readonly client: Client;
  readonly instance: Instance;
  readonly database: Database;
}

export interface WorldOptions {
  readonly server?: ServerOptions;
  readonly environment?: Environment;
  readonly ddl?: readonly string[];
}

export const singers = [
  "CREATE TABLE Singers (Id INT64 NOT NULL, Name STRING(MAX)) PRIMARY KEY (Id)",
];

/** Tells a story in a world of its own. */
export async function inWorld(
  story: (world: World) => Promise<void>,
  { server: options = {}, environment = {}, ddl = singers }: WorldOptions = {},
): Promise<void> {
  const server = createServer(options);
  await using client = new Client({ project: "test", transport: server.transport, environment });
  const instance = client.instance("main");
  await (await instance.create()).result();
  await using database = instance.database("music");
  await (await database.create({ ddlStatements: [...ddl] })).result();
  await story({ ...server, client, instance, database });
}

/** Writes a singer in a transaction. */
export async function addSinger(database: Database, id: bigint, singer: string): Promise<void> {
  await database.runInTransaction(async (transaction) => {
    transaction.insert("Singers", { Id: id, Name: singer });
  });
}

/** The names of all singers, in the order of their ids. */
export async function namesOf(database: Database): Promise<readonly unknown[]> {
  const rows = await database.query("SELECT Name FROM Singers ORDER BY Id").rows();
  return rows.map((row) => row["Name"]);
}

/** All pieces of something that comes in pieces, as one text. */
export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

/** All pieces of something that comes in pieces, as bytes. */
export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
