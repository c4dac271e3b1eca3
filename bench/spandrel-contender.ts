// SPDX-License-Identifier: Apache-2.0
import { Client } from "@spandrel/client";
import type { Contender } from "./contender.ts";
import { databaseId, instanceId, projectId, selectOne, selectRows } from "./workload.ts";

/** Our client, as a program uses it that follows the documentation. */
export function connect(address: string): Contender {
  const client = new Client({ project: projectId, emulatorHost: address });
  const database = client.instance(instanceId).database(databaseId);
  const objects = async (): Promise<number> => (await database.query(selectRows).rows()).length;
  return {
    selectOne: () => database.query(selectOne).rows(),
    rows: {
      objects,
      "default rows": objects,
      stream: async () => {
        let count = 0;
        for await (const batch of database.query(selectRows).batches()) {
          for (const _ of batch) count += 1;
        }
        return count;
      },
      "one by one": async () => {
        let count = 0;
        for await (const _ of database.query(selectRows)) count += 1;
        return count;
      },
    },
    close: () => client.close(),
  };
}
