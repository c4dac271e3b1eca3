// SPDX-License-Identifier: Apache-2.0
// The package as others load it: small, by import or by require, and without what is not needed.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a program writes that runs in a process of its own. */
async function outputOf(program: string, type: "commonjs" | "module"): Promise<string> {
  const words = ["--conditions=source", `--input-type=${type}`, "--eval", program];
  const options = { cwd: root, timeout: 30_000, env: { PATH: process.env["PATH"] } };
  const { stdout } = await promisify(execFile)(process.execPath, words, options);
  return stdout;
}

const watchLoads = `
import { registerHooks } from "node:module";
const loaded = [];
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
`;

test("a program that reads and writes loads no message of administration", async () => {
  const program = `${watchLoads}
    const { Client } = await import("@spandrel/client");
    await new Client({ project: "p", emulatorHost: "localhost:1" }).close();
    console.log(loaded.filter((url) => /google.spanner.admin|google.iam/.test(url)).length);
    console.log(loaded.filter((url) => /opentelemetry|google-auth/.test(url)).length);
    console.log(loaded.length > 20);`;
  assert.equal(await outputOf(program, "module"), "0\n0\ntrue\n");
});

test("require() gives the same package, and the one of administration", async () => {
  const program = `
    const { Client, sql } = require("@spandrel/client");
    const { DatabaseDialect } = require("@spandrel/client/admin");
    console.log(typeof Client, typeof sql, DatabaseDialect.POSTGRESQL);`;
  assert.equal(await outputOf(program, "commonjs"), "function function 2\n");
});

test("a client that nobody closed does not keep its process alive", async () => {
  const program = `
    import { Client } from "@spandrel/client";
    import { createServer } from "@spandrel/server";
    const { transport } = createServer();
    const client = new Client({ project: "p", transport, environment: {} });
    await (await client.instance("alive").create()).result();
    const database = client.instance("alive").database("music");
    await (await database.create()).result();
    await database.query("SELECT 1").rows();
    console.log("done");`;
  assert.equal(await outputOf(program, "module"), "done\n");
});

test("a bundler may leave out what is not used", () => {
  const text = readFileSync(`${root}packages/client/package.json`, "utf8");
  const { sideEffects, exports } = JSON.parse(text);
  assert.deepEqual([sideEffects, Object.keys(exports)], [false, [".", "./admin"]]);
});
