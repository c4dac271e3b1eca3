// SPDX-License-Identifier: Apache-2.0
// Every example runs. The fenced `ts` blocks of the documents and of doc comments are taken out and
// run, each in a process of its own.
//
//   console.log(await instance.exists()); // → true
//   1n + 1n; // → 2n
//
// What stands behind an arrow is what the expression, or the call of console.log, has to give; a
// line that runs more than once gives its values parted by ` | `. Words behind `ts` on the fence:
//
//   continued   the block before it in the same file runs first
//   no-run      the block is only shown
//
// Whoever imports the client and no server finds one at SPANNER_EMULATOR_HOST. It has nothing in it
// but what a comment above the fence has put there, into my-database of my-instance in my-project:
//
//   <!-- setup
//   CREATE TABLE Singers (SingerId INT64, Name STRING(MAX)) PRIMARY KEY (SingerId);
//   INSERT INTO Singers (SingerId, Name) VALUES (7, "Nina");
//   -->
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const timeoutMillis = 20_000;
const documents = ["README.md", "docs/**/*.md", "packages/*/README.md", "packages/*/src/**/*.ts"];

/** All files that may hold examples, by their paths from the root of the repository. */
export function filesWithSnippets() {
  return documents.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
}

/** The examples of a file: where each begins, its code, its set-up, whether it is only shown. */
export function snippetsOf(file, text = readFileSync(`${root}/${file}`, "utf8")) {
  const isSource = file.endsWith(".ts");
  const fence = isSource ? /^\s*\* ```(.*)$/ : /^```(.*)$/;
  const snippets = [];
  let open;
  let setup = "";
  for (const [index, line] of text.split("\n").entries()) {
    const words = fence.exec(line)?.[1]?.trim();
    if (line === "<!-- setup") open = { words: ["setup"], lines: [] };
    else if (line === "-->" && open?.words[0] === "setup") {
      setup = open.lines.join("\n");
      open = undefined;
    } else if (words === undefined) {
      open?.lines.push(isSource ? line.replace(/^\s*\* ?/, "") : line);
    } else if (open === undefined) {
      open = { words: words.split(" "), line: index + 1, lines: [] };
    } else {
      const [language, ...marks] = open.words;
      if (language === "ts") {
        const before = marks.includes("continued") ? snippets.at(-1) : undefined;
        const code = `${before?.code ?? ""}${open.lines.join("\n")}\n`;
        const isShownOnly = marks.includes("no-run");
        snippets.push({ file, line: open.line, code, setup: setup || before?.setup, isShownOnly });
        setup = "";
      }
      open = undefined;
    }
  }
  return snippets;
}

const arrow = /^(?<code>.*?);?\s*\/\/ → (?<expected>.*)$/;

/** The program of an example, with its arrows made calls, and what each of them expects. */
export function programOf({ code }) {
  const expected = [];
  const lines = [];
  for (const line of code.split("\n")) {
    const groups = arrow.exec(line)?.groups;
    lines.push(line);
    if (groups === undefined) continue;
    const start = groups.code.trim() === ")" ? lines.findLastIndex((each) => isLog.test(each)) : -1;
    const at = start < 0 ? lines.length - 1 : start;
    lines[at] = withCall(start < 0 ? `${groups.code};` : lines[at], expected.length);
    expected.push(groups.expected.trim());
  }
  return { text: lines.join("\n"), expected };
}

const isLog = /^\s*console\.log\($/;

function withCall(statement, number) {
  const call = `globalThis.gave(${number}, `;
  if (statement.includes("console.log(")) return statement.replace("console.log(", call);
  if (/^\s*(const|let|for|if|await using|using|import|return)\b/.test(statement)) {
    throw new Error(`an arrow stands behind an expression or console.log, not: ${statement}`);
  }
  return statement.replace(/^(\s*)(.*);$/, `$1${call}$2);`);
}

const recorder = `
import { writeSync } from "node:fs";
import { formatWithOptions, inspect } from "node:util";
const form = { breakLength: Infinity, compact: true };
globalThis.gave = (number, ...values) => {
  const written = formatWithOptions(form, ...values);
  writeSync(3, JSON.stringify([number, written, inspect(values[0], form)]) + "\\n");
};
`;

/** A server for one example, with what its set-up asks for. */
const serverFor = (setup = "") => `
import { Client as ClientOfTheSetup } from "@spandrel/client";
import { startServer } from "@spandrel/server";
await using serverOfTheSetup = await startServer({ port: 0, restPort: 0 });
process.env.SPANNER_EMULATOR_HOST = serverOfTheSetup.grpcAddress.replace(/^http:\\/\\//, "");
const statements = ${JSON.stringify(setup)}.split(/;\\s*/).filter(Boolean);
if (statements.length > 0) {
  await using client = new ClientOfTheSetup({ project: "my-project" });
  const instance = client.instance("my-instance");
  await (await instance.create()).result();
  const database = instance.database("my-database");
  const isInsert = (text) => text.startsWith("INSERT");
  const ddlStatements = statements.filter((text) => !isInsert(text));
  await (await database.create({ ddlStatements })).result();
  await database.runInTransaction(async (transaction) => {
    for (const text of statements.filter(isInsert)) await transaction.executeUpdate(text);
  });
}
`;

/** Runs an example; gives what is wrong with it, or nothing. */
export async function runSnippet(snippet) {
  const { text, expected } = programOf(snippet);
  const needsServer = text.includes("@spandrel/client") && !text.includes("@spandrel/server");
  const { code, errors, given } = await run([
    recorder,
    needsServer ? serverFor(snippet.setup) : "",
    text,
  ]);
  if (code !== 0) return errors || "it did not come to an end";
  const wrong = expected.flatMap((value, number) => {
    const gave = given.filter(([each]) => each === number);
    const forms = [1, 2].map((form) => gave.map((each) => each[form]).join(" | "));
    if (gave.length > 0 && forms.includes(value)) return [];
    return [`expected → ${value}\n     got → ${gave.length > 0 ? forms[0] : "nothing"}`];
  });
  return wrong.length > 0 ? wrong.join("\n") : undefined;
}

const importing = /^import\s[^;]*;$/gm;

/** Runs parts of a program, each in a block of its own within the one before. */
function run(parts) {
  const imports = parts.flatMap((part) => part.match(importing) ?? []);
  const blocks = parts.map((part) => part.replaceAll(importing, "")).join("\n{\n");
  const program = `${imports.join("\n")}\n${blocks}${"\n}".repeat(parts.length - 1)}`;
  const words = ["--conditions=source", "--input-type=module-typescript", "--eval", program];
  const child = spawn(process.execPath, words, {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    timeout: timeoutMillis,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: `${root}/.cache/snippets` },
  });
  const texts = ["", "", "", ""];
  for (const pipe of [2, 3]) {
    child.stdio[pipe].setEncoding("utf8").on("data", (chunk) => {
      texts[pipe] += chunk;
    });
  }
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const given = texts[3]
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      resolve({ code, errors: texts[2].trim(), given });
    });
  });
}
