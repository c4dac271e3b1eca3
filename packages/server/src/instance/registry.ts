// SPDX-License-Identifier: Apache-2.0
// What a server has: instances, and the databases in them. Projects are not created: any name is one.
//
// With a folder, all of it outlives the process: changes happen one after the other, and each is kept
// before it is answered. A database whose files are damaged answers every call with what is wrong with
// them, and does no harm to the others. Forks are in memory only: they are as fleeting as they are
// cheap.
import { type Clock, Code, type Logger, type Random, StatusError } from "@spandrel/base";
import {
  databaseName,
  instanceName,
  isDatabaseId,
  parseDatabaseName,
  parseInstanceName,
} from "@spandrel/model";
import { parseDdl, SqlErrors } from "@spandrel/sql";
import type { Database } from "../database/database.ts";
import type { FolderOptions } from "../database/folder.ts";
import { instanceHasBackups } from "../errors/backup.ts";
import {
  databaseAlreadyExists,
  databaseNotFound,
  instanceAlreadyExists,
  instanceNotFound,
  invalidDatabaseId,
  malformedName,
  tooManyDatabases,
} from "../errors/instance.ts";
import { ddlSyntaxError } from "../errors/schema.ts";
import { databaseWasReset } from "../errors/transaction.ts";
import type { Limits } from "../limits/limits.ts";
import { FileContents, MemoryContents } from "./backup-contents.ts";
import { type Backup, Backups } from "./backups.ts";
import { CatalogFile, type Home, type ListedDatabase, type RestoredFrom } from "./catalog.ts";
import {
  close,
  databaseOf,
  discard,
  forked,
  type Holding,
  inFolder,
  inMemory,
  restoredInFolder,
  restoredInMemory,
} from "./holding.ts";
import { changedInstance, type Instance, type InstanceSettings, newInstance } from "./instance.ts";
import { type Change, type KeptMessage, Records } from "./records.ts";

/** What is known of a database from outside. */
export interface DatabaseEntry {
  /** `projects/p/instances/i/databases/d`. */
  readonly name: string;
  readonly createdNanos: bigint;
  readonly isDropProtected: boolean;
  readonly restoredFrom?: RestoredFrom | undefined;
}

/** What is kept as messages, by kind. */
const messageKinds = [
  "backupSchedules",
  "policies",
  "instanceConfigs",
  "instancePartitions",
] as const;

/** A kind of what is kept as messages. */
export type MessageKind = (typeof messageKinds)[number];

interface Known extends DatabaseEntry {
  readonly holding: Holding;
}

/** What the registry works with. */
export interface RegistryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly logger: Logger;
}

/** See the top of this file. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #instances = new Map<string, Instance>();
  readonly #databases = new Map<string, Known>();
  /** Names that are taken by databases whose first statements are being carried out. */
  readonly #coming = new Set<string>();
  #catalog: CatalogFile | undefined;
  #lastFolder = 0;
  #changes: Promise<unknown> = Promise.resolve();
  /** Told of each database that is dropped, so that its sessions go with it. */
  onDrop: (database: string) => void = () => undefined;
  /** What is to end before the files are closed. */
  onClose: () => Promise<void> = async () => undefined;
  readonly backups: Backups;
  /** What else is administered, kept as the messages that it came as. */
  readonly messages: Readonly<Record<MessageKind, Records<KeptMessage>>>;
  readonly #backupRecords: Records<Backup>;

  constructor(options: RegistryOptions) {
    this.#options = options;
    const change: Change = (work) => this.#change(work);
    this.#backupRecords = new Records<Backup>(change);
    this.messages = {
      backupSchedules: new Records(change),
      policies: new Records(change),
      instanceConfigs: new Records(change),
      instancePartitions: new Records(change),
    };
    const backing = {
      clock: options.clock,
      records: this.#backupRecords,
      change,
      database: (name: string) => this.get(name),
      createdNanosOf: (name: string) => this.getEntry(name).createdNanos,
    };
    this.backups = new Backups(backing, new MemoryContents());
  }

  /**
   * Opens all that is kept in a folder; an empty registry where there is nothing.
   *
   * @throws {StatusError} as taking hold of the folder does. A damaged database is no reason.
   */
  static async open(options: RegistryOptions, home: Home): Promise<Registry> {
    const registry = new Registry(options);
    const { file, catalog } = await CatalogFile.open(home);
    registry.#catalog = file;
    for (const instance of catalog.instances) registry.#instances.set(instance.name, instance);
    const { backups = [], messages = {} } = catalog;
    registry.#backupRecords.replaceAll(backups);
    for (const kind of messageKinds) registry.messages[kind].replaceAll(messages[kind] ?? []);
    registry.backups.contents = await FileContents.open(
      file.disk,
      file.backupsFolder,
      backups.map(({ content }) => content),
    );
    for (const listed of catalog.databases) {
      const { name, folder, ...rest } = listed;
      const holding = await registry.#open(folder, file).catch((thrown: unknown): Holding => {
        const error = StatusError.from(thrown, Code.UNAVAILABLE);
        const fields = { database: name, error: error.message };
        options.logger.log("error", "database cannot be opened", fields);
        return { kind: "damaged", number: folder, error };
      });
      registry.#lastFolder = Math.max(registry.#lastFolder, folder);
      registry.#databases.set(name, { ...rest, name, holding });
    }
    return registry;
  }

  /** Returns when everything is on the disk and the folder is free. Harmless without one. */
  async close(): Promise<void> {
    await this.onClose();
    await this.#changes;
    for (const { holding } of this.#databases.values()) await close(holding);
    await this.#catalog?.close();
  }

  /**
   * Creates an instance.
   *
   * @throws {StatusError} ALREADY_EXISTS, or INVALID_ARGUMENT for a bad id or size.
   */
  async createInstance(parent: string, id: string, settings: InstanceSettings): Promise<Instance> {
    const instance = newInstance(parent, id, settings, this.#options.clock.now());
    await this.#change(() => {
      if (this.#instances.has(instance.name)) throw instanceAlreadyExists(instance.name);
      this.#instances.set(instance.name, instance);
    });
    return instance;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such instance. */
  getInstance(name: string): Instance {
    if (parseInstanceName(name) === undefined) {
      throw malformedName("instance", name, "projects/<project>/instances/<instance>");
    }
    const instance = this.#instances.get(name);
    if (instance === undefined) throw instanceNotFound(name);
    return instance;
  }

  /** Changes an instance; what is undefined stays. */
  updateInstance(name: string, changes: Partial<InstanceSettings>): Promise<Instance> {
    return this.#change(() => {
      const changed = changedInstance(this.getInstance(name), changes, this.#options.clock.now());
      this.#instances.set(name, changed);
      return changed;
    });
  }

  /** The instances of a project, by name. */
  listInstances(parent: string): readonly Instance[] {
    return [...this.#instances.values()]
      .filter(({ name }) => name.startsWith(`${parent}/instances/`))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /**
   * Deletes an instance with every database in it.
   *
   * @throws {StatusError} FAILED_PRECONDITION while it has backups.
   */
  async deleteInstance(name: string): Promise<void> {
    const forgotten = await this.#change(() => {
      this.getInstance(name);
      if (this.backups.list(name).length > 0) throw instanceHasBackups(name);
      for (const kind of messageKinds) this.messages[kind].forgetOf(name);
      this.#instances.delete(name);
      return this.#known(name).map((known) => this.#forget(known));
    });
    for (const holding of forgotten) await discard(holding);
  }

  /**
   * Creates a database from its CREATE DATABASE statement and more DDL.
   *
   * @throws {StatusError} ALREADY_EXISTS, NOT_FOUND for the instance, RESOURCE_EXHAUSTED when it is
   * full, INVALID_ARGUMENT for a bad id, and as the statements say; then there is no database.
   */
  async createDatabase(
    parent: string,
    createStatement: string,
    extraStatements: readonly string[],
  ): Promise<DatabaseEntry> {
    const name = this.#newName(this.getInstance(parent).name, databaseIdOf(createStatement));
    this.#requireRoom(parent);
    return this.#create(name, async () => {
      const holding = await this.#newHolding();
      try {
        const database = databaseOf(holding);
        for (const statement of extraStatements) await database.changeSchema(statement);
      } catch (thrown) {
        await discard(holding);
        throw thrown;
      }
      return holding;
    });
  }

  /**
   * Creates a database with all that is in another one of the same instance, in no more time than an
   * empty one takes. Neither sees what the other does from now on.
   *
   * @throws {StatusError} NOT_FOUND for the origin, ALREADY_EXISTS, INVALID_ARGUMENT for a bad id.
   */
  async forkDatabase(origin: string, id: string): Promise<DatabaseEntry> {
    const database = this.get(origin);
    const parent = origin.slice(0, origin.indexOf("/databases/"));
    return this.#create(this.#newName(parent, id), async () => forked(database));
  }

  /**
   * Creates a database with all that blocks of bytes say, as `Database.blocks` gives them. It is as
   * lasting as any other of this server; `restoredFrom` is said of it.
   *
   * @throws {StatusError} as `createDatabase` does, and as whoever gives the blocks; then there is no
   * database.
   */
  restoreDatabase(
    parent: string,
    id: string,
    blocks: AsyncIterable<Uint8Array>,
    restoredFrom?: RestoredFrom,
  ): Promise<DatabaseEntry> {
    const name = this.#newName(this.getInstance(parent).name, id);
    const make = () => {
      if (this.#catalog === undefined) return restoredInMemory(this.#options, blocks);
      this.#lastFolder++;
      return restoredInFolder(
        this.#lastFolder,
        this.#folderOptions(this.#lastFolder, this.#catalog),
        blocks,
      );
    };
    return this.#create(name, make, restoredFrom);
  }

  /**
   * Takes a fork back to what it was when it was made, and any other database to nothing at all.
   * Transactions that are open on it are aborted; its sessions stay.
   *
   * @throws {StatusError} NOT_FOUND when there is no such database.
   */
  async resetDatabase(name: string): Promise<void> {
    const { holding: before } = this.#get(name);
    const holding = before.kind === "fork" ? forked(before.origin) : await this.#newHolding();
    try {
      await this.#change(() => {
        this.#databases.set(name, { ...this.#get(name), holding });
      });
    } catch (thrown) {
      await discard(holding);
      throw thrown;
    }
    if (before.kind !== "damaged") before.database.endTransactions(databaseWasReset());
    await discard(before);
  }

  /** @throws {StatusError} NOT_FOUND when there is no such database, DATA_LOSS when it is damaged. */
  get(name: string): Database {
    return databaseOf(this.#get(name).holding);
  }

  /** A database that is there and not damaged. */
  find(name: string): Database | undefined {
    const holding = this.#databases.get(name)?.holding;
    return holding === undefined || holding.kind === "damaged" ? undefined : holding.database;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such database or instance. */
  getEntry(name: string): DatabaseEntry {
    return this.#get(name);
  }

  /** The names of all databases, of every instance. */
  databaseNames(): readonly string[] {
    return [...this.#databases.keys()].sort();
  }

  /** The databases of an instance, by name. */
  listDatabases(instance: string): readonly DatabaseEntry[] {
    return this.#known(instance);
  }

  /** Says whether a database may be dropped. @throws {StatusError} NOT_FOUND. */
  protectFromDrop(name: string, isDropProtected: boolean): Promise<DatabaseEntry> {
    return this.#change(() => {
      const known = { ...this.#get(name), isDropProtected };
      this.#databases.set(name, known);
      return known;
    });
  }

  /** @throws {StatusError} NOT_FOUND when there is no such database. */
  async dropDatabase(name: string): Promise<void> {
    await discard(await this.#change(() => this.#forget(this.#get(name))));
  }

  #get(name: string): Known {
    const parts = parseDatabaseName(name);
    if (parts === undefined) {
      const expected = "projects/<project>/instances/<instance>/databases/<database>";
      throw malformedName("database", name, expected);
    }
    const known = this.#databases.get(name);
    if (known !== undefined) return known;
    const instance = instanceName(parts);
    throw this.#instances.has(instance) ? databaseNotFound(name) : instanceNotFound(instance);
  }

  #known(instance: string): readonly Known[] {
    return [...this.#databases.values()]
      .filter(({ name }) => name.startsWith(`${instance}/databases/`))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  #newName(parent: string, id: string): string {
    if (!isDatabaseId(id)) throw invalidDatabaseId(id);
    const { project = "", instance = "" } = parseInstanceName(parent) ?? {};
    const name = databaseName({ project, instance, database: id });
    if (this.#databases.has(name) || this.#coming.has(name)) throw databaseAlreadyExists(name);
    return name;
  }

  /**
   * The name of a database that could be created now.
   *
   * @throws {StatusError} as `createDatabase` does for the instance, the id, and a name that is taken.
   */
  nameForNew(parent: string, id: string): string {
    const name = this.#newName(this.getInstance(parent).name, id);
    this.#requireRoom(parent);
    return name;
  }

  /** Forks count for nothing: they are made by the hundred. */
  #requireRoom(instance: string): void {
    const { databasesPerInstanceMax } = this.#options.limits;
    const counted = this.#known(instance).filter(({ holding }) => holding.kind !== "fork");
    if (counted.length >= databasesPerInstanceMax) throw tooManyDatabases(databasesPerInstanceMax);
  }

  async #create(
    name: string,
    make: () => Promise<Holding>,
    restoredFrom?: RestoredFrom,
  ): Promise<DatabaseEntry> {
    this.#coming.add(name);
    try {
      const holding = await make();
      const createdNanos = this.#options.clock.now();
      const known = { name, createdNanos, isDropProtected: false, restoredFrom, holding };
      try {
        await this.#change(() => void this.#databases.set(name, known));
      } catch (thrown) {
        await discard(holding);
        throw thrown;
      }
      return known;
    } finally {
      this.#coming.delete(name);
    }
  }

  async #newHolding(): Promise<Holding> {
    if (this.#catalog === undefined) return inMemory(this.#options);
    this.#lastFolder++;
    return this.#open(this.#lastFolder, this.#catalog);
  }

  #open(number: number, catalog: CatalogFile): Promise<Holding> {
    return inFolder(number, this.#folderOptions(number, catalog));
  }

  #folderOptions(number: number, catalog: CatalogFile): FolderOptions {
    const { disk } = catalog;
    return { ...this.#options, disk, directory: catalog.folderOf(number) };
  }

  #forget(known: Known): Holding {
    this.#databases.delete(known.name);
    for (const kind of messageKinds) this.messages[kind].forgetOf(known.name);
    this.onDrop(known.name);
    return known.holding;
  }

  /** Changes happen one after the other, and are kept when this returns; one that fails is undone. */
  #change<T>(change: () => T): Promise<T> {
    const changing = this.#changes.then(async () => {
      const before = this.#catalog === undefined ? undefined : this.#everything();
      const result = change();
      if (before === undefined) return result;
      try {
        await this.#save();
      } catch (thrown) {
        restore(this.#instances, before.instances);
        restore(this.#databases, before.databases);
        this.#backupRecords.replaceAll(before.backups);
        for (const [kind, kept] of before.messages) this.messages[kind].replaceAll(kept);
        // The new list may be on the disk nevertheless, if it was only not known to stay there.
        await this.#save().catch(() => undefined);
        throw StatusError.from(thrown, Code.UNAVAILABLE);
      }
      return result;
    });
    this.#changes = changing.catch(() => undefined);
    return changing;
  }

  #everything() {
    return {
      instances: [...this.#instances],
      databases: [...this.#databases],
      backups: this.#backupRecords.all,
      messages: messageKinds.map((kind) => [kind, this.messages[kind].all] as const),
    };
  }

  async #save(): Promise<void> {
    const databases = [...this.#databases.values()].flatMap((known): readonly ListedDatabase[] => {
      const { holding, ...entry } = known;
      if (holding.kind === "memory" || holding.kind === "fork") return [];
      return [{ ...entry, folder: holding.number }];
    });
    const messages = Object.fromEntries(
      messageKinds.map((kind) => [kind, this.messages[kind].all]),
    );
    await this.#catalog?.save({
      instances: [...this.#instances.values()],
      databases,
      backups: this.#backupRecords.all,
      messages,
    });
  }
}

function restore<K, V>(map: Map<K, V>, entries: readonly (readonly [K, V])[]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}

function databaseIdOf(statement: string): string {
  try {
    const tree = parseDdl(statement);
    if (tree.kind === "create-database") return tree.name.name;
  } catch (thrown) {
    if (thrown instanceof SqlErrors) throw ddlSyntaxError(statement, thrown.message);
    throw thrown;
  }
  throw ddlSyntaxError(statement, "Expected a CREATE DATABASE statement.");
}
