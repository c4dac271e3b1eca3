// SPDX-License-Identifier: Apache-2.0
// Medians, spreads and ratios, and the page that tells them.
import type { Cost } from "./contender.ts";

/** One line of the report: the same work by both clients, several times each. */
export interface Comparison {
  readonly what: string;
  readonly unit: string;
  /** Whether more is better, as of calls per second, or less, as of milliseconds. */
  readonly better: "more" | "less";
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export const perCpuSecond = ({ count, cpuMicros }: Cost): number => (count * 1e6) / cpuMicros;
export const cpuMillis = ({ cpuMicros }: Cost): number => cpuMicros / 1_000;
export const peakMegabytes = ({ peakBytes }: Cost): number => peakBytes / 1e6;
export const growthMegabytes = ({ growthBytes }: Cost): number => growthBytes / 1e6;
export const wallMillis = ({ wallMicros }: Cost): number => wallMicros / 1_000;

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** How much better ours is: 2 when it does twice as much, or needs half. */
export function ratio({ ours, theirs, better }: Comparison): number {
  return better === "more" ? median(ours) / median(theirs) : median(theirs) / median(ours);
}

/** A table in Markdown. */
export function table(comparisons: readonly Comparison[]): string {
  const header = [
    "| | unit | Spandrel | @google-cloud/spanner | ratio |",
    "|---|---|---:|---:|---:|",
  ];
  const lines = comparisons.map((comparison) => {
    const { what, unit, ours, theirs } = comparison;
    const cells = [what, unit, cell(ours), cell(theirs), `**${ratio(comparison).toFixed(1)}×**`];
    return `| ${cells.join(" | ")} |`;
  });
  return [...header, ...lines].join("\n");
}

/** A median, and in brackets the least and the greatest sample. */
function cell(samples: readonly number[]): string {
  const least = Math.min(...samples);
  const greatest = Math.max(...samples);
  return `${printed(median(samples))} (${printed(least)}–${printed(greatest)})`;
}

function printed(value: number): string {
  const digits = value < 100 ? 1 : 0;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
