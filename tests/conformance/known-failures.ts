// SPDX-License-Identifier: Apache-2.0
// The cases that are known to fail, one id a line, sorted. The list only ever gets shorter: a case
// that is not on it may not fail, and one that passes must leave it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the list stands. */
export const knownFailuresFile: string = join(import.meta.dirname, "known-failures.txt");

/** The list; undefined when there is none yet. */
export function readKnownFailures(): ReadonlySet<string> | undefined {
  if (!existsSync(knownFailuresFile)) return undefined;
  const lines = readFileSync(knownFailuresFile, "utf8").split("\n");
  return new Set(lines.filter((line) => line !== ""));
}

/** What a run says about the list. */
export interface Surprises {
  /** Failed, and not on the list. */
  readonly broken: readonly string[];
  /** On the list, and passed. */
  readonly mended: readonly string[];
}

/** Compares a run with the list. Cases that were not run count for nothing. */
export function surprisesOf(
  known: ReadonlySet<string>,
  failed: readonly string[],
  passed: readonly string[],
): Surprises {
  return {
    broken: failed.filter((id) => !known.has(id)),
    mended: passed.filter((id) => known.has(id)),
  };
}

/** Writes the list anew: what was on it and still fails, or all that fails when there was none. */
export function updateKnownFailures(
  known: ReadonlySet<string> | undefined,
  failed: readonly string[],
): void {
  const kept = known === undefined ? failed : failed.filter((id) => known.has(id));
  writeFileSync(knownFailuresFile, `${[...kept].sort().join("\n")}\n`);
}
