// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Code, seededRandom } from "@spandrel/base";
import { Client } from "@spandrel/client";
import { openServer } from "@spandrel/server";
import { createBank, Ledger, startServer, verify, writeUntilGone } from "./crash.ts";

async function inFolder(story: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "spandrel-crash-"));
  try {
    await story(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a server that is killed while it commits has lost nothing when it is started again", () =>
  inFolder(async (folder) => {
    const ledger = new Ledger();
    const first = await startServer(folder);
    await createBank(first);
    const writing = writeUntilGone(first, ledger, seededRandom(1));
    while (ledger.acknowledged.size < 30) await new Promise((done) => setImmediate(done));
    first.process.kill("SIGKILL");
    await writing;
    const second = await startServer(folder);
    await verify(second, ledger);
    second.process.kill("SIGTERM");
    assert.equal(await second.ended, "0");
  }));

test("a folder is for one server at a time, and a file is no folder", () =>
  inFolder(async (folder) => {
    const first = await openServer({ directory: folder });
    await assert.rejects(openServer({ directory: folder }), {
      code: Code.FAILED_PRECONDITION,
      reason: "FOLDER_IN_USE",
    });
    await first.close();
    await (await openServer({ directory: folder })).close();
    const file = join(folder, "file");
    await writeFile(file, "");
    await assert.rejects(openServer({ directory: file }), /The folder .* cannot be used: E/);
  }));

test("a damaged database says so to whoever asks for it, and harms no other", () =>
  inFolder(async (folder) => {
    const create = async (name: string, client: Client): Promise<void> => {
      const database = client.instance("main").database(name);
      const ddlStatements = ["CREATE TABLE T (K INT64) PRIMARY KEY (K)"];
      await (await database.create({ ddlStatements })).result();
      await database.close();
    };
    {
      await using server = await openServer({ directory: folder });
      await using client = new Client({ project: "p", transport: server.transport });
      await (await client.instance("main").create()).result();
      await create("good", client);
      await create("bad", client);
    }
    const log = join(folder, "databases", "2", "log-000000000001");
    await writeFile(log, "not a log", { flag: "r+" });
    await using server = await openServer({ directory: folder });
    await using client = new Client({ project: "p", transport: server.transport });
    await using good = client.instance("main").database("good");
    await using bad = client.instance("main").database("bad");
    assert.deepEqual(await good.query("SELECT COUNT(*) AS n FROM T").rows(), [{ n: 0n }]);
    await assert.rejects(bad.query("SELECT 1").rows(), (thrown: Error) => {
      assert.match(thrown.message, /databases\/2\/log-000000000001 is damaged at byte 0/);
      return true;
    });
    await bad.drop();
    assert.equal(await bad.exists(), false);
  }));
