// SPDX-License-Identifier: Apache-2.0
import { type InstanceName, instanceName, parseDatabaseName, projectName } from "@spandrel/model";
import type {
  CreateInstanceMetadata,
  Instance as InstanceMessage,
  Policy,
  UpdateInstanceMetadata,
} from "@spandrel/protocol/admin";
import type { ListOptions } from "../admin/database-settings.ts";
import type { InstanceAdmin } from "../admin/instance-admin.ts";
import {
  changedFields,
  type InstanceSettings,
  instanceMessage,
} from "../admin/instance-settings.ts";
import type { Operation } from "../admin/operation.ts";
import type { OperationOptions } from "../call/caller.ts";
import { keepInThread } from "../call/own-thread.ts";
import { isNotFound } from "../session/session.ts";
import { Backup } from "./backup.ts";
import type { ClientContext } from "./client-context.ts";
import { Database, type DatabaseOptions } from "./database.ts";

/** An instance: the machines that databases live on. */
export class Instance {
  readonly id: string;
  readonly #context: ClientContext;
  readonly #admin: InstanceAdmin;
  #settings: InstanceSettings;
  #message: InstanceMessage | undefined;

  constructor(context: ClientContext, id: string, settings: InstanceSettings) {
    this.id = id;
    this.#context = context;
    this.#admin = context.instanceAdmin;
    this.#settings = settings;
    keepInThread(this, "Instance");
  }

  /** Makes an instance from what the server listed. */
  static fromMessage(context: ClientContext, id: string, message: InstanceMessage): Instance {
    const instance = new Instance(context, id, {});
    instance.#message = message;
    return instance;
  }

  /** The full name: `projects/p/instances/i`. */
  get name(): string {
    return instanceName(this.#path);
  }

  /** What the server last said of the instance; undefined before `reload()`. */
  get metadata(): InstanceMessage | undefined {
    return this.#message;
  }

  /** Creates the instance; wait for it with `(await instance.create()).result()`. */
  create(
    settings: InstanceSettings & OperationOptions = {},
  ): Promise<Operation<InstanceMessage, CreateInstanceMetadata>> {
    this.#settings = { ...this.#settings, ...settings };
    const { project } = this.#context;
    const instance = instanceMessage(project, this.id, this.#settings);
    const request = { parent: projectName(project), instanceId: this.id, instance };
    return this.#admin.createInstance(request, settings);
  }

  /** Asks whether the instance exists. */
  async exists(options: OperationOptions = {}): Promise<boolean> {
    try {
      await this.reload(options);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Asks the server what the instance is, for `metadata`. */
  async reload(options: OperationOptions = {}): Promise<InstanceMessage> {
    this.#message = await this.#admin.getInstance({ name: this.name }, options);
    return this.#message;
  }

  /** Changes the settings given and no others. */
  update(
    settings: InstanceSettings & OperationOptions,
  ): Promise<Operation<InstanceMessage, UpdateInstanceMetadata>> {
    const instance = instanceMessage(this.#context.project, this.id, settings);
    const request = { instance, fieldMask: changedFields(settings) };
    return this.#admin.updateInstance(request, settings);
  }

  /** Deletes the instance with all of its databases. */
  async delete(options: OperationOptions = {}): Promise<void> {
    await this.#admin.deleteInstance({ name: this.name }, options);
  }

  /**
   * A database, by its id; whether it exists is not asked.
   *
   * Each call makes a Database with sessions of its own: make one and keep it.
   */
  database(id: string, options: DatabaseOptions = {}): Database {
    return new Database(this.#context, this.#path, id, options);
  }

  /** Every database of the instance. */
  async *listDatabases(options: ListOptions = {}): AsyncGenerator<Database, void, undefined> {
    const { pageSize } = options;
    const request = { parent: this.name, pageSize };
    for await (const message of this.#context.databaseAdmin.listDatabases(request, options)) {
      const id = parseDatabaseName(message.name ?? "")?.database ?? "";
      yield Database.fromMessage(this.#context, this.#path, id, message);
    }
  }

  /** A backup of the instance, by its id; whether it exists is not asked. */
  backup(id: string): Backup {
    return new Backup(this.#context.databaseAdmin, this.name, id);
  }

  /** Every backup of the instance. */
  async *listBackups(options: ListOptions = {}): AsyncGenerator<Backup, void, undefined> {
    const { databaseAdmin } = this.#context;
    for await (const message of databaseAdmin.listBackups(this.#list(options), options)) {
      const name = message.name ?? "";
      const id = name.slice(name.lastIndexOf("/") + 1);
      yield new Backup(databaseAdmin, this.name, id, message);
    }
  }

  /** The operations on backups of the instance that run, or ran lately. */
  listBackupOperations(
    options: ListOptions = {},
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    return this.#context.databaseAdmin.listBackupOperations(this.#list(options), options);
  }

  /** The operations on databases of the instance that run, or ran lately. */
  listDatabaseOperations(
    options: ListOptions = {},
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    return this.#context.databaseAdmin.listDatabaseOperations(this.#list(options), options);
  }

  /** Who may do what with the instance. */
  getIamPolicy(options: OperationOptions = {}): Promise<Policy> {
    return this.#admin.getIamPolicy({ resource: this.name }, options);
  }

  /** Says who may do what with the instance; with the etag of a policy read before, safely. */
  setIamPolicy(policy: Policy, options: OperationOptions = {}): Promise<Policy> {
    return this.#admin.setIamPolicy({ resource: this.name, policy }, options);
  }

  /** Which of some permissions the caller has, such as `spanner.instances.get`. */
  async testIamPermissions(
    permissions: readonly string[],
    options: OperationOptions = {},
  ): Promise<string[]> {
    const request = { resource: this.name, permissions: [...permissions] };
    return (await this.#admin.testIamPermissions(request, options)).permissions ?? [];
  }

  #list({ pageSize, filter }: ListOptions): {
    parent: string;
    pageSize: number | undefined;
    filter: string | undefined;
  } {
    return { parent: this.name, pageSize, filter };
  }

  get #path(): InstanceName {
    return { project: this.#context.project, instance: this.id };
  }
}
