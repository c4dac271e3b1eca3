// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Client } from "@spandrel/client";
import { createServer } from "@spandrel/server";
import { runDocumentation } from "./documentation.ts";

const switches = ["", "_FOR_RW", "_PARTITIONED_OPS"];

for (const isOn of [true, false]) {
  const how = isOn ? "multiplexed" : "regular";
  test(`the program of Python's documentation answers alike, in ${how} sessions`, async () => {
    const environment = Object.fromEntries(
      switches.map((suffix) => [
        `GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS${suffix}`,
        String(isOn),
      ]),
    );
    const { transport } = createServer();
    await using client = new Client({ project: "compat", transport, environment });
    const lines: string[] = [];
    await runDocumentation(client, (...answer) => lines.push(JSON.stringify(answer)));
    const expected = await readFile(join(import.meta.dirname, "documentation.answers.txt"), "utf8");
    assert.equal(`${lines.join("\n")}\n`, expected);
  });
}
