// SPDX-License-Identifier: Apache-2.0
// The power fails, or the disk refuses, at each single step of work on files: a backup is made, copied or
// deleted, a database is restored, created or dropped. What the work was to make is there whole or not at
// all, what was acknowledged is there, nothing is left over, and nobody else is harmed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@spandrel/base";
import { FaultyDisk, VirtualClock } from "@spandrel/testkit";
import { databaseOptions, query } from "../../golden/test-database.ts";
import type { Database } from "../database/database.ts";
import { Registry } from "./registry.ts";

const rows = "SELECT K, V FROM T";
const instance = "projects/p/instances/main";
const origin = `${instance}/databases/origin`;
const dayNanos = 86_400_000_000_000n;

interface Machine {
  readonly disk: FaultyDisk;
  readonly clock: VirtualClock;
}

function open({ disk, clock }: Machine): Promise<Registry> {
  const home = { disk: disk.mount(), directory: "home" };
  return Registry.open({ ...databaseOptions({ clock }), logger: silentLogger }, home);
}

async function insert(database: Database, key: number): Promise<void> {
  const values = [[`${key}`, "x".repeat(100)]];
  const write = { table: "T", columns: ["K", "V"], values };
  await database.begin().commit([{ operation: { $case: "insert", insert: write } }]);
}

/** A server with a database of three rows and a backup of it, named `first`. */
async function prepare(machine: Machine): Promise<Registry> {
  const registry = await open(machine);
  const settings = { config: "", displayName: "", nodeCount: 0, processingUnits: 0, labels: {} };
  await registry.createInstance("projects/p", "main", settings);
  const ddl = ["CREATE TABLE T (K INT64, V STRING(MAX)) PRIMARY KEY (K)"];
  await registry.createDatabase(instance, "CREATE DATABASE origin", ddl);
  for (let key = 0; key < 3; key++) await insert(registry.get(origin), key);
  await backUp(registry, machine, "first");
  return registry;
}

async function backUp(registry: Registry, { clock }: Machine, id: string): Promise<void> {
  const expireNanos = clock.now() + dayNanos;
  const request = { instance, id, database: origin, expireNanos, versionNanos: undefined };
  const { make } = await registry.backups.begin(request);
  await make();
}

interface Work {
  readonly what: string;
  run(registry: Registry, machine: Machine): Promise<unknown>;
  /** What there is of backups and databases when it is done, by their ids. */
  readonly after: readonly string[];
}

const before: readonly string[] = ["first", "origin"];

const works: readonly Work[] = [
  {
    what: "a backup is made",
    run: (registry, machine) => backUp(registry, machine, "second"),
    after: ["first", "second", "origin"],
  },
  {
    what: "a backup is copied",
    run: async (registry, { clock }) => {
      const source = `${instance}/backups/first`;
      const expireNanos = clock.now() + dayNanos;
      const { make } = await registry.backups.beginCopy(instance, "copied", source, expireNanos);
      await make();
    },
    after: ["copied", "first", "origin"],
  },
  {
    what: "a backup is deleted",
    run: (registry) => registry.backups.delete(`${instance}/backups/first`),
    after: ["origin"],
  },
  {
    what: "a database is restored",
    run: (registry) => restore(registry, "first", "restored"),
    after: ["first", "origin", "restored"],
  },
  {
    what: "a database is dropped",
    run: (registry) => registry.dropDatabase(origin),
    after: ["first"],
  },
  {
    what: "a database is created",
    run: (registry) =>
      registry.createDatabase(instance, "CREATE DATABASE zero", [
        "CREATE TABLE T (K INT64, V STRING(MAX)) PRIMARY KEY (K)",
      ]),
    after: ["first", "origin", "zero"],
  },
];

function restore(registry: Registry, backup: string, id: string): Promise<unknown> {
  const name = `${instance}/backups/${backup}`;
  return registry.backups.restore(name, `${instance}/databases/${id}`, (blocks) =>
    registry.restoreDatabase(instance, id, blocks),
  );
}

function idsOf(registry: Registry): readonly string[] {
  const names = [...registry.backups.list(instance), ...registry.listDatabases(instance)];
  return names.map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
}

/** Every backup and database that is listed is whole, and on the disk there is nothing else. */
async function check(registry: Registry, machine: Machine): Promise<void> {
  const ids = idsOf(registry);
  const held = machine.disk.paths().map((path) => path.split("/").slice(1, 3).join("/"));
  const files = new Set(held.filter((path) => /^(backups|databases)\//.test(path)));
  assert.equal(files.size, ids.length, `${[...files]} for ${ids}`);
  for (const { name } of registry.listDatabases(instance)) {
    const held = await query(registry.get(name), rows);
    assert.equal(held.length, name.endsWith("zero") ? 0 : 3, name);
  }
  for (const { name, content } of registry.backups.list(instance)) {
    const id = `check${content}`;
    await restore(registry, name.slice(name.lastIndexOf("/") + 1), id);
    const restored = `${instance}/databases/${id}`;
    assert.equal((await query(registry.get(restored), rows)).length, 3, name);
    await registry.dropDatabase(restored);
  }
}

for (const { what, run, after } of works) {
  test(`the power fails at any step while ${what}`, async () => {
    for (let seed = 1; seed <= 3; seed++) {
      for (let step = 1, isOver = false; !isOver; step++) {
        const machine = { disk: new FaultyDisk({ seed }), clock: new VirtualClock() };
        const registry = await prepare(machine);
        let steps = 0;
        machine.disk.behavior.wait = () => {
          steps++;
          if (steps === step) machine.disk.crash();
          return undefined;
        };
        const isDone = await run(registry, machine).then(
          () => true,
          () => false,
        );
        isOver = steps < step;
        assert.ok(isDone || !isOver, "what nobody disturbs is done");
        machine.disk.behavior.wait = () => undefined;
        machine.disk.crash();
        const again = await open(machine);
        const ids = idsOf(again).join();
        assert.ok(ids === after.join() || (!isDone && ids === before.join()), `${ids} at ${step}`);
        await check(again, machine);
        await again.close();
      }
    }
  });

  test(`the disk refuses any step while ${what}`, async () => {
    for (const isReopened of [false, true]) {
      for (let step = 1, isOver = false; !isOver; step++) {
        const machine = { disk: new FaultyDisk(), clock: new VirtualClock() };
        let registry = await prepare(machine);
        let steps = 0;
        machine.disk.behavior.fails = () => (++steps === step ? "EIO" : undefined);
        const isDone = await run(registry, machine).then(
          () => true,
          () => false,
        );
        isOver = steps < step;
        machine.disk.behavior.fails = () => undefined;
        assert.ok(isDone || !isOver, "what nobody disturbs is done");
        if (isReopened) {
          machine.disk.crash();
          registry = await open(machine);
        }
        assert.equal(idsOf(registry).join(), (isDone ? after : before).join(), `at ${step}`);
        if (isDone) continue;
        await check(registry, machine);
        await run(registry, machine);
        assert.equal(idsOf(registry).join(), after.join(), "it can be done now");
        await registry.close();
      }
    }
  });
}
