// SPDX-License-Identifier: Apache-2.0
// Reads a large table in several threads, which all see the same moment of it.
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Client } from "@spandrel/client";

const names = { project: "my-project", instance: "my-instance", database: "my-database" };
await using client = new Client({ project: names.project });
const database = client.instance(names.instance).database(names.database);

if (isMainThread) {
  await using snapshot = await database.batchSnapshot();
  const partitions = await snapshot.partitionQuery("SELECT SingerId FROM Singers");
  const counts = partitions.map(async (partition) => {
    const handOff = { snapshot: snapshot.toJSON(), partition };
    const [count] = await once(
      new Worker(import.meta.filename, { workerData: handOff }),
      "message",
    );
    return Number(count);
  });
  const total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  console.log(`${total} singers`);
} else {
  const { snapshot, partition } = workerData;
  const rows = await database.resumeBatchSnapshot(snapshot).process(partition).rows();
  parentPort?.postMessage(rows.length);
}
