// SPDX-License-Identifier: Apache-2.0
// `npm start`: the embedded server, and the main job on real data with the project's own client.
// What it prints was measured and observed in this run.
import { parseArgs } from "node:util";
import { StatusError } from "@spandrel/base";
import { Client, type Database, type Environment, FixedSizePool, KeyRange } from "@spandrel/client";
import { createGrpcTransport } from "@spandrel/rpc";
import { startServer } from "@spandrel/server";
import { AdjustableClock } from "./adjustable-clock.ts";
import { type CityRow, cityColumns, readCities, schema } from "./cities.ts";
import { compareSessions } from "./compare-sessions.ts";
import { CountingTransport } from "./counting-transport.ts";
import { count, heading, ProgressBar, table } from "./terminal.ts";
import { type Outcome, visitCities } from "./visits.ts";

const rowsPerCommit = 1_000;
const poolSize = 10;
const transactions = 3_000;
const inFlight = 16;

/** The switches that send every kind of transaction to regular sessions. */
const regularSessions: Environment = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: "false",
};

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const values = readOptions(words);
  if (values === undefined) return 2;
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stop.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  try {
    const { host, port, "rest-port": restPort } = values;
    const options = { host, port: portOf(port), restPort: portOf(restPort) };
    await using server = await startServer(options);
    console.log(`spandrel ready grpc=${server.grpcAddress} rest=${server.restAddress}`);
    console.log("Connect any Spanner client, in any language:");
    console.log(`  export SPANNER_EMULATOR_HOST=${server.grpcAddress}`);
    await Promise.race([demonstrate({ address: server.grpcAddress, stop: stop.signal }), stopped]);
    if (values.once || stop.signal.aborted) return 0;
    console.log(
      `\nStill serving on ${server.grpcAddress} and ${server.restAddress}; Ctrl-C ends it.`,
    );
    await stopped;
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof StatusError)) throw thrown;
    console.error(`${thrown.codeName}: ${thrown.message}`);
    return 1;
  }
}

/** The options, or undefined once it was said what is wrong with them. */
function readOptions(words: readonly string[]) {
  const options = {
    once: { type: "boolean", default: false },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "9010" },
    "rest-port": { type: "string", default: "9020" },
  } as const;
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    console.error(`${thrown.message} Known are --once, --host, --port and --rest-port.`);
    return undefined;
  }
}

/** Where the server is, and what ends the demonstration before its time. */
interface Stage {
  readonly address: string;
  readonly stop: AbortSignal;
}

async function demonstrate(stage: Stage): Promise<void> {
  const cities = readCities();
  await createSchema(stage);
  await loadCities(stage, cities);
  await queryCities(stage);
  await runTransactions(stage, cities);
  await showSessions(stage);
}

/** A client with its own connections, whose calls are counted. */
async function withDatabase<T>(
  { address, stop }: Stage,
  environment: Environment,
  pool: FixedSizePool | undefined,
  work: (database: Database, calls: CountingTransport, client: Client) => Promise<T>,
): Promise<T> {
  const transport = new CountingTransport(createGrpcTransport({ address, channels: 2 }), stop);
  try {
    await using client = new Client({ project: "demo", transport, environment });
    const database = client.instance("main").database("world", pool === undefined ? {} : { pool });
    return await work(database, transport, client);
  } finally {
    await transport.close();
  }
}

async function createSchema(stage: Stage): Promise<void> {
  heading("An instance, a database, and its schema");
  await withDatabase(stage, {}, undefined, async (database, _calls, client) => {
    await (await client.instance("main").create()).result();
    await (await database.create({ ddlStatements: schema })).result();
    for (const statement of await database.getDdl()) console.log(indent(statement));
  });
}

async function loadCities(stage: Stage, cities: readonly CityRow[]): Promise<void> {
  heading(
    `Loading ${count(cities.length)} cities, ${count(rowsPerCommit)} rows a commit, over a FixedSizePool`,
  );
  const pool = new FixedSizePool({ size: poolSize });
  await withDatabase(stage, regularSessions, pool, async (database) => {
    const countries = [...new Set(cities.map((city) => city[2]))];
    await database
      .batch()
      .insert(
        "Tallies",
        ["Country", "Visits"],
        countries.map((country) => [country, 0n]),
      )
      .commit();
    const bar = new ProgressBar(cities.length);
    let next = 0;
    const load = async (): Promise<void> => {
      for (let at = next; at < cities.length; at = next) {
        next += rowsPerCommit;
        const rows = cities.slice(at, at + rowsPerCommit);
        await database.batch().insert("Cities", cityColumns, rows).commit();
        bar.add(rows.length);
      }
    };
    await Promise.all(Array.from({ length: poolSize }, load));
  });
}

async function queryCities(stage: Stage): Promise<void> {
  heading("Reading");
  await withDatabase(stage, {}, undefined, async (database) => {
    await ask(database, "SELECT COUNT(*) AS Cities, SUM(Population) AS People FROM Cities");
    await ask(
      database,
      "SELECT Country, COUNT(*) AS Cities FROM Cities GROUP BY Country ORDER BY Cities DESC LIMIT 3",
    );
    await ask(
      database,
      "SELECT Name, Population FROM Cities WHERE Country = @country ORDER BY Population DESC LIMIT 3",
      { country: "IS" },
    );
    const started = performance.now();
    const snapshot = database.snapshot();
    const inNewZealand = new KeyRange({ startClosed: ["NZ"], endClosed: ["NZ"] });
    const options = { index: "CitiesByCountry", limit: 3 };
    const columns = ["Country", "Population", "Name"];
    const rows = await snapshot.read("Cities", columns, inNewZealand, options).rows();
    console.log(`\n  Read of index CitiesByCountry, prefix ["NZ"], limit 3   ${since(started)}`);
    table(
      columns,
      rows.map((row) => Object.values(row).map(show)),
    );
  });
}

async function ask(
  database: Database,
  sql: string,
  params: Readonly<Record<string, string>> = {},
): Promise<void> {
  const started = performance.now();
  const rows = await database.query({ sql, params }).rows();
  console.log(`\n  ${sql}   ${since(started)}`);
  table(
    Object.keys(rows[0] ?? {}),
    rows.map((row) => Object.values(row).map(show)),
  );
}

async function runTransactions(stage: Stage, cities: readonly CityRow[]): Promise<void> {
  heading(
    `${count(transactions)} read-write transactions, ${inFlight} at a time: a query, an UPDATE and an insert each`,
  );
  const chosen = Array.from({ length: transactions }, (_, index) => {
    const city = cities[(index * 7_919) % cities.length];
    return city?.[0] ?? 0n;
  });
  const lines: string[][] = [];
  const run = (environment: Environment, pool: FixedSizePool | undefined, name: string) =>
    withDatabase(stage, environment, pool, async (database, calls) => {
      const outcome = await visitCities(database, chosen, inFlight);
      lines.push(lineOf(name, outcome, calls, pool === undefined ? 1 : poolSize));
    });
  await run(regularSessions, new FixedSizePool({ size: poolSize }), `FixedSizePool of ${poolSize}`);
  await run({}, undefined, "multiplexed session");
  table(
    ["sessions", "created", "transactions", "retries", "RPCs", "time", "rate", "p50", "p99"],
    lines,
  );
  await withDatabase(stage, {}, undefined, async (database) => {
    const sql =
      "SELECT (SELECT SUM(Visits) FROM Tallies) AS Counted, (SELECT COUNT(*) FROM Visits) AS Noted";
    const { Counted, Noted } = await database.query({ sql }).one();
    const expected = BigInt(2 * transactions);
    if (Counted !== expected || Noted !== expected) {
      throw new Error(`Updates were lost: counted ${Counted}, noted ${Noted} of ${expected}.`);
    }
    console.log(
      `\n  Tallies say ${show(Counted)} visits, ${show(Noted)} were noted: nothing was lost.`,
    );
  });
}

function lineOf(
  name: string,
  outcome: Outcome,
  calls: CountingTransport,
  created: number,
): string[] {
  const sessions =
    calls.count("CreateSession") + (calls.count("BatchCreateSessions") > 0 ? created : 0);
  return [
    name,
    count(sessions),
    count(outcome.transactions),
    count(outcome.retries),
    count(calls.count()),
    `${(outcome.millis / 1_000).toFixed(2)} s`,
    `${count(Math.round(outcome.transactions / (outcome.millis / 1_000)))} /s`,
    `${outcome.p50Millis.toFixed(1)} ms`,
    `${outcome.p99Millis.toFixed(1)} ms`,
  ];
}

async function showSessions({ stop }: Stage): Promise<void> {
  heading("Regular and multiplexed sessions, as a server of its own answers just now");
  console.log("  (Its clock is put forward for the lines that speak of time.)");
  const clock = new AdjustableClock();
  await using server = await startServer({ port: 0, restPort: 0, clock });
  const transport = new CountingTransport(
    createGrpcTransport({ address: server.grpcAddress }),
    stop,
  );
  try {
    await using client = new Client({ project: "demo", transport, environment: {} });
    const instance = client.instance("main");
    await (await instance.create()).result();
    const notes = "CREATE TABLE Notes (Id INT64 NOT NULL, Text STRING(MAX)) PRIMARY KEY (Id)";
    await (await instance.database("notes").create({ ddlStatements: [notes] })).result();
    const database = "projects/demo/instances/main/databases/notes";
    const advance = (millis: number) => clock.advance(millis);
    for await (const line of compareSessions({ transport, database, advance })) {
      console.log(`\n  ${line.what}`);
      console.log(`    regular      ${line.regular}`);
      console.log(`    multiplexed  ${line.multiplexed}`);
    }
  } finally {
    await transport.close();
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  console.error(`A port is a number from 0 to 65535, not "${text}".`);
  process.exit(2);
}

function since(started: number): string {
  return `(${(performance.now() - started).toFixed(1)} ms)`;
}

function show(value: unknown): string {
  return typeof value === "bigint" ? count(value) : String(value);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
