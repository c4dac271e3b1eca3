// SPDX-License-Identifier: Apache-2.0
// The checker of the floors is only worth something while it refuses. A small copy of the street,
// with the rules of this repository, passes; each import that the house forbids is planted in
// another copy, and must be refused by the rule that is meant for it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const checker = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
const packages = ["base", "store", "sql", "rpc", "client", "server", "testkit"];

/** The street: what is imported, is allowed to be. */
const street: Readonly<Record<string, string>> = {
  "packages/base/src/index.ts": 'export { clock } from "./clock.ts";',
  "packages/base/src/clock.ts": "export const clock = 1;",
  "packages/store/src/index.ts": 'export { clock as tree } from "@spandrel/base";',
  "packages/sql/src/index.ts": "export const sql = 1;",
  "packages/rpc/src/index.ts": "export const rpc = 1;",
  "packages/testkit/src/index.ts": 'export { tree as golden } from "@spandrel/store";',
  "packages/client/src/index.ts": 'export { rpc as client } from "@spandrel/rpc";',
  "packages/server/src/index.ts": 'export { transaction } from "./txn/transaction.ts";',
  "packages/server/src/errors/row.ts": "export const row = 1;",
  "packages/server/src/keys/part.ts": 'export { row as part } from "../errors/row.ts";',
  "packages/server/src/locks/lock-table.ts": 'export { row as table } from "../errors/row.ts";',
  "packages/server/src/txn/transaction.ts": [
    'export { table as transaction } from "../locks/lock-table.ts";',
    'export { part } from "../keys/part.ts";',
    'export type { tree } from "@spandrel/store";',
  ].join("\n"),
  "packages/server/src/txn/transaction.test.ts": 'import "@spandrel/testkit";',
  "tests/together.test.ts": 'import "@spandrel/client";\nimport "@spandrel/server";',
};

interface Planted {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly rule: string;
}

const server = "packages/server/src";
const planted: readonly Planted[] = [
  {
    what: "a room that imports one above it",
    file: `${server}/locks/upward.ts`,
    text: 'import "../txn/transaction.ts";',
    rule: "room-server-locks",
  },
  {
    what: "a room that names a type from above",
    file: `${server}/errors/type-only.ts`,
    text: 'import type { transaction } from "../txn/transaction.ts";\nexport type T = transaction;',
    rule: "room-server-errors",
  },
  {
    what: "a room that imports its neighbor",
    file: `${server}/keys/sibling.ts`,
    text: 'import "../locks/lock-table.ts";',
    rule: "room-server-keys",
  },
  {
    what: "a room that imports the door of its own package",
    file: `${server}/txn/own-door.ts`,
    text: 'import "../index.ts";',
    rule: "room-server-txn",
  },
  {
    what: "a client that imports the server",
    file: "packages/client/src/to-server.ts",
    text: 'import "@spandrel/server";',
    rule: "floor-client",
  },
  {
    what: "a server that imports a type of the client",
    file: `${server}/txn/to-client.ts`,
    text: 'import type { client } from "@spandrel/client";\nexport type T = client;',
    rule: "floor-server",
  },
  {
    what: "a package that imports one above it",
    file: "packages/base/src/upward.ts",
    text: 'import "@spandrel/store";',
    rule: "floor-base",
  },
  {
    what: "a source that imports the testkit",
    file: `${server}/txn/to-testkit.ts`,
    text: 'import "@spandrel/testkit";',
    rule: "floor-server",
  },
  {
    what: "a reach past the door of a package",
    file: "packages/store/src/past-the-door.ts",
    text: 'import "../../base/src/clock.ts";',
    rule: "door-of-base",
  },
  {
    what: "a test that reaches past the door of another package",
    file: "tests/past-the-door.test.ts",
    text: 'import "../packages/server/src/txn/transaction.ts";',
    rule: "door-of-server",
  },
  {
    what: "a test of the client that imports the server",
    file: "packages/client/src/to-server.test.ts",
    text: 'import "@spandrel/server";',
    rule: "test-floor-client",
  },
  {
    what: "a module of Node in a package that runs anywhere",
    file: "packages/sql/src/reads-files.ts",
    text: 'import "node:fs";',
    rule: "runs-anywhere",
  },
  {
    what: "two files that import each other",
    file: "packages/rpc/src/left.ts",
    text: 'import "./right.ts";',
    rule: "no-cycles",
  },
  {
    what: "a file that nothing imports",
    file: "packages/rpc/src/alone.ts",
    text: "export const alone = 1;",
    rule: "dead-file",
  },
];

/** The other half of the circle. */
const besides = { "packages/rpc/src/right.ts": 'import "./left.ts";' };

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string; readonly severity: string };
}

const folders: string[] = [];

/** Builds a street in a folder of its own, and gives what the checker says about it. */
async function check(files: Readonly<Record<string, string>>): Promise<readonly Violation[]> {
  const folder = await mkdtemp(join(tmpdir(), "floors-"));
  folders.push(folder);
  for (const rules of [".dependency-cruiser.mjs", "tools/floors.mjs"]) {
    await cp(join(root, rules), join(folder, rules));
  }
  await mkdir(join(folder, "node_modules/@spandrel"), { recursive: true });
  for (const name of packages) {
    const home = join(folder, "packages", name);
    await mkdir(join(home, "src"), { recursive: true });
    const manifest = { name: `@spandrel/${name}`, exports: { ".": { source: "./src/index.ts" } } };
    await writeFile(join(home, "package.json"), JSON.stringify(manifest));
    await symlink(home, join(folder, "node_modules/@spandrel", name), "dir");
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const words = [
    "packages",
    "tests",
    "--config",
    ".dependency-cruiser.mjs",
    "--output-type",
    "json",
  ];
  const report = await new Promise<string>((resolve) => {
    execFile(process.execPath, [checker, ...words], { cwd: folder }, (_, output) =>
      resolve(output),
    );
  });
  return JSON.parse(report).summary.violations;
}

let clean: readonly Violation[] = [];
let refused: readonly Violation[] = [];

before(async () => {
  const withPlanted = Object.fromEntries(planted.map(({ file, text }) => [file, text]));
  [clean, refused] = await Promise.all([
    check(street),
    check({ ...street, ...withPlanted, ...besides }),
  ]);
});

after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

test("a street where everybody looks down passes", () => {
  assert.deepEqual(clean, []);
});

for (const { what, file, rule } of planted) {
  test(`${what} is refused by ${rule}`, () => {
    const rules = refused
      .filter(({ from, rule: { severity } }) => from === file && severity === "error")
      .map(({ rule: { name } }) => name);
    assert.ok(rules.includes(rule), `refused by: ${rules.join(", ") || "nothing"}`);
  });
}

test("nothing but what was planted is refused", () => {
  const files = [...planted.map(({ file }) => file), ...Object.keys(besides)];
  assert.deepEqual(
    refused.filter(({ from }) => !files.includes(from)),
    [],
  );
});
