// SPDX-License-Identifier: Apache-2.0
// How a server holds a database: in memory, as a fork in memory, in a folder, or not at all because its
// files are damaged.
import type { StatusError } from "@spandrel/base";
import { decodeState } from "../database/checkpoint.ts";
import { Database, type DatabaseOptions } from "../database/database.ts";
import { DatabaseFolder, type FolderOptions } from "../database/folder.ts";

/** See the top of this file. */
export type Holding =
  | { readonly kind: "memory"; readonly database: Database }
  /** `origin` is as the fork was when it was made, and stays so. */
  | { readonly kind: "fork"; readonly database: Database; readonly origin: Database }
  | {
      readonly kind: "folder";
      readonly database: Database;
      readonly number: number;
      readonly folder: DatabaseFolder;
    }
  | { readonly kind: "damaged"; readonly number: number; readonly error: StatusError };

/** An empty database in memory. */
export function inMemory(options: DatabaseOptions): Holding {
  return { kind: "memory", database: new Database(options) };
}

/** A database in memory that holds what these blocks say. */
export async function restoredInMemory(
  options: DatabaseOptions,
  blocks: AsyncIterable<Uint8Array>,
): Promise<Holding> {
  const database = new Database(options, await decodeState(blocks, options));
  return { kind: "memory", database };
}

/** The same, in a numbered folder. @throws {StatusError} as `DatabaseFolder.restore` does. */
export async function restoredInFolder(
  number: number,
  options: FolderOptions,
  blocks: AsyncIterable<Uint8Array>,
): Promise<Holding> {
  const folder = await DatabaseFolder.restore(options, blocks);
  return { kind: "folder", number, folder, database: folder.database };
}

/** A fork of a database. */
export function forked(database: Database): Holding {
  const origin = database.fork();
  // It stays as it is: its row deletion policies are for those who use the fork.
  origin.retire();
  return { kind: "fork", origin, database: origin.fork() };
}

/** The database in a numbered folder. @throws {StatusError} as `DatabaseFolder.open` does. */
export async function inFolder(number: number, options: FolderOptions): Promise<Holding> {
  const folder = await DatabaseFolder.open(options);
  return { kind: "folder", number, folder, database: folder.database };
}

/** The database, to be used. @throws {StatusError} what keeps it from being used. */
export function databaseOf(holding: Holding): Database {
  if (holding.kind === "damaged") throw holding.error;
  return holding.database;
}

/** Returns when what is held is on the disk and its files are closed. */
export async function close(holding: Holding): Promise<void> {
  if (holding.kind !== "damaged") holding.database.retire();
  if (holding.kind === "folder") await holding.folder.close();
}

/**
 * Lets go of a database that nobody will ask for again, with its files; those of a damaged one, and what
 * the disk does not let go of, go when the server is opened next.
 */
export async function discard(holding: Holding): Promise<void> {
  if (holding.kind !== "damaged") holding.database.retire();
  if (holding.kind === "folder") await holding.folder.remove().catch(() => undefined);
}
