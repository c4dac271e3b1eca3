// SPDX-License-Identifier: Apache-2.0
// A server in this process, called as the wire would call it: each method of the admin services with its
// messages. Stories begin with an instance and a database of singers.
import { Code, codeName, StatusError } from "@spandrel/base";
import { nanosFromProto, timestampToProto } from "@spandrel/model";
import { SpannerDefinition, type Timestamp } from "@spandrel/protocol";
import {
  DatabaseAdminDefinition,
  InstanceAdminDefinition,
  type Operation,
  OperationsDefinition,
} from "@spandrel/protocol/admin";
import { methodsOf } from "@spandrel/rpc";
import { createServer, type EmbeddedServer } from "@spandrel/server";
import { VirtualClock } from "@spandrel/testkit";

export const databaseAdmin = methodsOf(DatabaseAdminDefinition);
export const instanceAdmin = methodsOf(InstanceAdminDefinition);
export const operationsService = methodsOf(OperationsDefinition);
const spanner = methodsOf(SpannerDefinition);

export const project = "projects/test";
export const instance = `${project}/instances/main`;
export const database = `${instance}/databases/music`;

export const hourMillis = 3_600_000;
const hourNanos = 3_600_000_000_000n;

/** A server, and what stories ask of it. */
export class World {
  readonly clock: VirtualClock;
  readonly transport: EmbeddedServer["transport"];

  constructor({ transport }: Pick<EmbeddedServer, "transport">, clock: VirtualClock) {
    this.transport = transport;
    this.clock = clock;
  }

  /** So many hours from now. */
  hours(count: number): Timestamp {
    return timestampToProto(
      this.clock.now() + BigInt(Math.round(count * 100)) * (hourNanos / 100n),
    );
  }

  /** Waits for an operation; its type and how it ended. */
  async ended({ name = "" }: Operation): Promise<Operation> {
    return this.transport.unary(operationsService.waitOperation, {
      name,
      timeout: { seconds: 60n },
    });
  }

  /** Makes a backup of the database and waits for it. */
  async backUp(id: string, versionTime?: Timestamp): Promise<string> {
    const backup = { database, expireTime: this.hours(24), versionTime };
    const parent = instance;
    const begun = await this.transport.unary(databaseAdmin.createBackup, {
      parent,
      backupId: id,
      backup,
    });
    const { result } = await this.ended(begun);
    if (result?.$case !== "response") throw new Error(`${id}: ${JSON.stringify(result)}`);
    return `${parent}/backups/${id}`;
  }

  /** Makes a database from a backup and waits for it. */
  async restore(backup: string, databaseId: string): Promise<string> {
    const begun = await this.transport.unary(databaseAdmin.restoreDatabase, {
      parent: instance,
      databaseId,
      source: { $case: "backup", backup },
    });
    const { result } = await this.ended(begun);
    if (result?.$case !== "response") throw new Error(`${databaseId}: ${JSON.stringify(result)}`);
    return `${instance}/databases/${databaseId}`;
  }

  async addSinger(name: string, to = database): Promise<void> {
    const session = await this.#session(to);
    const insert = { table: "Singers", columns: ["Name"], values: [[name]] };
    await this.transport.unary(spanner.commit, {
      session,
      transaction: {
        $case: "singleUseTransaction",
        singleUseTransaction: { mode: { $case: "readWrite", readWrite: {} } },
      },
      mutations: [{ operation: { $case: "insert", insert } }],
    });
  }

  /** The names of all singers of a database. */
  async singers(of = database): Promise<string> {
    const session = await this.#session(of);
    const { rows = [] } = await this.transport.unary(spanner.executeSql, {
      session,
      sql: "SELECT Name FROM Singers ORDER BY Name",
    });
    return rows.join(" ");
  }

  async #session(of: string): Promise<string> {
    const { name = "" } = await this.transport.unary(spanner.createSession, { database: of });
    return name;
  }
}

/** The schema that stories begin with. */
export const ddl = [
  "CREATE TABLE Singers (Name STRING(MAX), Since TIMESTAMP DEFAULT (CURRENT_TIMESTAMP())) " +
    "PRIMARY KEY (Name), ROW DELETION POLICY (OLDER_THAN(Since, INTERVAL 1 DAY))",
];

/** Makes the instance and the database of a world. */
export async function furnish({ transport }: World): Promise<void> {
  await transport.unary(instanceAdmin.createInstance, { parent: project, instanceId: "main" });
  await transport.unary(databaseAdmin.createDatabase, {
    parent: instance,
    createStatement: "CREATE DATABASE music",
    extraStatements: ddl,
  });
}

/** Tells a story in a world of its own. */
export async function inWorld(story: (world: World) => Promise<void>): Promise<void> {
  const clock = new VirtualClock();
  const world = new World(createServer({ clock }), clock);
  await furnish(world);
  await story(world);
}

/** How a call fails: its code and its text; `OK` when it does not. */
export async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (thrown) {
    const error = StatusError.from(thrown, Code.INTERNAL);
    const resources = error.details.flatMap((detail) =>
      detail.kind === "ResourceInfo" ? ` [${detail.resourceName}]` : [],
    );
    return `${codeName(error.code)} ${error.message}${resources.join("")}`;
  }
  return "OK";
}

/** A moment as hours after the first one of a story. */
export function hoursIn(time: Timestamp | undefined, begunNanos: bigint): number {
  return Number(((time ? nanosFromProto(time) : 0n) - begunNanos) / 1_000_000n) / hourMillis;
}
