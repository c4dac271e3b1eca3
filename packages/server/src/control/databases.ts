// SPDX-License-Identifier: Apache-2.0
// Whole databases at once: forks, resets, snapshots as bytes, dumps as text. Names are full ones,
// `projects/p/instances/i/databases/d`.
import {
  type Disk,
  decodeBlocks,
  encodeBlocks,
  readBlockFile,
  writeBlockFile,
} from "@spandrel/store";
import type { Registry } from "../instance/registry.ts";
import { dumpParts } from "./dump.ts";
import { type DumpFormat, dumpText } from "./dump-text.ts";
import { type LoadSummary, loadText, type TextPieces } from "./load-text.ts";

/** Bytes, whole or in pieces of any size. */
export type BytePieces = Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** How a dump is written, or was. */
export interface DumpOptions {
  /** `sql` for statements, `json` for a line of JSON a row. Default `sql`. */
  readonly format?: DumpFormat | undefined;
}

/** What can be done with whole databases; see the top of this file. */
export interface DatabaseTools {
  /**
   * Creates a database of the same instance with all that is in another one: schema, rows, versions.
   * It takes no longer when there are more rows. Neither sees what the other does from now on; a fork
   * is in memory only, also where its origin is kept in a folder. Gives its name.
   *
   * @throws {StatusError} NOT_FOUND for the origin, ALREADY_EXISTS, INVALID_ARGUMENT for a bad id.
   */
  fork(database: string, databaseId: string): Promise<string>;

  /**
   * Takes a fork back to what it was when it was made, and any other database to nothing at all.
   * Transactions that are open on it are aborted; sessions stay.
   *
   * @throws {StatusError} NOT_FOUND when there is no such database.
   */
  reset(database: string): Promise<void>;

  /**
   * A database as bytes, with its versions and the history of its schema: what is acknowledged when
   * the first piece is asked for. They come in pieces of about 256 KiB.
   *
   * @throws {StatusError} from the first piece, NOT_FOUND when there is no such database.
   */
  snapshot(database: string): AsyncGenerator<Uint8Array>;

  /**
   * Creates a database from a snapshot; as lasting as any other of this server. Gives its name.
   *
   * @throws {StatusError} NOT_FOUND for the instance, ALREADY_EXISTS, INVALID_ARGUMENT for a bad id,
   * DATA_LOSS for bytes that are not a whole snapshot; then there is no database.
   */
  restore(instance: string, databaseId: string, snapshot: BytePieces): Promise<string>;

  /**
   * Writes a snapshot into a file, in place of what was there; under the name there is never a part of
   * one. Gives its size in bytes.
   *
   * @throws {StatusError} NOT_FOUND when there is no such database, and what the disk throws.
   */
  saveSnapshot(database: string, path: string): Promise<number>;

  /**
   * Creates a database from a file that `saveSnapshot` has written. Gives its name.
   *
   * @throws {StatusError} as `restore` does, and what the disk throws.
   */
  loadSnapshot(instance: string, databaseId: string, path: string): Promise<string>;

  /**
   * Schema and rows of a moment as text, in pieces that end with a line, in an order in which `load`
   * can take them. Past versions are not in it.
   *
   * @throws {StatusError} from the first piece, NOT_FOUND when there is no such database.
   */
  dump(database: string, options?: DumpOptions): AsyncGenerator<string>;

  /**
   * Carries out a dump, or a script of DDL and DML, on a database that is there. It is not one
   * transaction: rows are committed a few hundred at a time, and what was committed before something
   * failed stays.
   *
   * @throws {StatusError} NOT_FOUND when there is no such database; else what is wrong, with the
   * number of the statement or line where it showed.
   */
  load(database: string, dump: string | TextPieces, options?: DumpOptions): Promise<LoadSummary>;
}

/** The tools for the databases of a server; `disk` is for files that a caller names. */
export function createDatabaseTools(registry: Registry, disk: Disk): DatabaseTools {
  return {
    async fork(database, databaseId) {
      return (await registry.forkDatabase(database, databaseId)).name;
    },
    reset: (database) => registry.resetDatabase(database),
    async *snapshot(database) {
      yield* encodeBlocks(registry.get(database).blocks());
    },
    async restore(instance, databaseId, snapshot) {
      const pieces = snapshot instanceof Uint8Array ? [snapshot] : snapshot;
      const blocks = decodeBlocks(pieces, "The snapshot");
      return (await registry.restoreDatabase(instance, databaseId, blocks)).name;
    },
    async saveSnapshot(database, path) {
      const slash = path.lastIndexOf("/");
      const directory = slash < 0 ? "." : path.slice(0, slash) || "/";
      const blocks = registry.get(database).blocks();
      return writeBlockFile(disk, directory, path.slice(slash + 1), blocks);
    },
    async loadSnapshot(instance, databaseId, path) {
      const blocks = readBlockFile(disk, path);
      return (await registry.restoreDatabase(instance, databaseId, blocks)).name;
    },
    async *dump(database, { format = "sql" } = {}) {
      yield* dumpText(dumpParts(registry.get(database)), format);
    },
    async load(database, dump, { format = "sql" } = {}) {
      const pieces = typeof dump === "string" ? [dump] : dump;
      return loadText(registry.get(database), pieces, format);
    },
  };
}
