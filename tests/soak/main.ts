// SPDX-License-Identifier: Apache-2.0
// `node --expose-gc --conditions=source tests/soak/main.ts --minutes N`: a server under all kinds of
// load for N minutes, while its time runs a thousand times as fast. The exit code is 1 when memory grows
// with time, or when anything is left of what was closed.
import { parseArgs } from "node:util";
import { seededRandom } from "@spandrel/base";
import { createServer } from "@spandrel/server";
import { Load } from "./load.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "2" }, seed: { type: "string", default: "1" } },
});
const minutes = Number(values.minutes);
const { gc } = globalThis;
if (gc === undefined) throw new Error("run with --expose-gc");

const mebibyte = 1 << 20;
const tellMillis = 30_000;
/** Some forty looks, so that a median of a quarter is one of ten. */
const lookMillis = Math.min(tellMillis, (minutes * 60_000) / 40);

const server = createServer();
const { control } = server;
const load = await Load.start(server, seededRandom(Number(values.seed)));
const heaps: number[] = [];
const began = performance.now();
let toldAt = began;
while (performance.now() - began < minutes * 60_000) {
  await new Promise((resolve) => setTimeout(resolve, lookMillis));
  heaps.push(heapUsed());
  if (performance.now() - toldAt < tellMillis - lookMillis / 2) continue;
  toldAt = performance.now();
  tell();
}

const problems: string[] = [];
await load.stop().catch((thrown: unknown) => {
  problems.push(`The load failed: ${thrown instanceof Error ? thrown.stack : thrown}`);
});
const early = medianOfQuarter(1);
const late = medianOfQuarter(3);
console.log(`heap: ${mebibytes(early)} MiB in the 2nd quarter, ${mebibytes(late)} in the last`);
if (late > early * 1.1 + 10 * mebibyte) problems.push("Memory grows with time.");
for (const [what, count] of Object.entries(held())) {
  if (count > 0 && what !== "sessions") problems.push(`${count} ${what} are left.`);
}
await new Promise((resolve) => setTimeout(resolve, 100));
const handles = process.getActiveResourcesInfo().filter((kind) => !/^(TTY|Pipe)Wrap$/.test(kind));
if (handles.length > 0) problems.push(`Handles are left: ${handles.join(", ")}`);
if ((load.done.get("session expired") ?? 0) > load.deeds / 10) problems.push("Most calls failed.");
console.log(Object.fromEntries(load.done));
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? "ok" : "not ok");
process.exitCode = problems.length === 0 ? 0 : 1;

function tell(): void {
  const { sessions, transactions, locks } = held();
  console.log(
    [
      `${Math.round((performance.now() - began) / 1_000)} s`,
      `heap ${mebibytes(heaps.at(-1) ?? 0)} MiB`,
      `RSS ${mebibytes(process.memoryUsage().rss)} MiB`,
      `${load.deeds} deeds`,
      `${load.done.get("fork") ?? 0} forks`,
      `${sessions} sessions`,
      `${transactions} transactions`,
      `${locks} locks`,
      `${process.getActiveResourcesInfo().length} handles`,
    ].join(", "),
  );
}

/** What the server holds, of all databases. */
function held(): Readonly<Record<"sessions" | "transactions" | "locks", number>> {
  const { live } = control;
  const count = (of: (database: string) => readonly unknown[]) =>
    live.databases().reduce((sum, database) => sum + of(database).length, 0);
  return {
    sessions: count((database) => live.sessions(database)),
    // A read-only transaction has no end: it is remembered for a while.
    transactions: count((database) =>
      live.transactions(database).filter(({ kind }) => kind === "read-write"),
    ),
    locks: count((database) => live.locks(database)),
  };
}

function heapUsed(): number {
  gc?.();
  return process.memoryUsage().heapUsed;
}

/** Quarters are counted from 0. */
function medianOfQuarter(quarter: number): number {
  const size = heaps.length / 4;
  const part = heaps.slice(Math.floor(quarter * size), Math.floor((quarter + 1) * size));
  return part.sort((left, right) => left - right)[Math.floor(part.length / 2)] ?? 0;
}

function mebibytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(1);
}
