// SPDX-License-Identifier: Apache-2.0
// Temporal itself, in a process that has it, and for a compiler that knows it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const options = { cwd: root, timeout: 50_000, env: { PATH: process.env["PATH"] } };

test("TIMESTAMP, DATE and INTERVAL go there and come back as Temporal's own", async () => {
  const program = `
    import { Client, Interval, sql, Timestamp } from "@spandrel/client";
    import { createServer } from "@spandrel/server";
    const { transport } = createServer();
    await using client = new Client({ project: "p", transport, environment: {} });
    await (await client.instance("temporal").create()).result();
    const database = client.instance("temporal").database("music");
    await (await database.create({
      ddlStatements: ["CREATE TABLE T (Day DATE, Time TIMESTAMP) PRIMARY KEY (Day, Time)"],
    })).result();

    const Day = Temporal.PlainDate.from("2026-11-20[u-ca=hebrew]");
    const Time = Temporal.Instant.from("2026-11-20T10:03:38.123456789Z");
    await database.batch().insert("T", { Day, Time }).commit();
    const [row] = await database.read("T", ["Day", "Time"], [[Day, Time]]).rows();
    console.log(row.Day.toPlainDate().equals(Day.withCalendar("iso8601")));
    console.log(row.Time.toInstant().equals(Time), row.Time.toInstant() instanceof Temporal.Instant);

    const length = Temporal.Duration.from("P1Y2M3DT4H5M6.000000007S");
    const { l } = await database.query(sql\`SELECT \${length} AS l\`).one();
    console.log(String(l), String(l.toDuration()));
    const past = { readTimestamp: Temporal.Now.instant() };
    console.log((await database.read("T", ["Day"], [[Day, Time]], past).rows()).length);

    for (const edge of ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"])
      console.log(Timestamp.from(Timestamp.from(edge).toInstant()).toString() === edge);
    try {
      new Interval(1, -1, 0n).toDuration();
    } catch (error) {
      console.log(error.name);
    }`;
  const words = ["--harmony-temporal", "--conditions=source", "--input-type=module", "--eval"];
  const { stdout } = await run(process.execPath, [...words, program], options);
  assert.deepEqual(stdout.trim().split("\n"), [
    "true",
    "true true",
    "P1Y2M3DT4H5M6.000000007S P14M3DT14706.000000007S",
    "1",
    "true",
    "true",
    "RangeError",
  ]);
});

test("a compiler that knows Temporal takes and gives its types", async () => {
  const program = `
    import { CalendarDate, type Database, Interval, sql, Timestamp, timestamp } from "@spandrel/client";
    export async function uses(database: Database): Promise<void> {
      const at: Temporal.Instant = Timestamp.from(Temporal.Now.instant()).toInstant().add({ hours: 1 });
      const day: Temporal.PlainDate = CalendarDate.from(Temporal.Now.plainDateISO()).toPlainDate();
      const length: Temporal.Duration = Interval.from(at.until(at)).toDuration();
      await database.query(sql\`SELECT \${at}, \${day}, \${length}, \${timestamp(at)}\`).rows();
      await database.read("T", ["Id"], [[at, day]], { readTimestamp: at }).rows();
      database.batch().insert("T", { at, day, length });
      // @ts-expect-error a time of day in a zone has no type of Spanner: say which instant
      sql\`SELECT \${Temporal.Now.zonedDateTimeISO()}\`;
      // @ts-expect-error a day is no moment
      Timestamp.from(day);
    }`;
  const folder = await mkdtemp(join(tmpdir(), "temporal-"));
  try {
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "program.ts"), program);
    const words =
      "--noEmit --strict --exactOptionalPropertyTypes --target es2024 --module nodenext --types node --skipLibCheck " +
      "--customConditions source --allowImportingTsExtensions " +
      "--lib es2024,esnext.disposable,esnext.temporal program.ts";
    const compiler = join(root, "node_modules/typescript-7/bin/tsc");
    const compiled = await run(process.execPath, [compiler, ...words.split(" ")], {
      ...options,
      cwd: folder,
    }).catch(({ stdout }: { stdout: string }) => ({ stdout }));
    assert.equal(compiled.stdout, "");
  } finally {
    await rm(folder, { recursive: true });
  }
});
