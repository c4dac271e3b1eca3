#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The command `spandrel`. An installed package runs what was built. In the repository there are the
// sources, which are run as they are by the Node that the repository brings, whatever the machine has.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/main.ts", import.meta.url));

if (existsSync(source)) runFromSource();
else await import("../dist/main.js");

function runFromSource() {
  const root = join(dirname(source), "../../..");
  const options = ["--conditions=source", "--disable-warning=ExperimentalWarning", source];
  const child = spawn(ownNode(), [...options, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/spandrel"), ...process.env },
  });
  // Ctrl-C reaches the whole group, the child with it; a signal to this process alone does not. So it is
  // passed on once the child has had time to hear of it by itself. The child decides when it is over.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => setTimeout(() => child.kill(signal), 200).unref());
  }
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
}

/** The Node of the dev dependency `node`, or the one that runs now where there is none. */
function ownNode() {
  try {
    const name = process.platform === "win32" ? "node.exe" : "node";
    return join(dirname(createRequire(source).resolve("node/package.json")), "bin", name);
  } catch {
    return process.execPath; // Not in the repository's own installation: the sources need Node 24 then.
  }
}
