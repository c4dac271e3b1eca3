// SPDX-License-Identifier: Apache-2.0
// The client in one file, as bundlers make it: it runs, it is small, and administration stays out of it
// as long as nobody asks for it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startServer } from "@spandrel/server";
import { build } from "esbuild";

const here = import.meta.dirname;

const program = `
import { Client } from "@spandrel/client";
const client = new Client({ project: "p", emulatorHost: process.argv[2] });
await (await client.instance("main").create()).result();
const database = client.instance("main").database("db");
await (await database.create()).result();
console.log(JSON.stringify((await database.query("SELECT 'bundled' AS how").rows())[0]));
await database.close();
await client.close();
`;

test("a program with the client becomes one small file, and runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "spandrel-bundle-"));
  try {
    const outfile = join(folder, "program.mjs");
    const { metafile } = await build({
      stdin: { contents: program, resolveDir: here },
      outfile,
      bundle: true,
      minify: true,
      metafile: true,
      format: "esm",
      platform: "node",
      conditions: ["source"],
      external: ["google-auth-library"],
      logLevel: "silent",
    });
    const inputs = Object.keys(metafile.inputs);
    assert.ok(
      inputs.every((each) => !/packages\/(server|store|sql|testkit)\//.test(each)),
      "no server",
    );
    const { size } = await stat(outfile);
    assert.ok(size < 600_000, `${size} bytes`);
    await using server = await startServer({ port: 0, restPort: 0 });
    const run = promisify(execFile)(process.execPath, [outfile, server.grpcAddress]);
    assert.equal((await run).stdout.trim(), '{"how":"bundled"}');
  } finally {
    await rm(folder, { recursive: true });
  }
});
