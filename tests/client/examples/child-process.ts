// SPDX-License-Identifier: Apache-2.0
// A process of its own for long work: names go in, plain values come out.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Client } from "@spandrel/client";

const [database] = process.argv.slice(2);
if (database === undefined) {
  const child = fork(import.meta.filename, ["my-database"]);
  const [count] = await once(child, "message");
  console.log(`the child sees ${count} singers`);
} else {
  await using client = new Client({ project: "my-project" });
  const query = "SELECT COUNT(*) AS n FROM Singers";
  const { n } = await client
    .instance("my-instance")
    .database(database)
    .query<{ n: bigint }>(query)
    .one();
  process.send?.(String(n));
}
