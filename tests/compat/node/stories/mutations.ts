// SPDX-License-Identifier: Apache-2.0
// Writing and reading rows by key, without SQL.
import type { Database } from "@google-cloud/spanner";
import type { ReadRequest } from "@google-cloud/spanner/build/src/transaction.js";
import type { Story, Told, WrittenTimestamp } from "../story.ts";

export const mutationStories: readonly Story[] = [
  {
    name: "rows that were inserted are read back in key order",
    async tell({ database }) {
      await database.table("Singers").insert([
        { SingerId: 2, FirstName: "Catalina", LastName: "Smith" },
        { SingerId: 1, FirstName: "Marc", LastName: "Richards" },
        { SingerId: 3, FirstName: null, LastName: "Trentor" },
      ]);
      return singers(database, everything);
    },
    expected: [
      [1, "Marc", "Richards"],
      [2, "Catalina", "Smith"],
      [3, null, "Trentor"],
    ],
  },
  {
    name: "rows are read by keys and by ranges of keys",
    async tell({ database }) {
      const [keys, ranges] = await Promise.all([
        singers(database, { keys: ["3", "1", "9"] }),
        singers(database, { ranges: [{ startOpen: ["1"], endClosed: ["3"] }] }),
      ]);
      return { keys, ranges };
    },
    expected: {
      keys: [
        [1, "Marc", "Richards"],
        [3, null, "Trentor"],
      ],
      ranges: [
        [2, "Catalina", "Smith"],
        [3, null, "Trentor"],
      ],
    },
  },
  {
    name: "rows are read through an index, with a limit",
    async tell({ database }) {
      const [rows] = await database.table("Singers").read({
        index: "SingersByLastName",
        columns: ["LastName", "FirstName", "SingerId"],
        ranges: [{ startClosed: ["S"], endOpen: ["U"] }],
        limit: 1,
        json: true,
      });
      return rows as Told[];
    },
    expected: [{ LastName: "Smith", FirstName: "Catalina", SingerId: 2 }],
  },
  {
    name: "rows are streamed as they arrive",
    async tell({ database }) {
      let count = 0;
      const stream = database.table("Singers").createReadStream({
        columns: ["SingerId"],
        ...everything,
      });
      for await (const _ of stream) count += 1;
      return count;
    },
    expected: 3,
  },
  {
    name: "update, upsert, replace and delete change what they say and nothing else",
    async tell({ database }) {
      const table = database.table("Singers");
      await table.update([{ SingerId: 3, FirstName: "Alice" }]);
      await table.upsert([{ SingerId: 4, LastName: "Martin" }]);
      await table.replace([{ SingerId: 2, LastName: "Garcia" }]);
      await table.deleteRows(["1"]);
      return singers(database, everything);
    },
    expected: [
      [2, null, "Garcia"],
      [3, "Alice", "Trentor"],
      [4, null, "Martin"],
    ],
  },
  {
    name: "children go with their parent",
    async tell({ database }) {
      await database.table("Albums").insert([
        { SingerId: 4, AlbumId: 1, Title: "Green" },
        { SingerId: 4, AlbumId: 2, Title: "Total Junk" },
      ]);
      const before = await albumCount(database);
      await database.table("Singers").deleteRows(["4"]);
      return { before, after: await albumCount(database) };
    },
    expected: { before: 2, after: 0 },
  },
  {
    name: "a commit timestamp is written where its placeholder stands",
    async tell({ client, database }) {
      const [{ commitTimestamp }] = await database.table("Singers").insert({
        SingerId: 5,
        LastName: "Lomond",
        UpdatedAt: client.Spanner.COMMIT_TIMESTAMP,
      });
      const [[row]] = await database.table("Singers").read({
        columns: ["UpdatedAt"],
        keys: ["5"],
        json: true,
      });
      const committedAt = client.Spanner.timestamp(commitTimestamp as WrittenTimestamp);
      const { UpdatedAt } = row as unknown as {
        UpdatedAt: ReturnType<typeof client.Spanner.timestamp>;
      };
      return UpdatedAt.toISOString() === committedAt.toISOString();
    },
    expected: true,
  },
  {
    name: "writeAtLeastOnce writes in one call",
    async tell({ client, database }) {
      const mutations = new client.MutationSet();
      mutations.upsert("Singers", { SingerId: 6, LastName: "Once" });
      mutations.deleteRows("Singers", ["5"]);
      const [{ commitTimestamp }] = await database.writeAtLeastOnce(mutations, {});
      return { hasTimestamp: commitTimestamp !== null, rows: await singers(database, everything) };
    },
    expected: {
      hasTimestamp: true,
      rows: [
        [2, null, "Garcia"],
        [3, "Alice", "Trentor"],
        [6, null, "Once"],
      ],
    },
  },
  {
    name: "groups of a batch write succeed and fail on their own",
    async tell({ client, database }) {
      const good = new client.MutationGroup();
      good.insert("Singers", { SingerId: 7, LastName: "Good" });
      const bad = new client.MutationGroup();
      bad.insert("Singers", { SingerId: 2, LastName: "There already" });
      const codes: Record<number, number> = {};
      for await (const response of database.batchWriteAtLeastOnce([good, bad], {})) {
        // The type says bytes; what comes are messages.
        const { indexes, status } = response as unknown as BatchWriteResponse;
        for (const index of indexes) codes[index] = status?.code ?? 0;
      }
      return codes;
    },
    expected: { 0: 0, 1: 6 },
  },
  {
    name: "commit statistics count mutations",
    async tell({ database }) {
      const [{ commitStats }] = await database.table("Visits").insert(
        [
          { Id: 1, Place: "Harbor" },
          { Id: 2, Place: "Hill" },
        ],
        { returnCommitStats: true },
      );
      return Number(commitStats?.mutationCount);
    },
    expected: 4,
  },
];

interface BatchWriteResponse {
  readonly indexes: readonly number[];
  readonly status?: { readonly code: number };
}

const everything = { keySet: { all: true } };

async function singers(database: Database, keys: ReadRequest): Promise<Told> {
  const columns = ["SingerId", "FirstName", "LastName"];
  const [rows] = await database.table("Singers").read({ columns, json: true, ...keys });
  return (rows as unknown as Record<string, Told>[]).map((row) => Object.values(row));
}

async function albumCount(database: Database): Promise<number> {
  const [rows] = await database.table("Albums").read({ columns: ["AlbumId"], ...everything });
  return rows.length;
}
