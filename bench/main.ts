// SPDX-License-Identifier: Apache-2.0
// Measures our client against Google's, on our server, in one run: `npm run bench`.
//
// Processor time is what is compared, because it hardly depends on what else the machine does: that of
// the client's whole process, garbage collection included. Samples of the two clients take turns, so
// that a machine that becomes slow becomes slow for both. Both are measured as they are installed:
// ours from the JavaScript that `npm run build` makes.
import { readFile } from "node:fs/promises";
import type { Cost, RowsWay, SmallWork, Task } from "./contender.ts";
import { type Installed, installed, installedAsPublished } from "./installed.ts";
import { ClientProcess, firstRow, ServerProcess } from "./processes.ts";
import {
  type Comparison,
  cpuMillis,
  growthMegabytes,
  median,
  peakMegabytes,
  perCpuSecond,
  table,
  wallMillis,
} from "./report.ts";
import { writeSection } from "./results-page.ts";
import { measureTransports } from "./transports.ts";
import { manyRowCount, prepare, rowCount } from "./workload.ts";

const rounds = 5;
const firstRowRounds = 7;
const streamManyRounds = 3;
const windowMillis = 700;
const warmUpMillis = 1_000;
const rowsWarmUpRounds = 3;
const smallWorks: readonly { readonly work: SmallWork; readonly what: string }[] = [
  { work: "select one", what: "`SELECT 1`" },
  { work: "point read", what: "point read" },
  { work: "DML transaction", what: "read-write transaction with one DML" },
  { work: "mutations", what: "one row written by a mutation" },
];
const concurrencies = [1, 16, 100];
const rowsWays: readonly { readonly way: RowsWay; readonly what: string }[] = [
  { way: "objects", what: "rows as plain objects, all at once" },
  { way: "arrays", what: "rows as lists, all at once" },
  { way: "stream", what: "rows as they arrive (batches; 'data' events)" },
  { way: "columns", what: "rows as they arrive, by column ('data' events)" },
  { way: "one by one", what: "rows by `for await`" },
];
const ourModule = "./spandrel-contender.ts";
const theirModule = "./google-contender.ts";

interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

const { server, address } = await ServerProcess.start();
await using _server = server;
const beganAt = performance.now();
say("Writing 100,000 rows …");
await prepare(address);

const comparisons: Comparison[] = [];
await compareInstalled();
await compareFirstRows();
await using ours = await ClientProcess.start(ourModule, address);
await using theirs = await ClientProcess.start(theirModule, address);
const serverMicrosPerCall = await compareSmallWork();
const serverMillisPerResult = await compareRows();
await compareManyRows();
say("Transports …");
const transports = await measureTransports();

const page = await describe();
await writeSection("client", page);
console.log(page);
const seconds = (performance.now() - beganAt) / 1_000;
say(`Done in ${seconds.toFixed(0)} s; written to bench/results.md.`);

async function compareInstalled(): Promise<void> {
  const ours = await installedAsPublished("@spandrel/client");
  const theirs = await installed("@google-cloud/spanner");
  const compare = (what: string, unit: string, of: (one: Installed) => number): void => {
    comparisons.push({ what, unit, better: "less", ours: [of(ours)], theirs: [of(theirs)] });
  };
  compare("what gets installed", "packages", ({ packages }) => packages);
  compare("what gets installed", "MB", ({ bytes }) => bytes / 1e6);
}

async function compareFirstRows(): Promise<void> {
  say("First rows …");
  const costs = await interleave(firstRowRounds, {
    ours: () => firstRow("first-row/spandrel.mjs", address),
    theirs: () => firstRow("first-row/google.mjs", address),
  });
  const what = "start of the process to first row";
  compare(what, "ms of CPU", "less", costs, cpuMillis);
  compare(what, "ms", "less", costs, wallMillis);
  compare(what, "MB at most", "less", costs, peakMegabytes);
}

/** Gives the server's own processor time for `SELECT 1`, in words. */
async function compareSmallWork(): Promise<string[]> {
  const serverMicrosPerCall: string[] = [];
  for (const { work, what } of smallWorks) {
    for (const inFlight of concurrencies) {
      say(`${what}, ${inFlight} in flight …`);
      const task: Task = { kind: "small", work, inFlight, millis: windowMillis };
      await performBoth({ ...task, millis: warmUpMillis });
      const serverMicros: number[] = [];
      const costs = await interleave(rounds, {
        ours: async () => {
          const before = await server.cpuMicros();
          const cost = await ours.perform(task);
          serverMicros.push(((await server.cpuMicros()) - before) / cost.count);
          return cost;
        },
        theirs: () => theirs.perform(task),
      });
      compare(`${what}, ${inFlight} in flight`, "per CPU second", "more", costs, perCpuSecond);
      if (work === "select one") {
        serverMicrosPerCall.push(
          `${median(serverMicros).toFixed(0)} µs with ${inFlight} in flight`,
        );
      }
    }
  }
  return serverMicrosPerCall;
}

/** Gives the server's own processor time for the large result, in milliseconds. */
async function compareRows(): Promise<number> {
  let serverMillis = 0;
  for (const { way, what } of rowsWays) {
    say(`${what} …`);
    const task: Task = { kind: "rows", way };
    for (let round = 0; round < rowsWarmUpRounds; round++) await performBoth(task);
    const serverBefore = await server.cpuMicros();
    const costs = await interleave(rounds, {
      ours: () => readRows(ours, task, rowCount),
      theirs: () => readRows(theirs, task, rowCount),
    });
    serverMillis = ((await server.cpuMicros()) - serverBefore) / (2 * rounds) / 1_000;
    compare(what, "rows per CPU second", "more", costs, perCpuSecond);
  }
  return serverMillis;
}

/** Streams more rows than fit into memory well; each sample in a process that did nothing before. */
async function compareManyRows(): Promise<void> {
  say(`${manyRowCount.toLocaleString("en-US")} rows as they arrive …`);
  const fresh = async (module: string): Promise<Cost> => {
    await using client = await ClientProcess.start(module, address);
    await client.perform({ kind: "small", work: "select one", inFlight: 1, millis: 100 });
    return await readRows(client, { kind: "stream many" }, manyRowCount);
  };
  const costs = await interleave(streamManyRounds, {
    ours: () => fresh(ourModule),
    theirs: () => fresh(theirModule),
  });
  const what = `${manyRowCount.toLocaleString("en-US")} rows as they arrive`;
  compare(what, "MB above idle at most", "less", costs, growthMegabytes);
}

async function readRows(client: ClientProcess, task: Task, expected: number): Promise<Cost> {
  const cost = await client.perform(task);
  if (cost.count !== expected) throw new Error(`${cost.count} rows instead of ${expected}`);
  return cost;
}

/** Does something once with each client without looking at the cost. */
async function performBoth(task: Task): Promise<void> {
  await ours.perform(task);
  await theirs.perform(task);
}

/** Takes samples in turns: ours, theirs, ours, theirs. */
async function interleave(count: number, sample: Pair<() => Promise<Cost>>): Promise<Pair<Cost[]>> {
  const costs: Pair<Cost[]> = { ours: [], theirs: [] };
  for (let round = 0; round < count; round++) {
    costs.ours.push(await sample.ours());
    costs.theirs.push(await sample.theirs());
  }
  return costs;
}

function compare(
  what: string,
  unit: string,
  better: Comparison["better"],
  costs: Pair<readonly Cost[]>,
  measure: (cost: Cost) => number,
): void {
  comparisons.push({
    what,
    unit,
    better,
    ours: costs.ours.map(measure),
    theirs: costs.theirs.map(measure),
  });
}

async function describe(): Promise<string> {
  const version = await googleVersion();
  const page = await readFile(new URL("client-notes.md", import.meta.url), "utf8");
  // The title is for those who read the page by itself.
  const notes = page.replace(/^# .*\n+/, "");
  return `\`@google-cloud/spanner\` ${version}, both clients against the same Spandrel server on the same machine.

${table(comparisons)}

Medians of ${rounds} samples (${firstRowRounds} for first rows, ${streamManyRounds} for memory), least and greatest in brackets; the
clients take turns. Processor time is that of the client's whole process, garbage collection included.
The rows are ${rowCount.toLocaleString("en-US")} of 10 columns: INT64 twice, STRING twice, FLOAT64, BOOL, TIMESTAMP, BYTES, NUMERIC
and ARRAY<STRING>. Plain objects are \`rows()\` here, where INT64 is an exact bigint, and \`run\` with
\`json: true\` there, where it is a number; lists are \`toArrays()\` here and default rows there, which are
lists of names and wrapped values. A row is written by \`batch().commit()\` here and \`table.upsert\` there.
What gets installed is the packages without the optional ones, and the bytes of their files; ours are
packed as they are published, and installed by npm.

The server's own processor time: per \`SELECT 1\` of our client ${serverMicrosPerCall.join(", ")};
per result of ${rowCount.toLocaleString("en-US")} rows ${serverMillisPerResult.toFixed(0)} ms.

${transports}

${notes.trim()}
`;
}

async function googleVersion(): Promise<string> {
  const path = new URL("../node_modules/@google-cloud/spanner/package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
  return version;
}

function say(text: string): void {
  console.error(text);
}
