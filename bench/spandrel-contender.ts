// SPDX-License-Identifier: Apache-2.0
import { Client } from "@spandrel/client";
import type { Contender } from "./contender.ts";
import {
  columns,
  countUp,
  databaseId,
  instanceId,
  manyRows,
  projectId,
  selectOne,
  selectRows,
} from "./workload.ts";

/** Our client, as a program uses it that follows the documentation. */
export function connect(address: string): Contender {
  const client = new Client({ project: projectId, emulatorHost: address });
  const database = client.instance(instanceId).database(databaseId);
  const stream = async (query: string): Promise<number> => {
    let count = 0;
    for await (const batch of database.query(query).batches()) {
      for (const _ of batch) count += 1;
    }
    return count;
  };
  return {
    small: {
      "select one": () => database.query(selectOne).rows(),
      "point read": (id) => database.read("Measurements", columns, [[BigInt(id)]]).rows(),
      "DML transaction": (id) =>
        database.runInTransaction((transaction) =>
          transaction.executeUpdate({ sql: countUp, params: { id: BigInt(id) } }),
        ),
      mutations: (id) =>
        database
          .batch()
          .insertOrUpdate("Counters", [{ Id: BigInt(id), Count: 1n }])
          .commit(),
    },
    rows: {
      objects: async () => (await database.query(selectRows).rows()).length,
      arrays: async () => (await database.query(selectRows).toArrays()).length,
      stream: () => stream(selectRows),
      columns: async () => {
        let count = 0;
        for await (const batch of database.query(selectRows).columnBatches()) {
          count += batch.rowCount;
        }
        return count;
      },
      "one by one": async () => {
        let count = 0;
        for await (const _ of database.query(selectRows)) count += 1;
        return count;
      },
    },
    streamMany: () => stream(manyRows),
    close: () => client.close(),
  };
}
