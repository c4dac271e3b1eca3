// SPDX-License-Identifier: Apache-2.0
// Read-only transactions: what was true at one moment, whatever is written meanwhile.
import type { Database, Snapshot } from "@google-cloud/spanner";
import type { Story, Told, WrittenTimestamp } from "../story.ts";

export const snapshotStories: readonly Story[] = [
  {
    name: "a snapshot shows one moment to all of its reads and queries",
    async tell({ database }) {
      const [snapshot] = await database.getSnapshot({ strong: true, returnReadTimestamp: true });
      const before = await places(snapshot);
      await database.table("Visits").insert({ Id: 3, Place: "Mill" });
      const [rows] = await snapshot.read("Visits", {
        columns: ["Place"],
        keySet: { all: true },
        json: true,
      });
      const after = await places(snapshot);
      const hasTimestamp = snapshot.readTimestampProto !== undefined;
      snapshot.end();
      return { before, read: rows.length, after, now: await places(database), hasTimestamp };
    },
    expected: {
      before: ["Harbor", "Hill"],
      read: 2,
      after: ["Harbor", "Hill"],
      now: ["Harbor", "Hill", "Mill"],
      hasTimestamp: true,
    },
  },
  {
    name: "many snapshots of one session go on side by side",
    async tell({ database }) {
      const snapshots = await Promise.all(
        Array.from({ length: 8 }, async () => (await database.getSnapshot())[0]),
      );
      const seen = await Promise.all(snapshots.map((snapshot) => places(snapshot)));
      for (const snapshot of snapshots) snapshot.end();
      return seen.map((found) => found.length);
    },
    expected: [3, 3, 3, 3, 3, 3, 3, 3],
  },
  {
    name: "a snapshot of an earlier moment shows what was there then",
    async tell({ client, database }) {
      const [{ commitTimestamp }] = await database
        .table("Visits")
        .insert({ Id: 4, Place: "Bridge" });
      await database.table("Visits").deleteRows(["4"]);
      const readTimestamp = client.Spanner.timestamp(commitTimestamp as WrittenTimestamp);
      const [snapshot] = await database.getSnapshot({ readTimestamp });
      const earlier = await places(snapshot);
      snapshot.end();
      return { earlier, now: await places(database) };
    },
    expected: { earlier: ["Bridge", "Harbor", "Hill", "Mill"], now: ["Harbor", "Hill", "Mill"] },
  },
  {
    name: "a single read may be stale by at most so much",
    async tell({ database }) {
      const [rows] = await database.run(
        { sql: "SELECT COUNT(*) AS visits FROM Visits", json: true },
        { maxStaleness: 0 },
      );
      return rows as unknown as Told;
    },
    expected: [{ visits: 3 }],
  },
];

async function places(source: Database | Snapshot): Promise<string[]> {
  const query = { sql: "SELECT Place FROM Visits ORDER BY Place", json: true };
  const [rows] = await source.run(query);
  return (rows as unknown as { Place: string }[]).map(({ Place }) => Place);
}
