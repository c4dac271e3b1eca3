// SPDX-License-Identifier: Apache-2.0
// Documents that a tool makes. A tool gives the text; this writes it, or, with `--check` among the
// arguments, says that what is checked in differs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The text of a file of the repository. */
export function read(path) {
  return readFileSync(join(root, path), "utf8");
}

/** The document that is checked in; empty when there is none. */
export function readKept(path) {
  return existsSync(join(root, path)) ? read(path) : "";
}

/** Writes a document, or checks it; the exit code is 1 when it is stale. */
export function keep(path, text) {
  if (process.argv.includes("--check")) {
    if (readKept(path) === text) return;
    console.error(`${path} is stale: run \`npm run reference\` and review the diff.`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Whether a module is the program that runs, and not imported by one. */
export function isProgram(url) {
  return process.argv[1] === fileURLToPath(url);
}

/** A table of Markdown. Pipes in cells are escaped. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
