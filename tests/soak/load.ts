// SPDX-License-Identifier: Apache-2.0
// What is done to a server for as long as a soak lasts: everything that programs do, through the real
// client, by many workers at once. The data stay within bounds, so that whatever grows is a leak.
import type { Random } from "@spandrel/base";
import {
  BurstyPool,
  Client,
  Code,
  type Database,
  type Environment,
  type Row,
  SessionNotFoundError,
  StatusError,
} from "@spandrel/client";
import type { EmbeddedServer } from "@spandrel/server";

const regularSessions: Environment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: "false",
};

const schema = [
  "CREATE TABLE Accounts (Id INT64 NOT NULL, Balance INT64 NOT NULL, Owner STRING(MAX)) " +
    "PRIMARY KEY (Id)",
  "CREATE INDEX AccountsByOwner ON Accounts (Owner) STORING (Balance)",
  "CREATE TABLE Events (Id STRING(36) NOT NULL, HappenedAt TIMESTAMP NOT NULL, Text STRING(MAX)) " +
    "PRIMARY KEY (Id), ROW DELETION POLICY (OLDER_THAN(HappenedAt, INTERVAL 1 DAY))",
];

const accounts = 500;
const workersOfEach = 6;
const fullName = "projects/soak/instances/main/databases/main";

/** A server under load. */
export class Load {
  readonly #server: EmbeddedServer;
  readonly #random: Random;
  readonly #clients: readonly Client[];
  readonly #databases: readonly Database[];
  readonly #done = new Map<string, number>();
  #isOver = false;
  #forks = 0;
  #workers: Promise<unknown> = Promise.resolve();

  private constructor(server: EmbeddedServer, random: Random) {
    this.#server = server;
    this.#random = random;
    const { transport } = server;
    this.#clients = [
      new Client({ project: "soak", transport, environment: regularSessions }),
      new Client({ project: "soak", transport }),
    ];
    this.#databases = this.#clients.map((client, index) =>
      client
        .instance("main")
        .database("main", index === 0 ? { pool: new BurstyPool({ targetSize: 5 }) } : {}),
    );
  }

  /** Makes the database and its accounts, and sets the workers to work. */
  static async start(server: EmbeddedServer, random: Random): Promise<Load> {
    const load = new Load(server, random);
    const [client] = load.#clients;
    const [database] = load.#databases;
    if (client === undefined || database === undefined) throw new Error("A load has clients.");
    await (await client.instance("main").create()).result();
    await (await database.create({ ddlStatements: schema })).result();
    const rows = Array.from({ length: accounts }, (_, id) => ({
      Id: BigInt(id),
      Balance: 100n,
      Owner: `owner-${id % 50}`,
    }));
    await database.batch().insert("Accounts", rows).commit();
    // Past the hour that old versions are kept, so that stale reads find the table.
    server.control.clock.advance(2 * 3_600_000);
    const workers = load.#databases.flatMap((each) =>
      Array.from({ length: workersOfEach }, () => load.#work(each)),
    );
    load.#workers = Promise.all([...workers, load.#fork(), load.#hurryTime()]);
    // A failure is told by `stop`; until then it must not end the process.
    load.#workers.catch(() => undefined);
    return load;
  }

  /** How often each thing was done. */
  get done(): ReadonlyMap<string, number> {
    return this.#done;
  }

  /** How many things were done. */
  get deeds(): number {
    return [...this.#done.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Lets everybody finish and closes the clients. @throws what went wrong in a worker. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#workers;
    for (const database of this.#databases) await database.close();
    for (const client of this.#clients) await client.close();
  }

  async #work(database: Database): Promise<void> {
    const names = Object.keys(deeds);
    while (!this.#isOver) {
      const name = names[Math.floor(this.#random.next() * names.length)] ?? "";
      const done = await deeds[name]?.(database, this.#random).then(
        () => name,
        (thrown: unknown) => weather(thrown),
      );
      this.#count(done ?? name);
      // Nothing in this process waits for a socket: without a turn, no timer would ever strike.
      await turn();
    }
  }

  #count(what: string): void {
    this.#done.set(what, (this.#done.get(what) ?? 0) + 1);
  }

  /** Databases that come and go: forked, used, reset, used again, and dropped. */
  async #fork(): Promise<void> {
    const { control } = this.#server;
    while (!this.#isOver) {
      this.#forks++;
      const id = `fork-${this.#forks}`;
      const name = await control.databases.fork(fullName, id);
      for (const client of this.#clients) {
        const database = client.instance("main").database(id);
        await transfer(database, this.#random).catch(weather);
        await insertEvents(database, this.#random).catch(weather);
        await control.databases.reset(name);
        await readAccounts(database, this.#random).catch(weather);
        await database.close();
      }
      // The second time with transactions that are open.
      const abandoned = this.#clients.map((client) => client.instance("main").database(id));
      for (const database of abandoned) {
        await abandon(database);
        await database.close();
      }
      const [first] = abandoned;
      await first?.drop();
      this.#count("fork");
      await pause(100);
    }
  }

  /** An hour passes a second, and now and then a week: sessions, versions and rows grow old. */
  async #hurryTime(): Promise<void> {
    const { clock } = this.#server.control;
    for (let count = 1; !this.#isOver; count++) {
      await pause(1_000);
      clock.advance((count % 20 === 0 ? 7 * 24 : 1) * 3_600_000);
    }
  }
}

type Deed = (database: Database, random: Random) => Promise<unknown>;

const deeds: Readonly<Record<string, Deed>> = {
  transfer,
  transferBySql,
  readAccounts,
  query,
  insertEvents,
  snapshot,
  staleRead,
  partitioned,
  partitionedDml,
  batchWrite,
  batchDml,
  leaveEarly,
  fail,
  optimistic,
};

/**
 * What may happen to anybody when an hour passes in the middle of what they do: the session has expired,
 * or the moment that is read is past.
 *
 * @throws what is no such thing.
 */
function weather(thrown: unknown): string {
  if (thrown instanceof SessionNotFoundError) return "session expired";
  if (thrown instanceof StatusError && thrown.code === Code.FAILED_PRECONDITION) {
    if (/retention|garbage/.test(thrown.message)) return "moment past";
  }
  throw thrown;
}

function someAccount(random: Random): bigint {
  return BigInt(Math.floor(random.next() * accounts));
}

/** Reads two accounts, writes mutations. */
function transfer(database: Database, random: Random): Promise<void> {
  const [from, to] = [someAccount(random), someAccount(random)];
  return database.runInTransaction(async (transaction) => {
    const rows = await transaction.read("Accounts", ["Id", "Balance"], [[from], [to]]).rows();
    const balances = rows.map((row) => ({
      Id: row["Id"] as bigint,
      Balance: (row["Balance"] as bigint) + (row["Id"] === from ? -1n : 1n),
    }));
    transaction.update("Accounts", balances);
  });
}

function transferBySql(database: Database, random: Random): Promise<bigint> {
  const params = { from: someAccount(random), to: someAccount(random) };
  return database.runInTransaction(async (transaction) => {
    await transaction.executeUpdate({
      sql: "UPDATE Accounts SET Balance = Balance - 1 WHERE Id = @from",
      params,
    });
    return transaction.executeUpdate({
      sql: "UPDATE Accounts SET Balance = Balance + 1 WHERE Id = @to",
      params,
    });
  });
}

function readAccounts(database: Database, random: Random): Promise<Row[]> {
  return database
    .read("Accounts", ["Owner", "Balance"], [[`owner-${someAccount(random) % 50n}`]], {
      index: "AccountsByOwner",
    })
    .rows();
}

function query(database: Database, random: Random): Promise<Row[]> {
  // A text of its own one time in four: what is remembered of statements must stay within bounds.
  const text = random.next() < 0.25 ? ` /* ${random.next()} */` : "";
  const sql = `SELECT Owner, SUM(Balance) AS Total FROM Accounts GROUP BY Owner ORDER BY Total${text}`;
  return database.query(sql).rows();
}

function insertEvents(database: Database, random: Random): Promise<unknown> {
  const params = { count: 1n + (someAccount(random) % 10n) };
  return database.runInTransaction((transaction) =>
    transaction.executeUpdate({
      sql:
        "INSERT INTO Events (Id, HappenedAt, Text) SELECT GENERATE_UUID(), CURRENT_TIMESTAMP(), " +
        "REPEAT('x', 100) FROM UNNEST(GENERATE_ARRAY(1, @count)) AS N",
      params,
    }),
  );
}

async function snapshot(database: Database, random: Random): Promise<void> {
  await using view = database.snapshot({ multiUse: true });
  await view.read("Accounts", ["Balance"], [[someAccount(random)]]).rows();
  await view.query("SELECT COUNT(*) FROM Accounts").rows();
}

function staleRead(database: Database, random: Random): Promise<Row[]> {
  const exactStalenessMillis = Math.floor(random.next() * 3_000_000);
  return database
    .read("Accounts", ["Balance"], [[someAccount(random)]], { exactStalenessMillis })
    .rows();
}

async function partitioned(database: Database): Promise<void> {
  await using whole = await database.batchSnapshot();
  let rows = 0;
  const sql = "SELECT Id, Balance FROM Accounts";
  for await (const batch of whole.runPartitionedQuery(sql, { parallelism: 3 })) {
    rows += batch.length;
  }
  if (rows !== accounts) throw new Error(`${rows} accounts of ${accounts}`);
}

function partitionedDml(database: Database, random: Random): Promise<bigint> {
  return database.executePartitionedDml({
    sql: "UPDATE Accounts SET Balance = Balance WHERE Id = @id",
    params: { id: someAccount(random) },
  });
}

async function batchWrite(database: Database, random: Random): Promise<void> {
  const groups = database.mutationGroups();
  for (let count = 0; count < 3; count++) {
    const id = someAccount(random);
    groups.group().update("Accounts", [{ Id: id, Owner: `owner-${id % 50n}` }]);
  }
  for await (const answer of groups.batchWrite()) void answer;
}

function batchDml(database: Database, random: Random): Promise<bigint[]> {
  const sql = "UPDATE Accounts SET Balance = Balance + @by WHERE Id = @id";
  const id = someAccount(random);
  return database.runInTransaction((transaction) =>
    transaction.batchUpdate([
      { sql, params: { id, by: 1n } },
      { sql, params: { id, by: -1n } },
    ]),
  );
}

/** Takes one row of many and goes. */
async function leaveEarly(database: Database): Promise<void> {
  for await (const row of database.query("SELECT * FROM Accounts, UNNEST([1, 2, 3, 4, 5]) AS N")) {
    void row;
    return;
  }
}

/** A transaction whose function throws, and a statement that cannot be read. */
async function fail(database: Database): Promise<void> {
  const thrown = new Error("changed my mind");
  await database
    .runInTransaction(async (transaction) => {
      await transaction.executeUpdate("UPDATE Accounts SET Balance = 0 WHERE Id = 1");
      throw thrown;
    })
    .catch((error: unknown) => {
      if (error !== thrown) throw error;
    });
  await database
    .query("SELECT FROM WHERE")
    .rows()
    .then(
      () => {
        throw new Error("This is no statement.");
      },
      () => undefined,
    );
}

function optimistic(database: Database, random: Random): Promise<void> {
  const id = someAccount(random);
  return database.runInTransaction(
    async (transaction) => {
      await transaction.read("Accounts", ["Balance"], [[id]]).rows();
      transaction.update("Accounts", { Id: id, Owner: `owner-${id % 50n}` });
    },
    random.next() < 0.5 ? { readLockMode: "OPTIMISTIC" } : { isolationLevel: "REPEATABLE_READ" },
  );
}

/** Begins a transaction with locks in a session, and forgets both. */
async function abandon(database: Database): Promise<void> {
  await database
    .runInTransaction(async (transaction) => {
      await transaction.executeUpdate("UPDATE Accounts SET Balance = 0 WHERE Id = 2");
      transaction.rollback = () => Promise.resolve();
      throw new Error("left");
    })
    .catch(() => undefined);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
