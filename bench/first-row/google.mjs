// SPDX-License-Identifier: Apache-2.0
// From nothing to a first row: the whole of a short program.
import { Spanner } from "@google-cloud/spanner";
import { peakBytes } from "./peak-bytes.mjs";

const spanner = new Spanner({ projectId: "bench" });
const database = spanner.instance("bench").database("bench");
const [[row]] = await database.run({ sql: "SELECT 1 AS one", json: true });
if (row.one !== 1) throw new Error("not the row that was asked for");
const { user, system } = process.cpuUsage();
const wallMicros = performance.now() * 1_000;
const cost = { cpuMicros: user + system, wallMicros, peakBytes: peakBytes(), growthBytes: 0 };
console.log(JSON.stringify(cost));
await database.close();
await spanner.close();
