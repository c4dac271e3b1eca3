// SPDX-License-Identifier: Apache-2.0
// What a server has: instances, the databases in them, and the long-running operations that made and
// changed them. Projects are not created: any name is one.
import type { Clock, Logger, Random } from "@spandrel/base";
import {
  databaseName,
  instanceName,
  isDatabaseId,
  isInstanceId,
  parseDatabaseName,
  parseInstanceName,
} from "@spandrel/model";
import { parseDdl, SqlErrors } from "@spandrel/sql";
import { Database } from "../database/database.ts";
import {
  databaseAlreadyExists,
  databaseNotFound,
  instanceAlreadyExists,
  instanceNotFound,
  invalidDatabaseId,
  invalidInstanceId,
  invalidNodeCount,
  invalidProcessingUnits,
  malformedName,
  nodesAndProcessingUnits,
  tooManyDatabases,
} from "../errors/instance.ts";
import { ddlSyntaxError } from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";

/** An instance. */
export interface Instance {
  /** `projects/p/instances/i`. */
  readonly name: string;
  readonly config: string;
  readonly displayName: string;
  readonly processingUnits: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdNanos: bigint;
  readonly updatedNanos: bigint;
}

/** A database with what is known of it from outside. */
export interface DatabaseEntry {
  /** `projects/p/instances/i/databases/d`. */
  readonly name: string;
  readonly createdNanos: bigint;
  readonly database: Database;
  isDropProtected: boolean;
}

/** What an instance is created from, or changed to. */
export interface InstanceSettings {
  readonly config: string;
  readonly displayName: string;
  readonly nodeCount: number;
  readonly processingUnits: number;
  readonly labels: Readonly<Record<string, string>>;
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
  readonly #databases = new Map<string, DatabaseEntry>();
  /** Told of each database that is dropped, so that its sessions go with it. */
  onDrop: (database: string) => void = () => undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /**
   * Creates an instance.
   *
   * @throws {StatusError} ALREADY_EXISTS, or INVALID_ARGUMENT for a bad id or size.
   */
  createInstance(parent: string, id: string, settings: InstanceSettings): Instance {
    const project = parent.replace(/^projects\//, "");
    if (!/^projects\/[^/]+$/.test(parent)) {
      throw malformedName("project", parent, "projects/<project>");
    }
    if (!isInstanceId(id)) throw invalidInstanceId(id);
    const name = instanceName({ project, instance: id });
    if (this.#instances.has(name)) throw instanceAlreadyExists(name);
    const now = this.#options.clock.now();
    const instance: Instance = {
      name,
      config:
        settings.config === "" ? `${parent}/instanceConfigs/emulator-config` : settings.config,
      displayName: settings.displayName === "" ? id : settings.displayName,
      processingUnits: sizeOf(settings),
      labels: { ...settings.labels },
      createdNanos: now,
      updatedNanos: now,
    };
    this.#instances.set(name, instance);
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
  updateInstance(name: string, changes: Partial<InstanceSettings>): Instance {
    const before = this.getInstance(name);
    const { nodeCount = 0, processingUnits = 0 } = changes;
    const isResized = nodeCount !== 0 || processingUnits !== 0;
    const changed: Instance = {
      ...before,
      displayName: changes.displayName ?? before.displayName,
      labels: changes.labels ?? before.labels,
      processingUnits: isResized ? sizeOf({ nodeCount, processingUnits }) : before.processingUnits,
      updatedNanos: this.#options.clock.now(),
    };
    this.#instances.set(name, changed);
    return changed;
  }

  /** The instances of a project, by name. */
  listInstances(parent: string): readonly Instance[] {
    return [...this.#instances.values()]
      .filter(({ name }) => name.startsWith(`${parent}/instances/`))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Deletes an instance with every database in it. */
  deleteInstance(name: string): void {
    this.getInstance(name);
    for (const entry of this.listDatabases(name)) this.#forget(entry.name);
    this.#instances.delete(name);
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
    const { project, instance } = parseInstanceName(this.getInstance(parent).name) ?? {};
    const id = databaseIdOf(createStatement);
    const name = databaseName({ project: project ?? "", instance: instance ?? "", database: id });
    if (this.#databases.has(name)) throw databaseAlreadyExists(name);
    const { limits, clock } = this.#options;
    if (this.listDatabases(parent).length >= limits.databasesPerInstanceMax) {
      throw tooManyDatabases(limits.databasesPerInstanceMax);
    }
    const database = new Database(this.#options);
    const entry = { name, createdNanos: clock.now(), database, isDropProtected: false };
    // The name is taken while the statements run, so that nobody else can take it.
    this.#databases.set(name, entry);
    try {
      for (const statement of extraStatements) await database.changeSchema(statement);
    } catch (thrown) {
      this.#databases.delete(name);
      throw thrown;
    }
    return entry;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such database. */
  get(name: string): Database {
    return this.getEntry(name).database;
  }

  /** @throws {StatusError} NOT_FOUND when there is no such database or instance. */
  getEntry(name: string): DatabaseEntry {
    const parts = parseDatabaseName(name);
    if (parts === undefined) {
      const expected = "projects/<project>/instances/<instance>/databases/<database>";
      throw malformedName("database", name, expected);
    }
    const entry = this.#databases.get(name);
    if (entry !== undefined) return entry;
    const instance = instanceName(parts);
    throw this.#instances.has(instance) ? databaseNotFound(name) : instanceNotFound(instance);
  }

  /** The databases of an instance, by name. */
  listDatabases(instance: string): readonly DatabaseEntry[] {
    return [...this.#databases.values()]
      .filter(({ name }) => name.startsWith(`${instance}/databases/`))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** @throws {StatusError} NOT_FOUND when there is no such database. */
  dropDatabase(name: string): void {
    this.#forget(this.getEntry(name).name);
  }

  #forget(name: string): void {
    this.#databases.delete(name);
    this.onDrop(name);
  }
}

/** The size in processing units: 1,000 a node; one node when nothing is said. */
function sizeOf({
  nodeCount,
  processingUnits,
}: Pick<InstanceSettings, "nodeCount" | "processingUnits">): number {
  if (nodeCount !== 0 && processingUnits !== 0 && nodeCount * 1_000 !== processingUnits) {
    throw nodesAndProcessingUnits();
  }
  if (nodeCount < 0) throw invalidNodeCount(nodeCount);
  if (processingUnits === 0) return nodeCount === 0 ? 1_000 : nodeCount * 1_000;
  const step = processingUnits < 1_000 ? 100 : 1_000;
  if (processingUnits < 0 || processingUnits % step !== 0) {
    throw invalidProcessingUnits(processingUnits);
  }
  return processingUnits;
}

function databaseIdOf(statement: string): string {
  let id: string;
  try {
    const tree = parseDdl(statement);
    if (tree.kind !== "create-database") {
      throw ddlSyntaxError(statement, "Expected a CREATE DATABASE statement.");
    }
    id = tree.name.name;
  } catch (thrown) {
    if (thrown instanceof SqlErrors) throw ddlSyntaxError(statement, thrown.message);
    throw thrown;
  }
  if (!isDatabaseId(id)) throw invalidDatabaseId(id);
  return id;
}
