// SPDX-License-Identifier: Apache-2.0
// docs/reference/errors.md: every error that the server can return, from the functions of its room
// of errors and the goldens that show them. `--check` fails when the document is stale.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isProgram, keep, read, root, table } from "./generated.mjs";

const path = "docs/reference/errors.md";
const sources = "packages/server/src/errors";
const goldens = "packages/server/golden/errors";

/** The document. */
export function printErrors() {
  const files = readdirSync(join(root, sources))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort()
    .map((name) => fileOf(name.slice(0, -3)))
    .filter(({ functions }) => functions.length > 0);
  const all = files.flatMap(({ functions }) => functions);
  return `${[
    "# Errors",
    "",
    "Every error that the server returns, made by `npm run reference` from its room of errors and the",
    "goldens that show each of them; do not edit it. A client sees the code, the text and the details;",
    "the reason is the server's own word, which its log and its tests use. Texts are examples: names and",
    "figures are those of the golden.",
    "",
    table(
      ["code", "errors"],
      [...countsByCode(all)].map(([code, count]) => [`\`${code}\``, String(count)]),
    ),
    "",
    "What no function here makes is a bug: it is answered INTERNAL with an incident id, and its stack",
    "goes to the server's logger. INVALID_ARGUMENT for a text that cannot be parsed has the parser's",
    "message with its place.",
    "",
    ...files.flatMap(printFile),
  ].join("\n")}\n`;
}

function fileOf(name) {
  const source = read(`${sources}/${name}.ts`);
  const golden = `${goldens}/${name}.golden`;
  const shown = existsSync(join(root, golden)) ? shownIn(read(golden)) : new Map();
  const functions = functionsOf(source).map((each) => ({
    ...each,
    shown: shown.get(each.name) ?? [],
  }));
  // How errors are made is not an error; it has no golden of its own.
  const isMaker = name === "schema-error";
  return { name, says: essayOf(source), functions: isMaker ? [] : functions };
}

/** The first words of a file. */
export function essayOf(source) {
  const lines = source.split("\n").slice(1);
  const end = lines.findIndex((line) => !line.startsWith("//"));
  const prose = lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ""));
  return prose.filter((line) => !line.startsWith("http")).join("\n");
}

/** The functions of a file that give an error, with the comment above each. */
export function functionsOf(source) {
  const found = source.matchAll(
    /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export function (\w+)\(([^{]*)\): (?:StatusError|Error) \{/g,
  );
  return [...found].map(([, comment = "", name]) => ({ name, says: proseOf(comment) }));
}

function proseOf(comment) {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim());
  return lines.filter((line) => line !== "" && !line.startsWith("@")).join(" ");
}

/** What a golden shows of each function: code, reason, text and kinds of details. */
export function shownIn(golden) {
  const shown = new Map();
  for (const block of golden.split(/\n\n+/)) {
    const [call, output] = block.split("\n---\n");
    if (output === undefined) continue;
    const command = call.split("\n").find((line) => !line.startsWith("#")) ?? "";
    const name = /^(\w+)\(/.exec(command)?.[1];
    if (name === undefined) continue;
    const [head = "", ...lines] = output.split("\n");
    const [code = "", reason = ""] = head.split(" ");
    const details = lines.flatMap((line) => /^([A-Z]\w+) \{.*\}$/.exec(line)?.[1] ?? []);
    const text = lines.filter((line) => !/^([A-Z]\w+) \{.*\}$/.test(line))[0] ?? "";
    shown.set(name, [...(shown.get(name) ?? []), { code, reason, text, details }]);
  }
  return shown;
}

function countsByCode(functions) {
  const counts = new Map();
  for (const { shown } of functions) {
    for (const code of new Set(shown.map((each) => each.code))) {
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  return [...counts].sort(([left], [right]) => left.localeCompare(right, "en"));
}

function printFile({ name, says, functions }) {
  return [
    `## ${title(name)}`,
    "",
    says,
    "",
    `From [\`${name}.ts\`](../../${sources}/${name}.ts).`,
    "",
    table(
      ["Function", "Code", "Reason", "Text", "Details"],
      functions.map(({ name: own, says: when, shown }) => [
        `\`${own}\`${when === "" ? "" : `<br>${escaped(when)}`}`,
        distinct(shown.map(({ code }) => `\`${code}\``)),
        distinct(shown.map(({ reason }) => `\`${reason}\``)),
        distinct(shown.map(({ text }) => escaped(text))) || "no golden shows it",
        distinct(shown.flatMap(({ details }) => details.map((kind) => `\`${kind}\``))),
      ]),
    ),
    "",
  ];
}

const title = (name) => {
  const words = `${name[0].toUpperCase()}${name.slice(1)}`.replaceAll("-", " ");
  return /[^aeiou]y$/.test(words)
    ? `${words.slice(0, -1)}ies`
    : `${words}${words.endsWith("x") ? "es" : "s"}`;
};
const distinct = (texts) => [...new Set(texts)].join("<br>");
const escaped = (text) =>
  text
    .replaceAll("<", "&lt;")
    .replaceAll("*", "\\*")
    .replaceAll("_", "\\_")
    .replaceAll("](", "]\\(");

if (isProgram(import.meta.url)) keep(path, printErrors());
