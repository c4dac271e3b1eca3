// SPDX-License-Identifier: Apache-2.0
import { type InstanceName, instanceName, parseDatabaseName } from "@spandrel/model";
import type { Instance as InstanceMessage } from "@spandrel/protocol/admin";
import { DatabaseAdmin } from "../admin/database-admin.ts";
import type { InstanceAdmin, InstanceSettings, ListOptions } from "../admin/instance-admin.ts";
import type { Operation } from "../admin/operation.ts";
import type { OperationOptions } from "../call/caller.ts";
import { isNotFound } from "../session/session.ts";
import type { ClientContext } from "./client-context.ts";
import { Database, type DatabaseOptions } from "./database.ts";

/** An instance: the machines that databases live on. */
export class Instance {
  readonly id: string;
  readonly #context: ClientContext;
  readonly #admin: InstanceAdmin;
  readonly #databases: DatabaseAdmin;
  #settings: InstanceSettings;
  #message: InstanceMessage | undefined;

  constructor(
    context: ClientContext,
    admin: InstanceAdmin,
    id: string,
    settings: InstanceSettings,
  ) {
    this.id = id;
    this.#context = context;
    this.#admin = admin;
    this.#databases = new DatabaseAdmin(context.caller, this.#path);
    this.#settings = settings;
  }

  /** Makes an instance from what the server listed. */
  static fromMessage(
    context: ClientContext,
    admin: InstanceAdmin,
    id: string,
    message: InstanceMessage,
  ): Instance {
    const instance = new Instance(context, admin, id, {});
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
  create(settings: InstanceSettings & OperationOptions = {}): Promise<Operation<InstanceMessage>> {
    this.#settings = { ...this.#settings, ...settings };
    return this.#admin.create(this.id, this.#settings, settings);
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
    this.#message = await this.#admin.get(this.id, options);
    return this.#message;
  }

  /** Changes the settings given and no others. */
  update(settings: InstanceSettings & OperationOptions): Promise<Operation<InstanceMessage>> {
    return this.#admin.update(this.id, settings, settings);
  }

  /** Deletes the instance with all of its databases. */
  delete(options: OperationOptions = {}): Promise<void> {
    return this.#admin.delete(this.id, options);
  }

  /**
   * A database, by its id; whether it exists is not asked.
   *
   * Each call makes a Database with sessions of its own: make one and keep it.
   */
  database(id: string, options: DatabaseOptions = {}): Database {
    return new Database(this.#context, this.#databases, this.#path, id, options);
  }

  /** Every database of the instance. */
  async *listDatabases(options: ListOptions = {}): AsyncGenerator<Database, void, undefined> {
    for await (const message of this.#databases.list(options)) {
      const id = parseDatabaseName(message.name ?? "")?.database ?? "";
      yield Database.fromMessage(this.#context, this.#databases, this.#path, id, message);
    }
  }

  get #path(): InstanceName {
    return { project: this.#context.project, instance: this.id };
  }
}
