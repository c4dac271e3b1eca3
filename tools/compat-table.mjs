// SPDX-License-Identifier: Apache-2.0
// docs/compat.md: what holds of Spanner, feature by feature, and which test shows it. Needs
// `--conditions=source`.
//
//   --check     fails when a test that the lists name is gone, or the document is stale
//   --measure   also runs the conformance cases, where their data is at hand; else the shares in
//               the document stay as they were
//
// Two kinds of evidence: the features of tools/features name tests by their titles, which have to be
// there; the statements of tools/features/statements.mjs are tried on a server.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "@spandrel/server";
import { areas } from "./features/index.mjs";
import {
  clauses,
  informationTables,
  schemaStatements,
  statisticsTables,
  types,
} from "./features/statements.mjs";
import { isProgram, keep, read, readKept, root, table } from "./generated.mjs";
import { Trial } from "./trial.mjs";

const path = "docs/compat.md";

/** The document. */
export async function printCompatibility() {
  const tried = await tryAll();
  const { router } = createServer();
  const isServed = (call) => router.find(call) !== undefined;
  const lists = areas
    .flatMap(({ features }) => features)
    .filter(({ calls = [] }) => !calls.some(isServed));
  const isWhole = ({ isMissing, but }) => !isMissing && but === undefined;
  const counts = [
    ["holds", lists.filter(isWhole).length],
    ["holds in part", lists.filter(({ isMissing, but }) => !isMissing && but !== undefined).length],
    ["not there", lists.filter(({ isMissing }) => isMissing).length],
  ];
  return `${[
    "# Compatibility",
    "",
    "What holds of Cloud Spanner, feature by feature, and which test shows it. Made by",
    "`npm run reference`; do not edit it. A feature without a test is not told here; a test that is",
    "renamed or removed breaks the check of this document. The tests run in `npm test`.",
    "",
    table(
      ["features", ""],
      counts.map(([name, count]) => [name, String(count)]),
    ),
    "",
    "## What is not there",
    "",
    ...lists.filter(({ isMissing }) => isMissing).map(printMissing),
    ...absences(tried),
    "",
    ...areas.flatMap(printArea),
    "## Statement by statement",
    "",
    "Each of these was tried on a server; *no* is an error, most of them UNIMPLEMENTED. *Yes* says that",
    "the statement is answered; what is a definition and no more is told above, as *in part*.",
    "",
    ...tried.flatMap(printTried),
    "## Calls",
    "",
    "What the services of Spanner's .proto files have, and what is served.",
    "",
    ...callTables(isServed),
    "## Conformance",
    "",
    "Cases that others wrote down: GoogleSQL's compliance tests and parser tests, the examples of its",
    "documentation, the schema changes of Google's emulator, and the corpus of another parser. They are",
    "not part of the repository; `npm run conformance` runs them where they are, and",
    "`npm run reference -- --measure` writes the shares anew. *Not in Spanner* are cases about constructs",
    "that GoogleSQL has and Spanner's reference has not; *waiting* are cases that need something that is",
    "not built, such as protocol buffers; neither counts as passed.",
    "",
    await shares(),
    "",
    `Failures that are known by name: ${knownFailures()}, in`,
    "[`known-failures.txt`](../tests/conformance/known-failures.txt), a list that only shrinks;",
    "[`known-reasons.ts`](../tests/conformance/known-reasons.ts) says why each of them fails.",
  ].join("\n")}\n`;
}

/** What the lists name and the sources do not have; empty when all is well. */
export function brokenEvidence(wanted = areas) {
  return wanted
    .flatMap(({ features }) => features)
    .flatMap(({ says, shown, isMissing }) => [
      ...(shown.length === 0 && !isMissing ? [`${says}: nothing shows it`] : []),
      ...shown
        .filter((each) => !isThere(each))
        .map(({ file, title }) => {
          return `${says}: ${file}${title === undefined ? "" : ` has no test "${title}"`}`;
        }),
    ]);
}

function isThere({ file, title }) {
  if (!existsSync(join(root, file))) return false;
  return title === undefined || titlesOf(file).has(title);
}

const known = new Map();

function titlesOf(file) {
  const titles = known.get(file) ?? titlesIn(read(file), file.includes("/stories/"));
  known.set(file, titles);
  return titles;
}

/** The titles of the tests of a source; `…` stands for what is filled in when they run. */
export function titlesIn(source, isStory = false) {
  const word = isStory ? /\bname:\s*/ : /\b(?:test|it|describe)\(\s*/;
  const literal = /(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/;
  const found = source.matchAll(new RegExp(word.source + literal.source, "g"));
  return new Set(
    [...found].map(([, quoted, template]) => quoted ?? template.replace(/\$\{[^}]*\}/g, "…")),
  );
}

function printMissing({ says, link, but }) {
  return `* [${says}](${link})${but === "" ? "" : `: ${but}`}`;
}

/** What was tried in vain, a line for each group. */
function absences(tried) {
  return tried.flatMap(({ title, rows }) => {
    const names = rows.filter(({ complaint }) => complaint !== undefined).map(({ name }) => name);
    return names.length === 0
      ? []
      : [`* ${title}: ${names.map((name) => `\`${name}\``).join(", ")}`];
  });
}

function printArea({ title, intro, features }) {
  const there = features.filter(({ isMissing }) => !isMissing);
  return [
    `## ${title}`,
    "",
    ...(intro === undefined ? [] : [intro, ""]),
    table(
      ["Feature", "Holds", "Shown by"],
      there.map(({ says, link, but, shown }) => [
        `[${says}](${link})`,
        but === undefined ? "yes" : `in part: ${but}`,
        shown.map(printEvidence).join("<br>"),
      ]),
    ),
    "",
  ];
}

function printEvidence({ file, title }) {
  const name = file
    .replace("packages/server/golden/", "golden ")
    .replace("tests/compat/node/stories/", "Google's client, ")
    .replace(/^.*\/(?=[^/]+\.test\.)/, "")
    .replace(/\.(test\.)?(ts|golden)$/, "");
  return `[${name}](../${file})${title === undefined ? "" : `: ${title}`}`;
}

async function tryAll() {
  await using trial = await Trial.begin();
  const groups = [
    ["Schema statements", schemaStatements],
    ["Types", types],
    ["Queries and DML", clauses],
    ["Tables of INFORMATION_SCHEMA", informationTables],
    ["Tables of SPANNER_SYS", statisticsTables],
  ];
  const tried = [];
  for (const [title, statements] of groups) {
    const rows = [];
    for (const each of statements) {
      rows.push({ ...each, complaint: await trial.complaint(each.statement, each.setup) });
    }
    tried.push({ title, rows });
  }
  return tried;
}

function printTried({ title, rows }) {
  return [
    `### ${title}`,
    "",
    table(
      ["", "Answered"],
      rows.map(({ name, link, complaint }) => [
        `[\`${name}\`](${link})`,
        complaint === undefined ? "yes" : `**no**: ${complaint.replaceAll("_", "\\_")}`,
      ]),
    ),
    "",
  ];
}

const services = ["v1/spanner", "admin/database/v1/spanner_database_admin"].concat(
  "admin/instance/v1/spanner_instance_admin",
);

/** A table for each service: which of its calls somebody answers. */
function callTables(isServed) {
  return services.flatMap((file) => {
    const source = read(`node_modules/google-proto-files/google/spanner/${file}.proto`);
    const name = `${/^package (.*);/m.exec(source)[1]}.${/^service (\w+)/m.exec(source)[1]}`;
    const calls = [...source.matchAll(/^ {2}rpc (\w+)\(/gm)].map(([, call]) => call);
    const list = (those) => those.map((call) => `\`${call}\``).join(", ") || "none";
    const served = calls.filter((call) => isServed(`/${name}/${call}`));
    return [
      `### ${name}`,
      "",
      `Served, ${served.length} of ${calls.length}: ${list(served)}.`,
      "",
      `UNIMPLEMENTED: ${list(calls.filter((call) => !served.includes(call)))}.`,
      "",
    ];
  });
}

const sharesBegin = "<!-- shares -->";
const sharesEnd = "<!-- end of shares -->";

async function shares() {
  const measured = process.argv.includes("--measure") ? await measure() : undefined;
  if (measured !== undefined) return [sharesBegin, measured, sharesEnd].join("\n");
  const kept = readKept(path);
  const [begin, end] = [kept.indexOf(sharesBegin), kept.indexOf(sharesEnd)];
  if (begin < 0) return [sharesBegin, "Not measured yet.", sharesEnd].join("\n");
  return kept.slice(begin, end + sharesEnd.length);
}

async function measure() {
  const { findData } = await import("../tests/conformance/data.ts");
  const { runFolder } = await import("../tests/conformance/run.ts");
  const folder = findData(process.env.SPANDREL_CONFORMANCE);
  if (folder === undefined) throw new Error("there is no conformance data here");
  const files = [];
  for await (const file of runFolder(folder)) files.push(file);
  const all = { file: "all", cases: files.flatMap(({ cases }) => cases) };
  return table(
    ["Cases", "Number", "Not in Spanner", "Waiting", "Passed", "Failed", "Share"],
    [...files, all].map(({ file, cases }) => {
      const count = (kind) => cases.filter(({ verdict }) => verdict.kind === kind).length;
      const [passed, failed] = [count("passed"), count("failed")];
      const share =
        passed + failed === 0 ? "–" : `${((passed / (passed + failed)) * 100).toFixed(1)} %`;
      const numbers = [cases.length, count("foreign"), count("waiting"), passed, failed];
      return [file.replace(".jsonl", ""), ...numbers.map(String), share];
    }),
  );
}

function knownFailures() {
  const list = "tests/conformance/known-failures.txt";
  return existsSync(join(root, list)) ? read(list).split("\n").filter(Boolean).length : 0;
}

if (isProgram(import.meta.url)) {
  const broken = brokenEvidence();
  for (const each of broken) console.error(each);
  if (broken.length > 0) process.exitCode = 1;
  else keep(path, await printCompatibility());
}
