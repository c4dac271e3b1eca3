// SPDX-License-Identifier: Apache-2.0
// The programs of docs/guide/workers.md run, and the page shows them as they are.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "@spandrel/client";
import { type ListeningServer, startServer } from "@spandrel/server";

const root = fileURLToPath(new URL("../..", import.meta.url));
let server: ListeningServer;
let address: string;

before(async () => {
  server = await startServer({ port: 0, restPort: 0 });
  address = server.grpcAddress.replace(/^http:\/\//, "");
  await using client = new Client({ project: "my-project", emulatorHost: address });
  const instance = client.instance("my-instance");
  await (await instance.create()).result();
  const database = instance.database("my-database");
  const ddlStatements = ["CREATE TABLE Singers (SingerId INT64) PRIMARY KEY (SingerId)"];
  await (await database.create({ ddlStatements })).result();
  const singers = Array.from({ length: 200 }, (_, index) => ({ SingerId: BigInt(index) }));
  await database.batch().insert("Singers", singers).commit();
});
after(() => server.close());

async function outputOf(program: string): Promise<string> {
  const words = ["--conditions=source", `${root}tests/client/examples/${program}`];
  const env = { PATH: process.env["PATH"], SPANNER_EMULATOR_HOST: address };
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, words, {
    cwd: root,
    env,
    timeout: 30_000,
  });
  assert.equal(stderr, "");
  return stdout;
}

for (const [program, output] of [
  ["worker-threads.ts", "200 singers\n"],
  ["cluster.ts", "a worker sees 200 singers\n".repeat(2)],
  ["child-process.ts", "the child sees 200 singers\n"],
] as const) {
  test(`${program} runs, and ends by itself`, async () => {
    assert.equal(await outputOf(program), output);
  });

  test(`the guide shows ${program} as it is`, () => {
    const text = readFileSync(`${root}tests/client/examples/${program}`, "utf8");
    const guide = readFileSync(`${root}docs/guide/workers.md`, "utf8");
    const shown = text.replace("// SPDX-License-Identifier: Apache-2.0\n", "");
    assert.ok(
      guide.includes(`\`\`\`ts no-run\n${shown}\`\`\``),
      `docs/guide/workers.md: ${program}`,
    );
  });
}
