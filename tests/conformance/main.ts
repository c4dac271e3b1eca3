// SPDX-License-Identifier: Apache-2.0
// Measures the server against cases that others wrote down: `npm run conformance`.
//
//   --data DIR   the folder with the cases; else SPANDREL_CONFORMANCE, else beside the repository
//   --case ID    runs one case and shows it in full
//   --update     takes cases that pass now off the list of known failures
//
// Ends with 1 when a case fails that is not on the list, or one passes that is.
import { parseArgs } from "node:util";
import { caseFiles, findData, readLines } from "./data.ts";
import { readKnownFailures, surprisesOf, updateKnownFailures } from "./known-failures.ts";
import { type JudgedFile, runFolder } from "./run.ts";
import { printTable } from "./table.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    case: { type: "string" },
    update: { type: "boolean", default: false },
  },
});
const folder = findData(values.data ?? process.env["SPANDREL_CONFORMANCE"]);
if (folder === undefined) {
  console.log("There is no conformance data here: name its folder with --data DIR.");
} else if (values.case === undefined) {
  await runAll(folder, values.update);
} else {
  await showCase(folder, values.case);
}

async function runAll(data: string, isUpdate: boolean): Promise<void> {
  const files: JudgedFile[] = [];
  for await (const file of runFolder(data)) files.push(file);
  console.log(printTable(files));
  const ids = (kind: string): readonly string[] =>
    files.flatMap(({ cases }) =>
      cases.filter(({ verdict }) => verdict.kind === kind).map(({ id }) => id),
    );
  const known = readKnownFailures();
  const { broken, mended } = surprisesOf(known ?? new Set(), ids("failed"), ids("passed"));
  if (isUpdate) updateKnownFailures(known, ids("failed"));
  if (broken.length > 0 && !(isUpdate && known === undefined)) {
    console.log(`\n${broken.length} failures that are not known:\n${broken.join("\n")}`);
    process.exitCode = 1;
  }
  if (mended.length > 0 && !isUpdate) {
    console.log(`\n${mended.length} known failures pass; --update removes them:`);
    console.log(mended.join("\n"));
    process.exitCode = 1;
  }
}

async function showCase(data: string, id: string): Promise<void> {
  for (const file of caseFiles(data)) {
    const found = readLines<{ readonly id: string }>(data, file).find((each) => each.id === id);
    if (found !== undefined) console.log(JSON.stringify(found, undefined, 2));
  }
  for await (const { cases } of runFolder(data, (each) => each.id === id)) {
    for (const { verdict } of cases) console.log(verdict);
  }
}
