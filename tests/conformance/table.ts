// SPDX-License-Identifier: Apache-2.0
import type { JudgedFile } from "./run.ts";

/** The result as a table: a line for each file, and one for all. */
export function printTable(files: readonly JudgedFile[]): string {
  const counted = files.map(({ file, cases }) => lineOf(file, cases));
  const total = lineOf(
    "all",
    files.flatMap(({ cases }) => cases),
  );
  const rows = [
    ["file", "cases", "not in Spanner", "waiting", "passed", "failed", "share"],
    ...counted,
    total,
  ];
  const widths = rows[0]?.map((_, place) =>
    Math.max(...rows.map((row) => row[place]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, place) =>
          place === 0 ? cell.padEnd(widths?.[place] ?? 0) : cell.padStart(widths?.[place] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}

/** The share is of the cases that are judged: those that wait or are not in Spanner are not. */
function lineOf(name: string, cases: JudgedFile["cases"]): readonly string[] {
  const count = (kind: string): number =>
    cases.filter(({ verdict }) => verdict.kind === kind).length;
  const [waiting, passed, failed] = [count("waiting"), count("passed"), count("failed")];
  const foreign = count("foreign");
  const run = passed + failed;
  const share = run === 0 ? "–" : `${((passed / run) * 100).toFixed(1)} %`;
  return [name, ...[cases.length, foreign, waiting, passed, failed].map(String), share];
}
