// SPDX-License-Identifier: Apache-2.0
// Several processes behind one port: each makes its own client, after the fork.
import cluster from "node:cluster";
import { once } from "node:events";
import { Client } from "@spandrel/client";

if (cluster.isPrimary) {
  const counts = [cluster.fork(), cluster.fork()].map(async (worker) => {
    const [count] = await once(worker, "message");
    worker.disconnect();
    return count;
  });
  for (const count of await Promise.all(counts)) console.log(`a worker sees ${count} singers`);
} else {
  await using client = new Client({ project: "my-project" });
  const database = client.instance("my-instance").database("my-database");
  const [row] = await database.query<{ n: bigint }>("SELECT COUNT(*) AS n FROM Singers").rows();
  process.send?.(String(row?.n));
}
