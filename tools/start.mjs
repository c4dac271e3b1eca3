// SPDX-License-Identifier: Apache-2.0
// `npm start`: installs what is missing, then runs the demonstration on the Node that the repository
// brings. This file itself runs on whatever Node the machine has, 20 or newer.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

if (!isInstalled()) {
  console.log("Installing what is missing: npm ci");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status } = spawnSync(npm, ["ci", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}

const child = spawn(
  join(root, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node"),
  [
    "--conditions=source",
    "--disable-warning=ExperimentalWarning",
    join(root, "demo/main.ts"),
    ...process.argv.slice(2),
  ],
  {
    stdio: "inherit",
    env: { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/spandrel"), ...process.env },
  },
);
// Ctrl-C reaches the whole group, the child with it; a signal to this process alone does not. So it is
// passed on once the child has had time to hear of it by itself. The child decides when it is over.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => setTimeout(() => child.kill(signal), 200).unref());
}
// npm's shell may die of a signal that it does not pass on. Then nobody is left to stop the server.
const shell = process.ppid;
setInterval(() => {
  if (process.ppid !== shell) child.kill("SIGTERM");
}, 500).unref();
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});

/** Whether every package that the lock file asks for on this machine is there, in its version. */
function isInstalled() {
  const installed = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const found = JSON.parse(readFileSync(installed, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { version, link, optional }]) =>
      !path.startsWith("node_modules/") ||
      optional === true ||
      link === true ||
      found[path]?.version === version,
  );
}
