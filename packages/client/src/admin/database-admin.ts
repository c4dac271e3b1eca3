// SPDX-License-Identifier: Apache-2.0
import { databaseName, type InstanceName, instanceName } from "@spandrel/model";
import type {
  Database as DatabaseMessage,
  DatabaseRole as DatabaseRoleMessage,
  EncryptionConfig,
} from "@spandrel/protocol/admin";
import type { Call, Caller, OperationOptions } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { createDatabaseAmongStatements } from "../errors/admin.ts";
import { adminMethods } from "./admin-methods.ts";
import type { ListOptions } from "./instance-admin.ts";
import { Operation } from "./operation.ts";
import { everyItem } from "./pages.ts";

/** What a database may be made with. */
export interface DatabaseSettings {
  /** DDL that is run when the database is created, without CREATE DATABASE. Default none. */
  readonly ddlStatements?: readonly string[] | undefined;
  /** Default GOOGLE_STANDARD_SQL. */
  readonly databaseDialect?: "GOOGLE_STANDARD_SQL" | "POSTGRESQL" | undefined;
  readonly encryptionConfig?: EncryptionConfig | undefined;
  readonly protoDescriptors?: Uint8Array | undefined;
}

/** How a schema is changed. */
export interface UpdateDdlOptions extends OperationOptions {
  /** A name for the operation; with one, the call is safe to repeat. Default: the server's choice. */
  readonly operationId?: string | undefined;
  readonly protoDescriptors?: Uint8Array | undefined;
}

/** Calls on the databases of one instance. */
export class DatabaseAdmin {
  readonly #caller: Caller;
  readonly #instance: InstanceName;

  constructor(caller: Caller, instance: InstanceName) {
    this.#caller = caller;
    this.#instance = instance;
  }

  async create(
    database: string,
    settings: DatabaseSettings,
    options: OperationOptions,
  ): Promise<Operation<DatabaseMessage>> {
    const { databases, messages } = await adminMethods();
    const parent = instanceName(this.#instance);
    const { ddlStatements = [], databaseDialect, encryptionConfig, protoDescriptors } = settings;
    if (ddlStatements.some((statement) => /create\s+database/i.test(statement)))
      throw createDatabaseAmongStatements();
    const request = {
      parent,
      createStatement: createStatement(database, databaseDialect),
      extraStatements: [...ddlStatements],
      ...(databaseDialect && { databaseDialect: messages.DatabaseDialect[databaseDialect] }),
      ...(encryptionConfig && { encryptionConfig }),
      ...(protoDescriptors && { protoDescriptors }),
    };
    const call = { ...this.#call("parent", parent, options), isIdempotent: false };
    const operation = await this.#caller.unary(databases.createDatabase, request, call);
    const decode = (bytes: Uint8Array): DatabaseMessage => messages.Database.decode(bytes);
    return new Operation(this.#caller, this.#name(database), operation, decode);
  }

  async get(database: string, options: OperationOptions): Promise<DatabaseMessage> {
    const { databases } = await adminMethods();
    const name = this.#name(database);
    return this.#caller.unary(databases.getDatabase, { name }, this.#call("name", name, options));
  }

  async getDdl(database: string, options: OperationOptions): Promise<string[]> {
    const { databases } = await adminMethods();
    const name = this.#name(database);
    const call = this.#call("database", name, options);
    const answer = await this.#caller.unary(databases.getDatabaseDdl, { database: name }, call);
    return answer.statements ?? [];
  }

  async updateDdl(
    database: string,
    statements: readonly string[],
    options: UpdateDdlOptions,
  ): Promise<Operation<void>> {
    const { databases } = await adminMethods();
    const name = this.#name(database);
    const { operationId, protoDescriptors } = options;
    const request = {
      database: name,
      statements: [...statements],
      ...(operationId && { operationId }),
      ...(protoDescriptors && { protoDescriptors }),
    };
    const isIdempotent = operationId !== undefined;
    const call = { ...this.#call("database", name, options), isIdempotent };
    const operation = await this.#caller.unary(databases.updateDatabaseDdl, request, call);
    return new Operation(this.#caller, name, operation, () => undefined);
  }

  async setDropProtection(
    database: string,
    enableDropProtection: boolean,
    options: OperationOptions,
  ): Promise<Operation<DatabaseMessage>> {
    const { databases, messages } = await adminMethods();
    const name = this.#name(database);
    const updateMask = ["enable_drop_protection"];
    const request = { database: { name, enableDropProtection }, updateMask };
    const call = this.#call("database.name", name, options);
    const operation = await this.#caller.unary(databases.updateDatabase, request, call);
    const decode = (bytes: Uint8Array): DatabaseMessage => messages.Database.decode(bytes);
    return new Operation(this.#caller, name, operation, decode);
  }

  async drop(database: string, options: OperationOptions): Promise<void> {
    const { databases } = await adminMethods();
    const name = this.#name(database);
    const call = this.#call("database", name, options);
    await this.#caller.unary(databases.dropDatabase, { database: name }, call);
  }

  list(options: ListOptions): AsyncGenerator<DatabaseMessage, void, undefined> {
    const parent = instanceName(this.#instance);
    return everyItem(async (pageToken) => {
      const { databases } = await adminMethods();
      const request = { parent, pageToken, pageSize: options.pageSize };
      const call = this.#call("parent", parent, options);
      const page = await this.#caller.unary(databases.listDatabases, request, call);
      return { items: page.databases, nextPageToken: page.nextPageToken };
    });
  }

  listRoles(
    database: string,
    options: ListOptions,
  ): AsyncGenerator<DatabaseRoleMessage, void, undefined> {
    const parent = this.#name(database);
    return everyItem(async (pageToken) => {
      const { databases } = await adminMethods();
      const request = { parent, pageToken, pageSize: options.pageSize };
      const call = this.#call("parent", parent, options);
      const page = await this.#caller.unary(databases.listDatabaseRoles, request, call);
      return { items: page.databaseRoles, nextPageToken: page.nextPageToken };
    });
  }

  #name(database: string): string {
    return databaseName({ ...this.#instance, database });
  }

  #call(field: string, value: string, options: OperationOptions): Call {
    const { timeoutMillis, signal } = options;
    const headers = headersOf({ resource: value, routing: [field, value] });
    return { timeoutMillis, signal, headers };
  }
}

/** A database's id may hold a hyphen, so it is quoted, as its dialect quotes. */
function createStatement(database: string, dialect = "GOOGLE_STANDARD_SQL"): string {
  const quote = dialect === "POSTGRESQL" ? '"' : "`";
  return `CREATE DATABASE ${quote}${database}${quote}`;
}
