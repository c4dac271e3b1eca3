// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { Spanner } from "@google-cloud/spanner";
import type { Contender } from "./contender.ts";
import { databaseId, instanceId, projectId, selectOne, selectRows } from "./workload.ts";

/** Google's client, as a program uses it that follows the documentation. */
export function connect(address: string): Contender {
  process.env["SPANNER_EMULATOR_HOST"] = address;
  const spanner = new Spanner({ projectId });
  const database = spanner.instance(instanceId).database(databaseId);
  return {
    selectOne: () => database.run({ sql: selectOne, json: true }),
    rows: {
      objects: async () => {
        const [rows] = await database.run({ sql: selectRows, json: true });
        return rows.length;
      },
      "default rows": async () => (await database.run(selectRows))[0].length,
      stream: async () => {
        let count = 0;
        const stream = database.runStream({ sql: selectRows, json: true });
        stream.on("data", () => {
          count += 1;
        });
        await once(stream, "end");
        return count;
      },
      "one by one": async () => {
        let count = 0;
        for await (const _ of database.runStream({ sql: selectRows, json: true })) count += 1;
        return count;
      },
    },
    close: async () => {
      await database.close();
      await spanner.close();
    },
  };
}
