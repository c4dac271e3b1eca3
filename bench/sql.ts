// SPDX-License-Identifier: Apache-2.0
// Measures the engine: `npm run bench:sql [-- --oracle DIR]`. Statements go through the client and the
// transport of one process, so that a figure is what a test of an application pays.
//
// Each is compared with the bare cost of walking over the same rows in the store, and, when the folder
// of a GoogleSQL reference evaluator is given, with that evaluator on the same rows, less the time that
// it takes to hand it the rows. Times are wall clock, medians.
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Client, type Database } from "@spandrel/client";
import { createServer } from "@spandrel/server";
import { parseStatement } from "@spandrel/sql";
import { OrderedTree } from "@spandrel/store";
import { median } from "./report.ts";
import { writeSection } from "./results-page.ts";

const { values: options } = parseArgs({ options: { oracle: { type: "string" } } });

const client = new Client({ project: "bench", transport: createServer().transport });
await (await client.instance("bench").create()).result();

interface Line {
  readonly what: string;
  readonly millis: number;
  readonly storeMillis?: number | undefined;
  readonly oracleMillis?: number | undefined;
}

const lines: Line[] = [];

/** Mean time of one call in milliseconds, over calls that take some time together. */
async function meanMillis(work: () => unknown, millisMin: number): Promise<number> {
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < millisMin || count === 0) {
    await work();
    count++;
  }
  return (performance.now() - began) / count;
}

/** Compilers go on for a while: a call is warm when three rounds in a row have brought nothing. */
async function warmUp(work: () => unknown, millisMin: number): Promise<void> {
  const until = performance.now() + 20 * millisMin;
  let best = Number.POSITIVE_INFINITY;
  for (let idle = 0; idle < 3 && performance.now() < until; ) {
    const millis = await meanMillis(work, millisMin);
    idle = millis > best * 0.97 ? idle + 1 : 0;
    best = Math.min(best, millis);
  }
}

/** Median time of one call in milliseconds. */
async function measure(work: () => unknown, millisMin = 150): Promise<number> {
  await warmUp(work, millisMin);
  const samples: number[] = [];
  for (let round = 0; round < 7; round++) samples.push(await meanMillis(work, millisMin));
  return median(samples);
}

const item = `(
  Id INT64 NOT NULL, Bucket INT64, Other INT64, Name STRING(MAX), Price FLOAT64,
) PRIMARY KEY (Id)`;

async function databaseOf(name: string, rows: number): Promise<Database> {
  const database = client.instance("bench").database(name);
  const ddlStatements = [
    `CREATE TABLE Items ${item}`,
    `CREATE TABLE Others ${item}`,
    "CREATE INDEX ByName ON Items (Name)",
  ];
  await (await database.create({ ddlStatements })).result();
  for (const [table, count] of [
    ["Items", rows] as const,
    ["Others", Math.min(rows, 10_000)] as const,
  ]) {
    for (let first = 0; first < count; first += 5_000) {
      const batch = database.batch();
      const some = Array.from({ length: Math.min(5_000, count - first) }, (_, index) =>
        rowOf(first + index),
      );
      await batch.insert(table, some).commit();
    }
  }
  return database;
}

function rowOf(id: number) {
  return {
    Id: BigInt(id),
    Bucket: BigInt(id % 1_000),
    Other: BigInt((id * 7_919) % 10_007),
    Name: `name ${String(id).padStart(8, "0")}`,
    Price: id / 7,
  };
}

function walkOf(rows: number): () => number {
  const tree = new OrderedTree<string>();
  for (let id = 0; id < rows; id++) tree.set(String(id).padStart(8, "0"), "x".repeat(60));
  return () => {
    let bytes = 0;
    for (const [, value] of tree.scan("", undefined)) bytes += value.length;
    return bytes;
  };
}

interface Oracle {
  query(sql: string, given?: object): Promise<unknown>;
  stop(): void;
}

const oracle = options.oracle === undefined ? undefined : await startOracle(options.oracle);

async function startOracle(directory: string): Promise<Oracle> {
  const { Oracle: Class } = (await import(pathToFileURL(`${directory}/oracle.mjs`).href)) as {
    Oracle: { start(options: object): Promise<Oracle> };
  };
  return Class.start({ port: 50_000 + Math.floor(Math.random() * 10_000) });
}

/** The evaluator's own time: with the rows at hand, less that of a query which only gets them. */
async function oracleMillis(sql: string, tables: Readonly<Record<string, number>>) {
  if (oracle === undefined) return undefined;
  // Without the names: a message to the evaluator may have 4 MiB.
  const columns = [
    { name: "Id", type: "INT64" },
    { name: "Bucket", type: "INT64" },
    { name: "Other", type: "INT64" },
    { name: "Price", type: "FLOAT64" },
  ];
  const given = {
    tables: Object.entries(tables).map(([name, count]) => ({
      name,
      columns,
      primaryKey: [0],
      rows: Array.from({ length: count }, (_, id) => {
        const { Id, Bucket, Other, Price } = rowOf(id);
        return [`${Id}`, `${Bucket}`, `${Other}`, Price];
      }),
    })),
  };
  // A call that the evaluator does not end in its time counts as long as it was waited for.
  const once = async (text: string): Promise<number> => {
    const began = performance.now();
    await oracle.query(text, given).catch(deadlinePassed);
    return performance.now() - began;
  };
  const names = Object.keys(tables);
  const handing = `SELECT 1 FROM (SELECT 1) WHERE FALSE OR EXISTS (SELECT 1 FROM ${names[0]} LIMIT 1)`;
  const [whole, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3; round++) {
    if ((whole[0] ?? 0) < 10_000) whole.push(await once(sql));
    bare.push(await once(handing));
  }
  return Math.max(0.01, median(whole) - median(bare));
}

function deadlinePassed(error: unknown): void {
  if ((error as { code?: unknown }).code !== 4) throw error;
}

async function query(
  what: string,
  database: Database,
  sql: string,
  more: { params?: object; rows?: number; tables?: Readonly<Record<string, number>> } = {},
): Promise<number> {
  const { params, rows, tables } = more;
  say(what);
  const statement = params === undefined ? { sql } : { sql, params };
  const millis = await measure(() => database.query(statement as { sql: string }).rows());
  lines.push({
    what,
    millis,
    storeMillis: rows === undefined ? undefined : await measure(walkOf(rows), 50),
    oracleMillis: tables === undefined ? undefined : await oracleMillis(sql, tables),
  });
  return millis;
}

function say(text: string): void {
  console.error(text);
}

const flat: string[] = [];
// The first round is for warming up alone: what comes first would pay for compiling everything.
for (const [round, rows] of [1_000, 1_000, 1_000_000].entries()) {
  const isCounted = round > 0;
  const database = await databaseOf(`size${round}`, rows);
  const sized = `of ${rows.toLocaleString("en-US")} rows`;
  let id = 0;
  const next = (): bigint => {
    id = (id + 37) % rows;
    return BigInt(id);
  };
  const time = async (what: string, work: () => Promise<unknown>): Promise<number> => {
    say(`${what} ${sized}`);
    const millis = await measure(work);
    if (isCounted) lines.push({ what: `${what} ${sized}`, millis });
    return millis;
  };
  const byRead = await time("point lookup by the Read API", () =>
    database.read("Items", ["Name", "Price"], [[next()]] as never).rows(),
  );
  const byKey = await time("point lookup by SQL", () =>
    database
      .query({ sql: "SELECT Name, Price FROM Items WHERE Id = @id", params: { id: next() } })
      .rows(),
  );
  await time("index lookup by SQL", () =>
    database
      .query({
        sql: "SELECT Id FROM Items WHERE Name = @name",
        params: { name: `name ${String(next()).padStart(8, "0")}` },
      })
      .rows(),
  );
  await time("UPDATE by key, committed", () =>
    database.runInTransaction(async (transaction) => {
      const sql = "UPDATE Items SET Other = Other + 1 WHERE Id = @id";
      await transaction.executeUpdate({ sql, params: { id: next() } });
    }),
  );
  if (isCounted) flat.push(`${sized}: SQL ${(byKey / byRead).toFixed(1)} times the Read API`);
  if (rows === 1_000) await database.close();
  else await large(database);
}

async function large(big: Database): Promise<void> {
  await big.close();
  const database = await databaseOf("joins", 100_000);
  const ten = { Items: 10_000, Others: 10_000 };
  const small = await databaseOf("ten", 10_000);
  const ids = Array.from({ length: 1_000 }, (_, index) => BigInt(index * 97));
  await query("IN over 1,000 keys", database, "SELECT Name FROM Items WHERE Id IN UNNEST(@ids)", {
    params: { ids },
    rows: 1_000,
  });
  await query(
    "join of 10,000 × 10,000 on keys",
    small,
    "SELECT COUNT(*) AS n FROM Items AS a JOIN Others AS b ON a.Id = b.Id",
    { rows: 20_000, tables: ten },
  );
  await query(
    "join of 10,000 × 10,000 on no index",
    small,
    "SELECT COUNT(*) AS n FROM Items AS a JOIN Others AS b ON a.Other = b.Other",
    { rows: 20_000, tables: ten },
  );
  await query(
    "GROUP BY over 100,000 rows",
    database,
    "SELECT Bucket, COUNT(*) AS n, SUM(Price) AS p FROM Items GROUP BY Bucket",
    { rows: 100_000, tables: { Items: 100_000 } },
  );
  await query(
    "ORDER BY LIMIT 10 over 100,000 rows",
    database,
    "SELECT Id FROM Items ORDER BY Other, Id LIMIT 10",
    { rows: 100_000, tables: { Items: 100_000 } },
  );
  await query(
    "EXISTS over 10,000 rows",
    small,
    "SELECT COUNT(*) AS n FROM Items AS a WHERE EXISTS (SELECT 1 FROM Others AS b WHERE b.Other = a.Id)",
    { rows: 20_000, tables: ten },
  );
  await query(
    "COUNT in a correlated subquery over 10,000 rows",
    small,
    "SELECT a.Id, (SELECT COUNT(*) FROM Others AS b WHERE b.Other = a.Id) AS n FROM Items AS a",
    { rows: 20_000 },
  );
  say("DML by scan");
  const millis = await measure(() =>
    small.runInTransaction(async (transaction) => {
      await transaction.executeUpdate("UPDATE Items SET Other = Other + 1 WHERE Bucket = 5");
    }),
  );
  lines.push({
    what: "UPDATE by scan of 10,000 rows, committed",
    millis,
    storeMillis: await measure(walkOf(10_000), 50),
  });
  await small.close();
  await database.close();
}

say("DDL of 1,000 tables");
const wide = client.instance("bench").database("wide");
const tables = Array.from({ length: 1_000 }, (_, index) => `CREATE TABLE T${index} ${item}`);
const ddlBegan = performance.now();
await (await wide.create({ ddlStatements: tables })).result();
const ddlMillis = performance.now() - ddlBegan;
lines.push({ what: "DDL of 1,000 tables, in one batch", millis: ddlMillis });
const described = client.instance("bench").database("described");
await (await described.create({ ddlStatements: tables.slice(0, 200) })).result();
await query(
  "INFORMATION_SCHEMA.COLUMNS over 200 tables",
  described,
  "SELECT TABLE_NAME, COLUMN_NAME, SPANNER_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ''",
);

const text = `SELECT a.Name, COUNT(*) AS n, SUM(b.Price * 2) AS total FROM T1 AS a JOIN T2 AS b ON a.Id = b.Other
  WHERE a.Bucket IN (1, 2, 3) AND b.Name LIKE 'n%' GROUP BY a.Name HAVING n > 1 ORDER BY total DESC LIMIT 10`;
lines.push({
  what: "parse alone (225 characters)",
  millis: await measure(() => parseStatement(text)),
});
let unique = 0;
lines.push({
  what: "parse, analyze and plan a statement not seen before",
  millis: await measure(() =>
    described.query({ sql: `${text} -- ${unique++}` }, { queryMode: "PLAN" }).rows(),
  ),
});
lines.push({
  what: "the same statement, seen before",
  millis: await measure(() => described.query({ sql: text }, { queryMode: "PLAN" }).rows()),
});

oracle?.stop();
await described.close();
await client.close();

const shown = (millis: number): string =>
  millis < 1 ? `${(millis * 1_000).toFixed(0)} µs` : `${millis.toFixed(1)} ms`;
const ratio = (left: number, right: number | undefined): string =>
  right === undefined ? "" : `${(left / right).toFixed(1)}×`;
const rows = lines.map(({ what, millis, storeMillis, oracleMillis: theirs }) => {
  const faster = theirs === undefined ? "" : `${(theirs / millis).toFixed(0)}× faster`;
  return `| ${what} | ${shown(millis)} | ${ratio(millis, storeMillis)} | ${faster} |`;
});
const page = `Statements through client and server in one process, wall clock, medians. The third column is the ratio
to a bare walk over as many rows in the ordered tree of the store; the fourth compares with the GoogleSQL
reference evaluator on the same rows, the time to hand it the rows taken off; it is given 20 seconds.

| | time | of a walk | reference evaluator |
|---|---:|---:|---:|
${rows.join("\n")}

Point lookups ${flat.join("; ")}.`;
await writeSection("sql", page);
console.log(page);
process.exit(0);
