// SPDX-License-Identifier: Apache-2.0
// Whole databases are copied: in no time, as bytes, as SQL and as JSON. Whatever was in one is in its
// copy, to the last bit of the last float.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Code } from "@spandrel/client";
import {
  normalizeJson,
  printDate,
  printNumeric,
  printTimestamp,
  type WireValue,
} from "@spandrel/model";
import { type Mutation, SpannerDefinition } from "@spandrel/protocol";
import { methodsOf, type Transport } from "@spandrel/rpc";
import type { ServerControl } from "@spandrel/server";
import fc from "fast-check";
import { addSinger, bytesOf, instanceName, inWorld, name, namesOf, textOf } from "./world.ts";

const spanner = methodsOf(SpannerDefinition);

describe("copies of a database", () => {
  test("a fork and its origin go their own ways, and a reset takes the fork back", () =>
    inWorld(async ({ control, database, instance }) => {
      await addSinger(database, 1n, "Nina");
      assert.equal(await control.databases.fork(name, "copy"), name.replace("music", "copy"));
      const copy = instance.database("copy");
      await addSinger(copy, 2n, "Ella");
      await addSinger(database, 3n, "Ada");
      assert.deepEqual(await namesOf(copy), ["Nina", "Ella"]);
      assert.deepEqual(await namesOf(database), ["Nina", "Ada"]);
      await control.databases.reset(copy.name);
      assert.deepEqual(await namesOf(copy), ["Nina"]);
      await assert.rejects(control.databases.fork(name, "copy"), { code: Code.ALREADY_EXISTS });
    }));

  test("a reset brings back what a row deletion policy has deleted meanwhile", () =>
    inWorld(
      async ({ control, database, instance }) => {
        await database.runInTransaction(async (transaction) => {
          await transaction.executeUpdate(
            "INSERT INTO Old (Id, Made) VALUES (1, CURRENT_TIMESTAMP())",
          );
        });
        await control.databases.fork(name, "copy");
        const copy = instance.database("copy");
        const count = async () => (await copy.query("SELECT Id FROM Old").rows()).length;
        control.clock.advance(10 * 24 * 3_600_000);
        while ((await count()) > 0) await new Promise((resolve) => setImmediate(resolve));
        await control.databases.reset(copy.name);
        assert.equal(await count(), 1);
      },
      {
        ddl: [
          `CREATE TABLE Old (Id INT64, Made TIMESTAMP) PRIMARY KEY (Id),
             ROW DELETION POLICY (OLDER_THAN(Made, INTERVAL 1 DAY))`,
        ],
      },
    ));

  test("a snapshot has the past as well, and stays as it was", () =>
    inWorld(async ({ control, database, instance }) => {
      await addSinger(database, 1n, "Nina");
      const before = await database.snapshot().executeSql("SELECT 1").rows();
      assert.equal(before.length, 1);
      control.clock.advance(10_000);
      await addSinger(database, 2n, "Ella");
      const bytes = await bytesOf(control.databases.snapshot(name));
      await addSinger(database, 3n, "Ada");
      await control.databases.restore(instanceName, "restored", bytes);
      const restored = instance.database("restored");
      assert.deepEqual(await namesOf(restored), ["Nina", "Ella"]);
      const past = await restored
        .query("SELECT Name FROM Singers", { exactStalenessMillis: 5_000 })
        .rows();
      assert.deepEqual(
        past.map((row) => row["Name"]),
        ["Nina"],
      );
    }));

  test("a snapshot is kept in a file, whole or not at all", async () => {
    const folder = await mkdtemp(join(tmpdir(), "spandrel-snapshot-"));
    try {
      await inWorld(async ({ control, database, instance }) => {
        await addSinger(database, 1n, "Nina");
        const path = join(folder, "music.snapshot");
        const size = await control.databases.saveSnapshot(name, path);
        assert.ok(size > 100);
        await control.databases.loadSnapshot(instanceName, "restored", path);
        assert.deepEqual(await namesOf(instance.database("restored")), ["Nina"]);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("bytes that are no snapshot make no database", () =>
    inWorld(async ({ control, database }) => {
      await addSinger(database, 1n, "Nina");
      const bytes = await bytesOf(control.databases.snapshot(name));
      for (const wrong of [new Uint8Array(), bytes.subarray(0, -1), Buffer.from("hello")]) {
        await assert.rejects(control.databases.restore(instanceName, "copy", wrong), {
          code: Code.DATA_LOSS,
        });
      }
      assert.deepEqual(control.live.databases(), [name]);
    }));
});

describe("a dump", () => {
  test("is readable, and puts what refers behind what it refers to", () =>
    inWorld(
      async ({ control, database }) => {
        await database
          .batch()
          .insert("Singers", [{ Id: 1n, Best: 2n }])
          .insert("Singers", [{ Id: 2n, Best: 1n }])
          .insert("Albums", [{ Id: 1n, Pos: 1n, Title: "It's\nnew;" }])
          .commit();
        assert.equal(
          await textOf(control.databases.dump(name)),
          [
            "CREATE TABLE Singers (",
            "  Id INT64 NOT NULL,",
            "  Best INT64,",
            "  Twice INT64 AS (Id * 2) STORED,",
            ") PRIMARY KEY(Id);",
            "CREATE TABLE Albums (",
            "  Id INT64 NOT NULL,",
            "  Pos INT64 NOT NULL,",
            "  Title STRING(MAX),",
            ") PRIMARY KEY(Id, Pos),",
            "  INTERLEAVE IN PARENT Singers;",
            "INSERT INTO Singers (Id, Best) VALUES",
            "  (1, 2),",
            "  (2, 1);",
            "INSERT INTO Albums (Id, Pos, Title) VALUES",
            '  (1, 1, "It\'s\\nnew;");',
            "ALTER TABLE Singers ADD CONSTRAINT Friends FOREIGN KEY(Best) REFERENCES Singers(Id);",
            "",
          ].join("\n"),
        );
      },
      {
        ddl: [
          `CREATE TABLE Singers (Id INT64 NOT NULL, Best INT64, Twice INT64 AS (Id * 2) STORED,
             CONSTRAINT Friends FOREIGN KEY (Best) REFERENCES Singers (Id)) PRIMARY KEY (Id)`,
          `CREATE TABLE Albums (Id INT64 NOT NULL, Pos INT64 NOT NULL, Title STRING(MAX))
             PRIMARY KEY (Id, Pos), INTERLEAVE IN PARENT Singers`,
        ],
      },
    ));

  test("goes on counting where identity columns and sequences were", () =>
    inWorld(
      async ({ control, database, instance }) => {
        const add = (into: typeof database) =>
          into.runInTransaction(async (transaction) => {
            await transaction.executeUpdate("INSERT INTO Counted (Text) VALUES ('x')");
          });
        for (let count = 0; count < 3; count++) await add(database);
        const formats = ["sql", "json"] as const;
        for (const format of formats) {
          const dump = await textOf(control.databases.dump(name, { format }));
          await (await instance.database(`from-${format}`).create()).result();
          await control.databases.load(`${instanceName}/databases/from-${format}`, dump, {
            format,
          });
        }
        const rows = async (of: typeof database) => {
          await add(of);
          return of.query("SELECT * FROM Counted ORDER BY Id").rows();
        };
        const expected = await rows(database);
        assert.equal(expected.length, 4);
        for (const format of formats) {
          assert.deepEqual(await rows(instance.database(`from-${format}`)), expected);
        }
      },
      {
        ddl: [
          "CREATE SEQUENCE Numbers OPTIONS (sequence_kind = 'bit_reversed_positive')",
          "CREATE SEQUENCE Others BIT_REVERSED_POSITIVE START COUNTER WITH 50",
          `CREATE TABLE Counted (
             Id INT64 GENERATED BY DEFAULT AS IDENTITY (BIT_REVERSED_POSITIVE),
             Number INT64 DEFAULT (GET_NEXT_SEQUENCE_VALUE(SEQUENCE Numbers)),
             Other INT64 DEFAULT (GET_NEXT_SEQUENCE_VALUE(SEQUENCE Others)),
             Text STRING(MAX)) PRIMARY KEY (Id)`,
        ],
      },
    ));

  test("can be loaded when tables refer to each other in a circle, and to what came later", () =>
    inWorld(
      async ({ control, database, instance }) => {
        await database
          .batch()
          .insert("Singers", [{ Id: 1n }])
          .insert("Labels", [{ Id: 7n, Star: 1n }])
          .update("Singers", [{ Id: 1n, Label: 7n }])
          .commit();
        for (const format of ["sql", "json"] as const) {
          const copy = instance.database(`from-${format}`);
          await (await copy.create()).result();
          const dump = await textOf(control.databases.dump(name, { format }));
          await control.databases.load(copy.name, dump, { format });
          const { Star } = await copy.query("SELECT Star FROM Labels").one();
          assert.equal(Star, 1n);
          const insert = copy.batch().insert("Singers", { Id: 2n, Label: 8n });
          await assert.rejects(insert.commit(), { code: Code.FAILED_PRECONDITION });
        }
      },
      {
        ddl: [
          `CREATE TABLE Singers (Id INT64 NOT NULL, Label INT64, Number INT64)
             PRIMARY KEY (Id)`,
          `CREATE TABLE Labels (Id INT64 NOT NULL, Star INT64,
             FOREIGN KEY (Star) REFERENCES Singers (Id)) PRIMARY KEY (Id)`,
          "ALTER TABLE Singers ADD FOREIGN KEY (Label) REFERENCES Labels (Id)",
          "CREATE SEQUENCE Numbers OPTIONS (sequence_kind = 'bit_reversed_positive')",
          `ALTER TABLE Singers ALTER COLUMN Number
             SET DEFAULT (GET_NEXT_SEQUENCE_VALUE(SEQUENCE Numbers))`,
        ],
      },
    ));

  test("holds rows that are longer than any statement may be, and they are loaded", () =>
    inWorld(async ({ control, database, instance }) => {
      const long = '"\n'.repeat(700_000);
      await addSinger(database, 1n, long);
      for (const format of ["sql", "json"] as const) {
        const copy = instance.database(`from-${format}`);
        await (await copy.create()).result();
        await control.databases.load(copy.name, control.databases.dump(name, { format }), {
          format,
        });
        assert.deepEqual(await namesOf(copy), [long]);
      }
    }));

  test("comes in pieces of bounded size, however wide the rows are", () =>
    inWorld(async ({ control, database }) => {
      for (let id = 0n; id < 20n; id++) await addSinger(database, id, "x".repeat(50_000));
      for (const format of ["sql", "json"] as const) {
        let pieces = 0;
        for await (const piece of control.databases.dump(name, { format })) {
          assert.ok(piece.length < 200_000, `${piece.length} characters`);
          pieces++;
        }
        assert.ok(pieces > 8);
      }
    }));

  test("is of one moment, whatever is committed while it is read", () =>
    inWorld(async ({ control, database }) => {
      await addSinger(database, 1n, "Nina");
      const pieces = control.databases.dump(name, { format: "json" });
      const [head] = [(await pieces.next()).value];
      assert.match(head ?? "", /^\{"ddl":\["CREATE TABLE Singers/);
      await addSinger(database, 2n, "Ella");
      const rest = await textOf(pieces);
      assert.equal(rest, '{"table":"Singers","row":{"Id":"1","Name":"Nina"}}\n');
    }));
});

describe("a load", () => {
  test("carries out a script that somebody wrote, in pieces of any size", () =>
    inWorld(async ({ control, instance }) => {
      const script = `
        -- A script; with a semicolon in a comment
        CREATE TABLE Singers (Id INT64, Name STRING(MAX)) PRIMARY KEY (Id); /* and; another */
        INSERT INTO Singers (Id, Name) VALUES (1, 'a;b'), (2, """c
          ;d""");
        UPDATE Singers SET Name = 'e' WHERE Id = 2;
        CREATE INDEX ByName ON Singers (Name);
        DELETE FROM Singers WHERE Id = 7;
        INSERT Singers (Id) VALUES (3) -- no semicolon`;
      for (const size of [1, 7, 100, 10_000]) {
        const copy = instance.database(`size-${size}`);
        await (await copy.create()).result();
        const pieces = script.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
        const done = await control.databases.load(copy.name, pieces);
        assert.deepEqual(done, { schemaChanges: 2, rows: 4 });
        assert.deepEqual(await namesOf(copy), ["a;b", "e", null]);
      }
    }));

  test("names the statement or line that cannot be loaded; those before it stay", () =>
    inWorld(async ({ control, database }) => {
      const load = (text: string, format: "sql" | "json") =>
        control.databases.load(name, text, { format });
      await assert.rejects(
        load("INSERT INTO Singers (Id) VALUES (1); INSERT INTO Nobody (Id) VALUES (1);", "sql"),
        { code: Code.INVALID_ARGUMENT, message: /^Statement 2: Table not found: Nobody/ },
      );
      await assert.rejects(load('{"table":"Singers","row":{"Id":"2"}}\n\n{"table":', "json"), {
        code: Code.INVALID_ARGUMENT,
        message: /^Line 3: It is not JSON/,
      });
      await assert.rejects(load('{"tabel":"Singers"}', "json"), { message: /^Line 1: table: / });
      await assert.rejects(load('{"table":"Singers","row":[]}', "json"), {
        message: /^Line 1: row: must be an object/,
      });
      assert.deepEqual(await namesOf(database), []);
    }));
});

interface ColumnType {
  readonly ddl: string;
  readonly value: fc.Arbitrary<WireValue>;
}

const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom("\n", "\r", "\t", "\0", "\\", '"', "'", "`", ";", "\u007f", "\u2028", "é"),
  ),
  maxLength: 12,
});
const float = fc.oneof(
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, 5e-324),
);

function wireFloat(value: number): WireValue {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

const scalars: readonly ColumnType[] = [
  { ddl: "BOOL", value: fc.boolean() },
  { ddl: "INT64", value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) },
  { ddl: "FLOAT64", value: float.map(wireFloat) },
  { ddl: "FLOAT32", value: float.map(Math.fround).map(wireFloat) },
  {
    ddl: "NUMERIC",
    value: fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map(printNumeric),
  },
  { ddl: "STRING(MAX)", value: text },
  {
    ddl: "BYTES(MAX)",
    value: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  },
  { ddl: "DATE", value: fc.integer({ min: -719_162, max: 2_932_896 }).map(printDate) },
  {
    ddl: "TIMESTAMP",
    value: fc
      .bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n })
      .map(printTimestamp),
  },
  {
    ddl: "JSON",
    value: fc
      .oneof(
        text,
        fc.integer(),
        fc.array(text, { maxLength: 2 }),
        fc.dictionary(text, fc.boolean(), { maxKeys: 2 }),
      )
      .map((value) => normalizeJson(JSON.stringify(value))),
  },
  { ddl: "UUID", value: fc.uuid() },
];

const columnType: fc.Arbitrary<ColumnType> = fc.oneof(
  fc.constantFrom(...scalars),
  fc.constantFrom(...scalars).map(({ ddl, value }) => ({
    ddl: `ARRAY<${ddl}>`,
    value: fc.array(fc.option(value), { maxLength: 3 }),
  })),
);

/** Two tables, one in the other, with columns of any types, and the rows to fill them with. */
const filled = fc
  .record({
    parent: fc.array(columnType, { maxLength: 4 }),
    child: fc.array(columnType, { minLength: 1, maxLength: 4 }),
    isCascading: fc.boolean(),
    isDescending: fc.boolean(),
    schema: fc.constantFrom("", "s."),
  })
  .chain(({ parent, child, isCascading, isDescending, schema }) => {
    const columns = (types: readonly ColumnType[]) =>
      types.map(({ ddl }, index) => `C${index} ${ddl},`).join(" ");
    const onDelete = isCascading ? " ON DELETE CASCADE" : "";
    const direction = isDescending ? " DESC" : "";
    const ddl = [
      ...(schema === "" ? [] : ["CREATE SCHEMA s"]),
      `CREATE TABLE ${schema}Parent (Id STRING(MAX), Friend STRING(MAX), ${columns(parent)}
         Made STRING(MAX) AS (CONCAT(Id, "!")) STORED,
         FOREIGN KEY (Friend) REFERENCES ${schema}Parent (Id)) PRIMARY KEY (Id${direction})`,
      `CREATE TABLE ${schema}Child (Id STRING(MAX), Pos INT64, ${columns(child)})
         PRIMARY KEY (Id${direction}, Pos), INTERLEAVE IN PARENT ${schema}Parent${onDelete}`,
      `CREATE INDEX ${schema}ByPos ON ${schema}Child (Pos DESC)`,
      `CREATE VIEW ${schema}Made SQL SECURITY INVOKER AS SELECT p.Made FROM ${schema}Parent p`,
    ];
    const valuesOf = (types: readonly ColumnType[]) =>
      fc.tuple(...types.map(({ value }) => fc.option(value)));
    const row = fc.record({
      id: text,
      friend: fc.option(fc.nat(3)),
      values: valuesOf(parent),
      children: fc.array(valuesOf(child), { maxLength: 3 }),
    });
    const rows = fc.uniqueArray(row, { maxLength: 4, selector: ({ id }) => id });
    return fc.record({
      ddl: fc.constant(ddl),
      rows: rows,
      names: fc.constant([parent, child].map((types) => types.map((_, index) => `C${index}`))),
      schema: fc.constant(schema),
    });
  });

interface Tables {
  readonly transport: Transport;
  readonly schema: string;
  readonly names: readonly (readonly string[])[];
}

async function sessionIn(transport: Transport, database: string): Promise<string> {
  const session = await transport.unary(spanner.createSession, { database });
  return session.name ?? "";
}

/** Every row of both tables as the wire carries it. */
async function contentOf({ transport, schema, names }: Tables, database: string) {
  const session = await sessionIn(transport, database);
  const read = async (table: string, columns: readonly string[]) => {
    const request = {
      session,
      table,
      columns: [...columns],
      keySet: { all: true, keys: [], ranges: [] },
    };
    return (await transport.unary(spanner.read, request)).rows;
  };
  return [
    await read(`${schema}Parent`, ["Id", "Friend", "Made", ...(names[0] ?? [])]),
    await read(`${schema}Child`, ["Id", "Pos", ...(names[1] ?? [])]),
  ];
}

async function ddlOf(control: ServerControl, database: string): Promise<string> {
  const first = (await control.databases.dump(database, { format: "json" }).next()).value;
  return first ?? "";
}

test("whatever was in a database is in its copy, by any way of copying", async () => {
  await fc.assert(
    fc.asyncProperty(filled, ({ ddl, rows, names, schema }) =>
      inWorld(
        async ({ control, transport, instance }) => {
          const tables = { transport, schema, names };
          const insert = (
            table: string,
            columns: readonly string[],
            values: readonly WireValue[][],
          ): Mutation => ({
            operation: {
              $case: "insert",
              insert: { table: `${schema}${table}`, columns: [...columns], values: [...values] },
            },
          });
          const parents = rows.map(({ id, friend, values }) => [
            id,
            friend === null ? null : (rows[friend % rows.length]?.id ?? null),
            ...values,
          ]);
          const children = rows.flatMap(({ id, children: all }) =>
            all.map((values, pos) => [id, String(pos), ...values]),
          );
          const mutations = [
            insert("Parent", ["Id", "Friend", ...(names[0] ?? [])], parents),
            insert("Child", ["Id", "Pos", ...(names[1] ?? [])], children),
          ];
          await transport.unary(spanner.commit, {
            session: await sessionIn(transport, name),
            transaction: {
              $case: "singleUseTransaction",
              singleUseTransaction: { mode: { $case: "readWrite", readWrite: {} } },
            },
            mutations,
          });
          const content = await contentOf(tables, name);
          assert.equal(content[0]?.length, rows.length);
          const same = async (id: string) => {
            const copy = `${instanceName}/databases/${id}`;
            assert.deepStrictEqual(await contentOf(tables, copy), content);
            assert.equal(await ddlOf(control, copy), await ddlOf(control, name));
          };
          await control.databases.fork(name, "forked");
          await same("forked");
          await control.databases.restore(
            instanceName,
            "restored",
            await bytesOf(control.databases.snapshot(name)),
          );
          await same("restored");
          for (const format of ["sql", "json"] as const) {
            const copy = instance.database(`from-${format}`);
            await (await copy.create()).result();
            const dump = await textOf(control.databases.dump(name, { format }));
            await control.databases.load(copy.name, dump, { format });
            await same(`from-${format}`);
            assert.equal(await textOf(control.databases.dump(copy.name, { format })), dump);
          }
        },
        { ddl },
      ),
    ),
    { numRuns: 60 },
  );
});
