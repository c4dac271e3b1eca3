// SPDX-License-Identifier: Apache-2.0
// The process: its arguments, its output, its signals. The only file here that knows of them.
import { runCommand } from "./run-command.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => stop.abort());
}
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  error: (line) => void process.stderr.write(`${line}\n`),
  stop: stop.signal,
});
