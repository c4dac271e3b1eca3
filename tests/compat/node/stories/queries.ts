// SPDX-License-Identifier: Apache-2.0
// Queries outside of transactions: rows, streams, parameters that say their type and that do not.
import type { Database } from "@google-cloud/spanner";
import type { Story, Told } from "../story.ts";

export const queryStories: readonly Story[] = [
  {
    name: "a query without a table answers",
    tell: ({ database }) =>
      rowsOf(database, { sql: "SELECT 1 AS one, 'two' AS two, NULL AS none" }),
    expected: [{ one: 1, two: "two", none: null }],
  },
  {
    name: "a query finds rows by a parameter whose type is not said",
    tell: ({ database }) =>
      rowsOf(database, {
        sql: "SELECT SingerId, LastName FROM Singers WHERE SingerId = @id",
        params: { id: 3 },
      }),
    expected: [{ SingerId: 3, LastName: "Trentor" }],
  },
  {
    name: "a query finds rows by parameters whose types are said",
    tell: ({ database }) =>
      rowsOf(database, {
        sql: `SELECT SingerId FROM Singers
              WHERE SingerId IN UNNEST(@ids) AND (@name IS NULL OR LastName = @name)
              ORDER BY SingerId`,
        params: { ids: [2, 3, 99], name: null },
        types: { ids: { type: "array", child: "int64" }, name: "string" },
      }),
    expected: [{ SingerId: 2 }, { SingerId: 3 }],
  },
  {
    name: "default rows are lists of names and values",
    async tell({ database }) {
      const [[row]] = await database.run("SELECT 5 AS n, 'x' AS s, 5 AS n");
      return (row as { name: string; value: { value?: string } | string }[]).map(
        ({ name, value }) => [name, typeof value === "object" ? (value.value ?? null) : value],
      );
    },
    expected: [
      ["n", "5"],
      ["s", "x"],
      ["n", "5"],
    ],
  },
  {
    name: "joins, groups and orders",
    async tell({ database }) {
      await database.table("Albums").insert([
        { SingerId: 2, AlbumId: 1, Title: "Go" },
        { SingerId: 2, AlbumId: 2, Title: "Stop" },
        { SingerId: 3, AlbumId: 1, Title: "Wait" },
      ]);
      return rowsOf(database, {
        sql: `SELECT s.LastName AS name, COUNT(*) AS albums, ARRAY_AGG(a.Title ORDER BY a.Title) AS titles
              FROM Singers AS s JOIN Albums AS a ON a.SingerId = s.SingerId
              GROUP BY s.LastName HAVING COUNT(*) > 0 ORDER BY albums DESC, name`,
      });
    },
    expected: [
      { name: "Garcia", albums: 2, titles: ["Go", "Stop"] },
      { name: "Trentor", albums: 1, titles: ["Wait"] },
    ],
  },
  {
    name: "structs come as objects, alone and in arrays",
    tell: ({ database }) =>
      rowsOf(database, {
        sql: `SELECT ARRAY(SELECT AS STRUCT AlbumId AS a, Title AS b FROM Albums
                          WHERE SingerId = 2 ORDER BY AlbumId) AS list`,
      }),
    expected: [
      {
        list: [
          { a: 1, b: "Go" },
          { a: 2, b: "Stop" },
        ],
      },
    ],
  },
  {
    name: "a struct can be a parameter",
    tell: ({ client, database }) =>
      rowsOf(database, {
        sql: "SELECT @who.first AS first, @who.age + 1 AS older",
        params: { who: client.Spanner.struct({ first: "Ann", age: client.Spanner.int(41) }) },
      }),
    expected: [{ first: "Ann", older: 42 }],
  },
  {
    name: "a stream gives rows as they arrive and ends",
    async tell({ database }) {
      let sum = 0;
      const stream = database.runStream({
        sql: "SELECT n, REPEAT('x', 1000) AS filler FROM UNNEST(GENERATE_ARRAY(1, 5000)) AS n",
        json: true,
      });
      for await (const row of stream) sum += (row as unknown as { n: number }).n;
      return sum;
    },
    expected: (5_000 * 5_001) / 2,
  },
  {
    name: "a value larger than one message comes whole",
    async tell({ database }) {
      const [row] = await rowsOf(database, { sql: "SELECT REPEAT('0123456789', 900000) AS long" });
      const { long } = row as { long: string };
      return { length: long.length, ending: long.slice(-12) };
    },
    expected: { length: 9_000_000, ending: "890123456789" },
  },
  {
    name: "the names and types of the columns are told even without rows",
    async tell({ database }) {
      const [rows, , metadata] = await database.run({
        sql: "SELECT SingerId, LastName FROM Singers WHERE FALSE",
        json: true,
      });
      const fields = metadata?.rowType?.fields ?? [];
      return { rows: rows.length, fields: fields.map(({ name, type }) => `${name} ${type?.code}`) };
    },
    expected: { rows: 0, fields: ["SingerId INT64", "LastName STRING"] },
  },
  {
    name: "a query with tags, a priority and an optimizer version is answered as without",
    tell: ({ database }) =>
      rowsOf(database, {
        sql: "SELECT 1 AS one",
        requestOptions: { priority: "PRIORITY_LOW", requestTag: "compat" },
        queryOptions: { optimizerVersion: "6" },
      }),
    expected: [{ one: 1 }],
  },
  {
    name: "hints and comments change nothing in what is answered",
    tell: ({ database }) =>
      rowsOf(database, {
        sql: `-- how many
              @{OPTIMIZER_VERSION=6} SELECT COUNT(*) AS singers
              FROM Singers@{FORCE_INDEX=SingersByLastName} /* all of them */`,
      }),
    expected: [{ singers: 4 }],
  },
  {
    name: "hundreds of queries at once are each given their own answer",
    async tell({ database }) {
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, n) =>
          rowsOf(database, { sql: "SELECT @n AS n", params: { n } }),
        ),
      );
      return answers.every(([row], index) => (row as { n: number }).n === index);
    },
    expected: true,
  },
  {
    name: "a query in profile mode tells how many rows it returned",
    async tell({ database }) {
      const profiled = { sql: "SELECT SingerId FROM Singers", queryMode: "PROFILE" } as const;
      const [rows, stats] = await database.run(profiled as unknown as string);
      const returned = stats.queryStats?.fields?.["rows_returned"]?.stringValue;
      return Number(returned) === rows.length;
    },
    expected: true,
  },
  {
    name: "the schema can be asked with SQL",
    tell: ({ database }) =>
      rowsOf(database, {
        sql: `SELECT COLUMN_NAME AS name, SPANNER_TYPE AS type, IS_NULLABLE AS nullable
              FROM INFORMATION_SCHEMA.COLUMNS
              WHERE TABLE_SCHEMA = '' AND TABLE_NAME = 'Accounts' ORDER BY ORDINAL_POSITION`,
      }),
    expected: [
      { name: "Name", type: "STRING(64)", nullable: "NO" },
      { name: "Balance", type: "INT64", nullable: "NO" },
    ],
  },
];

async function rowsOf(
  database: Database,
  query: Exclude<Parameters<Database["run"]>[0], string>,
): Promise<Told[]> {
  const [rows] = await database.run({ ...query, json: true });
  return rows as unknown as Told[];
}
