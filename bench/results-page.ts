// SPDX-License-Identifier: Apache-2.0
// The page of results: each benchmark writes a section of it and leaves the others as they are.
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** The sections in their order, and what each one is called. */
const titles = {
  client: "Client (`npm run bench`)",
  sql: "SQL (`npm run bench:sql`)",
  wire: "Wire (`node --conditions=source bench/wire.ts`)",
  server: "Server (`npm run bench:server`)",
} as const;

/** A section of the page. */
export type Section = keyof typeof titles;

const path = new URL("results.md", import.meta.url);

/** Puts what a benchmark has to say in its place. */
export async function writeSection(section: Section, text: string): Promise<void> {
  const before = await readFile(path, "utf8");
  const parts = new Map<string, string>();
  for (const part of before.split(/^## /m).slice(1)) {
    const end = part.indexOf("\n");
    parts.set(part.slice(0, end), part.slice(end + 1).trim());
  }
  parts.set(titles[section], `${dateLine()}\n\n${text.trim()}`);
  const sections = Object.values(titles).flatMap((title) => {
    const body = parts.get(title);
    return body === undefined ? [] : [`## ${title}\n\n${body}`];
  });
  await writeFile(path, `# Results of the benchmarks\n\n${sections.join("\n\n")}\n`);
}

function dateLine(): string {
  const date = new Date().toISOString().slice(0, 10);
  return `Measured on ${date}: Node ${process.version}, ${availableParallelism()} cores.`;
}
