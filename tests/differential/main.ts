// SPDX-License-Identifier: Apache-2.0
// `npm run differential -- --seed N --count M --seeds K --oracle DIR`: random statements through our
// engine and through another engine of GoogleSQL; the exit code is 1 when they differ without a known
// reason. A tool for development: the other engine is no part of this repository.
//
//   --oracle DIR  the folder of the other engine's client; else SPANDREL_ORACLE
//   --port P      where the other engine listens, on loopback
import { parseArgs } from "node:util";
import type { Answer } from "./answer.ts";
import { type Report, run } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    count: { type: "string", default: "2000" },
    oracle: { type: "string" },
    port: { type: "string", default: "50117" },
  },
});
const folder = values.oracle ?? process.env["SPANDREL_ORACLE"];
if (folder === undefined) {
  console.log("Name the folder of the engine to compare with: --oracle DIR.");
} else {
  const reports: Report[] = [];
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    const count = Number(values.count);
    const report = await run({ seed, count, oracle: folder, port: Number(values.port) });
    printReport(report);
    reports.push(report);
  }
  printCoverage(reports);
  process.exitCode = reports.some(({ differences }) => differences.length > 0) ? 1 : 0;
}

function printReport({ seed, cases, agreed, failedAlike, explained, differences }: Report): void {
  const reasons = [...explained.values()].reduce((sum, each) => sum + each, 0);
  console.log(
    `seed ${seed}: ${cases} cases, ${agreed} agree, ${failedAlike} fail alike, ` +
      `${reasons} explained, ${differences.length} differ`,
  );
  for (const { number, sql, shrunk, how, ours, theirs } of differences) {
    console.log(`\n  case ${number}: ${how}\n    ${shrunk}`);
    console.log(`    ours   ${show(ours)}\n    theirs ${show(theirs)}`);
    if (shrunk !== sql) console.log(`    from ${sql.slice(0, 400)}`);
  }
}

function show(answer: Answer): string {
  const text =
    answer.kind === "rows"
      ? `${answer.types.join()} ${JSON.stringify(answer.rows)}`
      : `${answer.phase}: ${answer.message}`;
  return text.replaceAll("\n", " ").slice(0, 300);
}

function printCoverage(reports: readonly Report[]): void {
  const used = new Set(reports.flatMap((report) => [...report.used]));
  const functions = reports[0]?.functions ?? [];
  const unknown = reports[0]?.unknown ?? [];
  const missed = functions.filter((name) => !used.has(name));
  const total = reports.reduce((sum, { cases }) => sum + cases, 0);
  const failed = reports.reduce((sum, { failedAlike }) => sum + failedAlike, 0);
  const share = (part: number, whole: number): string =>
    `${part} of ${whole} (${((100 * part) / Math.max(whole, 1)).toFixed(1)} %)`;
  const forms = [...used].filter((name) => !functions.includes(name));
  console.log(`\nboth failed: ${share(failed, total)}`);
  console.log(
    `functions with an equal value: ${share(functions.length - missed.length, functions.length)}`,
  );
  if (missed.length > 0) console.log(`  never: ${missed.join(", ")}`);
  console.log(`not in the other engine: ${unknown.join(", ")}`);
  console.log(`operators, casts and clauses with an equal value: ${forms.length}`);
  console.log(`  ${forms.toSorted().join(", ")}`);
  printCounts(
    "what both failed with",
    counted(reports.map(({ failures }) => failures)).slice(0, 12),
  );
  printCounts("explained differences", counted(reports.map(({ explained }) => explained)));
}

type Counts = readonly (readonly [string, number])[];

function counted(maps: readonly ReadonlyMap<string, number>[]): Counts {
  const sums = new Map<string, number>();
  for (const [name, count] of maps.flatMap((each) => [...each])) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].toSorted((left, right) => right[1] - left[1]);
}

function printCounts(title: string, counts: Counts): void {
  console.log(`${title}:`);
  for (const [name, count] of counts) console.log(`  ${count} × ${name}`);
}
