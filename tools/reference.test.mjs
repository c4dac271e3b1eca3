// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenEvidence, titlesIn } from "./compat-table.mjs";
import { functionPages, functionsElsewhere } from "./documented-functions.mjs";
import { functionsOf, shownIn } from "./errors-table.mjs";
import { examples } from "./function-examples.mjs";
import { table } from "./generated.mjs";
import { constantsIn, limitsIn } from "./limits-table.mjs";

test("titles are found however a test is written, with a mark for what is filled in", () => {
  const source = [
    'test("one line", () => {});',
    'test(\n  "a line of its own",\n  { skip: true }, () => {});',
    `for (const name of names) test(\`of $\{name}\`, () => {});`,
    'await context.test("within", () => {});',
    'contest("nothing");',
  ];
  assert.deepEqual(
    [...titlesIn(source.join("\n"))],
    ["one line", "a line of its own", "of …", "within"],
  );
  assert.deepEqual([...titlesIn('  { name: "a story" },', true)], ["a story"]);
});

test("a feature whose test is gone is named, and so is one that nothing shows", () => {
  const file = "tools/reference.test.mjs";
  const title = "a feature whose test is gone is named, and so is one that nothing shows";
  const shown = [
    { file, title },
    { file, title: "no such" },
    { file: "no/such.test.ts", title },
  ];
  const features = [
    { says: "A", shown },
    { says: "B", shown: [] },
    { says: "C", shown: [], isMissing: true },
  ];
  assert.deepEqual(brokenEvidence([{ features }]), [
    `A: ${file} has no test "no such"`,
    `A: no/such.test.ts has no test "${title}"`,
    "B: nothing shows it",
  ]);
});

test("no page names a function twice, and examples are of functions that are documented", () => {
  const entries = [...functionPages.flatMap((page) => page.entries), ...functionsElsewhere];
  const links = entries.map(({ link }) => link);
  assert.equal(new Set(links).size, links.length);
  const names = new Set(entries.map(({ name }) => name));
  const strangers = Object.keys(examples).filter((name) => !names.has(name));
  assert.deepEqual(strangers, []);
});

test("functions that give errors come with their comments, others are passed over", () => {
  const source = [
    "/** What it is. */",
    "export function one(name: string): StatusError {",
    "/** A kind. */",
    'export type Kind = "a";',
    "",
    "export function two(",
    "  first: string,",
    "): StatusError {",
    "export function three(): string {",
  ];
  assert.deepEqual(functionsOf(source.join("\n")), [
    { name: "one", says: "What it is." },
    { name: "two", says: "" },
  ]);
});

test("a golden shows code, reason, the first line of the text, and the kinds of details", () => {
  const golden =
    '# Prose.\n\none("a")\n---\nNOT_FOUND GONE\nIt is gone: a\n  more\nRetryInfo {"a":1}\n';
  assert.deepEqual(shownIn(golden).get("one"), [
    { code: "NOT_FOUND", reason: "GONE", text: "It is gone: a", details: ["RetryInfo"] },
  ]);
});

test("limits have their number, their words, and the page above them", () => {
  const source = [
    "/** https://page.one */",
    "export interface Limits {",
    "  /** How many. */",
    "  readonly a: number;",
    "  /** https://page.two */",
    "  readonly b: number;",
    "}",
  ];
  assert.deepEqual(limitsIn(source.join("\n"), { a: 1, b: 2 }), [
    { name: "a", value: 1, says: "How many.", link: "https://page.one" },
    { name: "b", value: 2, says: "", link: "https://page.two" },
  ]);
  assert.deepEqual(constantsIn("/** So deep. */\nexport const A_MAX = 3;", { A_MAX: 3 }), [
    { name: "A_MAX", value: 3, says: "So deep.", link: undefined },
  ]);
});

test("a pipe in a cell does not end the cell", () => {
  assert.equal(table(["a"], [["x | y"]]), "| a |\n|---|\n| x \\| y |");
});
