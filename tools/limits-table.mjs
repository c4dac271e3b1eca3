// SPDX-License-Identifier: Apache-2.0
// docs/limits.md: every bound that the server keeps, and every limit that Spanner documents with what
// keeps it here. `--check` fails when the document is stale. Needs `--conditions=source`.
//
// A number is kept when a source outside of its room names it. A number that differs from the figure
// on Spanner's page is said so.
import { globSync } from "node:fs";
import { documentedLimits } from "../packages/server/src/limits/limits.ts";
import * as queryLimits from "../packages/server/src/limits/query.ts";
import { documentedSections } from "./documented-limits.mjs";
import { isProgram, keep, read, root, table } from "./generated.mjs";

const path = "docs/limits.md";
const room = "packages/server/src/limits";

/** The document. */
export function printLimits() {
  const sources = sourcesOutside();
  const ours = [
    ...limitsIn(read(`${room}/limits.ts`), documentedLimits),
    ...constantsIn(read(`${room}/query.ts`), queryLimits),
  ].map((each) => ({ ...each, isKept: new RegExp(`\\b${each.name}\\b`).test(sources) }));
  const byName = new Map(ours.map((each) => [each.name, each]));
  return `${[
    "# Limits",
    "",
    "Made by `npm run reference` from the server's room of limits and Spanner's page of",
    "[quotas and limits](https://cloud.google.com/spanner/quotas); do not edit it.",
    "",
    "## What the server keeps",
    "",
    "A program that makes a server may give other numbers: `createServer({ limits: { … } })`. Names in",
    "capitals are constants.",
    "",
    table(
      ["Name", "Number", "Unit", "What", "Source", "Kept"],
      ours.map(({ name, value, says, link, isKept }) => [
        `\`${name}\``,
        grouped(value),
        unitOf(name),
        says,
        link === undefined ? "ours" : `[Spanner](${link})`,
        isKept ? "yes" : "**no**",
      ]),
    ),
    "",
    "## What Spanner documents",
    "",
    "*Kept* names the number above. Of what is *absent* there is nothing here that could be bounded.",
    "A row is kept in one piece, and `STORED_ROW_BYTES_MAX` bounds it where `rowBytesMax` does not.",
    "",
    ...documentedSections.flatMap((section) => printSection(section, byName)),
  ].join("\n")}\n`;
}

function printSection({ title, link, limits }, byName) {
  return [
    `### [${title}](${link})`,
    "",
    table(
      ["Limit", "Spanner", "Here"],
      limits.map((each) => [
        each.what,
        typeof each.figure === "number" ? grouped(each.figure) : each.figure,
        stateOf(each, byName),
      ]),
    ),
    "",
  ];
}

function stateOf({ what, figure, ours, note, isAbsent }, byName) {
  if (isAbsent) return `absent: ${note}`;
  if (ours === "elsewhere") return `kept in ${note}`;
  const found = byName.get(ours);
  if (found === undefined) throw new Error(`${what}: the server has no limit ${ours}`);
  if (!found.isKept) throw new Error(`${what}: nobody looks at ${ours}`);
  return found.value === figure ? `kept: \`${ours}\`` : `**${grouped(found.value)}**: \`${ours}\``;
}

/** The numbers of the interfaces, with the comment of each and the page that it comes from. */
export function limitsIn(source, values) {
  const found = [];
  let comment = [];
  let link;
  for (const line of source.split("\n")) {
    const name = /^ {2}readonly (\w+): number;/.exec(line)?.[1];
    const words = /^ {2}\/\*\* (.*) \*\/$/.exec(line)?.[1];
    if (/^\/\*\* .* \*\/$/.test(line)) link = linkOf(line) ?? link;
    if (words !== undefined) comment = [words];
    if (name === undefined) continue;
    link = linkOf(comment.join(" ")) ?? link;
    const says = comment
      .join(" ")
      .replace(/https:\S+/g, "")
      .trim();
    found.push({ name, value: values[name], says, link });
    comment = [];
  }
  return found;
}

/** The constants of a file, with the comment of each. */
export function constantsIn(source, values) {
  const found = source.matchAll(/\/\*\* (.*) \*\/\nexport const ([A-Z_]+)\b/g);
  return [...found].map(([, comment, name]) => ({
    name,
    value: values[name],
    says: comment.replace(/https:\S+/g, "").trim(),
    link: linkOf(comment),
  }));
}

const linkOf = (text) => /https:\/\/\S+/.exec(text)?.[0];

function sourcesOutside() {
  return globSync("packages/server/src/**/*.ts", { cwd: root })
    .filter((file) => !file.startsWith(room) && !file.endsWith(".test.ts"))
    .sort()
    .map(read)
    .join("\n");
}

function unitOf(name) {
  if (/bytes/i.test(name)) return "bytes";
  if (/millis/i.test(name)) return "ms";
  if (/bytesLength/.test(name)) return "bytes";
  return /length/i.test(name) && !/vector/.test(name) ? "characters" : "";
}

const grouped = (number) => String(number).replaceAll(/\B(?=(\d{3})+$)/g, ",");

if (isProgram(import.meta.url)) keep(path, printLimits());
