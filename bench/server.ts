// SPDX-License-Identifier: Apache-2.0
// Measures the server: `npm run bench:server`. Calls go over loopback sockets from the bare transport to
// the server, both in this process, so processor time is that of both ends. The same transport and
// listener carry a call that does nothing, the bare round trip, which the figures are ratios to.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, type Database } from "@spandrel/client";
import { type Mutation, SpannerDefinition } from "@spandrel/protocol";
import {
  createGrpcTransport,
  createLocalTransport,
  type Method,
  methodsOf,
  type Router,
  type Transport,
} from "@spandrel/rpc";
import { listen } from "@spandrel/rpc/serve";
import { createServer, openServer } from "@spandrel/server";
import { createNodeDisk, Log } from "@spandrel/store";
import { median } from "./report.ts";
import { writeSection } from "./results-page.ts";

const methods = methodsOf(SpannerDefinition);
const plainCodec = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes };
const bare: Method<Uint8Array, Uint8Array> = {
  service: "bench.Bare",
  name: "Call",
  path: "/bench.Bare/Call",
  isStream: false,
  request: plainCodec,
  response: plainCodec,
};

/** What one kind of work costs. */
interface Cost {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** Runs lanes of work side by side for a while, a few times; gives medians. */
async function measure(lanes: number, work: (lane: number) => Promise<unknown>): Promise<Cost> {
  const run = async (millis: number): Promise<Cost> => {
    const end = performance.now() + millis;
    const began = performance.now();
    const { user, system } = process.cpuUsage();
    let count = 0;
    const go = async (lane: number): Promise<void> => {
      while (performance.now() < end) {
        await work(lane);
        count++;
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, lane) => go(lane)));
    const cpu = process.cpuUsage();
    const seconds = (performance.now() - began) / 1_000;
    return {
      perSecond: count / seconds,
      cpuMicros: (cpu.user + cpu.system - user - system) / count,
    };
  };
  await run(600);
  const costs: Cost[] = [];
  for (let round = 0; round < 3; round++) costs.push(await run(600));
  return {
    perSecond: median(costs.map(({ perSecond }) => perSecond)),
    cpuMicros: median(costs.map(({ cpuMicros }) => cpuMicros)),
  };
}

/** A server on a port, and a way to it with sessions for every lane. */
interface Bench {
  readonly transport: Transport;
  readonly sessions: readonly string[];
  close(): Promise<void>;
}

const lanesMax = 100;
const table = "CREATE TABLE Items (Id INT64 NOT NULL, A INT64, Name STRING(MAX)) PRIMARY KEY (Id)";

async function open(router: Router, rows: number): Promise<Bench> {
  router.unary(bare, (request) => request);
  const local = createLocalTransport(router);
  const client = new Client({ project: "p", transport: local });
  await (await client.instance("bench").create()).result();
  const database = client.instance("bench").database("bench");
  await (await database.create({ ddlStatements: [table] })).result();
  await fill(database, rows);
  await database.close();
  await client.close();
  const listener = await listen({ router, host: "127.0.0.1", port: 0 });
  const transport = createGrpcTransport({ address: listener.address });
  const name = "projects/p/instances/bench/databases/bench";
  const sessions: string[] = [];
  for (let lane = 0; lane < lanesMax; lane++) {
    const session = await transport.unary(methods.createSession, { database: name });
    sessions.push(session.name ?? "");
  }
  return {
    transport,
    sessions,
    async close() {
      await transport.close();
      await listener.close();
    },
  };
}

async function fill(database: Database, rows: number): Promise<void> {
  for (let first = 0; first < rows; first += 10_000) {
    const count = Math.min(10_000, rows - first);
    const some = Array.from({ length: count }, (_, index) => ({
      Id: BigInt(first + index),
      A: BigInt(index),
      Name: `name ${first + index}`,
    }));
    await database.batch().insert("Items", some).commit();
  }
}

function upsert(ids: readonly number[]): Mutation[] {
  const values = ids.map((id) => [`${id}`, "1", `name ${id}`]);
  const insertOrUpdate = { table: "Items", columns: ["Id", "A", "Name"], values };
  return [{ operation: { $case: "insertOrUpdate", insertOrUpdate } }];
}

const readWrite = { mode: { $case: "readWrite" as const, readWrite: {} } };

/** Does work again when it had to give way: rows that many write at once meet. */
async function untilCommitted(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { code?: number }).code !== 10) throw error;
    }
  }
}

/** The kinds of work, with how many round trips each takes. */
function workOf(bench: Bench, rows: number) {
  const { transport, sessions } = bench;
  let next = 0;
  const id = (): number => {
    next = (next + 7_919) % rows;
    return next;
  };
  const session = (lane: number): string => sessions[lane] ?? "";
  const commit = (lane: number, mutations: Mutation[]) =>
    untilCommitted(() =>
      transport.unary(methods.commit, {
        session: session(lane),
        transaction: { $case: "singleUseTransaction", singleUseTransaction: readWrite },
        mutations,
      }),
    );
  return {
    "point read": {
      trips: 1,
      work: (lane: number) =>
        transport.unary(methods.read, {
          session: session(lane),
          table: "Items",
          columns: ["A", "Name"],
          keySet: { keys: [[`${id()}`]], ranges: [], all: false },
        }),
    },
    "single-row write": { trips: 1, work: (lane: number) => commit(lane, upsert([id()])) },
    "read, modify, write": {
      trips: 2,
      work: (lane: number) =>
        untilCommitted(async () => {
          const begun = await transport.unary(methods.executeSql, {
            session: session(lane),
            sql: "UPDATE Items SET A = A + 1 WHERE Id = @id",
            params: { id: `${id()}` },
            paramTypes: {},
            transaction: { selector: { $case: "begin", begin: readWrite } },
            seqno: 1n,
          } as never);
          const transactionId = begun.metadata?.transaction?.id ?? new Uint8Array();
          await transport.unary(methods.commit, {
            session: session(lane),
            transaction: { $case: "transactionId", transactionId },
          });
        }),
    },
    "1,000-row write": {
      trips: 1,
      work: (lane: number) => {
        // Rows of the lane's own: many writers of all rows would only wait for each other.
        const ids = Array.from({ length: 1_000 }, (_, index) => lane * 1_000 + index);
        return commit(lane, upsert(ids));
      },
    },
  };
}

const folder = await mkdtemp(join(tmpdir(), "spandrel-bench-"));
const lines: string[] = [];
const notes: string[] = [];
const say = (text: string): void => console.error(text);
const round = (value: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });

for (const medium of ["memory", "disk"] as const) {
  for (const rows of [1_000, 1_000_000]) {
    const directory = join(folder, `${rows}`);
    const durable = medium === "disk" ? await openServer({ directory }) : undefined;
    const server = durable ?? createServer();
    const bench = await open(server.router, rows);
    const payload = new Uint8Array(100);
    for (const inFlight of [1, 16, 100]) {
      const trip = await measure(inFlight, () => bench.transport.unary(bare, payload));
      for (const [what, { trips, work }] of Object.entries(workOf(bench, rows))) {
        say(`${medium}, ${rows} rows, ${inFlight} in flight: ${what}`);
        const cost = await measure(inFlight, work);
        const ratio = cost.cpuMicros / (trip.cpuMicros * trips);
        lines.push(
          `| ${what} | ${medium} | ${round(rows)} | ${inFlight} | ${round(cost.perSecond)} | ${round(cost.cpuMicros)} µs | ${ratio.toFixed(1)}× |`,
        );
      }
    }
    if (rows === 1_000) notes.push(...(await contention(bench, medium)));
    await bench.close();
    if (medium === "disk" && rows === 1_000_000) notes.push(...(await reopening(directory)));
    await durable?.close();
  }
}

/** Eight writers, each on its own row, and all on one. */
async function contention({ transport, sessions }: Bench, medium: string): Promise<string[]> {
  const notes: string[] = [];
  for (const isShared of [false, true]) {
    const done = new Array<number>(8).fill(0);
    let aborted = 0;
    const cost = await measure(8, async (lane) => {
      const session = sessions[lane] ?? "";
      try {
        const begun = await transport.unary(methods.executeSql, {
          session,
          sql: `UPDATE Items SET A = A + 1 WHERE Id = ${isShared ? 0 : lane}`,
          transaction: { selector: { $case: "begin", begin: readWrite } },
          seqno: 1n,
        } as never);
        const transactionId = begun.metadata?.transaction?.id ?? new Uint8Array();
        const transaction = { $case: "transactionId" as const, transactionId };
        await transport.unary(methods.commit, { session, transaction });
        done[lane] = (done[lane] ?? 0) + 1;
      } catch (error) {
        if ((error as { code?: number }).code !== 10) throw error;
        aborted++;
      }
    });
    const what = isShared ? "one row" : "rows of their own";
    notes.push(
      `Eight writers on ${what}, ${medium}: ${round(cost.perSecond)} transactions per second, ${aborted} aborts; ` +
        `the slowest has ${round(Math.min(...done))}, the fastest ${round(Math.max(...done))}.`,
    );
  }
  return notes;
}

/** Opening what a crash would have left: a copy of the folder as it is now. */
async function reopening(directory: string): Promise<string[]> {
  const copy = `${directory}-copy`;
  await cp(directory, copy, { recursive: true });
  await rm(join(copy, "lock"), { force: true });
  const began = performance.now();
  const server = await openServer({ directory: copy });
  const millis = performance.now() - began;
  await server.close();
  return [`Opening a folder of 1,000,000 rows as a crash leaves it takes ${round(millis)} ms.`];
}

say("the store's own group commit");
const disk = createNodeDisk();
const logFolder = join(folder, "log");
await disk.makeDirectory(logFolder);
const log = await Log.open({ disk, directory: logFolder }, () => undefined);
const record = new Uint8Array(120).fill(1);
const logRates: string[] = [];
for (const lanes of [1, 16, 100]) {
  const { perSecond } = await measure(lanes, () => log.append(record));
  logRates.push(`${round(perSecond)} with ${lanes} in flight`);
}
await log.close();
notes.push(`The store's log alone, records of 120 bytes: per second ${logRates.join(", ")}.`);

say("forks and memory");
for (const rows of [0, 1_000_000]) {
  const server = createServer();
  const client = new Client({ project: "p", transport: server.transport });
  await (await client.instance("bench").create()).result();
  const database = client.instance("bench").database("bench");
  await (await database.create({ ddlStatements: [table] })).result();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  await fill(database, rows);
  globalThis.gc?.();
  const bytes = process.memoryUsage().heapUsed - before;
  if (rows > 0) notes.push(`A row of three columns takes ${round(bytes / rows)} bytes of heap.`);
  const name = "projects/p/instances/bench/databases/bench";
  const samples: number[] = [];
  for (let fork = 0; fork < 200; fork++) {
    const began = performance.now();
    await server.control.databases.fork(name, `fork${fork}`);
    samples.push(performance.now() - began);
  }
  notes.push(`A fork of ${round(rows)} rows takes ${(median(samples) * 1_000).toFixed(0)} µs.`);
  await database.close();
  await client.close();
}

/** What a database takes that has one empty table and is left alone. */
async function idleDatabases(): Promise<string> {
  const server = createServer();
  const client = new Client({ project: "p", transport: server.transport });
  const instance = client.instance("bench");
  await (await instance.create()).result();
  const create = async (first: number, count: number): Promise<void> => {
    for (let each = first; each < first + count; each++) {
      const database = instance.database(`idle-${each}`);
      await (await database.create({ ddlStatements: [table] })).result();
      await database.close();
    }
  };
  await create(0, 10);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  await create(10, 80);
  globalThis.gc?.();
  const kilobytes = (process.memoryUsage().heapUsed - before) / 80 / 1_000;
  await client.close();
  return `An idle database of one empty table takes ${kilobytes.toFixed(1)} kB of heap.`;
}

notes.push(await idleDatabases());

const command = fileURLToPath(new URL("../packages/cli/dist/main.js", import.meta.url));
const idle = spawn(process.execPath, [command, "start", "--port", "0", "--rest-port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
await once(idle.stdout, "data");
const rss = Number(execFileSync("ps", ["-o", "rss=", "-p", `${idle.pid}`], { encoding: "utf8" }));
notes.push(`An idle server takes ${round((rss * 1_024) / 1e6)} MB of memory.`);
idle.kill();
await rm(folder, { recursive: true });

const page = `Calls over loopback sockets, client's and server's end in one process: processor time is that of both. The
ratio is to a call that does nothing, over the same transport, with as many in flight; where the work
takes two calls, to two of them. On a disk, commits that are in flight together share a sync: with many of
them a commit costs about as much processor time as in memory, and the calls are what bounds the rate, not
the log, whose own figure stands below.

A trip alone is cheap: about 14 µs for both ends with many in flight. What a point read does beyond it takes
15 to 25 µs: messages of protobuf, headers, the collector, the client's stream, and the server's session,
snapshot and row, none of which stands out in a profile. Of a commit without a socket, by a client in the
server's process, 25 µs are the client and the engine; with 100 in flight on a disk that makes 17,000 to 28,000 a
second, since all 100 wait while a sync lasts. The log has nothing else to do.

| | in | rows | in flight | per second | CPU | of a bare round trip |
|---|---|---:|---:|---:|---:|---:|
${lines.join("\n")}

${notes.map((note) => `* ${note}`).join("\n")}`;
await writeSection("server", page);
console.log(page);
process.exit(0);
