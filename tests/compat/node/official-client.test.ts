// SPDX-License-Identifier: Apache-2.0
// Google's own client for Node, unchanged and in its newest version, against our server: once with
// multiplexed sessions, once with the pool of regular ones.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startServer } from "@spandrel/server";
import { stories } from "./stories/index.ts";
import type { Mode, Report } from "./story.ts";

const modes: readonly Mode[] = [
  { name: "multiplexed sessions", isMultiplexed: true, environment: {} },
  {
    name: "regular sessions",
    isMultiplexed: false,
    environment: {
      GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
      GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
      GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: "false",
    },
  },
];

for (const mode of modes) {
  test(`Google's client for Node works unchanged with ${mode.name}`, async (context) => {
    await using server = await startServer({ port: 0, restPort: 0 });
    const reports = await exercise(server.grpcAddress, mode);
    for (const { name, expected, missing } of stories) {
      await context.test(name, missing === undefined ? {} : { todo: missing }, () => {
        const report = reports.get(name);
        assert.ok(report !== undefined, "the exercise ended before this story");
        if ("failure" in report) assert.fail(report.failure);
        const wanted = typeof expected === "function" ? expected(mode) : expected;
        assert.deepEqual(report.told, wanted);
      });
    }
  });
}

/** Runs the stories in a process of their own; one that hangs is ended, and tells what it can. */
async function exercise(address: string, mode: Mode): Promise<Map<string, Report>> {
  const program = fileURLToPath(new URL("exercise.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, program], {
    env: {
      PATH: process.env["PATH"],
      SPANNER_EMULATOR_HOST: address,
      GOOGLE_CLOUD_PROJECT: "test",
      METADATA_SERVER_DETECTION: "none",
      SPANNER_DISABLE_BUILTIN_METRICS: "true",
      ...mode.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    // Google's client listens for SIGTERM and goes on.
    killSignal: "SIGKILL",
  });
  const [output, complaints, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  const reports = lines.map((line) => JSON.parse(line) as Report);
  if (code !== 0) console.error(`The exercise ended with ${code ?? signal}:\n${complaints}`);
  return new Map(reports.map((report) => [report.story, report]));
}
