// SPDX-License-Identifier: Apache-2.0
// A disk that is full, slow or broken, as a program behind the real client meets it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Code } from "@spandrel/client";
import { createServer, openServer } from "@spandrel/server";
import { FaultyDisk } from "@spandrel/testkit";
import { addSinger, instanceName, name, namesOf, singers } from "./world.ts";

test("a full disk refuses a commit and loses nothing; when there is room again, work goes on", async () => {
  const disk = new FaultyDisk();
  const open = () => openServer({ directory: "data", disk: disk.mount() });
  {
    await using server = await open();
    const { control, transport } = server;
    await using client = new Client({ project: "test", transport });
    const instance = client.instance("main");
    await (await instance.create()).result();
    await using database = instance.database("music");
    await (await database.create({ ddlStatements: singers })).result();
    await addSinger(database, 1n, "Nina");
    const { id } = control.diskFaults.add({
      operation: "write",
      path: "/log-",
      errorCode: "ENOSPC",
    });
    await assert.rejects(database.batch().insert("Singers", { Id: 2n, Name: "Ella" }).commit(), {
      code: Code.RESOURCE_EXHAUSTED,
    });
    assert.deepEqual(await namesOf(database), ["Nina"]);
    assert.ok((control.diskFaults.get(id)?.struck ?? 0) > 0);
    control.diskFaults.clear();
    await addSinger(database, 3n, "Ada");
  }
  await using server = await open();
  await using client = new Client({ project: "test", transport: server.transport });
  await using database = client.instance("main").database("music");
  assert.deepEqual(await namesOf(database), ["Nina", "Ada"]);
});

test("a sync that is slow holds an answer back until it is done", async () => {
  const disk = new FaultyDisk();
  await using server = await openServer({ directory: "data", disk: disk.mount() });
  const { control, transport } = server;
  await using client = new Client({ project: "test", transport });
  const instance = client.instance("main");
  await (await instance.create()).result();
  await using database = instance.database("music");
  await (await database.create({ ddlStatements: singers })).result();
  control.clock.stop();
  control.diskFaults.add({ operation: "sync", path: "/log-", delayMillis: 5_000, times: 1 });
  let isAnswered = false;
  const commit = database
    .batch()
    .insert("Singers", { Id: 1n, Name: "Nina" })
    .commit()
    .then(() => {
      isAnswered = true;
    });
  while (control.clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
  control.clock.advance(4_999);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isAnswered, false);
  control.clock.advance(1);
  await commit;
});

test("a database that is restored into a folder is there when the folder is opened again", async () => {
  const disk = new FaultyDisk();
  const source = createServer();
  {
    await using client = new Client({ project: "test", transport: source.transport });
    const instance = client.instance("main");
    await (await instance.create()).result();
    await using database = instance.database("music");
    await (await database.create({ ddlStatements: singers })).result();
    await addSinger(database, 1n, "Nina");
  }
  const open = () => openServer({ directory: "data", disk: disk.mount() });
  {
    await using server = await open();
    await using client = new Client({ project: "test", transport: server.transport });
    await (await client.instance("main").create()).result();
    const { databases } = server.control;
    const restored = await databases.restore(
      instanceName,
      "music",
      source.control.databases.snapshot(name),
    );
    assert.equal(restored, name);
    await using database = client.instance("main").database("music");
    await addSinger(database, 2n, "Ella");
  }
  await using server = await open();
  await using client = new Client({ project: "test", transport: server.transport });
  await using database = client.instance("main").database("music");
  assert.deepEqual(await namesOf(database), ["Nina", "Ella"]);
});

test("rules for a disk are refused where there is none, and when they are wrong", async () => {
  const { control } = createServer();
  assert.throws(() => control.diskFaults.add({ operation: "write", errorCode: "EIO" }), {
    code: Code.FAILED_PRECONDITION,
  });
  await using server = await openServer({ directory: "data", disk: new FaultyDisk().mount() });
  const add = (rule: object) => () => server.control.diskFaults.add(rule as never);
  assert.throws(add({ operation: "chew", errorCode: "EIO" }), /^StatusError: operation: /);
  assert.throws(add({ operation: "write" }), /^StatusError: errorCode: /);
  assert.throws(add({ operation: "write", errorCode: "full" }), /^StatusError: errorCode: /);
  assert.throws(add({ errorCode: "EIO" }), /^StatusError: operation: /);
  assert.throws(add({ operation: "*", errorCode: "EIO", paht: "x" }), /^StatusError: paht: /);
});
