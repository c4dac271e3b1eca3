// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { Spanner } from "@google-cloud/spanner";
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

/** Google's client, as a program uses it that follows the documentation. */
export function connect(address: string): Contender {
  process.env["SPANNER_EMULATOR_HOST"] = address;
  const spanner = new Spanner({ projectId });
  const database = spanner.instance(instanceId).database(databaseId);
  const stream = async (sql: string): Promise<number> => {
    let count = 0;
    const rows = database.runStream({ sql, json: true });
    rows.on("data", () => {
      count += 1;
    });
    await once(rows, "end");
    return count;
  };
  const measurements = database.table("Measurements");
  const counters = database.table("Counters");
  return {
    small: {
      "select one": () => database.run({ sql: selectOne, json: true }),
      "point read": (id) =>
        measurements.read({ keys: [[String(id)]], columns: [...columns], json: true }),
      "DML transaction": (id) =>
        database.runTransactionAsync(async (transaction) => {
          await transaction.runUpdate({ sql: countUp, params: { id }, types: { id: "int64" } });
          await transaction.commit();
        }),
      mutations: (id) => counters.upsert({ Id: id, Count: 1 }),
    },
    rows: {
      objects: async () => {
        const [rows] = await database.run({ sql: selectRows, json: true });
        return rows.length;
      },
      arrays: async () => (await database.run(selectRows))[0].length,
      stream: () => stream(selectRows),
      // It has none: rows as they arrive are the nearest.
      columns: () => stream(selectRows),
      "one by one": async () => {
        let count = 0;
        for await (const _ of database.runStream({ sql: selectRows, json: true })) count += 1;
        return count;
      },
    },
    streamMany: () => stream(manyRows),
    close: async () => {
      await database.close();
      await spanner.close();
    },
  };
}
