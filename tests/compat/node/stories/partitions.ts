// SPDX-License-Identifier: Apache-2.0
// Work that is cut into pieces: partitioned DML, and reads and queries in partitions.
import type { Story, Told } from "../story.ts";

export const partitionStories: readonly Story[] = [
  {
    name: "partitioned DML changes a whole table and tells at least how many rows",
    async tell({ database }) {
      const [changed] = await database.runPartitionedUpdate({
        sql: "UPDATE Visits SET Place = @place WHERE TRUE",
        params: { place: "Everywhere" },
      });
      const [rows] = await database.run({ sql: "SELECT DISTINCT Place FROM Visits", json: true });
      return { changed, rows: rows as unknown as Told };
    },
    expected: { changed: 3, rows: [{ Place: "Everywhere" }] },
  },
  {
    name: "the partitions of a query together give all of its rows",
    async tell({ database }) {
      const [transaction] = await database.createBatchTransaction();
      const [partitions] = await transaction.createQueryPartitions("SELECT Id FROM Visits");
      const ids: number[] = [];
      for (const partition of partitions) {
        const [rows] = await transaction.execute({ ...partition, json: true });
        ids.push(...(rows as unknown as { Id: number }[]).map(({ Id }) => Id));
      }
      await transaction.close();
      return ids.sort();
    },
    expected: [1, 2, 3],
  },
  {
    name: "the partitions of a read together give all of its rows",
    async tell({ database }) {
      const [transaction] = await database.createBatchTransaction();
      const [partitions] = await transaction.createReadPartitions({
        table: "Visits",
        columns: ["Id"],
        keySet: { all: true },
      });
      let count = 0;
      for (const partition of partitions) {
        const [rows] = await transaction.execute(partition);
        count += rows.length;
      }
      await transaction.close();
      return count;
    },
    expected: 3,
  },
];
