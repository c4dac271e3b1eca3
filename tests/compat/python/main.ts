// SPDX-License-Identifier: Apache-2.0
// `npm run compat:python`: Google's client for Python against our server, once with multiplexed
// sessions and once without: an exercise, and the program of its documentation, which has to answer as
// `documentation.ts` does. A separate check: it needs Python with google-cloud-spanner, found as
// `python3` or by the variable PYTHON.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "@spandrel/server";

const here = import.meta.dirname;
const switches = ["", "_FOR_RW", "_PARTITIONED_OPS"].map(
  (suffix) => `GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS${suffix}`,
);
const answers = await readFile(join(here, "documentation.answers.txt"), "utf8");

await using server = await startServer({ port: 0, restPort: 0 });

/** Runs a program to its end; gives what it wrote, and why it failed when it did. */
async function run(
  program: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly out: string; readonly failure: unknown }> {
  const child = spawn(process.env["PYTHON"] ?? "python3", [join(here, program)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment,
    timeout: 120_000,
  });
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  const code = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", resolve);
  });
  return { out, failure: code === 0 ? undefined : code };
}

for (const isOn of [true, false]) {
  const environment = {
    ...process.env,
    ...Object.fromEntries(switches.map((name) => [name, String(isOn)])),
    SPANNER_EMULATOR_HOST: server.grpcAddress,
    SPANNER_DISABLE_BUILTIN_METRICS: "true",
  };
  console.log(`multiplexed sessions ${isOn ? "on" : "off"}`);
  const exercise = await run("exercise.py", environment);
  console.log(exercise.out.trim());
  const documentation = await run("documentation.py", environment);
  const isAlike = documentation.out === answers;
  console.log(isAlike ? "The documentation's program: all answers alike" : documentation.out);
  for (const failure of [exercise.failure, documentation.failure, isAlike ? undefined : "other"]) {
    if (failure === undefined) continue;
    console.error(`failed: ${failure}`);
    process.exitCode = 1;
  }
}
