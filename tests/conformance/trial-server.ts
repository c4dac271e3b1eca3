// SPDX-License-Identifier: Apache-2.0
// The server that the cases are put to: in this process, through its own protocol.
import { codeOf, StatusError } from "@spandrel/base";
import { type Type, typeToProto, type WireValue } from "@spandrel/model";
import { type ResultSet, SpannerDefinition, type TransactionSelector } from "@spandrel/protocol";
import { DatabaseAdminDefinition, InstanceAdminDefinition } from "@spandrel/protocol/admin";
import { methodsOf, type Transport } from "@spandrel/rpc";
import { createServer } from "@spandrel/server";

const instances = methodsOf(InstanceAdminDefinition);
const databases = methodsOf(DatabaseAdminDefinition);
const spanner = methodsOf(SpannerDefinition);

const instance = "projects/conformance/instances/main";

/** A statement, its parameters typed. */
export interface TrialStatement {
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, { readonly type: Type; readonly value: WireValue }>;
}

/** See the top of this file. */
export class TrialServer {
  readonly #transport: Transport = createServer({
    limits: { databasesPerInstanceMax: Number.MAX_SAFE_INTEGER },
  }).transport;
  #databases = 0;

  /** Makes the instance that databases are made in. */
  static async start(): Promise<TrialServer> {
    const server = new TrialServer();
    await server.#transport.unary(instances.createInstance, {
      parent: "projects/conformance",
      instanceId: "main",
    });
    return server;
  }

  /** Makes an empty database. */
  async newDatabase(): Promise<TrialDatabase> {
    this.#databases++;
    const id = `case-${this.#databases}`;
    await this.#transport.unary(databases.createDatabase, {
      parent: instance,
      createStatement: `CREATE DATABASE \`${id}\``,
    });
    return new TrialDatabase(this.#transport, id);
  }
}

/** One database of the server. */
export class TrialDatabase {
  readonly #transport: Transport;
  readonly #name: string;
  /** The last part of its name. */
  readonly id: string;
  #session: string | undefined;
  #statements = 0n;

  constructor(transport: Transport, id: string) {
    this.#transport = transport;
    this.id = id;
    this.#name = `${instance}/databases/${id}`;
  }

  /** @throws {StatusError} the status of the change that failed. */
  async change(statements: readonly string[]): Promise<void> {
    const operation = await this.#transport.unary(databases.updateDatabaseDdl, {
      database: this.#name,
      statements: [...statements],
    });
    if (operation.result?.$case !== "error") return;
    const { code = 0, message = "" } = operation.result.error;
    throw new StatusError(codeOf(code), message);
  }

  /** The statements that would make the schema. */
  async ddl(): Promise<readonly string[]> {
    const { statements = [] } = await this.#transport.unary(databases.getDatabaseDdl, {
      database: this.#name,
    });
    return statements;
  }

  /** Drops the database. */
  async drop(): Promise<void> {
    await this.#transport.unary(databases.dropDatabase, { database: this.#name });
  }

  /** Runs a query by itself. */
  query(statement: TrialStatement): Promise<ResultSet> {
    return this.#execute(statement, undefined);
  }

  /** Runs a statement in a transaction, then what `look` asks, and takes everything back. */
  async tryOut(
    statement: TrialStatement,
    look: (query: (sql: string) => Promise<ResultSet>) => Promise<void>,
  ): Promise<ResultSet> {
    const session = await this.#sessionName();
    const { id = new Uint8Array() } = await this.#transport.unary(spanner.beginTransaction, {
      session,
      options: { mode: { $case: "readWrite", readWrite: {} } },
    });
    const transaction: TransactionSelector = { selector: { $case: "id", id } };
    try {
      const result = await this.#execute(statement, transaction);
      await look((sql) => this.#execute({ sql, parameters: new Map() }, transaction));
      return result;
    } finally {
      await this.#transport.unary(spanner.rollback, { session, transactionId: id });
    }
  }

  /** Puts rows into a table. */
  async load(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly WireValue[])[],
  ): Promise<void> {
    const insert = { table, columns: [...columns], values: rows.map((row) => [...row]) };
    await this.#transport.unary(spanner.commit, {
      session: await this.#sessionName(),
      transaction: {
        $case: "singleUseTransaction",
        singleUseTransaction: { mode: { $case: "readWrite", readWrite: {} } },
      },
      mutations: [{ operation: { $case: "insert", insert } }],
    });
  }

  async #execute(
    { sql, parameters }: TrialStatement,
    transaction: TransactionSelector | undefined,
  ): Promise<ResultSet> {
    const params: Record<string, WireValue> = {};
    const paramTypes: Record<string, ReturnType<typeof typeToProto>> = {};
    for (const [name, { type, value }] of parameters) {
      params[name] = value;
      paramTypes[name] = typeToProto(type);
    }
    const session = await this.#sessionName();
    const request = { session, sql, params, paramTypes };
    return this.#transport.unary(
      spanner.executeSql,
      transaction === undefined ? request : { ...request, transaction, seqno: ++this.#statements },
    );
  }

  async #sessionName(): Promise<string> {
    if (this.#session === undefined) {
      const { name = "" } = await this.#transport.unary(spanner.createSession, {
        database: this.#name,
      });
      this.#session = name;
    }
    return this.#session;
  }
}
