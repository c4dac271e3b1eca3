// SPDX-License-Identifier: Apache-2.0
// Measures our client against Google's, on our server, in one run: `npm run bench`.
//
// Processor time is what is compared, because it hardly depends on what else the machine does: that of
// the client's whole process, garbage collection included. Samples of the two clients take turns, so
// that a machine that becomes slow becomes slow for both. Both are measured as they are installed:
// ours from the JavaScript that `npm run build` makes.
import { readFile } from "node:fs/promises";
import type { Cost, RowsWay, Task } from "./contender.ts";
import { ClientProcess, firstRow, ServerProcess } from "./processes.ts";
import { type Comparison, cpuMillis, median, perCpuSecond, table, wallMillis } from "./report.ts";
import { writeSection } from "./results-page.ts";
import { prepare, rowCount } from "./workload.ts";

const rounds = 5;
const firstRowRounds = 7;
const windowMillis = 1_000;
const warmUpMillis = 1_500;
const rowsWarmUpRounds = 3;
const concurrencies = [1, 16, 100];
const rowsWays: readonly { readonly way: RowsWay; readonly what: string }[] = [
  { way: "objects", what: "rows as plain objects, all at once" },
  { way: "default rows", what: "default rows, all at once" },
  { way: "stream", what: "rows as they arrive (batches; 'data' events)" },
  { way: "one by one", what: "rows by `for await`" },
];

interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

const { server, address } = await ServerProcess.start();
await using _server = server;
const beganAt = performance.now();
say("Writing 100,000 rows …");
await prepare(address);

say("First rows …");
const first = await interleave(firstRowRounds, {
  ours: () => firstRow("first-row/spandrel.mjs", address),
  theirs: () => firstRow("first-row/google.mjs", address),
});
const firstRowComparisons: Comparison[] = [
  {
    what: "start of the process to first row",
    unit: "ms of CPU",
    better: "less",
    ...all(first, cpuMillis),
  },
  {
    what: "start of the process to first row",
    unit: "ms",
    better: "less",
    ...all(first, wallMillis),
  },
];

await using ours = await ClientProcess.start("./spandrel-contender.ts", address);
await using theirs = await ClientProcess.start("./google-contender.ts", address);

const callComparisons: Comparison[] = [];
const serverMicrosPerCall: string[] = [];
for (const inFlight of concurrencies) {
  say(`SELECT 1, ${inFlight} in flight …`);
  const task: Task = { kind: "select one", inFlight, millis: windowMillis };
  await performBoth({ ...task, millis: warmUpMillis });
  const serverMicros: number[] = [];
  const costs = await interleave(rounds, {
    ours: async () => {
      const before = await server.cpuMicros();
      const cost = await perform(ours, task);
      serverMicros.push(((await server.cpuMicros()) - before) / cost.count);
      return cost;
    },
    theirs: () => perform(theirs, task),
  });
  const what = `\`SELECT 1\`, ${inFlight} in flight`;
  const unit = "calls per CPU second";
  callComparisons.push({ what, unit, better: "more", ...all(costs, perCpuSecond) });
  serverMicrosPerCall.push(`${median(serverMicros).toFixed(0)} µs with ${inFlight} in flight`);
}

const rowComparisons: Comparison[] = [];
let serverMillisPerResult = 0;
for (const { way, what } of rowsWays) {
  say(`${what} …`);
  const task: Task = { kind: "rows", way };
  for (let round = 0; round < rowsWarmUpRounds; round++) await performBoth(task);
  const serverBefore = await server.cpuMicros();
  const costs = await interleave(rounds, {
    ours: () => perform(ours, task),
    theirs: () => perform(theirs, task),
  });
  serverMillisPerResult = ((await server.cpuMicros()) - serverBefore) / (2 * rounds) / 1_000;
  const unit = "rows per CPU second";
  rowComparisons.push({ what, unit, better: "more", ...all(costs, perCpuSecond) });
}

const page = await pageOf([...firstRowComparisons, ...callComparisons, ...rowComparisons]);
await writeSection("client", page);
console.log(page);
say(
  `Done in ${((performance.now() - beganAt) / 1_000).toFixed(0)} s; written to bench/results.md.`,
);

async function perform(client: ClientProcess, task: Task): Promise<Cost> {
  const cost = await client.perform(task);
  if (cost === undefined) throw new Error(`No way to do ${JSON.stringify(task)}`);
  if (task.kind === "rows" && cost.count !== rowCount) throw new Error(`Only ${cost.count} rows`);
  return cost;
}

/** Does something once with each client without looking at the cost. */
async function performBoth(task: Task): Promise<void> {
  await perform(ours, task);
  await perform(theirs, task);
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

function all(costs: Pair<readonly Cost[]>, measure: (cost: Cost) => number): Pair<number[]> {
  return { ours: costs.ours.map(measure), theirs: costs.theirs.map(measure) };
}

async function pageOf(comparisons: readonly Comparison[]): Promise<string> {
  const version = await googleVersion();
  return `\`@google-cloud/spanner\` ${version}, both clients against the same Spandrel server on the same machine.

${table(comparisons)}

Medians of ${rounds} samples (${firstRowRounds} for first rows), least and greatest in brackets; the clients take turns.
Processor time is that of the client's whole process, garbage collection included. The rows are
${rowCount.toLocaleString("en-US")} of 10 columns: INT64 twice, STRING twice, FLOAT64, BOOL, TIMESTAMP, BYTES, NUMERIC and
ARRAY<STRING>. Plain objects are \`rows()\` here, where INT64 is an exact bigint, and \`run\` with \`json: true\`
there, where it is a number; default rows are the same plain objects here, and lists of names and
wrapped values there.

The server's own processor time: per \`SELECT 1\` of our client ${serverMicrosPerCall.join(", ")};
per result of ${rowCount.toLocaleString("en-US")} rows ${serverMillisPerResult.toFixed(0)} ms.
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
