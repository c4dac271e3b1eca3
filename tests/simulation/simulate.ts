// SPDX-License-Identifier: Apache-2.0
// One process, one seed: the real client and the real server under a clock moved by hand, with a
// network that loses calls and breaks streams, and in half of the runs with a disk, whose power fails
// now and then. The same seed gives the same history.
//
// What is read and written are registers, each a column of a row: so transactions meet that write other
// columns of a row, and some write without having read anything.
import { Code, type Random, StatusError, seededRandom } from "@spandrel/base";
import {
  Client,
  COMMIT_TIMESTAMP,
  type Database,
  type Environment,
  FixedSizePool,
  KeySet,
  OutcomeUnknownError,
  SessionNotFoundError,
  type Timestamp,
  type Transaction,
} from "@spandrel/client";
import { createServer } from "@spandrel/server";
import { FaultyTransport, VirtualClock } from "@spandrel/testkit";
import type { Attempted, History, Looked } from "./history.ts";
import { Machine } from "./machine.ts";

/** What a run is made of. */
export interface SimulationOptions {
  readonly seed: number;
  /** Plants a bug: reads go around their transaction. The checker must find it. */
  readonly isCanary?: boolean;
}

/** Two to a row: register 3 is column B of row 1. */
const keys = 4;
const columnNames = ["A", "B"] as const;
const workers = 5;
const transactionsEach = 8;

const regular: Environment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
};

/** Runs one simulation to its end and gives what happened. */
export async function simulate({ seed, isCanary = false }: SimulationOptions): Promise<History> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  // Each run draws which faults are on, so that some runs see one kind alone.
  const chance = (max: number) => (random.next() < 0.5 ? 0 : random.next() * max);
  const machine = random.next() < 0.5 ? new Machine({ clock, seed: seed + 1 }) : undefined;
  const transport = new FaultyTransport({
    inner: machine ?? createServer({ clock, random: seededRandom(seed + 1) }).transport,
    clock,
    random: seededRandom(seed + 2),
    faults: {
      lostRequest: chance(0.1),
      lostAnswer: chance(0.1),
      brokenStream: chance(0.1),
      delayMillisMax: random.next() * 20,
    },
  });
  const usesPool = random.next() < 0.5;
  const environment = usesPool ? regular : {};
  const common = { project: "p", transport, clock, random: seededRandom(seed + 3), environment };
  const client = new Client(common);
  const pool = usesPool ? { pool: new FixedSizePool({ size: 3 }) } : {};
  const database = client.instance("main").database("db", pool);
  const run = async (): Promise<History> => {
    await machine?.start();
    await createDatabase(client, database);
    const attempted: Attempted[] = [];
    const looked: Looked[] = [];
    const world = { clock, database, isCanary, attempted, looked };
    const work = Array.from({ length: workers }, (_, worker) =>
      workOn(world, worker, seededRandom(seed * 100 + worker)),
    );
    const working = new AbortController();
    const failing =
      machine === undefined ? undefined : fail(machine, clock, random, working.signal);
    await Promise.all([...work, look(world, seededRandom(seed + 4))]);
    working.abort();
    await failing;
    transport.heal();
    return { attempted, looked, log: await readLog(database) };
  };
  try {
    return await clock.until(run());
  } finally {
    await database.close();
    await client.close();
  }
}

/** Lets the power fail now and then, until the work is done; then the machine runs. */
async function fail(
  machine: Machine,
  clock: VirtualClock,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const crashesMax = Math.floor(random.next() * 4);
  while (machine.crashes < crashesMax) {
    await clock.sleep(random.next() * 300);
    if (signal.aborted) return;
    machine.crash();
    await clock.sleep(random.next() * 40);
    await machine.start();
  }
}

interface World {
  readonly clock: VirtualClock;
  readonly database: Database;
  readonly isCanary: boolean;
  readonly attempted: Attempted[];
  readonly looked: Looked[];
}

async function createDatabase(client: Client, database: Database): Promise<void> {
  // Creating is not replayed when its answer is lost: what is there already is as good.
  const existing = (error: unknown) => {
    const { code } = StatusError.from(error);
    if (code !== Code.ALREADY_EXISTS) throw error;
  };
  const ddlStatements = [
    "CREATE TABLE Registers (Id INT64 NOT NULL, A INT64, B INT64) PRIMARY KEY (Id)",
    `CREATE TABLE Log (
       Id STRING(20) NOT NULL,
       WrittenAt TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
     ) PRIMARY KEY (Id)`,
  ];
  await patiently(async () => (await client.instance("main").create()).result(), existing);
  await patiently(async () => (await database.create({ ddlStatements })).result(), existing);
}

/** Tries again as long as the network is to blame. */
async function patiently(
  work: () => Promise<unknown>,
  otherwise: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (StatusError.from(error).code === Code.UNAVAILABLE) continue;
      otherwise(error);
      return;
    }
  }
}

async function workOn(world: World, worker: number, random: Random): Promise<void> {
  for (let count = 0; count < transactionsEach; count++) {
    world.attempted.push(await transact(world, `w${worker}-${count}`, random));
    await world.clock.sleep(random.next() * 30);
  }
}

async function transact(world: World, id: string, random: Random): Promise<Attempted> {
  const { database, clock } = world;
  const chosen = new Set(
    Array.from({ length: 1 + Math.floor(random.next() * 3) }, () =>
      BigInt(Math.floor(random.next() * keys)),
    ),
  );
  const usesDml = random.next() < 0.5;
  const isBlind = random.next() < 0.3;
  const writes = new Map<bigint, bigint>();
  for (const key of chosen) {
    if (isBlind || random.next() < 0.7) writes.set(key, BigInt(Math.floor(random.next() * 1e9)));
  }
  let reads = new Map<bigint, bigint | undefined>();
  let last: Transaction | undefined;
  const beganNanos = clock.now();
  const ended = (outcome: Attempted["outcome"]): Attempted => {
    return { id, reads, writes, beganNanos, endedNanos: clock.now(), outcome };
  };
  try {
    await database.runInTransaction(async (transaction) => {
      last = transaction;
      const reader = world.isCanary ? database : transaction;
      if (!isBlind) reads = await readKeys(reader, [...chosen], usesDml);
      await write(transaction, writes, reads, usesDml);
      transaction.insert("Log", { Id: id, WrittenAt: COMMIT_TIMESTAMP });
    });
    return ended({ kind: "committed", atNanos: nanosOf(last?.committed) });
  } catch (error) {
    const isUnknown = error instanceof OutcomeUnknownError;
    return ended({ kind: isUnknown ? "unknown" : "failed" });
  }
}

async function readKeys(
  reader: Pick<Database, "query" | "read">,
  chosen: readonly bigint[],
  usesSql: boolean,
): Promise<Map<bigint, bigint | undefined>> {
  const ids = [...new Set(chosen.map(rowOf))];
  const names = columnNames.filter((name) => chosen.some((key) => columnOf(key) === name));
  const columns = ["Id", ...names];
  const rows = usesSql
    ? await reader
        .query({
          sql: `SELECT ${columns.join(", ")} FROM Registers WHERE Id IN UNNEST(@ids)`,
          params: { ids },
        })
        .rows()
    : await reader.read("Registers", columns, new KeySet({ keys: ids.map((id) => [id]) })).rows();
  const found = new Map(rows.map((row) => [row["Id"] as bigint, row]));
  return new Map(
    chosen.map((key) => {
      const value = found.get(rowOf(key))?.[columnOf(key)] as bigint | null | undefined;
      return [key, value ?? undefined];
    }),
  );
}

async function write(
  transaction: Transaction,
  writes: ReadonlyMap<bigint, bigint>,
  reads: ReadonlyMap<bigint, bigint | undefined>,
  usesDml: boolean,
): Promise<void> {
  const rows = new Map<bigint, Record<string, bigint>>();
  for (const [key, value] of writes) {
    rows.set(rowOf(key), { ...rows.get(rowOf(key)), [columnOf(key)]: value });
  }
  for (const [id, cells] of rows) {
    const row = { Id: id, ...cells };
    if (!usesDml) {
      transaction.insertOrUpdate("Registers", row);
      continue;
    }
    const isThere = [...reads].some(([key, value]) => rowOf(key) === id && value !== undefined);
    const names = Object.keys(row);
    const sql = isThere
      ? `UPDATE Registers SET ${Object.keys(cells).map((name) => `${name} = @${name}`)} WHERE Id = @Id`
      : `INSERT OR UPDATE INTO Registers (${names}) VALUES (${names.map((name) => `@${name}`)})`;
    await transaction.executeUpdate({ sql, params: row });
  }
}

function rowOf(key: bigint): bigint {
  return key / 2n;
}

function columnOf(key: bigint): (typeof columnNames)[number] {
  return key % 2n === 0n ? "A" : "B";
}

async function look({ database, clock, looked }: World, random: Random): Promise<void> {
  for (let count = 0; count < 15; count++) {
    await clock.sleep(random.next() * 60);
    await using snapshot = database.snapshot({ multiUse: true });
    try {
      const values = await readKeys(
        snapshot,
        Array.from({ length: keys }, (_, key) => BigInt(key)),
        true,
      );
      looked.push({ atNanos: nanosOf(snapshot.readTimestamp), values });
    } catch (error) {
      // The network may fail a snapshot for good, and a machine that starts anew knows no sessions;
      // then there is nothing to check.
      const { code } = StatusError.from(error);
      if (code !== Code.UNAVAILABLE && code !== Code.NOT_FOUND) throw error;
    }
  }
}

async function readLog(database: Database): Promise<Map<string, bigint>> {
  let rows: Awaited<ReturnType<typeof read>> | undefined;
  const read = () => database.read("Log", ["Id", "WrittenAt"], KeySet.all()).rows();
  // A machine that was started anew knows none of a pool's sessions; each that fails is replaced.
  while (rows === undefined) {
    try {
      rows = await read();
    } catch (error) {
      if (!(error instanceof SessionNotFoundError)) throw error;
    }
  }
  return new Map(rows.map((row) => [row["Id"] as string, nanosOf(row["WrittenAt"] as Timestamp)]));
}

function nanosOf(timestamp: Timestamp | undefined): bigint {
  if (timestamp === undefined) throw new Error("The server gave no timestamp.");
  return BigInt(timestamp.seconds) * 1_000_000_000n + BigInt(timestamp.nanoseconds);
}
