// SPDX-License-Identifier: Apache-2.0
// `npm run compat:python`: Google's client for Python against our server, once with multiplexed
// sessions and once without. A separate check: it needs Python with google-cloud-spanner, found as
// `python3` or by the variable PYTHON.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startServer } from "@spandrel/server";

const exercise = fileURLToPath(new URL("exercise.py", import.meta.url));
const switches = ["", "_FOR_RW", "_PARTITIONED_OPS"].map(
  (suffix) => `GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS${suffix}`,
);

await using server = await startServer({ port: 0, restPort: 0 });
for (const isOn of [true, false]) {
  const environment = {
    ...process.env,
    ...Object.fromEntries(switches.map((name) => [name, String(isOn)])),
    SPANNER_EMULATOR_HOST: server.grpcAddress,
    SPANNER_DISABLE_BUILTIN_METRICS: "true",
  };
  console.log(`multiplexed sessions ${isOn ? "on" : "off"}`);
  const child = spawn(process.env["PYTHON"] ?? "python3", [exercise], {
    stdio: "inherit",
    env: environment,
    timeout: 120_000,
  });
  const code = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", resolve);
  });
  if (code !== 0) {
    console.error(`failed: ${code}`);
    process.exitCode = 1;
  }
}
