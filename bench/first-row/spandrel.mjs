// SPDX-License-Identifier: Apache-2.0
// From nothing to a first row: the whole of a short program. Plain JavaScript, so that no compiler of
// types is counted.
import { Client } from "@spandrel/client";
import { peakBytes } from "./peak-bytes.mjs";

const client = new Client({ project: "bench" });
const [row] = await client.instance("bench").database("bench").query("SELECT 1 AS one").rows();
if (row.one !== 1n) throw new Error("not the row that was asked for");
const { user, system } = process.cpuUsage();
const wallMicros = performance.now() * 1_000;
const cost = { cpuMicros: user + system, wallMicros, peakBytes: peakBytes(), growthBytes: 0 };
console.log(JSON.stringify(cost));
await client.close();
